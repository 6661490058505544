"""Seats and places in line: the only code that changes a webinar's counters.

Every function locks the webinar's row first and registrations after it, so that two people who do something to the same
webinar wait for each other and never block one another. Whoever calls holds the transaction.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import cast

from flask_babel import gettext as _
from sqlalchemy import Select, Table, and_, bindparam, case, or_, select, update
from sqlalchemy.orm import Session

from webinars.core.database import db
from webinars.core.database import lock as lock_row
from webinars.core.errors import NotFound
from webinars.core.http import current_settings
from webinars.registration import events
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.rules import Kept, offered_until, seats_are_given, what_is_kept
from webinars.schedule.models import Webinar, WebinarState

# Statements of every sign-up are written once: making them anew costs more than running them.
_LOCK = select(Webinar).with_for_update(of=Webinar).execution_options(populate_existing=True)
_LOCK_BY_ID = _LOCK.where(Webinar.id == bindparam("webinar"))
_LOCK_BY_SLUG = _LOCK.where(Webinar.slug == bindparam("webinar"))
_ID_BY_SLUG = select(Webinar.id).where(Webinar.slug == bindparam("webinar"))
_TABLE = cast(Table, Webinar.__table__)
_OF = _TABLE.c
#: a newcomer gets a seat only while nobody waits: first come, first served
_SEAT_IS_FREE = and_(
    _OF.waitlisted_count == 0,
    or_(_OF.capacity.is_(None), _OF.confirmed_count + _OF.offered_count < _OF.capacity),
)
_TAKE = (
    update(_TABLE)
    .where(_OF.id == bindparam("number"), _OF.state == WebinarState.PUBLISHED, _OF.ends_at > bindparam("moment"))
    .where(or_(_SEAT_IS_FREE, _OF.waiting_list))
    .values(
        confirmed_count=_OF.confirmed_count + case((_SEAT_IS_FREE, 1), else_=0),
        waitlisted_count=_OF.waitlisted_count + case((_SEAT_IS_FREE, 0), else_=1),
        next_in_line=_OF.next_in_line + case((_SEAT_IS_FREE, 0), else_=1),
    )
    .returning(_OF.waitlisted_count, _OF.next_in_line)
)
_COUNTERS = ("confirmed_count", "offered_count", "waitlisted_count", "next_in_line")


class Taken:
    """What take() got: a seat, or a number in line."""

    __slots__ = ("line_number", "state")

    def __init__(self, waiting: int, next_in_line: int) -> None:
        # A seat is only given while nobody waits, so that the count after the deed tells which one it was.
        self.state = RegistrationState.WAITLISTED if waiting else RegistrationState.CONFIRMED
        self.line_number = next_in_line - 1 if waiting else None


def lock(webinar: int | str) -> Webinar:
    """Lock the row of a webinar, named by id or slug, until the transaction ends and give it with fresh counters.

    Raises NotFound.
    """
    _session().flush()
    found = _session().scalar(_LOCK_BY_SLUG if isinstance(webinar, str) else _LOCK_BY_ID, {"webinar": webinar})
    if found is None:
        raise NotFound(_("There is no such webinar."))
    return found


def lock_place(registration: Registration) -> None:
    """Lock the webinar, then read the registration as it is now: every change of a place goes through this lock.

    Raises NotFound.
    """
    lock(registration.webinar_id)
    lock_row(registration)


def lock_together(registration: Registration, other: int | str) -> Webinar:
    """Lock the webinar of a place and another one, named by id or slug, then read the place anew; give the other.

    In ascending order of ids, so that of those who go opposite ways each waits for the other and never in a circle.
    Raises NotFound.
    """
    number = other if isinstance(other, int) else _session().scalar(_ID_BY_SLUG, {"webinar": other})
    if number is None:
        raise NotFound(_("There is no such webinar."))
    locked = {one: lock(one) for one in sorted({registration.webinar_id, number})}
    lock_row(registration)
    return locked[number]


def take(webinar_id: int, now: datetime) -> Taken | None:
    """Take a seat, or the next place in line, in one conditional UPDATE that also locks the row.

    None when all is taken and nobody may wait, or the webinar takes nobody any more.
    """
    row = _session().execute(_TAKE, {"number": webinar_id, "moment": now}).first()
    _forget_counters(webinar_id)
    return Taken(*row) if row else None


def take_many(webinar: Webinar, confirmed: int, waitlisted: int) -> None:
    """Count so many seats and places in line as taken, those after ``next_in_line`` of a webinar that is locked."""
    drawn = {"next_in_line": Webinar.next_in_line + waitlisted}
    statement = update(Webinar).where(Webinar.id == webinar.id).values(drawn)
    _session().execute(statement, execution_options={"synchronize_session": False})
    _count(webinar.id, confirmed=confirmed, waitlisted=waitlisted)


def free(registration: Registration, now: datetime) -> list[Registration]:
    """Give back what a registration holds and promote the next in line at once: the only way a seat is freed.

    It leaves the registration cancelled; the caller, who holds the lock, may give it another state.
    Gives those who were promoted.
    """
    kept = what_is_kept(registration.state)
    invited = kept is Kept.SEAT and not registration.held
    if invited and registration.entry_sequence != registration.sequence:
        # An invitation may be on its way: their calendar counts as holding it until a withdrawal was sent.
        registration.entry_sequence, registration.entry_withdrawn = registration.sequence, False
    registration.line_number = registration.offered_until = None
    # Out of the line before the next in line is looked for.
    registration.state = RegistrationState.CANCELLED
    _session().flush()
    _count(
        registration.webinar_id,
        confirmed=-int(kept is Kept.SEAT),
        offered=-int(kept is Kept.OFFER),
        waitlisted=-int(kept is Kept.PLACE_IN_LINE),
    )
    return promote_waiting(registration.webinar_id, now) if kept in {Kept.SEAT, Kept.OFFER} else []


def give_back(webinar_id: int, states: Iterable[str], now: datetime) -> list[Registration]:
    """Give back what many held whose registrations are gone and promote the next; the caller holds the lock."""
    kept = Counter(what_is_kept(state) for state in states)
    _count(
        webinar_id,
        confirmed=-kept[Kept.SEAT],
        offered=-kept[Kept.OFFER],
        waitlisted=-kept[Kept.PLACE_IN_LINE],
    )
    return promote_waiting(webinar_id, now)


def promote_waiting(webinar_id: int, now: datetime) -> list[Registration]:
    """Give or offer every free seat to the next in line, in order of arrival; gives those who got one."""
    webinar = lock(webinar_id)
    left = webinar.places_left
    if not seats_are_given(webinar, now) or webinar.waitlisted_count == 0 or left == 0:
        return []
    promoted = list(_session().scalars(_next_in_line(webinar_id, left)))
    for registration in promoted:
        registration.offered_until = _held_until(registration, webinar, now)
        registration.state = RegistrationState.OFFERED if registration.offered_until else RegistrationState.CONFIRMED
        registration.line_number = None
        # The letter that asks for proof, which may not have left, is the same before and after.
        registration.state_changes += not registration.held
        registration.state_since = now
    _session().flush()
    offered = sum(registration.state == RegistrationState.OFFERED for registration in promoted)
    _count(webinar_id, confirmed=len(promoted) - offered, offered=offered, waitlisted=-len(promoted))
    for registration in promoted:
        signal = events.seat_offered if registration.offered_until else events.place_promoted
        signal.send(registration, now=now, by="webinar")
    return promoted


def _held_until(registration: Registration, webinar: Webinar, now: datetime) -> datetime | None:
    """Say until when a seat is held for somebody; it is theirs at once when nobody could ask them by letter.

    Whoever has to prove their address is asked already.
    """
    hours = webinar.offer_hours_in_force if registration.email and not registration.held else 0
    quiet = current_settings().quiet_hours if hours else None
    return offered_until(now, hours, webinar.starts_at, registration.time_zone, quiet)


def accept(registration: Registration, now: datetime) -> None:
    """Turn the seat that is held for somebody into theirs; the caller holds the lock."""
    registration.state = RegistrationState.CONFIRMED
    registration.offered_until = None
    registration.state_changes += 1
    registration.state_since = now
    _session().flush()
    _count(registration.webinar_id, confirmed=1, offered=-1)


def _next_in_line(webinar_id: int, most: int | None) -> Select[Registration]:
    return (
        select(Registration)
        .where(Registration.webinar_id == webinar_id, Registration.state == RegistrationState.WAITLISTED)
        .order_by(Registration.line_number)
        .limit(most)
        .with_for_update(of=Registration)
        .execution_options(populate_existing=True)
    )


def _count(webinar_id: int, *, confirmed: int = 0, offered: int = 0, waitlisted: int = 0) -> None:
    changes = {
        "confirmed_count": Webinar.confirmed_count + confirmed,
        "offered_count": Webinar.offered_count + offered,
        "waitlisted_count": Webinar.waitlisted_count + waitlisted,
    }
    statement = update(Webinar).where(Webinar.id == webinar_id).values(changes)
    _session().execute(statement, execution_options={"synchronize_session": False})
    _forget_counters(webinar_id)


def _forget_counters(webinar_id: int) -> None:
    """Make an already loaded webinar read its counters again."""
    loaded = _session().identity_map.get(_session().identity_key(Webinar, webinar_id))
    if loaded is not None:
        _session().expire(loaded, _COUNTERS)


def _session() -> Session:
    return db.session()
