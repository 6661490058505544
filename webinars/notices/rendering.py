"""Templates to texts, quickly: rendered and their styles inlined once per shape, then only values are filled in.

A shape is the template, the language, which values are there, and the words of staff if they wrote any. Values stand in
the pattern as marks of letters, so templates may print them, ask whether they are there, and pass them to gettext, but
not compute with them. What many letters share is filled in once for all of them; what is a person's own stays a place,
which mail fills on paper.
"""

from collections.abc import Hashable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flask import current_app
from markupsafe import Markup, escape

from webinars.core.http import current_settings
from webinars.core.language import speaking
from webinars.mail.letters import Text
from webinars.mail.styles import inline
from webinars.notices import wording
from webinars.notices.wording import MARK, Wording

#: texts by name, and rows of texts for what repeats; an empty text counts as absent
Values = Mapping[str, str | Sequence[Mapping[str, str]]]
#: values in a form that can be a key: names and texts, sorted
Shared = tuple[tuple[str, str], ...]
#: what the templates themselves ask of the organisation
Look = tuple[Hashable, ...]


def shared(values: Values) -> Shared:
    """Lay out the values that several letters have in common."""
    return tuple(sorted(_flatten(values).items()))


def render(template: str, language: str, common: Shared, own: Values, words: Wording | None = None) -> Text:
    """Render a template of text, or of HTML, whose values are escaped and keep their line breaks."""
    values = _flatten(own)
    if template.endswith(".html"):
        values = {name: _escaped(value) for name, value in values.items()}
    return Text(*_outline(template, language, common, tuple(values), words, _look()), tuple(values.values()))


def render_line(template: str, language: str, common: Shared) -> str:
    """Render a template of one line, such as a subject; nothing in it is a person's own."""
    return " ".join(str(render(template, language, common, {})).split())


def words_on_page(words: Wording, values: Mapping[str, str]) -> Markup:
    """Fill in the words of staff for a page."""
    names = tuple(values)
    parts = MARK.split(_laid_out(words, _marks(names), html=True)["text"])
    filled = (_escaped(values[names[int(part)]]) if index % 2 else part for index, part in enumerate(parts))
    return Markup("".join(filled))


def _look() -> Look:
    """Name what templates take from the organisation's settings, so that letters follow a change."""
    settings = current_settings()
    return settings.brand_color, settings.organization_address, settings.footer_words


def _flatten(values: Values) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, str):
            flat[name] = value
        else:
            flat.update({f"{name}/{row}/{key}": text for row, texts in enumerate(value) for key, text in texts.items()})
    return {name: value for name, value in flat.items() if value}


def _escaped(value: str) -> str:
    return str(escape(value)).replace("\n", "<br>\n")


@lru_cache(maxsize=1024)
def _outline(
    template: str, language: str, common: Shared, own: tuple[str, ...], words: Wording | None, look: Look
) -> tuple[tuple[str, ...], tuple[int, ...]]:
    """Fill in what is shared; give the texts between the places left, and whose value stands in each place."""
    known = dict(common)
    names = tuple(sorted({*known, *own}))
    fixed, places = [""], []
    for index, part in enumerate(_pattern(template, language, names, words, look)):
        # Odd places of a split pattern are the numbers of names; what a value holds is never read as a mark.
        name = names[int(part)] if index % 2 else None
        if name is None:
            fixed[-1] += part
        elif name in own:
            places.append(own.index(name))
            fixed.append("")
        else:
            fixed[-1] += _escaped(known[name]) if template.endswith(".html") else known[name]
    return tuple(fixed), tuple(places)


@lru_cache(maxsize=512)
def _pattern(
    template: str, language: str, names: tuple[str, ...], words: Wording | None, _look: Look
) -> tuple[str, ...]:
    """Render a template with marks for values, and split it at them."""
    context = _marks(names)
    if words is not None:
        context["words"] = _laid_out(words, context, html=template.endswith(".html"))
    with speaking(language):
        text = current_app.jinja_env.get_template(template).render(language=language, **context)
    text = inline(text) if template.endswith(".html") else _tidy(text)
    return tuple(MARK.split(text))


def _marks(names: tuple[str, ...]) -> dict[str, Any]:
    """Give a mark for each value, those of rows in lists."""
    marks: dict[str, Any] = {}
    for number, name in enumerate(names):
        group, _, rest = name.partition("/")
        mark = wording.mark(number)
        if rest:
            row, _, key = rest.partition("/")
            marks.setdefault(group, {}).setdefault(int(row), {})[key] = mark
        else:
            marks[group] = mark
    return {name: list(value.values()) if isinstance(value, dict) else value for name, value in marks.items()}


def _laid_out(words: Wording, marks: Mapping[str, Any], *, html: bool) -> dict[str, Any]:
    """Give what a template shows in place of the usual opening."""
    known = {name: mark for name, mark in marks.items() if isinstance(mark, str)}
    with speaking(words.language):
        text = wording.as_html(words, known) if html else wording.as_text(words, known)
    return {"text": text, "language": words.language, "placeholders": words.placeholders}


def _tidy(text: str) -> str:
    """Leave at most one empty line between paragraphs."""
    lines: list[str] = []
    for line in text.strip().splitlines():
        if line.strip() or (lines and lines[-1]):
            lines.append(line.rstrip() if line != "-- " else line)
    return "\n".join(lines) + "\n"
