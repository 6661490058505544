"""Putting a letter on paper: an RFC 5322 message with the parts that calendars and mail programs look for.

Shape (RFC 6047 section 2.4): mixed { alternative { plain, html, calendar }, invite.ics }; without a calendar part only
the alternative. Bodies are encoded here and not by the email package, whose quoted-printable lines may have 78 octets.
"""

import base64
import binascii
import re
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import EmailPolicy
from email.utils import parseaddr
from typing import Any

import flask_mail

from webinars.mail.letters import CalendarPart, Letter
from webinars.mail.models import Message

#: headers that programs compare or fetch: folding would put encoded words into them
_VERBATIM = (
    "message-id",
    "list-id",
    "list-unsubscribe",
    "list-unsubscribe-post",
    "list-help",
    "list-archive",
    "feedback-id",
)
#: set by us, never by a letter
_OURS = {"from", "to", "cc", "bcc", "sender", "subject", "date", "message-id", "mime-version", "auto-submitted",
         "content-type", "content-transfer-encoding", "return-path", "received"}  # fmt: skip


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
    return EmailPolicy(header_factory=headers, linesep="\r\n", max_line_length=76, utf8=utf8, raise_on_defect=False)


_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")
_ASCII, _UTF8 = _policy(False), _policy(True)


class OutboxMessage(flask_mail.Message):
    """A letter as Flask-Mail carries it."""

    def __init__(self, letter: Letter, message: Message, sender: str, now: datetime) -> None:
        """Take a letter, its row, the sender's address, and the instant for the Date header.

        Raises UnsafeLetter for header sources with line breaks and for addresses that are none.
        """
        self.letter = letter
        self.to = to_address(letter.to_address)
        self._sender_address = to_address(parseaddr(sender)[1])
        self._sent_at = now
        self._message_id = message.message_id
        for source in _header_sources(letter, message.message_id):
            refuse_line_breaks(source)
        super().__init__(subject=letter.subject, recipients=[self.to.addr_spec], sender=self._sender_address.addr_spec)
        self.msgId = message.message_id
        self.reference = message.reference

    @property
    def needs_utf8(self) -> bool:
        """Say whether the mail server must understand SMTPUTF8 (RFC 6531)."""
        return not self.to.addr_spec.isascii()

    @property
    def envelope_sender(self) -> str:
        """Give the address that bounces go to."""
        return self._sender_address.addr_spec

    def _message(self) -> Any:
        paper = EmailMessage(policy=_UTF8 if self.needs_utf8 else _ASCII)
        letter = self.letter
        # From RFC 5322 the order is free; programs show best what they know first.
        paper["From"] = Address(letter.sender_name, addr_spec=self._sender_address.addr_spec)
        paper["To"] = self.to
        paper["Subject"] = letter.subject.strip()
        paper["Date"] = self._sent_at
        paper["Message-ID"] = self._message_id
        paper["MIME-Version"] = "1.0"
        paper["Auto-Submitted"] = "auto-generated"
        for name, value in letter.headers:
            paper[name] = value
        _fill(paper, letter)
        return paper

    def as_bytes(self) -> bytes:
        """Give the message as it goes over the wire, lines ended CRLF."""
        return bytes(self._message())

    def as_string(self) -> str:
        """Give the message as text."""
        return self.as_bytes().decode("utf-8", "replace")


def to_address(written: str) -> Address:
    """Make the one address a letter goes to or comes from, its domain in ASCII.

    Raises UnsafeLetter.
    """
    refuse_line_breaks(written)
    local, at, domain = written.strip().rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
        # The parser refuses letters beyond ASCII before the @: it judges the shape without them.
        address = Address(addr_spec=f"{_BEYOND_ASCII.sub('x', local)}@{ascii_domain}")
        if not local.isascii():
            address = Address(username=local, domain=ascii_domain)
    except (ValueError, LookupError, MessageError):
        raise UnsafeLetter("the address cannot be used") from None
    if not local or not at or not domain:
        raise UnsafeLetter("the address cannot be used")
    return address


def refuse_line_breaks(source: str) -> None:
    """Refuse what would end a header early (RFC 5322 section 2.2); raises UnsafeLetter."""
    if any(ord(character) < 32 and character != "\t" or character in "\x7f\x85\u2028\u2029" for character in source):
        raise UnsafeLetter("a header would hold a line break or control character")


def _header_sources(letter: Letter, message_id: str) -> list[str]:
    sources = [letter.to_address, letter.sender_name, letter.subject, message_id]
    for name, value in letter.headers:
        if name.lower() in _OURS or not name.isascii() or not name.replace("-", "").isalnum():
            raise UnsafeLetter("a letter may not set this header")
        sources.append(value)
    if letter.calendar is not None and not letter.calendar.method.isalpha():
        raise UnsafeLetter("the calendar part has no method")
    return sources


def _fill(paper: EmailMessage, letter: Letter) -> None:
    """Put the parts in, the richest last (RFC 2046 section 5.1.4)."""
    parts: list[Any] = [_text_part(letter.text, "plain")]
    if letter.html is not None:
        parts.append(_text_part(letter.html, "html"))
    if letter.calendar is not None:
        parts.append(_calendar_part(letter.calendar))
    if len(parts) == 1:
        _move(parts[0], paper)
        return
    alternative = paper if letter.calendar is None else EmailMessage(policy=paper.policy)
    alternative["Content-Type"] = "multipart/alternative"
    alternative.set_payload(parts)
    if letter.calendar is not None:
        paper["Content-Type"] = "multipart/mixed"
        paper.set_payload([alternative, _file_part(letter.calendar)])


def _move(part: EmailMessage, paper: EmailMessage) -> None:
    for name, value in part.items():
        paper[name] = value
    paper.set_payload(part.get_payload())


def _text_part(text: str, subtype: str) -> EmailMessage:
    part = EmailMessage(policy=_ASCII)
    part["Content-Type"] = f'text/{subtype}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    # Without white space at line ends, for which the encoder would make lines longer than 76 octets.
    body = "".join(f"{line.rstrip()}\n" for line in text.splitlines())
    part.set_payload(binascii.b2a_qp(body.encode(), istext=True).decode("ascii"))
    return part


def _calendar_part(calendar: CalendarPart) -> EmailMessage:
    part = EmailMessage(policy=_ASCII)
    part["Content-Type"] = f"text/calendar; method={calendar.method}; charset=utf-8"
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64.encodebytes(calendar.ics).decode("ascii"))
    return part


def _file_part(calendar: CalendarPart) -> EmailMessage:
    """Give the same bytes for programs that look only for files; without a method, or they see two invitations."""
    part = EmailMessage(policy=_ASCII)
    part["Content-Type"] = 'application/ics; name="invite.ics"'
    part["Content-Transfer-Encoding"] = "base64"
    part["Content-Disposition"] = 'attachment; filename="invite.ics"'
    part.set_payload(base64.encodebytes(calendar.ics).decode("ascii"))
    return part
