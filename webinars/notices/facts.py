"""What a letter is made of, read just before it is sent, in a bounded number of queries."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from webinars.archive.models import Video
from webinars.archive.queries import find_recording
from webinars.core.among import among
from webinars.core.database import db, reading
from webinars.core.links import address_key
from webinars.core.text import email_key
from webinars.mail.models import Address, Message
from webinars.notices.kinds import Notice
from webinars.notices.queries import find_starts
from webinars.notices.starts import Held, Starts, revision_of
from webinars.registration import feed
from webinars.registration import queries as registration_queries
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.rules import holds_entry
from webinars.schedule.languages import in_language
from webinars.schedule.models import Series, Webinar

#: places at webinars that ended longer ago are not listed in a letter of links
LINKS_KEPT = timedelta(days=120)
#: more would be no help to anybody
MOST_LINKS = 20


@dataclass(frozen=True)
class Facts:
    """All that a letter about one place may speak of."""

    registration: Registration
    #: somebody pressed a button behind a link from a letter to this address
    proven: bool = False
    #: others registered for the same webinar with the same address
    shared_address: bool = False
    #: a server said for good that the mailbox takes no mail
    bounced: bool = False
    #: staff asked for this very letter
    by_hand: bool = False
    #: the place among those waiting
    position: int | None = None
    #: the recording, for the letter that brings it
    video: Video | None = None
    #: what earlier starts of the webinar share with the present one, for letters that depend on it
    starts: Starts = Starts()
    #: the start that the person knows and that holds no more, for the letter about another one
    before: Held | None = None

    @cached_property
    def webinar(self) -> Webinar:
        """Give the webinar of the registration, in the reader's language; a letter asks for it a dozen times."""
        return in_language(self.registration.webinar, self.registration.language)

    @property
    def series(self) -> Series:
        """Give the series of the webinar, in the reader's language."""
        return self.webinar.series

    @property
    def seat(self) -> bool:
        """Say whether they take part while it happens, and may know how."""
        return self.registration.state == RegistrationState.CONFIRMED and not self.registration.held

    @property
    def invited(self) -> bool:
        """Say whether their calendar may hold an entry that we sent: a seat's may be on its way."""
        return self.seat or holds_entry(self.registration)

    @property
    def name(self) -> str | None:
        """Give the person's name, if letters to this address may carry it."""
        return self.registration.name if self.proven or self.registration.entered_by_staff else None


@dataclass(frozen=True)
class LinkFacts:
    """The places of one address, the next first."""

    registrations: list[Registration] = field(default_factory=list)
    proven: bool = False
    bounced: bool = False
    #: of the calendar feed that the address has; not above 0 without one
    feed_version: int = 0


def gather(messages: Sequence[Message], instead: Mapping[int, int] | None = None) -> dict[int, Facts]:
    """Read the facts of letters about places, by message id; a place that is gone has none.

    What comes back is detached: it stays as it was read, whatever the session does next. ``instead``: by message id,
    the places that letters are about which are not written for them.
    """
    ids = {message.id: int(message.subject[1:]) for message in messages} | dict(instead or {})
    with reading() as session:
        places = {place.id: place for place in session.scalars(_FIND, {"ids": list(set(ids.values()))})}
        around = _surroundings(session, places, messages)
        return {
            message.id: _facts(session, message, places[ids[message.id]], around)
            for message in messages
            if ids[message.id] in places
        }


def facts_of(place: Registration) -> Facts:
    """Read what letters to one place depend on, in the session at hand."""
    known = _known(db.session(), [place.address_key]).get(place.address_key, _UNKNOWN)
    return Facts(
        registration=place,
        proven=known.proven,
        bounced=known.bounced,
        position=registration_queries.position(place),
        video=find_recording(place.webinar_id),
        starts=find_starts(db.session(), [revision_of(place.webinar)]).get(place.webinar_id, Starts()),
    )


class _Known(NamedTuple):
    """What is known of an address."""

    proven: bool
    bounced: bool


_UNKNOWN = _Known(proven=False, bounced=False)


@dataclass(frozen=True)
class _Surroundings:
    """What the letters of a batch must know beyond the places themselves."""

    #: by id of the place
    addresses: dict[int, _Known]
    #: webinar and address of every active place with one of the addresses
    taken: Counter[tuple[int, str]]
    positions: dict[int, int]
    #: by id of the webinar, of those that letters depend on
    starts: dict[int, Starts]


