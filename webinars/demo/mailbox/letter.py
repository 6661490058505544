"""What a stored letter says: headers, texts, calendar entries and attachments, however badly it is formed.

The letter is parsed with the lenient policy of the email package and decoded here: the modern policy raises on header
lines that real programs do send, and one such letter must never keep the others from being read.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32

from webinars.demo.mailbox.entry import CalendarEntry, read_entries

SHOWN_HEADERS = ("From", "To", "Subject", "Date", "Message-ID")

#: What arbitrary bytes can raise inside the email package; the last one by nesting without end.
_UNPARSABLE = (MessageError, ValueError, LookupError, AttributeError, TypeError, RecursionError)
_CALENDAR_TYPES = ("text/calendar", "application/ics")


@dataclass(frozen=True)
class Attachment:
    """A part of a letter that is offered for download."""

    number: int
    name: str
    content_type: str
    content: bytes


@dataclass(frozen=True)
class Headers:
    """The header lines of a letter, decoded for reading."""

    #: Name and value of SHOWN_HEADERS, in that order, without those that are missing.
    shown: tuple[tuple[str, str], ...]
    to: str
    subject: str
    #: Everything a search may find, in lower case: the To line, the envelope's recipients and the subject.
    searchable: str


@dataclass(frozen=True)
class Letter:
    """A letter taken apart."""

    headers: Headers
    html: str | None
    text: str | None
    entries: tuple[CalendarEntry, ...]
    attachments: tuple[Attachment, ...]


def read_headers(raw: bytes) -> Headers:
    """Decode the header lines only; cheap enough to search a full folder."""
    top = re.split(rb"\r?\n\r?\n", raw, maxsplit=1)[0]
    message = BytesHeaderParser(policy=compat32).parsebytes(top + b"\r\n\r\n")
    found = {name: ", ".join(_header_values(message, name)) for name in (*SHOWN_HEADERS, "Delivered-To")}
    to = found["To"] or found["Delivered-To"]
    return Headers(
        shown=tuple((name, found[name]) for name in SHOWN_HEADERS if found[name]),
        to=to,
        subject=found["Subject"],
        searchable=" ".join((to, found["Delivered-To"], found["Subject"])).lower(),
    )


def read_letter(raw: bytes) -> Letter:
    """Take a letter apart. A letter that cannot be parsed has headers and a source, and no parts."""
    try:
        parts = list(_leaves(message_from_bytes(raw, policy=compat32)))
        texts = [part for part in parts if not _is_attached(part)]
        return Letter(
            headers=read_headers(raw),
            html=_first_text(texts, "text/html"),
            text=_first_text(texts, "text/plain"),
            entries=_first_entries(parts),
            attachments=tuple(_attachment(number, part) for number, part in enumerate(parts) if _is_attached(part)),
        )
    except _UNPARSABLE:
        return Letter(headers=read_headers(raw), html=None, text=None, entries=(), attachments=())


def _header_values(message: Message, name: str) -> Iterator[str]:
    for header, value in message.raw_items():
        if header.lower() == name.lower():
            yield _decoded(str(value))


def _decoded(value: str) -> str:
    """Unfold and decode a header value (RFC 5322 section 2.2.3, RFC 2047, RFC 6532); never raises."""
    line = re.sub(r"[\r\n]+", "", value).encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()
    if "=?" not in line:
        return line
    try:
        return "".join(_decoded_chunk(chunk, charset) for chunk, charset in decode_header(line))
    except _UNPARSABLE:
        return line


def _decoded_chunk(chunk: bytes | str, charset: str | None) -> str:
    if isinstance(chunk, str):
        return chunk
    # decode_header() hands back what stood between encoded words in this encoding of its own.
    return chunk.decode(charset or "raw-unicode-escape", "replace")


def _leaves(message: Message) -> Iterator[Message]:
    """Yield the parts that hold content, in order; a forwarded message is one part, not its parts."""
    if message.get_content_maintype() == "multipart" and message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _leaves(part)
    else:
        yield message


def _is_attached(part: Message) -> bool:
    is_shown = part.get_content_type() in ("text/plain", "text/html", "text/calendar")
    return part.get_content_disposition() == "attachment" or bool(part.get_filename()) or not is_shown


def _first_text(parts: list[Message], content_type: str) -> str | None:
    texts = (_text(part) for part in parts if part.get_content_type() == content_type)
    return next((text for text in texts if text.strip()), None)


def _first_entries(parts: list[Message]) -> tuple[CalendarEntry, ...]:
    """Read the first calendar part that holds an entry: an invitation and its attached copy say the same."""
    for content_type in _CALENDAR_TYPES:
        for part in parts:
            if part.get_content_type() == content_type and (entries := read_entries(_content(part))):
                return entries
    return ()


def _text(part: Message) -> str:
    content = _content(part)
    try:
        return content.decode(part.get_content_charset("utf-8"), "replace")
    except LookupError:
        return content.decode("utf-8", "replace")


def _content(part: Message) -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    return b"\r\n".join(inner.as_bytes() for inner in part.get_payload() if isinstance(inner, Message))


def _attachment(number: int, part: Message) -> Attachment:
    fallback = f"attachment-{number}{'.eml' if part.get_content_maintype() == 'message' else ''}"
    # Only the last step of a path, and nothing that could act on a terminal or in a header.
    name = re.split(r"[\\/]", _decoded(part.get_filename() or ""))[-1]
    safe = "".join(character for character in name if character.isprintable()).strip(". ")
    return Attachment(number, safe or fallback, part.get_content_type(), _content(part))
