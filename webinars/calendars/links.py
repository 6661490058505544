"""Links that put an event into a web calendar; such entries get no updates, so invitation and feed come first."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple
from urllib.parse import quote, urlencode

from webinars.calendars.entries import Entry

#: longer addresses are cut off or refused by some of the services
LONGEST = 1900
_CUT_ADDRESS = re.compile(r"\bhttps?:?\S*\Z")


class CalendarLink(NamedTuple):
    """A calendar service and the address that opens its form, filled in."""

    name: str
    url: str


def webcal(url: str) -> str:
    """Give the address that asks a device to subscribe to a feed, instead of to fetch it once."""
    return "webcal://" + url.partition("://")[2]


def add_to_calendar(entry: Entry) -> tuple[CalendarLink, ...]:
    """Give the links of the four web calendars most people have, shortened until each fits."""
    description, title = entry.description, entry.title
    links = _links(entry, title, description)
    while max(len(link.url) for link in links) > LONGEST and (description or len(title) > 1):
        if description:
            description = _shortened(description)
        else:
            title = title[: len(title) * 3 // 4]
        links = _links(entry, title, description)
    return links


def _shortened(text: str) -> str:
    """Leave the last quarter out, and an address that this would cut: half of one leads nowhere."""
    return _CUT_ADDRESS.sub("", text[: len(text) * 3 // 4]).rstrip()


def _links(entry: Entry, title: str, description: str) -> tuple[CalendarLink, ...]:
    entry = replace(entry, title=title, description=description)
    outlook = _outlook_fields(entry)
    return (
        CalendarLink("Google Calendar", _url("https://calendar.google.com/calendar/render", _google_fields(entry))),
        CalendarLink("Outlook.com", _url("https://outlook.live.com/calendar/deeplink/compose", outlook)),
        CalendarLink("Office 365", _url("https://outlook.office.com/calendar/deeplink/compose", outlook)),
        CalendarLink("Yahoo Calendar", _url("https://calendar.yahoo.com/", _yahoo_fields(entry))),
    )


def _url(base: str, fields: dict[str, str]) -> str:
    # Outlook shows a plus sign where other services read a space.
    return f"{base}?{urlencode(fields, quote_via=quote, safe='')}"


def _google_fields(entry: Entry) -> dict[str, str]:
    return {
        "action": "TEMPLATE",
        "text": entry.title,
        "dates": f"{_basic(entry.starts_at)}/{_basic(entry.ends_at)}",
        "details": entry.description,
        "location": entry.location,
        "ctz": entry.time_zone,
    }


def _outlook_fields(entry: Entry) -> dict[str, str]:
    return {
        "path": "/calendar/action/compose",
        "rru": "addevent",
        "startdt": _extended(entry.starts_at),
        "enddt": _extended(entry.ends_at),
        "subject": entry.title,
        "body": entry.description,
        "location": entry.location,
    }


def _yahoo_fields(entry: Entry) -> dict[str, str]:
    return {
        "v": "60",
        "title": entry.title,
        "st": _basic(entry.starts_at),
        "et": _basic(entry.ends_at),
        "desc": entry.description,
        "in_loc": entry.location,
    }


def _basic(moment: datetime) -> str:
    """Write an instant as 20270324T160000Z."""
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _extended(moment: datetime) -> str:
    """Write an instant as 2027-03-24T16:00:00Z."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
