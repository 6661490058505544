"""Pictures that staff put into texts: what is known of each, and as what a page shows it."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from textwrap import shorten

from flask import g
from markupsafe import Markup
from sqlalchemy import JSON, String, select
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, Model, db
from webinars.core.language import DEFAULT_LANGUAGE, current_language

#: what files of pictures and of portraits begin with; no other name in the media store has such an underscore
PICTURE, PORTRAIT = "picture", "portrait"
#: pixels: the column of a text on a telephone, on other screens, and on fine ones; a face, and the same on fine screens
WIDTHS, FACES = (480, 960, 1440), (96, 192, 384)
#: how a text names a picture: ![words](picture:7)
SCHEME = "picture:"
_NAMED = re.compile(SCHEME + r"(\d{1,18})(?!\d)", re.ASCII)
#: characters of its words that a text repeats for who writes
_NOTE = 60
_MEANS_SOMETHING = re.compile(r"[\[\]\\`*_<>&]")
_FILE = re.compile(rf"({PICTURE}|{PORTRAIT})_\d{{1,4}}-([0-9a-f]{{16}})\.webp", re.ASCII)


class Picture(Model):
    """A picture that texts may show, in several widths."""

    __tablename__ = "pictures"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: made from what its files hold; their names hold it
    key: Mapped[str] = mapped_column(String(16), index=True)
    #: pixels, of the largest file
    width: Mapped[int]
    height: Mapped[int]
    #: pixels, of each file
    widths: Mapped[list[int]] = mapped_column(JSON)
    #: what it shows, by language, for who does not see it; nothing = it only decorates
    words: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime]
    #: since when no text was found that shows it
    unused_since: Mapped[datetime | None]


@dataclass(frozen=True)
class Shown:
    """A picture as a page shows it to one reader."""

    kind: str
    key: str
    widths: tuple[int, ...]
    width: int
    height: int
    #: read out instead of it; empty = nothing is
    words: str
    #: of the words
    language: str

    @property
    def source(self) -> str:
        """Give the address for browsers that know of no choice: the middle one."""
        return _address(self.kind, self.widths[len(self.widths) // 2], self.key)

    @property
    def sources(self) -> str:
        """Give the addresses of all widths, for browsers to choose from."""
        return ", ".join(f"{_address(self.kind, width, self.key)} {width}w" for width in self.widths)

    def html(self, sizes: str, css: str = "") -> Markup:
        """Write it, with the room it takes before it is there. sizes: how wide it is shown."""
        return Markup(
            '<img src="{}" srcset="{}" sizes="{}" width="{}" height="{}" alt="{}" lang="{}"{}'
            ' loading="lazy" decoding="async">'
        ).format(
            self.source, self.sources, sizes, self.width, self.height, self.words, self.language,
            Markup(' class="{}"').format(css) if css else "",
        )  # fmt: skip


def file_name(kind: str, width: int, key: str) -> str:
    """Name a file of a picture in the media store."""
    return f"{kind}_{width}-{key}.webp"


def kind_and_key(name: str) -> tuple[str, str] | None:
    """Read the name of a file; None for what is no picture's."""
    found = _FILE.fullmatch(name)
    return (found[1], found[2]) if found else None


def _address(kind: str, width: int, key: str) -> str:
    # The same in every language, so that each browser fetches it once.
    return f"/media/{file_name(kind, width, key)}"


def named_in(*texts: str) -> set[int]:
    """Give the numbers of the pictures that texts in Markdown name."""
    return {int(number) for text in texts if SCHEME in text for number in _NAMED.findall(text)}


def shown_in(*texts: str) -> dict[int, Shown]:
    """Give the pictures that texts show, by number, as this reader meets them.

    One query for those that this request did not ask for before, and none for texts without pictures: a page with
    several texts asks for all of them first.
    """
    named = named_in(*texts)
    if not named:
        return {}
    known: dict[tuple[int, str], Shown | None] = g.setdefault("pictures", {})
    language = current_language()
    missing = {number for number in named if (number, language) not in known}
    if missing:
        found = {one.id: one for one in _pictures(missing)}
        known |= {(number, language): shown(found[number]) if number in found else None for number in missing}
    return {number: one for number in sorted(named) if (one := known[number, language])}


def _pictures(numbers: Collection[int]) -> Collection[Picture]:
    return db.session.scalars(select(Picture).where(Picture.id.in_(numbers))).all()


def written(picture: Picture) -> str:
    """Give what names a picture in a text. The words are for who writes; readers get those of the picture."""
    words, _language = in_words(picture.words, "")
    return f"![{shorten(_MEANS_SOMETHING.sub('', words), _NOTE, placeholder=' …')}]({SCHEME}{picture.id})"


def shown(picture: Picture) -> Shown:
    """Give a picture as this reader meets it."""
    words, language = in_words(picture.words, "")
    return Shown(PICTURE, picture.key, tuple(picture.widths), picture.width, picture.height, words, language)


def face(key: str, words: Mapping[str, str], name: str) -> Shown:
    """Give a portrait as this reader meets it; what stands for it is the name, unless something else was said."""
    said, language = in_words(words, name)
    return Shown(PORTRAIT, key, FACES, FACES[-1], FACES[-1], said, language)


def in_words(words: Mapping[str, str], otherwise: str) -> tuple[str, str]:
    """Choose the words for a reader; gives them and their language."""
    language = current_language()
    for code in (language, DEFAULT_LANGUAGE):
        if words.get(code):
            return words[code], code
    return otherwise, language
