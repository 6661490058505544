"""The slides of a demonstration clip: a title, then one slide for each chapter.

The player lays captions over the lowest fifth, so nothing that must be read stands there.
"""

from html import escape

from webinars.demo.media.art import ART, DEEP_TEAL, FOCUS, INK, PAPER, SOFT_INK, SUN, TEAL, TINT
from webinars.demo.media.talks import Talk


def text(x: float, y: float, words: str, size: int, color: str, *, bold: bool = False) -> str:
    """Return one row of text."""
    weight = 700 if bold else 400
    return f'<text x="{x}" y="{y}" font-size="{size}" font-weight="{weight}" fill="{color}">{escape(words)}</text>'


def poster(talk: Talk) -> str:
    """Return the picture alone."""
    return ART[talk.art]()


def beside(talk: Talk) -> str:
    """Return a strip of the picture on the right, behind a curved edge."""
    return f"""<defs><clipPath id="side"><path d="M470 0 H640 V360 H470 C436 250 436 110 470 0Z"/></clipPath></defs>
<g clip-path="url(#side)"><g transform="translate({430 - FOCUS[talk.art]} 0)">{poster(talk)}</g></g>
<path d="M470 0 C436 110 436 250 470 360" fill="none" stroke="{SUN}" stroke-width="5"/>"""


def title_slide(talk: Talk) -> str:
    """Return title, speaker and role beside the picture, on the deep color that sets this slide apart."""
    rows = "".join(
        text(44, 122 + 46 * row, words, 40, "#ffffff", bold=True) for row, words in enumerate(talk.title_rows)
    )
    foot = 122 + 46 * (len(talk.title_rows) - 1)
    return f"""<rect width="640" height="360" fill="{DEEP_TEAL}"/>{beside(talk)}{rows}
<rect x="46" y="{foot + 22}" width="72" height="6" rx="3" fill="{SUN}"/>
{text(45, foot + 66, talk.speaker, 22, "#ffffff", bold=True)}{text(45, foot + 94, talk.role, 18, "#d6ebe8")}"""


def chapter_slide(talk: Talk, number: int) -> str:
    """Return the slide of the chapter with this number, counted from 1."""
    chapter = talk.chapters[number - 1]
    points = "".join(
        f'<circle cx="53" cy="{172 + 41 * row}" r="6" fill="{SUN}"/>{text(74, 180 + 41 * row, words, 22, INK)}'
        for row, words in enumerate(chapter.points)
    )
    part = f"Part {number} of {len(talk.chapters)}"
    return f"""<rect width="640" height="360" fill="{PAPER}"/>{beside(talk)}
<rect x="44" y="40" width="112" height="30" rx="15" fill="{TINT}"/>{text(57, 61, part, 17, TEAL, bold=True)}
{text(170, 61, talk.speaker, 16, SOFT_INK)}{text(44, 122, chapter.title, 31, TEAL, bold=True)}{points}"""


def slides(talk: Talk) -> list[str]:
    """Return every slide in the order shown."""
    return [title_slide(talk), *(chapter_slide(talk, number) for number in range(1, len(talk.chapters) + 1))]
