"""Calendar entries as bytes: invitations, their updates and withdrawals, public files and feeds (RFC 5545, 5546, 7986).

Times are written in UTC. A webinar happens once, so UTC is exact, needs no VTIMEZONE that a client could misread, and
every calendar shows it in its owner's zone. A later change of the zone's rules reaches people as a move of the webinar.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from urllib.parse import quote

from icalendar import CLASS, STATUS, TRANSP, Calendar, Event, vCalAddress, vText, vUri

from webinars.core.text import many_lines, one_line

#: names no program: an entry must not tell what it is about, least of all a discreet one
PRODID = "-//Calendar//Calendar 1//EN"
#: methods of what goes to one person (RFC 5546 section 3.2)
REQUEST, CANCEL = "REQUEST", "CANCEL"
#: how often a subscribed calendar is asked to look again; none of them promises to
REFRESH = timedelta(hours=4)
_END = b"END:VCALENDAR\r\n"


class EntryStatus(StrEnum):
    """Whether the event takes place (RFC 5545 3.8.1.11)."""

    CONFIRMED = "CONFIRMED"
    #: for who waits for a place
    TENTATIVE = "TENTATIVE"
    CANCELLED = "CANCELLED"


#: how free the person is (MS-OXCICAL section 2.1.3.1.1.20.31)
_BUSY = {EntryStatus.CONFIRMED: "BUSY", EntryStatus.TENTATIVE: "TENTATIVE", EntryStatus.CANCELLED: "FREE"}


@dataclass(frozen=True)
class Entry:
    """One event as a calendar shows it. Instants are aware, addresses bare, links absolute.

    Raises ValueError for an event without zone or length, or an address that could break out of its line.
    """

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    #: IANA name, for the services that show an event in a zone; the file itself speaks UTC
    time_zone: str
    title: str
    #: plain text, never HTML
    description: str
    location: str
    #: the event's page
    url: str
    #: the reader's own way in; empty in everything public
    join_url: str
    #: the role address, the same string for everybody for ever (RFC 5546 3.2.2.4)
    organizer: str
    #: exactly the address the letter goes to; None in files that anybody may fetch
    attendee: str | None
    #: None unless the letter may carry what the person typed
    attendee_name: str | None
    status: EntryStatus
    #: when this message was made; of a public file, when the event last changed
    stamp: datetime
    last_modified: datetime
    #: asks shared calendars to show others no more than "busy"
    private: bool = False

    def __post_init__(self) -> None:
        if any(moment.tzinfo is None for moment in (self.starts_at, self.ends_at, self.stamp, self.last_modified)):
            raise ValueError("a calendar entry needs instants with a zone")
        if self.ends_at <= self.starts_at:
            raise ValueError("a calendar entry must end after it starts")
        for value in (self.uid, self.url, self.join_url, self.organizer, self.attendee or ""):
            if one_line(value) != value:
                raise ValueError("an address in a calendar entry must be one clean line")


def request(entry: Entry) -> bytes:
    """Invite one person, or update their invitation (RFC 5546 3.2.2).

    Raises ValueError when the entry names no attendee.
    """
    return _personal(REQUEST, replace(entry, status=EntryStatus.CONFIRMED))


def cancel(entry: Entry) -> bytes:
    """Take the event out of one person's calendar (RFC 5546 3.2.5); its sequence must exceed all that were sent.

    Raises ValueError when the entry names no attendee.
    """
    return _personal(CANCEL, replace(entry, status=EntryStatus.CANCELLED, description="", location=""))


def publish(entries: Iterable[Entry], name: str = "", description: str = "") -> bytes:
    """Make a file of events to add, or with a name a feed to subscribe to (RFC 5546 3.2.1, RFC 7986 5.1)."""
    unaddressed = (replace(entry, attendee=None, attendee_name=None) for entry in entries)
    head = _head("PUBLISH", one_line(name), one_line(description))
    return head + b"".join(_published(entry) for entry in unaddressed) + _END


def _personal(method: str, entry: Entry) -> bytes:
    if entry.attendee is None:
        raise ValueError(f"a calendar {method} needs exactly one attendee")
    return _head(method) + _event(entry) + _END


@lru_cache(maxsize=128)
def _head(method: str, name: str = "", description: str = "") -> bytes:
    """Write everything of VCALENDAR that stands before its events."""
    calendar = Calendar()
    calendar.add("VERSION", "2.0")
    calendar.add("PRODID", PRODID)
    calendar.add("CALSCALE", "GREGORIAN")
    calendar.add("METHOD", method)
    if name:
        calendar.add("NAME", _Text(name))
        calendar.add("X-WR-CALNAME", _Text(name))
        if description:
            calendar.add("DESCRIPTION", _Text(description))
            calendar.add("X-WR-CALDESC", _Text(description))
        calendar.add("REFRESH-INTERVAL", REFRESH, parameters={"VALUE": "DURATION"})
        calendar.add("X-PUBLISHED-TTL", "PT4H")
    return bytes(calendar.to_ical(sorted=False)).removesuffix(_END)


class _Text(vText):
    """A text escaped as it stands (RFC 5545 3.3.11): the library takes a backslash before an N for a line break."""

    def to_ical(self) -> bytes:
        text = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
        return text.encode()


def _published(entry: Entry) -> bytes:
    # What everybody may fetch is kept; what belongs to one person is not.
    return _event(entry) if entry.join_url else _public_event(entry)


def _event(entry: Entry) -> bytes:
    """Write one VEVENT."""
    cancelled = entry.status is EntryStatus.CANCELLED
    event = Event.new(
        uid=entry.uid,
        stamp=entry.stamp.astimezone(UTC),
        start=entry.starts_at.astimezone(UTC),
        end=entry.ends_at.astimezone(UTC),
        summary=_Text(one_line(entry.title)),
        description=_Text(many_lines(entry.description)) if entry.description else None,
        location=_Text(one_line(entry.location)) if entry.location else None,
        url=entry.url or None,
        sequence=entry.sequence,
        status=STATUS(entry.status.value),
        transparency=TRANSP.TRANSPARENT if cancelled else TRANSP.OPAQUE,
        classification=CLASS.PRIVATE if entry.private else CLASS.PUBLIC,
        organizer=vCalAddress.new(mailbox(entry.organizer)),
        attendees=_attendees(entry),
        last_modified=entry.last_modified.astimezone(UTC),
    )
    if entry.join_url and entry.status is EntryStatus.CONFIRMED:
        event.add("CONFERENCE", _conference(entry))
    event.add("X-MICROSOFT-CDO-BUSYSTATUS", _BUSY[entry.status])
    event.add("X-MICROSOFT-DISALLOW-COUNTER", "TRUE")
    return bytes(event.to_ical(sorted=False))


_public_event = lru_cache(maxsize=2048)(_event)


def _attendees(entry: Entry) -> list[vCalAddress] | None:
    """Name the one recipient; RSVP=FALSE keeps thousands of automatic replies away (RFC 5545 3.2.17)."""
    if entry.attendee is None:
        return None
    name = one_line(entry.attendee_name or "") or None
    roles = {"cutype": "INDIVIDUAL", "role": "REQ-PARTICIPANT", "partstat": "ACCEPTED"}
    return [vCalAddress.new(mailbox(entry.attendee), cn=name, rsvp=False, **roles)]


def mailbox(address: str) -> str:
    """Write an address as a mailto URI (RFC 6068 2), encoding no more than a URI must, so that clients recognise it."""
    return "mailto:" + quote(address, safe="@!$&'*+/=^_`{|}~.-")


def _conference(entry: Entry) -> vUri:
    """Write the way in for clients that show it (RFC 7986 5.11); Outlook and Google need it in LOCATION as well."""
    return vUri(entry.join_url, params={"VALUE": "URI", "FEATURE": ["VIDEO", "AUDIO"], "LABEL": one_line(entry.title)})
