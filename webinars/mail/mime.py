"""Putting a letter on paper: an RFC 5322 message with the parts that calendars and mail programs look for.

Shape (RFC 6047 section 2.4): mixed { alternative { plain, html, calendar }, invite.ics }; without a calendar part only
the alternative. Header values go through the email package's header objects, once for each different value; the parts
are put together here, because generating them anew for each person would cost twenty times as much.
"""

import binascii
import email
import re
from datetime import datetime
from email.errors import MessageError
from email.header import Header
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.policy import EmailPolicy
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from textwrap import wrap
from typing import Any
from urllib.parse import quote

import flask_mail

from webinars.mail.dkim_signing import signed
from webinars.mail.leaving import subject_line
from webinars.mail.letters import Letter, Text
from webinars.mail.models import Message
from webinars.mail.returns import bounce_address, named_letter, reply_address, unsubscribe_address

#: headers that programs compare or fetch: folding would put encoded words into them
_VERBATIM = ("message-id", "list-id", "list-unsubscribe", "list-unsubscribe-post", "list-help", "feedback-id")
#: set by us, never by a letter
_OURS = {
    "from", "to", "cc", "bcc", "sender", "reply-to", "subject", "date", "message-id", "mime-version", "auto-submitted",
    "content-type", "content-transfer-encoding", "return-path", "received",
}  # fmt: skip
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
#: a dot-atom (RFC 5322 section 3.2.3) and a host name, in their everyday characters
_EVERYDAY = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")
_HOST = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
#: what quoted-printable leaves alone, such as a link
_AS_IT_IS = re.compile(r"[A-Za-z0-9:/._-]+")
_UNSAFE = re.compile("[\x00-\x08\x0a-\x1f\x7f\x85\u2028\u2029]")
_TEXT_HEAD = b'Content-Type: text/%b; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
_CRLF = "\r\n"
_CALENDAR_HEAD = b"Content-Type: text/calendar; method=%b; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
#: the same bytes for programs that look only for files; without a method, or they see two invitations
_FILE_HEAD = (
    b'Content-Type: application/ics; name="invite.ics"\r\nContent-Transfer-Encoding: base64\r\n'
    b'Content-Disposition: attachment; filename="invite.ics"\r\n\r\n'
)


class UnsafeLetter(ValueError):
    """Say why a letter cannot be put on paper; the sentence names no address."""


class _VerbatimHeader(UnstructuredHeader):
    """Writes a header on one line, whatever its length (RFC 5322 allows 998 octets)."""

    def fold(self: Any, *, policy: Any) -> str:
        """Give the line; one with letters beyond ASCII is encoded and folded after all."""
        text = str(self)
        return f"{self.name}: {text}{policy.linesep}" if text.isascii() else BaseHeader.fold(self, policy=policy)


def _policy(utf8: bool) -> Any:
    headers: Any = HeaderRegistry()
    for name in _VERBATIM:
        headers.map_to_type(name, _VerbatimHeader)
    return EmailPolicy(header_factory=headers, linesep="\r\n", max_line_length=76, utf8=utf8)


_POLICIES = {False: _policy(False), True: _policy(True)}


