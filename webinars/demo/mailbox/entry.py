"""The calendar entry inside a letter, in words."""

from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, Event
from icalendar.timezone import tzid_from_dt

from webinars.demo.mailbox.wording import say_day, say_span

#: What an arbitrary calendar can raise inside the icalendar package; OSError for a zone named like a folder of zones.
_UNPARSABLE = (ValueError, LookupError, AttributeError, TypeError, RecursionError, OSError)


@dataclass(frozen=True)
class CalendarEntry:
    """One event of a calendar part; what the part leaves out is an empty text."""

    method: str
    sequence: int
    summary: str
    when: str
    location: str
    uid: str
    organizer: str
    attendees: tuple[str, ...]

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Give name and value of everything the entry says, in the order people ask for it."""
        facts = (
            ("Summary", self.summary),
            ("When", self.when),
            ("Where", self.location),
            ("Method", self.method),
            ("Sequence", str(self.sequence)),
            ("UID", self.uid),
            ("Organizer", self.organizer),
            ("Attendee", ", ".join(self.attendees)),
        )
        return tuple((name, value) for name, value in facts if value)

    @property
    def deed(self) -> str:
        """Name what a calendar does on receiving this: invitation, update, cancelled, or nothing ('')."""
        if self.method == "CANCEL":
            return "cancelled"
        if self.method == "REQUEST":
            return "update" if self.sequence else "invitation"
        return ""


def read_entries(content: bytes) -> tuple[CalendarEntry, ...]:
    """Read the events of a calendar file; one that cannot be read has none."""
    # As bytes: the package takes a text of one line for the path of a file to open.
    legible = content.decode("utf-8", "replace").encode()
    try:
        calendars = Calendar.from_ical(legible, multiple=True)
        return tuple(_entry(calendar, event) for calendar in calendars for event in calendar.events)
    except _UNPARSABLE:
        return ()


def _entry(calendar: Calendar, event: Event) -> CalendarEntry:
    return CalendarEntry(
        method=str(calendar.get("METHOD", "")).upper(),
        sequence=event.sequence,
        summary=str(event.get("SUMMARY", "")),
        when=_when(event),
        location=str(event.get("LOCATION", "")),
        uid=str(event.get("UID", "")),
        organizer=", ".join(_addresses(event, "ORGANIZER")),
        attendees=tuple(_addresses(event, "ATTENDEE")),
    )


def _addresses(event: Event, name: str) -> list[str]:
    found = event.get(name, [])
    return [str(address).removeprefix("mailto:").removeprefix("MAILTO:") for address in _as_list(found)]


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]


def _when(event: Event) -> str:
    if "DTSTART" not in event:
        return ""
    # The end is the given one, or start and duration (RFC 5545 section 3.6.1).
    start, end = event.start, event.end
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return say_day(start)
    return f"{say_span(start, end)}, {_zone(start)}"


def _zone(moment: datetime) -> str:
    if moment.tzinfo is None:
        # Without a zone the time is meant wherever the reader is (RFC 5545 section 3.3.5).
        return "wherever you are"
    name = tzid_from_dt(moment) or str(moment.tzinfo)
    return name if name == "UTC" else f"{name.rpartition('/')[2].replace('_', ' ')} time ({name})"
