"""Everything that is asked about registrations, each in a bounded number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    exists,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import aliased, joinedload

from webinars.core.among import among
from webinars.core.database import db
from webinars.core.zones import bounds_of, days_until
from webinars.mail.models import Address, Lane, Message, MessageState
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Webinar, WebinarState

#: other dates that are offered at most
MOST_DATES = 12
_COMING = (RegistrationState.CONFIRMED, RegistrationState.OFFERED, RegistrationState.WAITLISTED)
_FEW = 500
WITH_WEBINAR = joinedload(Registration.webinar).joinedload(Webinar.series)


@dataclass(frozen=True)
class Counts:
    """How many registrations of a webinar are in which state."""

    by_state: dict[str, int] = field(default_factory=dict)
    #: of all of them, those held until their address is proven
    held: int = 0

    def of(self, state: str) -> int:
        """Give the number in one state."""
        return self.by_state.get(state, 0)

    @property
    def active(self) -> int:
        """Give the number that was not cancelled."""
        return sum(self.by_state.values()) - self.of(RegistrationState.CANCELLED)


#: the letters that answer a new place (notices.kinds, a later room)
_FIRST_LETTERS = ("confirmation", "waitlisted", "recording-place")
#: nobody hears anything of a place that is held until its address is proven, and nobody counts on it
NOT_HELD = Registration.proof_until.is_(None)

_TABLE = Registration.__table__.c
# Written once, since every sign-up asks them: making a statement anew costs more than running it.
_BY_PUBLIC_ID = (
    select(Registration)
    .options(joinedload(Registration.webinar, innerjoin=True))
    .where(Registration.public_id == bindparam("public_id"))
)
_PLACES = select(
    func.count().filter(_TABLE.state != bindparam("cancelled")),
    func.max(_TABLE.id).filter(_TABLE.name_key == bindparam("name_key")),
).where(_TABLE.webinar_id == bindparam("webinar"), _TABLE.email_key == bindparam("email_key"))
_NAMED = aliased(Registration)
_PLACES_AND_ID = _PLACES.add_columns(exists().where(_NAMED.public_id == bindparam("public_id")))


def find_by_public_id(public_id: str) -> Registration | None:
    """Find a registration with its webinar."""
    return db.session.scalar(_BY_PUBLIC_ID, {"public_id": public_id})


def find_all_by_public_id(public_ids: Collection[str]) -> Sequence[Registration]:
    """Find several registrations with their webinars (one query, in no order)."""
    everybody = select(Registration).options(joinedload(Registration.webinar, innerjoin=True))
    return db.session.scalars(everybody.where(Registration.public_id.in_(public_ids))).all()


def find(registration_id: int) -> Registration | None:
    """Find a registration by its number, with its webinar and series."""
    return db.session.scalar(select(Registration).options(WITH_WEBINAR).where(Registration.id == registration_id))


def find_same(webinar_id: int, email_key: str, name_key: str) -> Registration | None:
    """Find the place a person already has at a webinar, whatever its state."""
    return db.session.scalar(
        select(Registration).where(
            Registration.webinar_id == webinar_id,
            Registration.email_key == email_key,
            Registration.name_key == name_key,
        )
    )


def places_of(webinar_id: int, email_key: str, name_key: str) -> tuple[int, int | None]:
    """Count the places that an address holds at a webinar, and give the id of a person's own, whatever its state."""
    asked = {"webinar": webinar_id, "email_key": email_key, "name_key": name_key, "cancelled": "cancelled"}
    places, own = db.session.execute(_PLACES, asked).one()
    return places, own


def places_for(webinar_id: int, email_key: str, name_key: str, public_id: str) -> tuple[int, int | None, bool]:
    """Give what ``places_of`` does, and whether a public id is taken."""
    asked = {"webinar": webinar_id, "email_key": email_key, "name_key": name_key, "cancelled": "cancelled"}
    places, own, taken = db.session.execute(_PLACES_AND_ID, asked | {"public_id": public_id}).one()
    return places, own, taken


def party_of(registration: Registration) -> Sequence[Registration]:
    """List the other people whom one form registered and whose letters go to the same address."""
    if registration.party is None:
        return ()
    theirs = select(Registration).options(joinedload(Registration.webinar, innerjoin=True))
    theirs = theirs.where(Registration.party == registration.party, Registration.email_key == registration.email_key)
    return db.session.scalars(theirs.where(Registration.id != registration.id).order_by(Registration.id)).all()


