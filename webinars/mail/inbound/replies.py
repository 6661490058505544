"""What calendars answer to an invitation (RFC 5546 section 3.2.3, RFC 6047)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from email.message import Message
from enum import StrEnum
from typing import Any
from urllib.parse import unquote

from icalendar import Calendar, Component

from webinars.core.text import email_key, many_lines
from webinars.mail.inbound import paper
from webinars.mail.inbound.paper import Paper

#: octets of a calendar object that are read; an answer has two thousand
_LONGEST = 64 * 1024
_TYPES = ("text/calendar", "application/ics")


class Answered(StrEnum):
    """What a person says through their calendar (PARTSTAT, RFC 5545 section 3.2.12)."""

    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    TENTATIVE = "TENTATIVE"


@dataclass(frozen=True, slots=True)
class CalendarAnswer:
    """One person's answer to one invitation."""

    #: of the entry it answers
    uid: str
    partstat: Answered
    #: who answers and who sent the message, as folded addresses (core.text.email_key); either may be empty
    attendee: str
    sender: str
    #: SEQUENCE of the entry as the person saw it; where the program says nothing 0 (RFC 5546 section 3.2.3)
    sequence: int
    #: DTSTAMP: when the answer was given; None where the program says nothing
    answered_at: datetime | None
    #: what the person wrote to it
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Followed:
    """What a room above made of an answer."""

    #: a short name, kept with the message
    outcome: str
    #: whom it is from, as the outbox knows them
    subject: str


def find_calendar(message: Paper) -> bytes | None:
    """Find the calendar object in a message, wherever the sender's program put it."""
    found = message.part(*_TYPES)
    if found is None:
        found = next((part for part in message.parts() if _is_named_ics(part)), None)
    return paper.content(found)[:_LONGEST] if found is not None else None


def method_of(ics: bytes) -> str:
    """Give the METHOD of a calendar object in capitals; empty when it has none or is none."""
    calendar = _read(ics)
    return str(calendar.get("METHOD", "")).strip().upper() if calendar is not None else ""


def read_reply(ics: bytes, sender: str) -> CalendarAnswer | None:
    """Read an object with METHOD:REPLY; None when it is not one clear answer to one invitation.

    ``sender`` is the folded address of the message's From.
    """
    calendar = _read(ics)
    events = calendar.walk("VEVENT") if calendar is not None else []
    if not events or len({str(event.get("UID", "")) for event in events}) != 1:
        return None
    try:
        return _answer(events[0], sender)
    except (ValueError, TypeError, AttributeError, LookupError):
        # Values of the wrong kind, which the library keeps as they are.
        return None


def _answer(event: Component, sender: str) -> CalendarAnswer | None:
    attendee = _attendee(event, sender)
    partstat = str(attendee.params.get("PARTSTAT", "")).upper() if attendee is not None else ""
    uid = str(event.get("UID", "")).strip()
    if attendee is None or partstat not in set(Answered) or not 0 < len(uid) <= 255:
        return None
    return CalendarAnswer(
        uid=uid,
        partstat=Answered(partstat),
        attendee=_address(attendee),
        sender=sender,
        sequence=int(str(event.get("SEQUENCE", 0))),
        answered_at=_instant(event),
        comment=many_lines(_comment(event))[:4000],
    )


def _attendee(event: Component, sender: str) -> Any:
    """Give the one who answers; of several, which only broken programs list, the one the message is from."""
    found = event.get("ATTENDEE", [])
    everybody = found if isinstance(found, list) else [found]
    if len(everybody) > 1:
        everybody = [one for one in everybody if _address(one) == sender]
    return everybody[0] if len(everybody) == 1 else None


def _address(attendee: Any) -> str:
    """Give a calendar user's mail address, folded; programs that name users by other URIs say it in EMAIL."""
    uri = str(attendee).strip()
    written = unquote(uri[7:]) if uri.lower().startswith("mailto:") else str(attendee.params.get("EMAIL", ""))
    return email_key(written) if "@" in written and len(written) <= 254 else ""


def _instant(event: Component) -> datetime | None:
    """Give DTSTAMP in UTC (RFC 5545 section 3.8.7.2); one without a zone is taken for UTC, which it must be in."""
    stamp = getattr(event.get("DTSTAMP"), "dt", None)
    if isinstance(stamp, datetime):
        return stamp.astimezone(UTC) if stamp.tzinfo else stamp.replace(tzinfo=UTC)
    return datetime.combine(stamp, time(), UTC) if isinstance(stamp, date) else None


def _comment(event: Component) -> str:
    found = event.get("COMMENT", "")
    return "\n".join(map(str, found)) if isinstance(found, list) else str(found)


def _read(ics: bytes) -> Component | None:
    try:
        return Calendar.from_ical(ics.decode("utf-8", "replace"))
    except Exception:
        # The parser raises what its many value types raise; what cannot be parsed is no answer.
        return None


def _is_named_ics(part: Message) -> bool:
    disposition = f"{part.get('Content-Disposition', '')} {part.get('Content-Type', '')}"[:500].lower()
    return ".ics" in disposition
