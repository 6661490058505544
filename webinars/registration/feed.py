"""A person's own calendar feed: all places of an address, behind a secret that its owner makes and takes back.

The secret is a signed token over the address's key and the number of its feed: ``Address.feed_version``, 0 while there
was none, negative while the last one is stopped. The key is a hash, so any place of the address leads back to it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID, uuid5

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from webinars.calendars.entries import Entry, EntryStatus, publish
from webinars.calendars.queries import KEPT
from webinars.core.database import db
from webinars.core.http import current_settings, discreet_name, site_url_for
from webinars.core.links import address_key, open_token, sign
from webinars.mail.models import Address
from webinars.mail.outbox import insert_into
from webinars.registration import queries
from webinars.registration.calendar import entry_of
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import WebinarState

FEED = "feed"
#: what a subscribed calendar shows; whoever waits for the recording has nothing to attend
_SHOWN = frozenset(RegistrationState) - {RegistrationState.RECORDING_ONLY}


def version_of(session: Session, email_key: str) -> int:
    """Give the number of the feed of a folded address; not above 0 while there is none."""
    return session.scalar(select(Address.feed_version).filter_by(key=address_key(email_key))) or 0


def make(email_key: str, now: datetime) -> None:
    """Make the feed of an address, if there is none."""
    _change(email_key, lambda version: version if version > 0 else _next(version, now))


def renew(email_key: str, now: datetime) -> None:
    """Make another feed of an address; the secrets before it open nothing any more."""
    _change(email_key, lambda version: _next(version, now))


def stop(email_key: str, now: datetime) -> None:
    """Take the feed of an address back."""
    _change(email_key, lambda version: -abs(version))


def _next(version: int, now: datetime) -> int:
    # Minutes since 1970: what was revoked stays so, although erasing an address forgets its number.
    return max(abs(version) + 1, int(now.timestamp()) // 60)


def _change(email_key: str, change: Callable[[int], int]) -> None:
    key = address_key(email_key)
    db.session.execute(insert_into(Address).values(key=key).on_conflict_do_nothing(index_elements=[Address.key]))
    address = db.session.get_one(Address, key, with_for_update=True, populate_existing=True)
    address.feed_version = change(address.feed_version)


def feed_url(place: Registration, version: int, language: str | None = None) -> str:
    """Give the absolute address of the feed of a place's address, or nothing while there is none."""
    if version <= 0:
        return ""
    return site_url_for("registration.own_feed", language=language, token=sign(FEED, place.address_key, version))


def open_feed(token: str) -> str | None:
    """Give the folded address whose feed a secret opens, or None for a wrong or revoked one."""
    opened = open_token(FEED, token)
    if opened is None:
        return None
    # Tokens of the first feeds name a place as well.
    key = opened[0].partition("-")[0]
    live = db.session.scalar(select(Address.feed_version).filter_by(key=key))
    if opened[1] <= 0 or live != opened[1]:
        return None
    place = queries.find_by_address_key(key)
    return place.email_key if place else None


def shown(places: Sequence[Registration], now: datetime) -> list[Registration]:
    """Choose what the feed shows: what is ahead or just over, cancelled or not, the soonest first."""
    held = [place for place in places if place.webinar.ends_at > now - KEPT and place.state in _SHOWN]
    return sorted(held, key=lambda place: (place.webinar.starts_at, place.id))


def file_of(places: Sequence[Registration]) -> bytes:
    """Make the file (RFC 5546 section 3.2.1): the same bytes until something changes."""
    several = len({place.name_key for place in places}) > 1
    entries = [_entry(place, several) for place in places]
    settings = current_settings()
    if any(place.discreet for place in places):
        return publish(entries, discreet_name())
    return publish(
        entries,
        f"{_('My webinars')} – {settings.organization_name}",
        _("The webinars you have a place at, with your own link to join."),
    )


def changed_at(places: Sequence[Registration], now: datetime) -> datetime:
    """Say when the file changed last; what no record dates shows an hour later at most."""
    return max([_stamp(place) for place in places] + [now.replace(minute=0, second=0, microsecond=0)])


def _entry(place: Registration, several: bool) -> Entry:
    entry = entry_of(place, _stamp(place))
    # Not the invitation's UID: a calendar that holds both would take one for an update of the other.
    entry = replace(entry, uid=str(uuid5(UUID(place.uid), FEED)), title=_title(place, entry.title, several))
    if not place.active or place.webinar.state == WebinarState.CANCELLED:
        title = _("Cancelled: %(title)s", title=entry.title)
        return replace(entry, title=title, status=EntryStatus.CANCELLED, description="", location="")
    if place.state == RegistrationState.WAITLISTED:
        return replace(
            entry,
            title=_("Waiting list: %(title)s", title=entry.title),
            status=EntryStatus.TENTATIVE,
            description=_("Change or cancel: %(url)s", url=site_url_for("registration.my_webinars")),
            location="",
        )
    return entry


def _title(place: Registration, title: str, several: bool) -> str:
    return f"{title} ({place.name})" if several and not place.discreet else title


def _stamp(place: Registration) -> datetime:
    return max(place.webinar.updated_at, place.state_since, place.answered_at or place.created_at)
