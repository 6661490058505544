"""Times and texts as people read them."""

import re
from datetime import date, datetime

from markupsafe import Markup, escape

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_ADDRESS = re.compile(r"https?://[^\s<>\"']+")
#: What ends a sentence rather than an address.
_TRAILING = ".,;:!?)]}"


def say_day(day: date) -> str:
    """Write a date: 'Thursday 3 December 2026'. In English whatever the machine's language, like the whole reader."""
    return f"{_DAYS[day.weekday()]} {day.day} {_MONTHS[day.month - 1]} {day.year}"


def say_time(moment: datetime) -> str:
    """Write a time of day: '1:05 pm', with a space at which no line breaks."""
    return f"{moment.hour % 12 or 12}:{moment.minute:02}\N{NO-BREAK SPACE}{'pm' if moment.hour >= 12 else 'am'}"


def say_moment(moment: datetime) -> str:
    """Write a moment as it stands: 'Thursday 3 December 2026, 1:05 pm'."""
    return f"{say_day(moment)}, {say_time(moment)}"


def say_span(start: datetime, end: datetime) -> str:
    """Write from when to when, naming the day once if it is one: 'Thursday 3 December 2026, 1:00 pm – 2:15 pm'."""
    if end <= start:
        return say_moment(start)
    last = say_time(end) if start.date() == end.date() else say_moment(end)
    return f"{say_moment(start)} – {last}"


def link_addresses(text: str) -> Markup:
    """Escape plain text and make its web addresses links."""
    pieces, position = [], 0
    for match in _ADDRESS.finditer(text):
        address = _without_trailing(match.group())
        pieces.append(escape(text[position : match.start()]))
        pieces.append(Markup('<a href="{0}" rel="noreferrer">{0}</a>').format(address))
        position = match.start() + len(address)
    pieces.append(escape(text[position:]))
    return Markup("").join(pieces)


def _without_trailing(address: str) -> str:
    """Leave out the punctuation after an address, but keep a bracket that the address itself opened."""
    while address[-1] in _TRAILING and not (address[-1] == ")" and "(" in address):
        address = address[:-1]
    return address
