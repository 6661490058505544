"""What mail servers report about letters: delivered, delayed, given up; and complaints of readers.

Standard reports (RFC 3464, RFC 6533, RFC 5965) are read with the standard library; the prose that qmail, Exim, Yahoo
and older servers send instead is left to flufl.bounce.
"""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import message_from_string
from email.message import Message
from enum import StrEnum

import flufl.bounce

from webinars.core.logs import scrub
from webinars.core.text import email_key, one_line
from webinars.mail.inbound import paper
from webinars.mail.inbound.paper import Paper
from webinars.mail.returns import named_letter

#: characters of a server's words that are kept
LONGEST_WORDS = 500
_STATUS_TYPES = ("message/delivery-status", "message/global-delivery-status")
_RETURNED_TYPES = (
    "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers", "message/rfc822-headers",
)  # fmt: skip
_MAILERS = frozenset({"mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", "mdaemon"})
#: where a server's words end and the letter it returns begins
_END_OF_WORDS = re.compile(r"\n\s*(?:-{3,}|_{3,}|={3,}|Return-Path:|Received:|From: )", re.IGNORECASE)
#: what servers say that have not given up; the library takes some of them for failures
_STILL_TRYING = re.compile(
    r"not yet been delivered|attempts will continue|will keep trying|still being retried|need to resend", re.IGNORECASE
)
_OWN_ID = re.compile(r"<([0-9a-f]{16,40})@[^<>@\s]{1,255}>")
_MESSAGE_ID = re.compile(r"^Message-ID:\s*(<[^<>\s]{1,320}>)", re.IGNORECASE | re.MULTILINE)
# The library writes what it finds, addresses included, to its log, and raises it again besides.
logging.getLogger("flufl.bounce").setLevel(logging.CRITICAL + 1)


class Action(StrEnum):
    """What became of a letter (RFC 3464 section 2.3.3)."""

    FAILED = "failed"
    DELAYED = "delayed"
    #: delivered, relayed or expanded: no trouble
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class Report:
    """What a server says about the one recipient of a letter."""

    action: Action
    #: status and diagnostic code, without addresses (for webinars.mail.causes)
    words: str
    #: whom the letter was for, as the server says, folded; a forwarding server names its own
    recipients: frozenset[str]


def read_report(message: Paper) -> Report | None:
    """Read a delivery status notification (RFC 3464); None when the message is none."""
    part = message.part(*_STATUS_TYPES)
    fields = [block for block in _blocks(part) if block.get("Action")] if part is not None else []
    ranked = sorted(fields, key=lambda block: _RANK[_action(block)])
    if not ranked:
        return None
    recipients = {_recipient(block, name) for block in fields for name in ("Original-Recipient", "Final-Recipient")}
    return Report(_action(ranked[0]), _words(ranked[0]), frozenset(recipients - {""}))


def read_prose(message: Paper) -> Report | None:
    """Read a bounce in a server's own words; None when the message is none."""
    if not (is_from_a_server(message) or _has_empty_path(message)):
        return None
    try:
        temporary, permanent = flufl.bounce.all_failures(message.beginning())
    except Exception:
        # Twenty readers of other servers' prose trust it more than a stranger's octets deserve.
        return None
    found = [address.decode("ascii", "replace") for address in permanent or temporary]
    recipients = frozenset(email_key(address) for address in found if "@" in address)
    if not recipients:
        return None
    text = message.text()
    given_up = permanent and not _STILL_TRYING.search(text)
    return Report(Action.FAILED if given_up else Action.DELAYED, _words_about(found, text), recipients)


def is_complaint(message: Paper) -> bool:
    """Say whether it is a feedback report (RFC 5965): somebody pressed "this is spam"."""
    part = message.part("message/feedback-report")
    return part is not None and "not-spam" not in _text_of(part).lower()


def is_from_a_server(message: Paper) -> bool:
    """Say whether a mail server speaks, be it understood or not."""
    named = message.sender.partition("@")[0] in _MAILERS or bool(message.header("X-Failed-Recipients"))
    return named or message.part(*_STATUS_TYPES) is not None


