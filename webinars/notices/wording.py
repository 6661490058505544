"""Words that staff give letters: light text with placeholders, checked when saved, filled by a plain replacer.

Light text is paragraphs, lists, **bold** and https links; everything else is shown as it was typed. A placeholder is a
name in curly brackets out of an allow-list; neither Jinja nor str.format ever sees the text (SECURITY.md rule 32). The
text is laid out first, with marks where values will stand (webinars.notices.rendering); a value is filled in afterwards
and so is never read as markup or as a placeholder.

A name is said only to who may read it (SECURITY.md rule 26). For everybody else {greeting} is "Hello," instead of
"Hello Alice,", and {name} is "participant", so that a sentence written for a name still reads well.
"""

import re
import secrets
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import nh3
from flask_babel import gettext as _
from flask_babel import ngettext
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from webinars.core.formats import clock, long_date, zone_name
from webinars.core.http import current_settings
from webinars.core.text import one_line
from webinars.notices.kinds import Notice
from webinars.schedule.models import Webinar

#: the letters whose words staff may change
WORDED = (
    Notice.PROOF,
    Notice.CONFIRMATION,
    Notice.WAITLISTED,
    Notice.OFFER,
    Notice.OFFER_LAPSED,
    Notice.PROMOTED,
    Notice.REMINDER,
    Notice.MOVED,
    Notice.CHANGED,
    Notice.CANCELLED,
    Notice.OWN_CANCELLATION,
    Notice.RECORDING_PLACE,
    Notice.RECORDING_READY,
)
LONGEST_SUBJECT, LONGEST_BODY = 150, 4000
#: what differs from person to person; a subject, which many share, cannot hold it
PERSONAL = ("greeting", "name")
_OF_SERIES = ("series", "organization")
_OF_WEBINAR = ("title", "date", "time", "zone", "duration")
#: nobody can write a mark into a text, nor anything that becomes one: it is another one in every process
_SALT = secrets.token_hex(8)
#: marks of values in what is laid out but not filled in yet
MARK = re.compile(rf"zq(\d{{4}}){_SALT}qz", re.ASCII)