def position(registration: Registration) -> int | None:
    """Give the place among those waiting, 1..n without gaps; None for somebody who does not wait."""
    if registration.state != RegistrationState.WAITLISTED or registration.line_number is None:
        return None
    return db.session.scalar(
        select(func.count()).where(
            Registration.webinar_id == registration.webinar_id,
            Registration.state == RegistrationState.WAITLISTED,
            Registration.line_number <= registration.line_number,
        )
    )


def positions(registrations: Sequence[Registration]) -> dict[int, int]:
    """Give the place among those waiting of several registrations, by their ids, in one query."""
    waiting = [one.id for one in registrations if one.state == RegistrationState.WAITLISTED]
    if not waiting:
        return {}
    other = aliased(Registration)
    ahead = (
        select(func.count())
        .where(
            other.webinar_id == Registration.webinar_id,
            other.state == RegistrationState.WAITLISTED,
            other.line_number <= Registration.line_number,
        )
        .scalar_subquery()
    )
    rows = db.session.execute(select(Registration.id, ahead).where(Registration.id.in_(waiting)))
    return dict(rows.all())


def find_webinar_by_id(webinar_id: int) -> Webinar | None:
    """Find a webinar by its number, with its series."""
    return db.session.scalar(select(Webinar).options(joinedload(Webinar.series)).where(Webinar.id == webinar_id))


def find_webinars(numbers: Collection[int]) -> Sequence[Webinar]:
    """Find several webinars with their series (one query, in no order)."""
    return db.session.scalars(select(Webinar).options(joinedload(Webinar.series)).where(Webinar.id.in_(numbers))).all()


def other_webinars(registration: Registration, now: datetime) -> list[Webinar]:
    """List what else comes in the series of a place and the person does not come to yet, the next one first."""
    theirs = select(Registration.webinar_id).where(
        Registration.email_key == registration.email_key,
        Registration.name_key == registration.name_key,
        Registration.state.in_(_COMING),
    )
    ahead = (
        select(Webinar)
        .options(joinedload(Webinar.series))
        .where(
            Webinar.series_id == registration.webinar.series_id,
            Webinar.state == WebinarState.PUBLISHED,
            Webinar.ends_at > now,
            Webinar.id.not_in(theirs),
            Webinar.id != registration.webinar_id,
        )
    )
    return list(db.session.scalars(ahead.order_by(Webinar.starts_at, Webinar.id).limit(MOST_DATES)))


def webinars_ahead(series_ids: Collection[int], now: datetime) -> Sequence[Webinar]:
    """List what comes in some series (one query)."""
    ahead = select(Webinar).options(joinedload(Webinar.series)).where(among(Webinar.series_id, "series"))
    ahead = ahead.where(Webinar.state == WebinarState.PUBLISHED, Webinar.ends_at > now).order_by(Webinar.starts_at)
    return db.session.scalars(ahead.limit(_FEW), {"series": list(series_ids)}).all()


def counts(webinar_id: int) -> Counts:
    """Count a webinar's registrations by state."""
    # Apart, so that each is counted from an index alone.
    states = select(Registration.state, func.count(), literal(0)).where(Registration.webinar_id == webinar_id)
    held = select(Registration.state, literal(0), func.count()).where(_all_held([webinar_id]))
    rows = db.session.execute(union_all(states.group_by(Registration.state), held.group_by(Registration.state))).all()
    by_state: dict[str, int] = {}
    for state, number, _held in rows:
        by_state[state] = by_state.get(state, 0) + number
    return Counts(by_state, sum(held for state, _number, held in rows if state != RegistrationState.CANCELLED))


def _all_held(webinar_ids: Collection[int]) -> ColumnElement[bool]:
    # Adding nothing keeps SQLite from looking through everybody of a webinar for the few places that are held.
    return and_(Registration.proof_until.is_not(None), (Registration.webinar_id + 0).in_(webinar_ids))


def count_written_to(webinar_ids: Collection[int], states: Collection[str]) -> dict[int, int]:
    """Count who of webinars stands in some states and gets letters; webinars without anybody are left out (one query).

    All in those states but for those without an address and those held: indexes know each of the three.
    """
    number, webinar, here = func.count(), Registration.webinar_id, Registration.webinar_id.in_(webinar_ids)
    # Adding nothing keeps SQLite from looking through everybody in these states, or everywhere, for the few.
    apart, stands = webinar + 0, Registration.state.concat("").in_(states)
    held = _all_held(webinar_ids), Registration.email.is_not(None)
    each = union_all(
        select(webinar.label("webinar_id"), number.label("number"))
        .where(here, Registration.state.in_(states))
        .group_by(webinar),
        select(webinar, -number).where(here, stands, Registration.email.is_(None)).group_by(webinar),
        select(apart, -number).where(*held, stands).group_by(apart),
    ).subquery()
    total = func.sum(each.c.number)
    counted = select(each.c.webinar_id, total).group_by(each.c.webinar_id).having(total > 0)
    return {webinar_id: int(people) for webinar_id, people in db.session.execute(counted)}


