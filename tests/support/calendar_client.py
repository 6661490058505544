"""A calendar that obeys RFC 5545 and RFC 5546 to the letter, read by a parser of its own."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

_LINE = re.compile(
    r'(?P<name>[A-Za-z0-9-]+)(?P<parameters>(?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(?P<value>.*)'
)
_PARAMETER = re.compile(r';([A-Za-z0-9-]+)=((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)')
#: RFC 6868 section 3
_CARETS = {"^n": "\n", "^'": '"', "^^": "^"}
_ESCAPES = {"\\n": "\n", "\\N": "\n", "\\,": ",", "\\;": ";", "\\\\": "\\"}


@dataclass(frozen=True)
class Property:
    """One content line."""

    name: str
    parameters: dict[str, list[str]]
    value: str

    @property
    def text(self) -> str:
        """Give a TEXT value without its escapes (RFC 5545 section 3.3.11)."""
        assert not re.search(r"(?<!\\)(?:\\\\)*[,;]", self.value), f"unescaped: {self.value}"
        return re.sub(r"\\.", lambda found: _ESCAPES[found.group()], self.value)

    @property
    def instant(self) -> datetime:
        """Give a DATE-TIME in UTC, the only form that is accepted here (section 3.3.5, form 2)."""
        assert "TZID" not in self.parameters and re.fullmatch(r"\d{8}T\d{6}Z", self.value), self.value
        return datetime.strptime(self.value, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


@dataclass
class Component:
    """VCALENDAR or what stands in it."""

    name: str
    properties: list[Property] = field(default_factory=list)
    parts: list["Component"] = field(default_factory=list)

    def all(self, name: str) -> list[Property]:
        """List the properties of a name."""
        return [one for one in self.properties if one.name == name]

    def one(self, name: str) -> Property:
        """Give the property that must be there once."""
        found = self.all(name)
        assert len(found) == 1, f"{name}: {len(found)} times"
        return found[0]

    def text(self, name: str) -> str:
        """Give the text of a property that may be missing."""
        return self.one(name).text if self.all(name) else ""


def read(ics: bytes) -> Component:
    """Read one calendar object; whatever RFC 5545 section 3.1 forbids fails."""
    assert not ics.startswith(b"\xef\xbb\xbf"), "byte order mark"
    assert ics.endswith(b"\r\n") and b"\r\n\r\n" not in ics
    lines = ics.split(b"\r\n")[:-1]
    assert all(len(line) <= 75 and b"\n" not in line and b"\r" not in line for line in lines)
    for line in lines:
        line.decode()  # a fold inside a character fails here
    root = Component("")
    open_ = [root]
    for line in ics.decode().replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")[:-1]:
        one = _property(line)
        if one.name == "BEGIN":
            open_.append(Component(one.value))
            open_[-2].parts.append(open_[-1])
        elif one.name == "END":
            assert open_.pop().name == one.value
        else:
            open_[-1].properties.append(one)
    assert len(open_) == 1 and len(root.parts) == 1 and not root.properties, "one VCALENDAR, and nothing outside it"
    assert root.parts[0].name == "VCALENDAR"
    return root.parts[0]


def _property(line: str) -> Property:
    found = _LINE.fullmatch(line)
    assert found, f"no content line: {line!r}"
    assert not re.search(r"[\x00-\x08\x0a-\x1f\x7f]", line), f"control character: {line!r}"
    parameters = {
        name.upper(): [re.sub(r"\^[n'^]", lambda c: _CARETS[c.group()], one.strip('"')) for one in _values(written)]
        for name, written in _PARAMETER.findall(found["parameters"])
    }
    return Property(found["name"].upper(), parameters, found["value"])


def _values(written: str) -> list[str]:
    return re.findall(r'"[^"]*"|[^",]+', written)


@dataclass(frozen=True)
class Held:
    """What a calendar knows of one UID."""

    sequence: int
    stamp: datetime
    event: Component
    cancelled: bool
    #: as it came
    ics: bytes

    @property
    def start(self) -> datetime:
        return self.event.one("DTSTART").instant

    @property
    def end(self) -> datetime:
        return self.event.one("DTEND").instant

    @property
    def title(self) -> str:
        return self.event.text("SUMMARY")


class CalendarClient:
    """The calendar behind one mailbox: takes invitations, updates and withdrawals as RFC 5546 section 2.1.5 says."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._known: dict[str, Held] = {}

    @property
    def entries(self) -> dict[str, Held]:
        """Give what its owner sees, by UID."""
        return {uid: held for uid, held in self._known.items() if not held.cancelled}

    def take(self, ics: bytes) -> bool:
        """Read what came by mail; say whether it was newer than what was known."""
        calendar = read(ics)
        [event] = calendar.parts
        assert event.name == "VEVENT"
        method, uid = calendar.one("METHOD").value, event.one("UID").value
        [attendee] = event.all("ATTENDEE")
        assert attendee.value.lower() == f"mailto:{self.address}".lower(), "an invitation is for who gets it"
        cancelled = method == "CANCEL"
        assert method in {"REQUEST", "CANCEL"}
        assert event.one("STATUS").value == ("CANCELLED" if cancelled else "CONFIRMED")
        came = Held(int(event.one("SEQUENCE").value), event.one("DTSTAMP").instant, event, cancelled, ics)
        known = self._known.get(uid)
        if known is not None:
            same = known.event.one("ORGANIZER").value == event.one("ORGANIZER").value
            assert same, "another organiser: clients ignore it or make a second event"
            if (came.sequence, came.stamp) <= (known.sequence, known.stamp):
                return False
            if cancelled and not known.cancelled:
                assert came.sequence > known.sequence, "a withdrawal needs a higher SEQUENCE (RFC 5546 3.2.5)"
        self._known[uid] = came
        return True
