"""The words of a caption: WebVTT cue text made of whatever files hold, and plain words made of cue text.

Source: W3C WebVTT section 4.2.2 (cue text).
"""

import re
from collections.abc import Iterable
from html import escape, unescape

from webinars.core.text import one_line

_TAGS = re.compile(r"<(?:/?(?:b|i|u|c|ruby|rt)(?:[.\s][^<>]*)?|(?:lang|v)(?:\.[^\s<>]*)?[ \t]+[^\s<>][^<>]*|/lang|/v)>")
_ANY_TAG = re.compile(r"</?[a-zA-Z0-9.:][^<>]*>")
_TAG = re.compile(r"(<[^<>]*>)")
_TAG_NAME = re.compile(r"</?([a-z]+)")
_VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]+([^<>]+)>")
#: tags within tags; more serve nobody
_DEEPEST = 8
_ENTITY = re.compile(r"&(?:[a-zA-Z]{2,8}|#\d{1,6}|#x[0-9a-fA-F]{1,6});")


def voice_of(markup: str) -> str:
    """Name who speaks, as the voice span at the beginning of a caption says; empty when it does not."""
    match = _VOICE.match(markup)
    return one_line(unescape(match[1])) if match else ""


def plain_text(markup: str) -> str:
    """Give the words of a caption without tags, on one line."""
    return one_line(unescape(_ANY_TAG.sub("", markup)))


def clean_markup(rows: Iterable[str]) -> str:
    """Make cue text that WebVTT allows out of any rows: known tags stay and end, nothing else is read as one."""
    clean = (one_line(row) for row in _balanced("\n".join(map(_clean, rows))).split("\n"))
    return "\n".join(row for row in clean if row)


def _balanced(markup: str) -> str:
    """End tags in the order in which they began, and drop ends of none; only the first voice may stay open."""
    kept: list[str] = []
    inside: list[str] = []
    for place, piece in enumerate(_TAG.split(markup)):
        name = _TAG_NAME.match(piece)
        if place % 2 == 0 or name is None:
            kept.append(piece)
        elif piece[1] != "/" and len(inside) < _DEEPEST and not (name[1] == "v" and "v" in inside):
            kept.append(piece)
            inside.append(name[1])
        elif piece[1] == "/" and name[1] in inside:
            while inside[-1] != name[1]:
                kept.append(f"</{inside.pop()}>")
            kept.append(f"</{inside.pop()}>")
    whole = markup.startswith("<v") and inside[:1] == ["v"]
    return "".join([*kept, *(f"</{name}>" for name in reversed(inside[whole:]))])


def _clean(row: str) -> str:
    """Keep the tags WebVTT knows, drop others, and escape what would be read as one."""
    kept: list[str] = []
    at = 0
    for tag in _ANY_TAG.finditer(row):
        kept += [_escape_text(row[at : tag.start()]), tag.group() if _TAGS.fullmatch(tag.group()) else ""]
        at = tag.end()
    return "".join([*kept, _escape_text(row[at:])])


def _escape_text(text: str) -> str:
    known = "".join(
        unescape(part) if _ENTITY.fullmatch(part) else part for part in re.split(rf"({_ENTITY.pattern})", text)
    )
    return escape(known, quote=False)