_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
_BRACKETS = re.compile(r"\{[^{}\n]*\}|[{}]")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029]")
#: brackets belong to an address in pairs: https://en.wikipedia.org/wiki/Colitis_(disease)
_PAIR = r"\([^\s<>()\[\]]*\)"
_BARE_LINK = re.compile(rf"(?<!\]\()(?<![<\[\w])https://(?:[^\s<>()\[\]]|{_PAIR})*(?:[^\s<>()\[\].,;:!?'\"*_]|{_PAIR})")
_LIGHT = MarkdownIt("zero", {"breaks": True}).enable(["list", "emphasis", "link", "autolink", "newline", "escape"])
_TAGS = {"p", "br", "strong", "em", "ul", "ol", "li", "a"}


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of a letter in one language; an empty text stands for the usual one."""

    language: str
    subject: str = ""
    body: str = ""
    #: written to a whole series, so that nothing of a single webinar belongs into the letter
    whole_series: bool = False

    @property
    def placeholders(self) -> frozenset[str]:
        """List the placeholders in the text."""
        return frozenset(_PLACEHOLDER.findall(self.body))


def allowed(notice: Notice, *, in_subject: bool = False, whole_series: bool = False) -> tuple[str, ...]:
    """List the placeholders that a text may hold."""
    names = _OF_SERIES if whole_series else (*_OF_WEBINAR, *_OF_SERIES)
    reason = ("reason",) if notice is Notice.CANCELLED else ()
    return (*(() if in_subject else PERSONAL), *names, *reason)


def mistake_in_subject(text: str, allowed: Collection[str]) -> str | None:
    """Say in a sentence what a subject must not hold, or None."""
    if "\n" in text or "\r" in text:
        return _("A subject is one line. Take the line break out.")
    personal = next((name for name in _PLACEHOLDER.findall(text) if name in PERSONAL), None)
    if personal:
        return _(
            "%(placeholder)s cannot stand in a subject, which is the same for everybody. Here you can use: %(allowed)s",
            placeholder=_in_brackets(personal),
            allowed=listed(allowed),
        )
    return _mistake(text, allowed, LONGEST_SUBJECT)


def mistake_in_body(text: str, allowed: Collection[str]) -> str | None:
    """Say in a sentence what a text must not hold, or None."""
    return _mistake(text, allowed, LONGEST_BODY) or _mistake_in_links(text)


def listed(names: Collection[str]) -> str:
    """Write placeholders as they are typed, one after the other."""
    return ", ".join(map(_in_brackets, names))


def _in_brackets(name: str) -> str:
    return f"{{{name}}}"


def _mistake(text: str, allowed: Collection[str], longest: int) -> str | None:
    if len(text) > longest:
        return _("This is too long: %(most)s characters are the most.", most=longest)
    if _CONTROL.search(text):
        return _("There is a character in it that cannot be printed. Take it out, or type the text anew.")
    for found in _BRACKETS.finditer(text):
        if len(found[0]) == 1:
            return _(
                "A curly bracket has no partner, at “%(place)s”. You can use: %(allowed)s",
                place=text[max(0, found.start() - 15) : found.end() + 15].strip(),
                allowed=listed(allowed),
            )
        if found[0][1:-1] not in allowed:
            return _(
                "%(placeholder)s is not known here. You can use: %(allowed)s",
                placeholder=found[0][:60],
                allowed=listed(allowed),
            )
    return None


def _mistake_in_links(text: str) -> str | None:
    for href in _links(_tokens(text)):
        if "%7B" in href or "{" in href:
            return _("A link cannot hold a placeholder: %(link)s", link=href.replace("%7B", "{").replace("%7D", "}"))
        if not href.lower().startswith("https://"):
            return _("A link must begin with https://, this one does not: %(link)s", link=href)
    return None


def _links(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.type == "link_open":
            yield str(token.attrs["href"])
        yield from _links(token.children or ())


def mark(number: int) -> str:
    """Make the mark of a value, by its number."""
    return f"zq{number:04}{_SALT}qz"


def values(words: Wording, webinar: Webinar, zone: str) -> dict[str, str]:
    """Give what stands for the placeholders of a text that many letters share, in the language spoken now."""
    used = set(_PLACEHOLDER.findall(f"{words.subject} {words.body}"))
    start = webinar.starts_at
    minutes = round((webinar.ends_at - start).total_seconds() / 60)
    makers = {
        "title": lambda: webinar.title,
        "series": lambda: webinar.series.title,
        "date": lambda: long_date(start, zone),
        "time": lambda: clock(start, zone),
        "zone": lambda: zone_name(zone, start),
        "duration": lambda: ngettext("%(num)d minute", "%(num)d minutes", minutes),
        "organization": lambda: current_settings().organization_name,
        "reason": lambda: webinar.cancel_reason,
    }
    return {name: make() for name, make in makers.items() if name in used}


def subject_of(words: Wording, values: Mapping[str, str]) -> str:
    """Fill in a subject."""
    return one_line(_PLACEHOLDER.sub(lambda found: values.get(found[1], ""), words.subject))


def as_html(words: Wording, marks: Mapping[str, str]) -> Markup:
    """Lay the text out as HTML with marks for values, in the language spoken now."""
    html = _LIGHT.renderer.render(_tokens(_marked(words.body, marks)), _LIGHT.options, {})
    attributes = {"a": {"href"}, "ol": {"start"}}
    return Markup(nh3.clean(html, tags=_TAGS, attributes=attributes, url_schemes={"https"}, link_rel=None))


def as_text(words: Wording, marks: Mapping[str, str]) -> str:
    """Lay the text out as plain text with marks for values: no stars, links behind their words."""
    return "".join(_blocks(_tokens(_marked(words.body, marks)))).strip()


def _marked(body: str, marks: Mapping[str, str]) -> str:
    """Put marks in the places of placeholders; one without a value leaves nothing, or neutral words."""
    name = marks.get("name")
    stand_ins = {
        **marks,
        "greeting": _("Hello %(name)s,", name=name) if name else _("Hello,"),
        "name": name or _("participant"),
    }
    return _PLACEHOLDER.sub(lambda found: stand_ins.get(found[1], ""), body)


def _tokens(text: str) -> list[Token]:
    return _LIGHT.parse(_BARE_LINK.sub(r"<\g<0>>", text))


def _blocks(tokens: Sequence[Token]) -> Iterator[str]:
    """Write paragraphs and lists, each behind the distance it keeps from what stands before it."""
    depth, marker, distance = 0, "", ""
    for token in tokens:
        if token.type in {"bullet_list_open", "ordered_list_open"}:
            depth += 1
        elif token.type in {"bullet_list_close", "ordered_list_close"}:
            depth -= 1
            distance = distance if depth else "\n\n"
        elif token.type == "list_item_open":
            marker = f"{token.info}. " if token.info else "- "
        elif token.type == "inline":
            indent = "  " * (depth - 1) + ("" if marker else "  ") if depth else ""
            text = _inline(token.children or ()).replace("\n", "\n" + "  " * depth)
            yield f"{distance}{indent}{marker}{text}"
            marker, distance = "", "\n" if depth else "\n\n"


def _inline(tokens: Sequence[Token]) -> str:
    """Write a paragraph without its markup."""
    text, links = "", list[tuple[str, int]]()
    for token in tokens:
        if token.type in {"softbreak", "hardbreak"}:
            text += "\n"
        elif token.type == "link_open":
            links.append((str(token.attrs["href"]), len(text)))
        elif token.type == "link_close":
            address, begin = links.pop()
            text = text if text[begin:] == address else f"{text} ({address})"
        else:
            text += token.content
    return text
