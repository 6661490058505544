"""Everything that is asked about registrations, each in a bounded number of queries."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Result, Select, and_, bindparam, case, exists, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from webinars.core.among import among
from webinars.core.database import db
from webinars.core.paging import Page, page_of
from webinars.core.text import email_key, name_key, one_line
from webinars.core.zones import bounds_of, days_until
from webinars.mail.models import Address, Lane, Message, MessageState
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.rules import phone_digits, said_of
from webinars.schedule.models import Webinar, WebinarState

PAGE_SIZE = 50
#: other dates that are offered at most
MOST_DATES = 12
_COMING = (RegistrationState.CONFIRMED, RegistrationState.OFFERED, RegistrationState.WAITLISTED)
_FEW = 500
#: rows of an export held in memory at a time
STREAMED = 500
_WITH_WEBINAR = joinedload(Registration.webinar).joinedload(Webinar.series)

#: what a list of registrations can be sorted by
SORTS: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "arrival": (Registration.created_at, Registration.id),
    "name": (Registration.name_key, Registration.id),
    "email": (Registration.email_key, Registration.id),
    "state": (Registration.state, Registration.line_number, Registration.id),
}


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
    return db.session.scalar(select(Registration).options(_WITH_WEBINAR).where(Registration.id == registration_id))


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


def list_for_webinar(
    webinar_id: int, *, words: str = "", state: str = "", sort: str = "arrival", descending: bool = False, page: int = 1
) -> Page[Registration]:
    """List one page of a webinar's registrations, filtered by a part of name, address or telephone number."""
    statement = select(Registration).where(Registration.webinar_id == webinar_id)
    return _page(_filtered(statement, words, state), sort, descending, page)


def search(words: str, *, sort: str = "arrival", descending: bool = True, page: int = 1) -> Page[Registration]:
    """Search all registrations by a part of name, address or telephone number, newest first."""
    wanted, everybody = _filtered(select(Registration), words, ""), select(Registration).options(_WITH_WEBINAR)
    # A rare word is looked for once, where names and addresses stand alone, not again in the order of the list.
    few = db.session.scalars(wanted.with_only_columns(Registration.id).limit(_FEW + 1)).all() if words else ()
    found = everybody.where(Registration.id.in_(few)) if words and len(few) <= _FEW else wanted.options(_WITH_WEBINAR)
    return _page(found, sort, descending, page)


def exported(which: ColumnElement[bool], *, words: str = "", state: str = "") -> Result[Any]:
    """Give registrations in order of arrival, filtered as lists are, each with its place among those waiting; streamed.

    ``which``: a condition on the registration, or on its webinar.
    """
    line = (Registration.webinar_id, Registration.state)
    order = func.row_number().over(partition_by=line, order_by=Registration.line_number)
    place = case((Registration.state == RegistrationState.WAITLISTED, order))
    # Before anything is left out: a place in line counts those ahead, whoever is looked for.
    placed = select(Registration.id, place.label("position")).join(Webinar).where(which).subquery()
    columns = (*Registration.__table__.columns, placed.c.position, Webinar.slug.label("webinar"))
    everybody = select(*columns).join(placed, placed.c.id == Registration.id).join(Webinar)
    found = _filtered(everybody, words, state).order_by(Webinar.starts_at, Registration.created_at, Registration.id)
    return db.session.execute(found.execution_options(yield_per=STREAMED))


def count_exported(which: ColumnElement[bool], *, words: str = "", state: str = "") -> int:
    """Count the same."""
    everybody = select(func.count(Registration.id)).join_from(Registration, Webinar).where(which)
    return db.session.scalar(_filtered(everybody, words, state)) or 0


def _filtered(statement: Select[Any], words: str, state: str) -> Select[Any]:
    if state:
        statement = statement.where(Registration.state == state)
    for condition in _conditions(words):
        statement = statement.where(condition)
    return statement


def _conditions(words: str) -> list[ColumnElement[bool]]:
    """Every word must be found somewhere, so that "ruth alv" finds Ruth Alvarez."""
    text = one_line(words)[:200]
    if "phone" in said_of(text):
        digits = phone_digits(text)
        return [
            or_(
                Registration.email_key.contains(digits, autoescape=True),
                and_(Registration.phone != "", _bare_phone().contains(digits, autoescape=True)),
            )
        ]
    if "@" in text and not text.startswith("@"):
        return [Registration.email_key.contains(email_key(text), autoescape=True)]
    return [_has_word(word) for word in text.split()]


def _has_word(word: str) -> ColumnElement[bool]:
    return or_(
        Registration.name_key.contains(name_key(word), autoescape=True),
        Registration.email_key.contains(word.casefold(), autoescape=True),
    )


def _bare_phone() -> ColumnElement[str]:
    bare: ColumnElement[str] = Registration.phone.expression
    for character in (" ", "-", "(", ")", ".", "/"):
        bare = func.replace(bare, character, "")
    return bare


def _page(statement: Select[Registration], sort: str, descending: bool, page: int) -> Page[Registration]:
    columns = SORTS.get(sort, SORTS["arrival"])
    order = [column.desc() if descending else column.asc() for column in columns]
    return page_of(statement, order, page, PAGE_SIZE)


def counts(webinar_id: int) -> Counts:
    """Count a webinar's registrations by state."""
    statement = (
        select(Registration.state, func.count(), func.count(Registration.proof_until))
        .where(Registration.webinar_id == webinar_id)
        .group_by(Registration.state)
    )
    rows = db.session.execute(statement).all()
    held = sum(held for state, _number, held in rows if state != RegistrationState.CANCELLED)
    return Counts({state: number for state, number, _held in rows}, held)


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
        .options(_WITH_WEBINAR)
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
    invited = select(func.count()).where(
        Registration.webinar_id == webinar_id,
        Registration.state == RegistrationState.CONFIRMED,
        Registration.email.is_not(None),
        NOT_HELD,
    )
    return db.session.scalar(invited) or 0


def count_failed(webinar_id: int) -> int:
    """Count the letters about a webinar that the server refused."""
    statement = select(func.count()).where(and_(Message.about == f"w{webinar_id}", Message.state == "failed"))
    return db.session.scalar(statement) or 0
