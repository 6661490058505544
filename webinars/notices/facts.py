"""What a letter is made of, read just before it is sent, in a bounded number of queries."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session, joinedload, selectinload

from webinars.archive.models import Video
from webinars.core.database import reading
from webinars.core.links import keyed_hash
from webinars.core.text import email_key
from webinars.mail.models import Address, Message
from webinars.notices.kinds import INVITING, Notice
from webinars.registration import queries as registration_queries
from webinars.registration.models import Registration, RegistrationState
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
    #: their calendar may hold an entry that we sent
    invited: bool = True
    #: the place among those waiting
    position: int | None = None
    #: the recording, for the letter that brings it
    video: Video | None = None

    @property
    def webinar(self) -> Webinar:
        """Give the webinar of the registration."""
        return self.registration.webinar

    @property
    def series(self) -> Series:
        """Give the series of the webinar."""
        return self.registration.webinar.series

    @property
    def seat(self) -> bool:
        """Say whether they take part while it happens."""
        return self.registration.state == RegistrationState.CONFIRMED

    @property
    def name(self) -> str | None:
        """Give the person's name, if letters to this address may carry it."""
        return self.registration.name if self.proven or self.registration.entered_by_staff else None


@dataclass(frozen=True)
class LinkFacts:
    """The places of one address, the next first."""

    registrations: list[Registration] = field(default_factory=list)
    proven: bool = False


def gather(messages: Sequence[Message]) -> dict[int, Facts]:
    """Read the facts of letters about places, by message id; a place that is gone has none.

    What comes back is detached: it stays as it was read, whatever the session does next.
    """
    ids = {message.id: int(message.subject[1:]) for message in messages}
    with reading() as session:
        places = {place.id: place for place in session.scalars(_FIND, {"ids": list(set(ids.values()))})}
        around = _surroundings(session, places, messages)
        return {
            message.id: _facts(session, message, places[ids[message.id]], around)
            for message in messages
            if ids[message.id] in places
        }


@dataclass(frozen=True)
class _Surroundings:
    """What the letters of a batch must know beyond the places themselves."""

    #: places whose address is proven
    proven: set[int]
    #: webinar and address of every active place with one of the addresses
    taken: Counter[tuple[int, str]]
    #: subjects that got a letter without a seat, and none with an invitation
    seatless: set[str]
    positions: dict[int, int]


def _surroundings(session: Session, places: dict[int, Registration], messages: Sequence[Message]) -> _Surroundings:
    keys = {place.id: address_key(place.email_key) for place in places.values()}
    proven = _proven(session, keys.values())
    emails = list({place.email_key for place in places.values()})
    leaving = [message.subject for message in messages if message.notice in _LEAVING]
    letters = session.execute(_LETTERS, {"subjects": leaving}).all() if leaving else []
    return _Surroundings(
        proven={id_ for id_, key in keys.items() if key in proven},
        taken=Counter((row[0], row[1]) for row in session.execute(_TAKEN, {"emails": emails})),
        seatless={row[0] for row in letters} - {row[0] for row in letters if row[1] in INVITING},
        positions=registration_queries.positions(list(places.values())),
    )


def _facts(session: Session, message: Message, place: Registration, around: _Surroundings) -> Facts:
    return Facts(
        registration=place,
        proven=place.id in around.proven,
        shared_address=around.taken[place.webinar_id, place.email_key] > place.active,
        # Whoever got no letter at all may have the entry from elsewhere: an import without letters, the page's file.
        invited=message.subject not in around.seatless,
        position=around.positions.get(place.id),
        video=session.get(Video, int(message.occasion)) if message.notice == Notice.RECORDING_READY else None,
    )


def _proven(session: Session, keys: Collection[str]) -> set[str]:
    return set(session.scalars(_PROVEN, {"keys": list(keys)}))


def address_key(folded: str) -> str:
    """Give the keyed hash under which mail knows a folded address."""
    return keyed_hash("address", folded)


#: letters that may take an invitation back
_LEAVING = frozenset({Notice.OWN_CANCELLATION, Notice.RECORDING_PLACE, Notice.REPEATED})
# Built once: building them for every batch cost more than asking the database. Lists instead of joins, because a
# database without statistics of a table that has just grown would read all of it.
_PROVEN = select(Address.key).where(Address.key.in_(bindparam("keys", expanding=True)), Address.proven_at.is_not(None))
_FIND = (
    select(Registration)
    .options(selectinload(Registration.webinar).joinedload(Webinar.series))
    .where(Registration.id.in_(bindparam("ids", expanding=True)))
)
_TAKEN = select(Registration.webinar_id, Registration.email_key).where(
    Registration.email_key.in_(bindparam("emails", expanding=True)), Registration.state != RegistrationState.CANCELLED
)
_LETTERS = select(Message.subject, Message.notice).where(
    Message.subject.in_(bindparam("subjects", expanding=True)),
    Message.notice.in_(INVITING | {Notice.WAITLISTED, Notice.RECORDING_PLACE}),
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
        proven = bool(found) and bool(_proven(session, [address_key(key)]))
    return LinkFacts(list(reversed(found)), proven)
