"""Templates to texts, quickly: rendered and their styles inlined once per shape, then only values are filled in.

A shape is the template, the language, and which values are there. Values stand in the pattern as marks of letters, so
templates may print them, ask whether they are there, and pass them to gettext, but not compute with them.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import css_inline
from flask import current_app
from markupsafe import escape

from webinars.core.language import speaking

#: texts by name, and rows of texts for what repeats; an empty text counts as absent
Values = Mapping[str, str | Sequence[Mapping[str, str]]]

_INLINER = css_inline.CSSInliner(keep_style_tags=False, load_remote_stylesheets=False)
_MARK = re.compile(r"zq(\d{4})qz")


def render_text(template: str, language: str, values: Values) -> str:
    """Render a plain-text template."""
    return _fill(template, language, _flatten(values))


def render_line(template: str, language: str, values: Values) -> str:
    """Render a template of one line, such as a subject."""
    return " ".join(render_text(template, language, values).split())


def render_html(template: str, language: str, values: Values) -> str:
    """Render an HTML template with its styles inlined; values are escaped, their line breaks kept."""
    safe = {name: str(escape(value)).replace("\n", "<br>\n") for name, value in _flatten(values).items()}
    return _fill(template, language, safe)


def _flatten(values: Values) -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, value in values.items():
        if isinstance(value, str):
            flat[name] = value
        else:
            flat.update({f"{name}/{row}/{key}": text for row, texts in enumerate(value) for key, text in texts.items()})
    return {name: value for name, value in flat.items() if value}


def _fill(template: str, language: str, values: Mapping[str, str]) -> str:
    names = tuple(sorted(values))
    pattern = _pattern(template, language, names)
    # Odd places of a split pattern are the numbers of names; what a value holds is never read as a mark.
    return "".join(values[names[int(part)]] if place % 2 else part for place, part in enumerate(pattern))


@lru_cache(maxsize=512)
def _pattern(template: str, language: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Render a template with marks for values, and split it at them."""
    marks: dict[str, Any] = {}
    for number, name in enumerate(names):
        group, _, rest = name.partition("/")
        mark = f"zq{number:04}qz"
        if rest:
            row, _, key = rest.partition("/")
            marks.setdefault(group, {}).setdefault(int(row), {})[key] = mark
        else:
            marks[group] = mark
    context = {name: list(value.values()) if isinstance(value, dict) else value for name, value in marks.items()}
    with speaking(language):
        text = current_app.jinja_env.get_template(template).render(language=language, **context)
    if template.endswith(".html"):
        text = _INLINER.inline(text)
    return tuple(_MARK.split(text))
