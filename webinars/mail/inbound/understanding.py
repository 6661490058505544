"""What a message that came back is. Pure: the same octets always mean the same."""

import hashlib
from dataclasses import dataclass, replace
from enum import StrEnum

from webinars.mail.inbound import replies, reports
from webinars.mail.inbound.paper import Paper
from webinars.mail.inbound.replies import CalendarAnswer
from webinars.mail.inbound.reports import Action, Report
from webinars.mail.leaving import token_in
from webinars.mail.models import InboundKind
from webinars.mail.returns import Purpose, named_letter

#: characters of a person's letter that staff can read
LONGEST_TEXT = 4000
_LONGEST_TITLE = 300
#: headers in which mail servers say whom a message was for, the surest first
_RECIPIENTS = ("Delivered-To", "X-Original-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "To", "Cc")
_THREAD = ("In-Reply-To", "References")
#: headers that only programs write which answer by themselves (RFC 3834 and what came before it)
_AUTOMATIC = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Response-Suppress", "X-Mail-Autoreply")
_PRECEDENCE = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})


class Note(StrEnum):
    """What is remembered of a message beside its kind: what followed, or why staff have to read it."""

    TOO_LARGE = "too large or too nested to read"
    BOUNCE_UNREADABLE = "report not understood"
    BOUNCE_UNKNOWN = "report about an unknown letter"
    COMPLAINT_UNKNOWN = "complaint about an unknown letter"
    UNSUBSCRIBE_UNKNOWN = "unsubscribes from an unknown letter"
    CALENDAR_UNREADABLE = "calendar answer not understood"
    CALENDAR_UNKNOWN = "calendar answer of somebody else"
    OTHER_TIME = "proposes another time"
    TROUBLE = "could not be processed"
    ADDRESS_DEAD = "address marked"
    REFUSED = "letter failed"
    NOTHING_LEFT = "nothing to leave"
    LEFT = "left"
    DELIVERED = "delivered"
    RECEIPT = "read receipt"


@dataclass(frozen=True, slots=True)
class Understood:
    """What a message is, whom it may be about, and what staff would have to read."""

    digest: str
    kind: InboundKind
    #: references of letters of ours that it may speak of, the surest first
    references: tuple[str, ...] = ()
    note: str = ""
    answer: CalendarAnswer | None = None
    report: Report | None = None
    #: the token in its subject line that ends a class of mail; empty without one
    leaving: str = ""
    sender: str = ""
    title: str = ""
    text: str = ""

    def for_staff(self, note: str) -> "Understood":
        """Make it a letter that staff have to read, and say why."""
        return replace(self, kind=InboundKind.LETTER, note=note)


def understand(raw: bytes) -> Understood:
    """Say what a message is. Never raises: what cannot be understood is a letter for staff."""
    digest = hashlib.sha256(raw).hexdigest()
    try:
        return _understand(Paper(raw), digest)
    except Exception:
        # Whatever a stranger made up: it is read by a person, and the next message is not kept waiting.
        return Understood(digest, InboundKind.LETTER, note=Note.TROUBLE)


def _understand(message: Paper, digest: str) -> Understood:
    named = [letter for header in message.headers(*_RECIPIENTS) if (letter := named_letter(header))]
    threads = list(reports.references_in(message.headers(*_THREAD)))
    found = Understood(
        digest,
        InboundKind.LETTER,
        references=_once([reference for _purpose, reference in named] + threads),
        sender=message.sender,
        leaving=token_in(message.title[:_LONGEST_TITLE]),
        title=message.title[:_LONGEST_TITLE],
        text=message.text()[:LONGEST_TEXT],
    )
    if not message.whole:
        return found.for_staff(Note.TOO_LARGE)
    leaves = any(purpose is Purpose.UNSUBSCRIBE for purpose, _reference in named)
    return (
        _calendar(message, found)
        or _complaint(message, found)
        or _report(message, found)
        or (replace(found, kind=InboundKind.UNSUBSCRIBE) if leaves and not _is_an_echo(message) else None)
        or _automatic(message, found)
        or _letter(message, found)
    )


def _calendar(message: Paper, found: Understood) -> Understood | None:
    """Understand a calendar's answer, which counts however it was sent."""
    ics = replies.find_calendar(message)
    method = replies.method_of(ics) if ics is not None else ""
    if ics is None or method not in {"REPLY", "COUNTER"}:
        return None
    if method == "COUNTER":
        return found.for_staff(Note.OTHER_TIME)
    answer = replies.read_reply(ics, message.sender)
    if answer is None:
        return found.for_staff(Note.CALENDAR_UNREADABLE)
    return replace(found, kind=InboundKind.CALENDAR_REPLY, answer=answer)


def _complaint(message: Paper, found: Understood) -> Understood | None:
    if not reports.is_complaint(message):
        return None
    return replace(found, kind=InboundKind.COMPLAINT, references=_with_returned(message, found))


def _report(message: Paper, found: Understood) -> Understood | None:
    """Understand what a mail server says of a letter."""
    report = reports.read_report(message)
    if report is None and (_submitted(message) != "auto-replied" or reports.is_from_a_server(message)):
        # An answering machine may use any words; servers that write prose and call it an answer say who they are.
        report = reports.read_prose(message)
    if report is None:
        return None
    kinds = {Action.FAILED: InboundKind.BOUNCE, Action.DELAYED: InboundKind.DELAY}
    kind = kinds.get(report.action, InboundKind.AUTOMATIC)
    note = Note.DELIVERED if report.action is Action.DELIVERED else ""
    return replace(found, kind=kind, note=note, report=report, references=_with_returned(message, found))


def _automatic(message: Paper, found: Understood) -> Understood | None:
    """Understand what a program answered by itself; a server's words that nobody understood are for staff."""
    if message.part("message/disposition-notification") is not None:
        return replace(found, kind=InboundKind.AUTOMATIC, note=Note.RECEIPT)
    if reports.is_from_a_server(message):
        return replace(found.for_staff(Note.BOUNCE_UNREADABLE), references=_with_returned(message, found))
    return replace(found, kind=InboundKind.AUTOMATIC) if _is_automatic(message) else None


def _letter(message: Paper, found: Understood) -> Understood:
    """Leave the rest to staff; last, because a server may return half of an invitation of ours."""
    ics = replies.find_calendar(message)
    return found if ics is None or replies.method_of(ics) else found.for_staff(Note.CALENDAR_UNREADABLE)


def _is_automatic(message: Paper) -> bool:
    precedence = message.header("Precedence").strip().lower() in _PRECEDENCE
    return precedence or _submitted(message) not in {"", "no"} or bool(message.headers(*_AUTOMATIC))


def _is_an_echo(message: Paper) -> bool:
    """Say whether a program answered a letter by itself, which unsubscribes nobody."""
    return _submitted(message) == "auto-replied" or bool(message.headers(*_AUTOMATIC))


def _submitted(message: Paper) -> str:
    """Give the keyword of Auto-Submitted (RFC 3834 section 5)."""
    return message.header("Auto-Submitted").partition(";")[0].strip().lower()


def _with_returned(message: Paper, found: Understood) -> tuple[str, ...]:
    return _once([*found.references, *reports.returned_letters(message)])


def _once(references: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(references))[:20]
