"""What a letter is made of, read just before it is sent, in a bounded number of queries."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased, joinedload

from webinars.archive.models import Video
from webinars.core.database import db
from webinars.core.links import keyed_hash
from webinars.core.text import email_key
from webinars.mail.models import Address, Message
from webinars.notices.kinds import INVITING, Notice
from webinars.registration import queries as registration_queries
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Series, Webinar

_WITH_WEBINAR = joinedload(Registration.webinar).joinedload(Webinar.series)
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


def gather(registration_id: int, notice: Notice, occasion: str) -> Facts | None:
    """Read the facts of a letter about one place; None when the registration is gone."""
    registration = db.session.scalar(_FIND, {"id": registration_id})
    if registration is None:
        return None
    proven, shared_address, invited, seatless = db.session.execute(_CIRCUMSTANCES, _asked(registration)).one()
    return Facts(
        registration=registration,
        proven=proven,
        shared_address=shared_address,
        # Whoever got no letter at all may have the entry from elsewhere: an import without letters, the page's file.
        invited=invited or not seatless,
        position=registration_queries.position(registration) if notice is not Notice.REMINDER else None,
        video=db.session.get(Video, int(occasion)) if notice is Notice.RECORDING_READY else None,
    )


def _asked(registration: Registration) -> dict[str, Any]:
    return {
        "address": address_key(registration.email_key),
        "webinar": registration.webinar_id,
        "email": registration.email_key,
        "self": registration.id,
        "subject": registration.subject,
    }


def address_key(folded: str) -> str:
    """Give the keyed hash under which mail knows a folded address."""
    return keyed_hash("address", folded)


_IS_PROVEN = exists().where(Address.key == bindparam("address"), Address.proven_at.is_not(None))
_OTHER = aliased(Registration)
_LETTERS = Message.subject == bindparam("subject")
# Built once: building them for every letter cost more than asking the database.
_FIND = (
    select(Registration)
    .options(_WITH_WEBINAR)
    .where(Registration.id == bindparam("id"))
    .execution_options(populate_existing=True)
)
#: asks at once: address proven, address shared, any letter with an invitation, any letter without a seat
_CIRCUMSTANCES = select(
    _IS_PROVEN,
    exists().where(
        _OTHER.webinar_id == bindparam("webinar"),
        _OTHER.email_key == bindparam("email"),
        _OTHER.id != bindparam("self"),
        _OTHER.state != RegistrationState.CANCELLED,
    ),
    exists().where(_LETTERS, Message.notice.in_(INVITING)),
    exists().where(_LETTERS, Message.notice.in_((Notice.WAITLISTED, Notice.RECORDING_PLACE))),
)


def gather_links(address: str, now: datetime) -> LinkFacts:
    """Read the places of an address that are not given up nor long over."""
    key = email_key(address)
    find = (
        select(Registration)
        .join(Registration.webinar)
        .options(_WITH_WEBINAR)
        .where(Registration.email_key == key, Registration.state != RegistrationState.CANCELLED)
        .where(Registration.email.is_not(None), Webinar.ends_at > now - LINKS_KEPT)
        .order_by(Webinar.starts_at.desc(), Registration.id)
        .limit(MOST_LINKS)
    )
    found = list(db.session.scalars(find))
    return LinkFacts(
        list(reversed(found)),
        bool(found) and bool(db.session.scalar(select(_IS_PROVEN), {"address": address_key(key)})),
    )
