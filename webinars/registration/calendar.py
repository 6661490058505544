"""A person's own calendar entry, as a file or a link to fetch."""

from dataclasses import replace
from datetime import datetime

from webinars.calendars.entries import Entry, EntryStatus, publish
from webinars.calendars.invitations import Guest, personal_entry
from webinars.calendars.links import CalendarLink, add_to_calendar
from webinars.core.http import site_url_for
from webinars.registration.links import join_url
from webinars.registration.models import Mode, Registration, RegistrationState

_TAKES_PART = frozenset({RegistrationState.CONFIRMED, RegistrationState.OFFERED})


def entry_of(registration: Registration, now: datetime) -> Entry:
    """Make the entry that a person fetches from a page.

    Whoever signed up sees that page before their address is proven, so the entry holds no link to manage the place: it
    points to the page that mails one.
    """
    entry = personal_entry(registration.webinar, _guest(registration), now)
    # Also for who waits: they may have had a seat before, and a calendar that asks again must drop it.
    takes_part = registration.state in _TAKES_PART and not registration.held
    return entry if takes_part else replace(entry, status=EntryStatus.CANCELLED)


def file_of(registration: Registration, now: datetime) -> bytes:
    """Make the .ics file of a person: PUBLISH, their UID and SEQUENCE, nobody named (RFC 5546 section 3.2.1)."""
    return publish([entry_of(registration, now)])


def web_calendars(registration: Registration, now: datetime) -> tuple[CalendarLink, ...]:
    """Give the links that open a web calendar's form, filled in."""
    return add_to_calendar(entry_of(registration, now))


def _guest(registration: Registration) -> Guest:
    return Guest(
        uid=registration.uid or "",
        sequence=registration.sequence,
        address=None,
        name=None,
        discreet=registration.discreet,
        by_phone=registration.mode == Mode.PHONE,
        join_url=join_url(registration),
        manage_url=site_url_for("registration.my_webinars", language=registration.language),
    )
