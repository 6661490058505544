"""Entries of webinars: the public one, and the one of a single person."""

from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr

from flask_babel import gettext as _

from webinars.calendars.entries import Entry, EntryStatus
from webinars.core.formats import when
from webinars.core.http import current_settings, site_url_for
from webinars.schedule.languages import in_our_language
from webinars.schedule.models import Webinar, WebinarState


@dataclass(frozen=True)
class Guest:
    """What a personal entry says beyond the webinar."""

    #: of the registration, for ever
    uid: str
    sequence: int
    #: None in a file that is fetched instead of mailed
    address: str | None
    #: None unless a letter to this address may carry it
    name: str | None
    discreet: bool
    by_phone: bool
    join_url: str
    manage_url: str


def organizer_address() -> str:
    """Give the role address that every entry names, bare and the same for ever (RFC 5546 3.2.2.4)."""
    return parseaddr(current_settings().mail_default_sender)[1]


def public_entry(webinar: Webinar) -> Entry:
    """Make the entry that anybody may fetch: no joining, no telephone number, no person.

    Its stamp is the last change, so that an unchanged webinar gives the same bytes.
    """
    webinar = in_our_language(webinar)
    cancelled = webinar.state == WebinarState.CANCELLED
    url = site_url_for("site.webinar", slug=webinar.slug)
    invitation = _("Register to take part: %(url)s", url=url)
    return Entry(
        uid=webinar.uid,
        sequence=webinar.sequence,
        starts_at=webinar.starts_at,
        ends_at=webinar.ends_at,
        time_zone=webinar.time_zone,
        title=_("Cancelled: %(title)s", title=webinar.title) if cancelled else webinar.title,
        description="\n\n".join(filter(None, (webinar.summary, webinar.access_text, url if cancelled else invitation))),
        location=_("Online"),
        url=url,
        join_url="",
        organizer=organizer_address(),
        attendee=None,
        attendee_name=None,
        status=EntryStatus.CANCELLED if cancelled else EntryStatus.CONFIRMED,
        stamp=webinar.updated_at,
        last_modified=webinar.updated_at,
    )


def personal_entry(webinar: Webinar, guest: Guest, now: datetime) -> Entry:
    """Make the entry of one person, with their own way in; a discreet one names neither subject nor organisation."""
    webinar = in_our_language(webinar)
    cancelled = webinar.state == WebinarState.CANCELLED
    return Entry(
        uid=guest.uid,
        sequence=guest.sequence,
        starts_at=webinar.starts_at,
        ends_at=webinar.ends_at,
        time_zone=webinar.time_zone,
        title=_("Your appointment") if guest.discreet else webinar.title,
        description=_personal_description(webinar, guest),
        location=dial_in(webinar) if guest.by_phone and webinar.phone_number else guest.join_url,
        url=guest.manage_url if guest.discreet else site_url_for("site.webinar", slug=webinar.slug),
        join_url=guest.join_url,
        organizer=organizer_address(),
        attendee=guest.address,
        attendee_name=guest.name,
        status=EntryStatus.CANCELLED if cancelled else EntryStatus.CONFIRMED,
        stamp=now,
        last_modified=max(now, webinar.updated_at),
        private=guest.discreet,
    )


def dial_in(webinar: Webinar) -> str:
    """Say how to take part by telephone, in one line; empty without a number."""
    if webinar.phone_number and webinar.phone_pin:
        return str(_("%(number)s, PIN %(pin)s", number=webinar.phone_number, pin=webinar.phone_pin))
    return webinar.phone_number


def _personal_description(webinar: Webinar, guest: Guest) -> str:
    """Write what a person needs on the day first: clients cut the rest."""
    ways = [_("Join: %(url)s", url=guest.join_url)]
    if webinar.phone_number:
        by_phone = _("By phone: %(number)s", number=dial_in(webinar))
        ways.insert(0 if guest.by_phone else 1, by_phone)
    moment = when(webinar.starts_at, webinar.ends_at, webinar.time_zone)
    summary = "" if guest.discreet else webinar.summary
    manage = _("Change or cancel: %(url)s", url=guest.manage_url)
    return "\n\n".join(filter(None, ("\n".join(ways), moment, summary, manage)))