def _surroundings(session: Session, places: dict[int, Registration], messages: Sequence[Message]) -> _Surroundings:
    keys = {place.id: place.address_key for place in places.values()}
    known = _known(session, keys.values())
    emails = list({place.email_key for place in places.values()})
    moved = {webinar for message in messages if (webinar := _moved(message, places))}
    return _Surroundings(
        addresses={id_: known.get(key, _UNKNOWN) for id_, key in keys.items()},
        taken=Counter((row[0], row[1]) for row in session.execute(_TAKEN, {"emails": emails})),
        positions=registration_queries.positions(list(places.values())),
        starts=find_starts(session, map(revision_of, moved)),
    )


def _moved(message: Message, places: dict[int, Registration]) -> Webinar | None:
    """Give the webinar of a letter that depends on its earlier starts."""
    place = places.get(int(message.subject[1:])) if message.notice in _OF_A_START else None
    if place is None:
        return None
    of_present = message.notice == Notice.REMINDER and message.occasion.startswith(f"{place.webinar.start_sequence}-")
    return None if of_present else place.webinar


def _facts(session: Session, message: Message, place: Registration, around: _Surroundings) -> Facts:
    address = around.addresses[place.id]
    starts = around.starts.get(place.webinar_id, Starts())
    return Facts(
        registration=place,
        proven=address.proven,
        bounced=address.bounced,
        by_hand=is_by_hand(message),
        shared_address=around.taken[place.webinar_id, place.email_key] > place.active,
        position=around.positions.get(place.id),
        video=session.get(Video, int(message.occasion)) if message.notice == Notice.RECORDING_READY else None,
        starts=starts,
        before=_before(place, starts) if message.notice == Notice.MOVED else None,
    )


def _before(place: Registration, starts: Starts) -> Held | None:
    """Give the start that somebody knows, where it is another one than the present."""
    held = starts.held(place.told_sequence, place.created_at)
    present = place.webinar.starts_at, place.webinar.time_zone
    return held if held and (held.starts_at, held.time_zone) != present else None


def is_by_hand(message: Message) -> bool:
    """Say whether staff asked for this very letter; what a visitor asks for counts for the address."""
    return message.notice == Notice.REPEATED and message.address_key is None


def _known(session: Session, keys: Collection[str]) -> dict[str, _Known]:
    rows = session.execute(_KNOWN, {"keys": list(keys)})
    return {key: _Known(proven, bounced) for key, proven, bounced in rows}


#: letters that depend on the starts there were before
_OF_A_START = frozenset({Notice.REMINDER, Notice.MOVED, Notice.CHANGED})
# Built once: building them for every batch cost more than asking the database. Lists instead of joins, because a
# database without statistics of a table that has just grown would read all of it.
_KNOWN = select(Address.key, Address.proven_at.is_not(None), Address.bounced_at.is_not(None)).where(
    among(Address.key, "keys")
)
_FIND = (
    select(Registration)
    .options(selectinload(Registration.webinar).joinedload(Webinar.series))
    .where(among(Registration.id, "ids"))
)
_TAKEN = select(Registration.webinar_id, Registration.email_key).where(
    among(Registration.email_key, "emails"), Registration.state != RegistrationState.CANCELLED
)


def gather_links(address: str, now: datetime) -> LinkFacts:
    """Read the places of an address that are not given up nor long over; detached, as gather's."""
    key = email_key(address)
    find = (
        select(Registration)
        .join(Registration.webinar)
        .options(joinedload(Registration.webinar).joinedload(Webinar.series))
        .where(Registration.email_key == key, Registration.state != RegistrationState.CANCELLED)
        .where(Registration.email.is_not(None), Webinar.ends_at > now - LINKS_KEPT)
        .order_by(Webinar.starts_at.desc(), Registration.id)
        .limit(MOST_LINKS)
    )
    with reading() as session:
        found = list(session.scalars(find))
        known = _known(session, [address_key(key)]).get(address_key(key), _UNKNOWN)
        feed_version = feed.version_of(session, key)
    return LinkFacts(list(reversed(found)), bool(found) and known.proven, known.bounced, feed_version)