class OutboxMessage(flask_mail.Message):
    """A letter as Flask-Mail carries it."""

    def __init__(self, letter: Letter, message: Message, sender: str, now: datetime) -> None:
        """Take a letter, its row, the sender's address, and the instant for the Date header.

        Raises UnsafeLetter for header sources with line breaks and for addresses that are none.
        """
        for source in _header_sources(letter, message.message_id):
            refuse_line_breaks(source)
        self.letter, self.row = letter, message
        #: the one address it goes to, the one it is from, and the one that bounces come back to
        self.to = to_address(letter.to_address).addr_spec
        self.from_address = _sender(sender)
        self.envelope_sender = bounce_address(message.reference)
        self._sent_at = now
        # Not Message.__init__: for a Message-ID, which ours replaces, it asks the name server about this machine.
        self.subject, self.sender, self.recipients = letter.subject, self.from_address, [self.to]
        self.cc, self.bcc, self.alts, self.attachments = [], [], {}, []
        self.msgId = message.message_id

    @property
    def needs_utf8(self) -> bool:
        """Say whether the mail server must understand SMTPUTF8 (RFC 6531)."""
        return not self.to.isascii()

    def as_bytes(self) -> bytes:
        """Give the message as it goes over the wire, lines ended CRLF."""
        return signed(self._head().encode() + _body(self.letter, self.row.reference))

    def as_string(self) -> str:
        """Give the message as text."""
        return self.as_bytes().decode("utf-8", "replace")

    def _message(self) -> Any:
        return email.message_from_bytes(self.as_bytes(), policy=_POLICIES[self.needs_utf8])

    def _head(self) -> str:
        letter, utf8 = self.letter, self.needs_utf8
        lines = [
            _header("From", _author(letter.sender_name, self.from_address), utf8),
            f"To: {self.to}\r\n",
            _header("Subject", letter.subject.strip(), utf8),
            _date(self._sent_at.replace(microsecond=0)),
            f"Message-ID: {self.msgId}\r\n",
            "MIME-Version: 1.0\r\n",
            "Auto-Submitted: auto-generated\r\n",
        ]
        if reply_address() != self.from_address:
            lines.append(f"Reply-To: {reply_address()}\r\n")
        lines += [_header(name, value, utf8) for name, value in letter.headers]
        if letter.leave_url:
            lines += _leaving(letter.leave_url, unsubscribe_address(self.row.reference))
        return "".join(lines)


def to_address(written: str) -> Address:
    """Make the one address a letter goes to or comes from, its domain in ASCII.

    Raises UnsafeLetter.
    """
    refuse_line_breaks(written)
    local, at, domain = written.strip().rpartition("@")
    if _EVERYDAY.fullmatch(local) and _HOST.fullmatch(domain):
        # What nearly all addresses are needs no parser, which would cost as much as the rest of the letter.
        return Address(username=local, domain=domain)
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
        # The parser refuses letters beyond ASCII before the @: it judges the shape without them.
        address = Address(addr_spec=f"{_BEYOND_ASCII.sub('x', local)}@{ascii_domain}")
        if not local.isascii():
            address = Address(username=local, domain=ascii_domain)
    except (ValueError, LookupError, MessageError, AttributeError):
        raise UnsafeLetter("the address cannot be used") from None
    if not local or not at or not domain:
        raise UnsafeLetter("the address cannot be used")
    return address


def refuse_line_breaks(source: str) -> None:
    """Refuse what would end a header early (RFC 5322 section 2.2); raises UnsafeLetter."""
    if _UNSAFE.search(source):
        raise UnsafeLetter("a header would hold a line break or control character")


@lru_cache(maxsize=16)
def _sender(written: str) -> str:
    return to_address(parseaddr(written)[1]).addr_spec


@lru_cache(maxsize=4)
def _date(moment: datetime) -> str:
    return f"Date: {format_datetime(moment)}\r\n"


@lru_cache(maxsize=64)
def _author(name: str, addr_spec: str) -> str:
    return str(Address(name, addr_spec=addr_spec))


def _leaving(url: str, address: str) -> list[str]:
    """Write how a mail program ends a class of mail, by one POST (RFC 8058 section 3.1) or by mail."""
    # Without a name in it the address could end nothing.
    subject = quote(subject_line(url.rpartition("/")[2]))
    by_mail = f", <mailto:{address}?subject={subject}>" if named_letter(address) else ""
    return [f"List-Unsubscribe: <{url}>{by_mail}\r\n", "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"]


@lru_cache(maxsize=1024)
def _header(name: str, value: str, utf8: bool) -> str:
    if name.lower() in _VERBATIM and value.isascii():
        return _verbatim(f"{name}: {value}")
    if name == "Subject" and not utf8 and (not value.isascii() or "=?" in value):
        # The email package loses a space between two encoded words, and doubles one before the first.
        return f"{name}: {Header(value, 'utf-8', 76, name).encode(linesep=_CRLF)}{_CRLF}"
    policy = _POLICIES[utf8]
    written = str(policy.header_factory(name, value).fold(policy=policy))
    if written.startswith(f"{name}:\r\n") and value.isascii():
        # The email package moves a value that fits on one line there as a whole; readers then see a space before it.
        written = _wrapped(f"{name}: {value}")
    return written


