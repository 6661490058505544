"""The texts of webinars, series, topics and news in the reader's language.

The main texts stand in the columns; ``translations`` holds further ones, by language and field. It stays one webinar:
seats, address and recording are shared. Pages, letters and calendars look at it through ``in_language``; staff and
programs look at the thing itself.
"""

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar, cast

from markupsafe import Markup, escape

from config import LANGUAGES
from webinars.core.language import DEFAULT_LANGUAGE, current_language
from webinars.schedule.models import NewsItem, Series, Topic, Webinar

Thing = TypeVar("Thing")
Translated = Webinar | Series | Topic | NewsItem
Texts = Mapping[str, Mapping[str, str]]

#: what can be said in further languages, in the order in which forms ask
FIELDS: Mapping[type[Any], tuple[str, ...]] = {
    Webinar: ("title", "summary", "description", "access_text", "cancel_reason"),
    Series: ("title", "summary", "sponsor_text"),
    Topic: ("title", "summary", "body"),
    NewsItem: ("title", "body"),
}
#: attributes that lead to other things with texts
_LEADING = ("webinar", "series", "topic")


class _InLanguage:
    """Shows a thing and what it leads to with the texts of one language; a text that is missing is the main one."""

    __slots__ = ("_language", "_texts", "_thing")

    def __init__(self, thing: Any, language: str, texts: Mapping[str, str]) -> None:
        self._thing, self._language, self._texts = thing, language, texts

    def __getattr__(self, name: str) -> Any:
        """Give a text in the language, or what the thing itself has."""
        if text := self._texts.get(name):
            return text
        value = getattr(self._thing, name)
        return in_language(value, self._language) if name in _LEADING else value

    def __eq__(self, other: object) -> bool:
        """Be the same as the same thing in the same language."""
        return isinstance(other, _InLanguage) and (self._thing, self._language) == (other._thing, other._language)

    def __hash__(self) -> int:
        """Agree with equality."""
        return hash((self._thing, self._language))


def in_language(thing: Thing, language: str) -> Thing:
    """Show a thing in a language, also a place or a video, by what it leads to; read-only.

    What has nothing to say in that language is given back as it is.
    """
    bare: Any = thing._thing if isinstance(thing, _InLanguage) else thing
    if bare is None:
        return thing
    texts = _texts_in(bare, language)
    if not texts and not _leads_to_texts(bare, language):
        return cast(Thing, bare)
    return cast(Thing, _InLanguage(bare, language, texts))


def in_our_language(thing: Thing) -> Thing:
    """Show a thing in the language spoken now."""
    return in_language(thing, current_language())


def all_in_our_language(things: Iterable[Thing]) -> list[Thing]:
    """Show things in the language spoken now."""
    language = current_language()
    return [in_language(thing, language) for thing in things]


def _leads_to_texts(bare: Any, language: str) -> bool:
    """Say whether something it leads to has texts in a language; what is not read yet may have some."""
    read, kind = vars(bare), type(bare)
    for name in _LEADING:
        if name not in read:
            # Series and topics have their main texts in the default language, so they need not be looked at for it.
            if hasattr(kind, name) and (name == "webinar" or language != DEFAULT_LANGUAGE):
                return True
        elif read[name] is not None and (_texts_in(read[name], language) or _leads_to_texts(read[name], language)):
            return True
    return False


def _texts_in(bare: Any, language: str) -> Mapping[str, str]:
    found: Texts | None = getattr(bare, "translations", None)
    if not found or is_main(bare, language):
        return {}
    return found.get(language, {})


def main_language(thing: Any) -> str:
    """Give the language of the main texts: what is spoken at a webinar, the site's first language for the others."""
    return str(getattr(thing, "language", None) or DEFAULT_LANGUAGE)


def is_main(thing: Any, language: str) -> bool:
    """Say whether the main texts are in a language, whatever the country ("es-MX" is Spanish)."""
    return main_language(thing).partition("-")[0] == language


def language_of(thing: Any, field: str) -> str:
    """Give the language in which a text of a thing stands, for pages that speak another one."""
    if isinstance(thing, _InLanguage) and thing._texts.get(field):
        return thing._language
    return main_language(thing)


def marked(thing: Any, field: str) -> Markup:
    """Write a text of a thing, marked with its language where the page speaks another one (WCAG 3.1.2)."""
    text, written = getattr(thing, field), language_of(thing, field)
    return escape(text) if written == current_language() else Markup('<span lang="{}">{}</span>').format(written, text)


def further_languages(thing: Translated) -> list[str]:
    """List the languages in which a thing can have texts besides its main ones."""
    return [language for language in LANGUAGES if not is_main(thing, language)]


def told_languages(thing: Translated) -> list[str]:
    """List the languages other than the main one in which a thing has any text."""
    return [language for language in further_languages(thing) if _texts_in(thing, language)]


def translated(before: Texts | None, changes: Mapping[str, Mapping[str, str] | None]) -> dict[str, dict[str, str]]:
    """Lay changes over translations: an empty text goes, None takes a whole language away, the rest stays."""
    after = {language: dict(texts) for language, texts in (before or {}).items()}
    for language, texts in changes.items():
        kept = {**after.get(language, {}), **texts} if texts is not None else {}
        after[language] = {field: text for field, text in kept.items() if text}
    return {language: texts for language, texts in after.items() if texts}


def told_apart(texts: Texts | None) -> dict[str, str]:
    """Name each translated text by field and language, as the audit trail does."""
    return {f"{field} ({language})": text for language, own in (texts or {}).items() for field, text in own.items()}


def field_told(name: str) -> str:
    """Give the field of a name in the audit trail."""
    return name.partition(" (")[0]
