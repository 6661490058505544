"""Letters as a mail program and a calendar read them, with other people's parsers only."""

import html
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage

import icalendar
import vobject
from bs4 import BeautifulSoup

from tests.support.smtp_sink import Received

_ADDRESS = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True)
class Entry:
    """What a calendar is asked to do."""

    method: str
    uid: str
    sequence: int
    start: datetime
    status: str
    attendees: list[str]
    organizer: str
    summary: str


class Post:
    """One letter that arrived."""

    def __init__(self, received: Received) -> None:
        self.message = received.message
        self.content = received.content
        assert received.rcpt_to == [self.to], "a letter goes to one person, and says so"

    @property
    def to(self) -> str:
        return str(self.message["To"])

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._body("plain")

    @property
    def html(self) -> str:
        return self._body("html")

    @property
    def links(self) -> set[str]:
        """List every address in it: written, linked, or for the calendar."""
        linked = {str(tag["href"]) for tag in BeautifulSoup(self.html, "html5lib").find_all(href=True)}
        return {link for link in linked if link.startswith("http")} | set(_ADDRESS.findall(self.text))

    @property
    def entry(self) -> Entry | None:
        """Read the calendar part; None for a letter without one."""
        parts = [part for part in self.message.walk() if part.get_content_type() == "text/calendar"]
        if not parts:
            return None
        assert len(parts) == 1 and parts[0].get_content_disposition() is None
        raw = parts[0].get_payload(decode=True)
        assert isinstance(raw, bytes)
        self._check_attachment(raw)
        entry = _read(raw)
        assert parts[0].get_param("method") == entry.method, "header and calendar name the same method"
        return entry

    def link(self, kind: str) -> str:
        """Find the address of a kind: "manage", "join", "calendar.ics", or a part of it."""
        pattern = {"manage": r"/r/[^/]+$", "join": r"/r/[^/]+/join$"}.get(kind, re.escape(kind))
        found = [link for link in self.links if re.search(pattern, link)]
        assert len(set(found)) == 1, f"{kind}: {found}"
        return found[0]

    def all_that_can_be_read(self) -> str:
        """Give every header and part decoded, and the bytes themselves, as one text."""
        pieces = [self.content.decode("utf-8", "replace")]
        for part in self.message.walk():
            pieces += [f"{name}: {value}" for name, value in part.items()]
            if not part.is_multipart():
                payload = part.get_payload(decode=True)
                assert isinstance(payload, bytes)
                pieces.append(payload.decode("utf-8", "replace"))
        decoded = "\n".join(pieces)
        unfolded = re.sub(r"\r?\n[ \t]", "", decoded).replace("=\r\n", "").replace("\\", "")
        return "\n".join([decoded, unfolded, html.unescape(unfolded)])

    def _body(self, kind: str) -> str:
        part = self.message.get_body(preferencelist=(kind,))
        assert isinstance(part, EmailMessage), f"no {kind} part"
        return str(part.get_content())

    def _check_attachment(self, calendar: bytes) -> None:
        files = [part for part in self.message.walk() if part.get_content_type() == "application/ics"]
        assert [one.get_payload(decode=True) for one in files] == [calendar], "programs that want a file get the same"


def _read(raw: bytes) -> Entry:
    """Read an entry with two parsers that have to agree."""
    calendar = icalendar.Calendar.from_ical(raw)
    events = calendar.walk("VEVENT")
    assert len(events) == 1
    event, other = events[0], vobject.readOne(raw.decode()).vevent
    attendees = event.get("ATTENDEE", [])
    entry = Entry(
        method=str(calendar["METHOD"]),
        uid=str(event["UID"]),
        sequence=int(event.get("SEQUENCE", 0)),
        start=event.decoded("DTSTART").astimezone(UTC),
        status=str(event.get("STATUS", "")),
        attendees=[str(one) for one in (attendees if isinstance(attendees, list) else [attendees])],
        organizer=str(event.get("ORGANIZER", "")),
        summary=str(event.get("SUMMARY", "")),
    )
    assert (other.uid.value, other.dtstart.value.astimezone(UTC)) == (entry.uid, entry.start)
    return entry
