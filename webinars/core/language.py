"""Languages: the `/es` prefix of addresses, the language of a request, and speaking another one for a letter."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.support import NullTranslations, Translations
from flask import Flask, current_app, g, has_request_context, request
from flask_babel import Babel, force_locale

from config import LANGUAGES, TRANSLATIONS

DEFAULT_LANGUAGE = LANGUAGES[0]
_PREFIXES = {f"/{language}": language for language in LANGUAGES if language != DEFAULT_LANGUAGE}
#: addresses that are the same in every language
_UNPREFIXED = ("/static/", "/media/", "/api/")


class LanguagePrefix:
    """WSGI middleware: moves a leading `/es` into SCRIPT_NAME, so that routes match and `url_for` keeps the prefix."""

    def __init__(self, app: Callable[..., Iterable[bytes]]) -> None:
        self._app = app

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Serve one request."""
        path = environ.get("PATH_INFO", "")
        prefix = "/".join(path.split("/", 2)[:2])
        if prefix in _PREFIXES:
            environ["PATH_INFO"] = path.removeprefix(prefix) or "/"
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + prefix
            environ["webinars.language"] = _PREFIXES[prefix]
        return self._app(environ, start_response)


def current_language() -> str:
    """Give the language spoken now: of the letter being written, else of the address, else the default."""
    spoken = getattr(g, "spoken_language", None) if g else None
    if spoken:
        return str(spoken)
    if has_request_context():
        return str(request.environ.get("webinars.language", DEFAULT_LANGUAGE))
    return DEFAULT_LANGUAGE


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Speak one language inside the block, whatever the request's is."""
    before = getattr(g, "spoken_language", None)
    g.spoken_language = language
    try:
        with force_locale(language):
            yield
    finally:
        g.spoken_language = before


def prefix_of(language: str) -> str:
    """Give what stands before the paths of a language."""
    return "" if language == DEFAULT_LANGUAGE else f"/{language}"


def language_url(language: str) -> str:
    """Give the path of the present page in another language."""
    if request.method == "GET":
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        return f"{prefix_of(language)}{request.path}{query}"
    # A form may be sent to an address that nobody can open; its page is then the one above.
    opens = current_app.url_map.bind("").test(request.path, "GET")
    return prefix_of(language) + (request.path if opens else request.path.rpartition("/")[0])


def language_name(code: str) -> str:
    """Say the name of a language in the reader's, as in a list: "Spanish"."""
    name = language_word(code)
    return name if name == code else name[:1].upper() + name[1:]


def language_word(code: str) -> str:
    """Say the name of a language in the reader's, as within a sentence: many write it small."""
    try:
        return Locale.parse(code, sep="-").get_display_name(current_language()) or code
    except (ValueError, UnknownLocaleError):
        return code


@cache
def own_language_name(code: str) -> str:
    """Say the name of a language in itself: "Español"."""
    try:
        name = Locale.parse(code, sep="-").display_name or code
    except (ValueError, UnknownLocaleError):
        return code
    return name[:1].upper() + name[1:]


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(str(TRANSLATIONS), [language])


def init_languages(app: Flask) -> None:
    """Teach the application its languages."""
    app.config.update(BABEL_DEFAULT_LOCALE=DEFAULT_LANGUAGE, BABEL_TRANSLATION_DIRECTORIES="translations")
    Babel(app, locale_selector=current_language)
    # Flask-Babel looks its catalogue up anew for each of a page's hundred texts, which is half of what a page costs.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: _catalogue(current_language()).ugettext(text),
        lambda one, many, count: _catalogue(current_language()).ungettext(one, many, count),
        newstyle=True,
        pgettext=lambda about, text: _catalogue(current_language()).upgettext(about, text),
    )
    app.wsgi_app = LanguagePrefix(app.wsgi_app)  # type: ignore[method-assign]
    app.jinja_env.globals.update(language_url=language_url, current_language=current_language)
    app.jinja_env.globals.update(
        site_languages=LANGUAGES,
        language_name=language_name,
        language_word=language_word,
        own_name=own_language_name,
    )
    app.add_template_filter(language_name)
    app.context_processor(lambda: {"language": current_language()})
