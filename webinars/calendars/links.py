"""Links that put an event into a web calendar; such entries get no updates, so invitation and feed come first."""

from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from webinars.calendars.entries import Entry

#: longer addresses are cut off or refused by some of the services
LONGEST = 1900


class CalendarLink(NamedTuple):
    """A calendar service and the address that opens its form, filled in."""

    name: str
    url: str


def add_to_calendar(entry: Entry) -> tuple[CalendarLink, ...]:
    """Give the links of the four web calendars most people have."""
    description = entry.description
    links = _links(entry, description)
    while description and max(len(link.url) for link in links) > LONGEST:
        description = description[: len(description) * 3 // 4]
        links = _links(entry, description)
    return links


def _links(entry: Entry, description: str) -> tuple[CalendarLink, ...]:
    outlook = _outlook_fields(entry, description)
    return (
        CalendarLink(
            "Google Calendar", _url("https://calendar.google.com/calendar/render", _google_fields(entry, description))
        ),
        CalendarLink("Outlook.com", _url("https://outlook.live.com/calendar/deeplink/compose", outlook)),
        CalendarLink("Office 365", _url("https://outlook.office.com/calendar/deeplink/compose", outlook)),
        CalendarLink("Yahoo Calendar", _url("https://calendar.yahoo.com/", _yahoo_fields(entry, description))),
    )


def _url(base: str, fields: dict[str, str]) -> str:
    # Outlook shows a plus sign where other services read a space.
    return f"{base}?{urlencode(fields, quote_via=quote, safe='')}"


def _google_fields(entry: Entry, description: str) -> dict[str, str]:
    return {
        "action": "TEMPLATE",
        "text": entry.title,
        "dates": f"{_basic(entry.starts_at)}/{_basic(entry.ends_at)}",
        "details": description,
        "location": entry.location,
        "ctz": entry.time_zone,
    }


def _outlook_fields(entry: Entry, description: str) -> dict[str, str]:
    return {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "startdt": _extended(entry.starts_at),
        "enddt": _extended(entry.ends_at),
        "subject": entry.title,
        "body": description,
        "location": entry.location,
    }


def _yahoo_fields(entry: Entry, description: str) -> dict[str, str]:
    return {
        "v": "60",
        "title": entry.title,
        "st": _basic(entry.starts_at),
        "et": _basic(entry.ends_at),
        "desc": description,
        "in_loc": entry.location,
    }


def _basic(moment: datetime) -> str:
    """Write an instant as 20270324T160000Z."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _extended(moment: datetime) -> str:
    """Write an instant as 2027-03-24T16:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