def returned_letters(message: Paper) -> Iterator[str]:
    """Give the references of letters of ours that a report brings back, the surest first."""
    for part in message.parts():
        if paper.type_of(part) in _RETURNED_TYPES:
            yield from _references(_head_of(part))
        elif paper.type_of(part) == "message/feedback-report":
            # Original-Mail-From names the envelope's sender, which names the letter (RFC 5965 section 3.2).
            named = named_letter(_text_of(part))
            yield from [named[1]] if named else []
    yield from _references(message.text())


def references_in(headers: Iterable[str]) -> Iterator[str]:
    """Give the references of letters of ours that headers such as In-Reply-To name by Message-ID."""
    for header in headers:
        yield from _OWN_ID.findall(header.lower())


_RANK = {Action.FAILED: 0, Action.DELAYED: 1, Action.DELIVERED: 2}


def _action(block: Message) -> Action:
    said = paper.value_of(block, "Action").lower()
    return Action(said) if said in set(Action) else Action.DELIVERED


def _blocks(part: Message) -> list[Message]:
    """Give the groups of fields of a report: one about the message, one about each recipient."""
    payload = part.get_payload()
    if isinstance(payload, list) and len(payload) > 1:
        return [block for block in payload if isinstance(block, Message)]
    # Types that the standard library leaves unparsed, or a transfer encoding the standard forbids.
    return [message_from_string(block) for block in re.split(r"\n\s*\n", _text_of(part))[:50]]


def _text_of(part: Message) -> str:
    payload = part.get_payload()
    if not isinstance(payload, list):
        return paper.words(part)
    return "\n\n".join(_fields(block) for block in payload[:50] if isinstance(block, Message))


def _fields(block: Message) -> str:
    lines = [f"{name}: {value}" for name, value in paper.fields_of(block)]
    return "\n".join(lines) + "\n\n" + paper.words(block)


def _recipient(block: Message, name: str) -> str:
    """Give the address of "rfc822; alice@example.org"."""
    kind, _semicolon, address = paper.value_of(block, name).partition(";")
    return paper.address_in(address) if kind.strip().lower() in {"rfc822", "utf-8"} else ""


def _words(block: Message) -> str:
    """Put status and diagnostic code together, as "5.1.1 550 5.1.1 User unknown"."""
    status = paper.value_of(block, "Status").partition(" ")[0][:12]
    kind, semicolon, text = paper.value_of(block, "Diagnostic-Code").partition(";")
    diagnosis = text if semicolon and len(kind) < 20 else f"{kind}{semicolon}{text}"
    status = "" if status and status in diagnosis else status
    return _kept(f"{status} {diagnosis}")


def _words_about(addresses: list[str], text: str) -> str:
    """Find what a report in prose says about an address: what follows it, up to the letter that is returned."""
    folded = text.casefold()
    ends = [folded.find(address.casefold()) + len(address) for address in addresses if address.casefold() in folded]
    start = min(ends, default=0)
    said = text[start : start + 4 * LONGEST_WORDS]
    end = _END_OF_WORDS.search(said)
    return _kept(said[: end.start() if end else None].lstrip(">):,. \n"))


def _kept(said: str) -> str:
    return scrub(one_line(said)).replace("<<address>>", "<address>").strip()[:LONGEST_WORDS]


def _has_empty_path(message: Paper) -> bool:
    """Say whether nobody would get an answer (RFC 5321 section 4.5.5): servers write so, and answering machines."""
    return any(path.replace(" ", "") == "<>" for path in message.headers("Return-Path"))


def _head_of(part: Message) -> str:
    """Give the headers of a letter that travels inside a report."""
    payload = part.get_payload()
    if isinstance(payload, list):
        return "\n".join(
            f"Message-ID: {inner.get('Message-ID', '')}" for inner in payload if isinstance(inner, Message)
        )
    return paper.words(part)


def _references(text: str) -> Iterator[str]:
    for found in _MESSAGE_ID.findall(text):
        yield from references_in([found])
