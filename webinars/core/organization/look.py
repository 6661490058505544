"""What templates show of the organisation: name, how to reach it, footer, colours, logo."""

import base64
import hashlib
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from config import Settings
from webinars.core import colours
from webinars.core.language import current_language
from webinars.core.organization import standing


@dataclass(frozen=True)
class Picture:
    """A logo: its file in the media store and its size in pixels."""

    name: str
    width: int
    height: int


class Organization:
    """The organisation as the settings describe it at this moment."""

    @property
    def _settings(self) -> Settings:
        return standing.in_force().settings

    @property
    def name(self) -> str:
        """Give its name."""
        return self._settings.organization_name

    @property
    def phone(self) -> str:
        """Give its number."""
        return self._settings.organization_phone

    @property
    def address(self) -> str:
        """Give where it is."""
        return self._settings.organization_address

    @property
    def words(self) -> str:
        """Give what stands below pages and letters, in the language spoken now or else the first that has some."""
        return in_our_language(self._settings.footer_words)

    @property
    def colours(self) -> colours.Palette:
        """Give the shades of its colour."""
        return _palette(self._settings.brand_color)

    @property
    def style(self) -> Markup:
        """Give the style sheet that a page holds; empty for the usual colours."""
        return sheet(style(self._settings.brand_color))

    @property
    def logo(self) -> Picture | None:
        """Give its logo."""
        return picture(self._settings.logo)

    @property
    def logo_dark(self) -> Picture | None:
        """Give its logo for dark screens, where it has another one there."""
        return picture(self._settings.logo_dark) if self._settings.logo else None


def in_our_language(texts: tuple[tuple[str, str], ...]) -> str:
    """Give the text in the language spoken now, else in English, else none."""
    known = dict(texts)
    return known.get(current_language()) or known.get("en", "")


def picture(text: str) -> Picture | None:
    """Read a logo as its setting writes it."""
    if not text:
        return None
    name, width, height = text.split()
    return Picture(name, int(width), int(height))


@lru_cache(maxsize=8)
def style(colour: str) -> str:
    """Give the style sheet of a brand colour, of a shade that can be read; empty for none."""
    return colours.style_of(colours.nearest_readable(colour)) if colour else ""


def sheet(css: str) -> Markup:
    """Put a style sheet of ours into a page; the page's rules have to let it in (``source_of``)."""
    return Markup("<style>{}</style>").format(Markup(css)) if css else Markup()


@lru_cache(maxsize=64)
def source_of(css: str) -> str:
    """Name a style sheet in the page's rules, by its hash (CSP 3, 2.3.1)."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(css.encode()).digest()).decode()}'"


@lru_cache(maxsize=8)
def _palette(colour: str) -> colours.Palette:
    return colours.palette_of(colours.nearest_readable(colour) if colour else "")
