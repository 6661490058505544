"""What a letter is made of, read just before it is sent, in a bounded number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import String, bindparam, cast, exists, literal, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from webinars.archive.models import Video
from webinars.core.database import db
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
    found = {}
    with Session(db.engine) as session:
        rows = {row[0].id: row for row in session.execute(_FIND, {"ids": list(set(ids.values()))})}
        keys = {id_: address_key(row[0].email_key) for id_, row in rows.items()}
        proven = _proven(session, keys.values())
        for message in messages:
            place = ids[message.id]
            if place in rows:
                found[message.id] = _facts(session, message, *rows[place], proven=keys[place] in proven)
    return found


def _facts(
    session: Session,
    message: Message,
    registration: Registration,
    shared: bool,
    invited: bool,
    seatless: bool,
    *,
    proven: bool,
) -> Facts:
    notice = Notice(message.notice)
    return Facts(
        registration=registration,
        proven=proven,
        shared_address=shared,
        # Whoever got no letter at all may have the entry from elsewhere: an import without letters, the page's file.
        invited=invited or not seatless,
        position=registration_queries.position(registration) if notice is not Notice.REMINDER else None,
        video=session.get(Video, int(message.occasion)) if notice is Notice.RECORDING_READY else None,
    )


def _proven(session: Session, keys: Collection[str]) -> set[str]:
    return set(session.scalars(_PROVEN, {"keys": list(keys)}))


def address_key(folded: str) -> str:
    """Give the keyed hash under which mail knows a folded address."""
    return keyed_hash("address", folded)


_OTHER = aliased(Registration)
_LETTERS = Message.subject == literal("r").concat(cast(Registration.id, String))
# Built once: building them for every batch cost more than asking the database.
_PROVEN = select(Address.key).where(Address.key.in_(bindparam("keys", expanding=True)), Address.proven_at.is_not(None))
#: registrations; whether the address is shared, any letter brought an invitation, any letter gave a place without seat
_FIND = (
    select(
        Registration,
        exists().where(
            _OTHER.webinar_id == Registration.webinar_id,
            _OTHER.email_key == Registration.email_key,
            _OTHER.id != Registration.id,
            _OTHER.state != RegistrationState.CANCELLED,
        ),
        exists().where(_LETTERS, Message.notice.in_(INVITING)),
        exists().where(_LETTERS, Message.notice.in_((Notice.WAITLISTED, Notice.RECORDING_PLACE))),
    )
    .options(selectinload(Registration.webinar).joinedload(Webinar.series))
    .where(Registration.id.in_(bindparam("ids", expanding=True)))
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
    with Session(db.engine) as session:
        found = list(session.scalars(find))
        proven = bool(found) and bool(_proven(session, [address_key(key)]))
    return LinkFacts(list(reversed(found)), proven)