def sign_ups_between(bounds: Sequence[datetime], webinar_id: int | None = None) -> list[int]:
    """Count the sign-ups between each two neighbours of ascending instants, in one statement.

    Each count reads one stretch of an index and nothing else: of a million registrations only those counted cost.
    """
    counts = [
        _sign_ups(webinar_id).where(Registration.created_at >= start, Registration.created_at < end).scalar_subquery()
        for start, end in pairwise(bounds)
    ]
    return [int(count) for count in db.session.execute(select(*counts)).one()] if counts else []


def _sign_ups(webinar_id: int | None) -> Select[int]:
    counted = select(func.count()).select_from(Registration)
    return counted if webinar_id is None else counted.where(Registration.webinar_id == webinar_id)


def per_day(webinar_id: int, zone: str, until: datetime, most_days: int = 60) -> list[tuple[date, int]]:
    """Count sign-ups per day of a zone, the empty days too, from the first one at most so many days back."""
    first = db.session.scalar(select(func.min(Registration.created_at)).where(Registration.webinar_id == webinar_id))
    if first is None or first > until:
        return []
    started = first.astimezone(ZoneInfo(zone)).date()
    days = [day for day in days_until(until, zone, most_days) if day >= started]
    return list(zip(days, sign_ups_between(bounds_of(days, zone), webinar_id), strict=True))


def of_address(key: str) -> Sequence[Registration]:
    """List all registrations of an address (folded), the soonest webinar first."""
    statement = (
        select(Registration)
        .join(Registration.webinar)
        .options(WITH_WEBINAR)
        .where(Registration.email_key == key)
        .order_by(Webinar.starts_at.desc(), Registration.id)
        .limit(500)
    )
    return db.session.scalars(statement).all()


def find_by_address_key(key: str) -> Registration | None:
    """Find a place of an address that is known by its keyed hash."""
    return db.session.scalars(select(Registration).where(Registration.address_key == key).limit(1)).first()


def letters(registration: Registration) -> Sequence[Message]:
    """List every letter to a registration, newest first."""
    statement = (
        select(Message)
        .where(Message.subject == registration.subject)
        .order_by(Message.created_at.desc(), Message.id.desc())
    )
    return db.session.scalars(statement).all()


def letter_caused_at(registration: Registration, since: datetime) -> datetime | None:
    """Say when the letter goes that was caused since an instant, or None when there is none."""
    written = select(Message.next_attempt_at).where(Message.subject == registration.subject)
    return db.session.scalar(written.where(Message.created_at >= since).order_by(Message.id.desc()).limit(1))


def has_left(registration: Registration, since: datetime) -> bool:
    """Say whether a letter about where somebody stands now left after an instant, or is leaving."""
    left = or_(Message.state == MessageState.SENDING, and_(Message.state == MessageState.SENT, Message.sent_at > since))
    # The first letters to a list that was entered at once wait in the lane of mailings.
    about_place = or_(Message.lane == Lane.TRANSACTIONAL, Message.notice.in_(_FIRST_LETTERS))
    answers = select(Message.id).where(
        Message.subject == registration.subject,
        about_place,
        Message.created_at >= registration.state_since,
    )
    return db.session.scalar(answers.where(left).limit(1)) is not None


def is_dead(registration: Registration) -> bool:
    """Say whether a server said for good that somebody's mailbox takes no mail."""
    dead = select(Address.key).where(Address.key == registration.address_key, Address.bounced_at.is_not(None))
    return bool(registration.email) and db.session.scalar(dead) is not None


def newest_letters(registrations: Sequence[Registration]) -> dict[int, Message]:
    """Give the newest letter of each registration, by registration id, in one query."""
    subjects = {one.subject: one.id for one in registrations}
    if not subjects:
        return {}
    newest = select(func.max(Message.id)).where(Message.subject.in_(subjects)).group_by(Message.subject)
    return {
        subjects[letter.subject]: letter for letter in db.session.scalars(select(Message).where(Message.id.in_(newest)))
    }


def count_invited(webinar_id: int) -> int:
    """Count who has a seat and an address, and so an entry in their calendar."""
    return count_written_to([webinar_id], [RegistrationState.CONFIRMED]).get(webinar_id, 0)


def count_failed(webinar_id: int) -> int:
    """Count the letters about a webinar that the server refused."""
    statement = select(func.count()).where(and_(Message.about == f"w{webinar_id}", Message.state == "failed"))
    return db.session.scalar(statement) or 0