def _verbatim(line: str) -> str:
    """Leave a line as it is; only one with encoded words must be short (RFC 2047 section 2)."""
    return _wrapped(line) if "=?" in line else f"{line}\r\n"


def _wrapped(line: str) -> str:
    lines = wrap(line, 76, subsequent_indent=" ", break_long_words=False, break_on_hyphens=False)
    return "\r\n".join(lines) + "\r\n"


def _header_sources(letter: Letter, message_id: str) -> list[str]:
    sources = [letter.to_address, letter.sender_name, letter.subject, letter.leave_url, message_id]
    for name, value in letter.headers:
        if name.lower() in _OURS or not name.isascii() or not name.replace("-", "").isalnum():
            raise UnsafeLetter("a letter may not set this header")
        sources.append(value)
    if letter.calendar is not None and not (letter.calendar.method.isascii() and letter.calendar.method.isalpha()):
        raise UnsafeLetter("the calendar part has no method")
    return sources


def _body(letter: Letter, reference: str) -> bytes:
    """Put the parts together, the richest last (RFC 2046 section 5.1.4), with their heads."""
    parts = [_TEXT_HEAD % b"plain" + _quoted(letter.text)]
    if letter.html is not None:
        parts.append(_TEXT_HEAD % b"html" + _quoted(letter.html))
    if letter.calendar is None:
        return parts[0] if len(parts) == 1 else _multipart(b"alternative", reference, parts)
    ics = _base64(letter.calendar.ics)
    parts.append(_CALENDAR_HEAD % letter.calendar.method.upper().encode() + ics)
    return _multipart(b"mixed", reference, [_multipart(b"alternative", reference, parts), _FILE_HEAD + ics])


def _multipart(subtype: bytes, reference: str, parts: list[bytes]) -> bytes:
    # "=_" comes neither from quoted-printable nor from base64, so no part can hold the boundary (RFC 2045 section 6.7).
    boundary = b"=_%b_%b" % (subtype, reference.encode())
    head = b'Content-Type: multipart/%b;\r\n boundary="%b"\r\n\r\n' % (subtype, boundary)
    return head + b"".join(b"--%b\r\n%b\r\n" % (boundary, part) for part in parts) + b"--%b--\r\n" % boundary


def _base64(content: bytes) -> bytes:
    whole = binascii.b2a_base64(content, newline=False)
    return b"\r\n".join([whole[start : start + 76] for start in range(0, len(whole), 76)]) + b"\r\n"


def _quoted(text: Text) -> bytes:
    """Write a text as quoted-printable (RFC 2045 section 6.7); what many letters share is encoded once."""
    if not text.places:
        # Nobody else's letter: what it holds must not stay in memory.
        return _quoted_lines(_ended(text.fixed[0]))
    fixed = _quoted_outline(text.fixed)
    values = [_quoted_open(value) for value in text.values]
    parts = [part + values[place] for part, place in zip(fixed, text.places, strict=False)]
    return b"".join(parts) + fixed[-1]


@lru_cache(maxsize=1024)
def _quoted_outline(fixed: tuple[str, ...]) -> tuple[bytes, ...]:
    return (*(_quoted_open(part) for part in fixed[:-1]), _quoted_lines(_ended(fixed[-1])))


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _quoted_open(text: str) -> bytes:
    """Encode what goes on in the same line: a soft line break keeps lines short, whatever follows."""
    if _AS_IT_IS.fullmatch(text):
        return "".join([f"{text[start : start + 72]}=\r\n" for start in range(0, len(text), 72)]).encode()
    # The character more makes the encoder leave room for the "=" and take no space for one at the end of a line.
    piece = _quoted_lines(text + "~")[:-1]
    return piece if not piece or piece.endswith(b"\n") else piece + b"=\r\n"


def _quoted_lines(text: str) -> bytes:
    # Without white space at line ends, for which the encoder would make lines longer than 76 octets.
    *lines, last = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    # But for the mark before a signature (RFC 3676 section 4.3), whose space the encoder keeps.
    body = "".join(f"{line if line == '-- ' else line.rstrip()}\n" for line in lines) + last
    return binascii.b2a_qp(body.encode(), istext=True).replace(b"\n", b"\r\n")
