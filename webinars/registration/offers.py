"""Seats that are held for the next in line until a deadline. Whoever calls holds the transaction."""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import or_, select, text

from webinars.accounts import audit
from webinars.core.database import db
from webinars.core.errors import Conflict
from webinars.registration import events, rules, seats
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.schedule.models import Webinar, WebinarState

#: offers that one look passes on; the next look finds the others
_MOST = 200
# Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
_OFFERED = text("registrations.state = 'offered'")


def accept(registration: Registration, now: datetime, by: str = "registrant") -> None:
    """Take the seat that is held; whoever has it already keeps it.

    A moment late is in time as long as nobody else was asked. Raises Conflict when it has gone on.
    """
    seats.lock_place(registration)
    if registration.state == RegistrationState.CONFIRMED:
        return
    if registration.state != RegistrationState.OFFERED:
        raise Conflict(_("This place is not held for you any more: it went to the next in line."))
    if not rules.seats_are_given(registration.webinar, now):
        raise Conflict(_("This can no longer be changed."))
    seats.accept(registration, now)
    if by == "staff":
        audit.record("offered place taken", "registration", registration.public_id, now=now)
    events.place_confirmed.send(registration, now=now, by=by, quiet=False)


def pass_on(now: datetime) -> int:
    """Pass on the seats whose offers have lapsed, each to the next in line; give how many."""
    return sum(settle(number, now) for _webinar_id, number in due(now))


def due(now: datetime) -> list[tuple[int, int]]:
    """List (webinar id, id) of the places whose offers have lapsed, in the order in which they are to be settled."""
    lapsed = db.session.execute(
        select(Registration.webinar_id, Registration.id)
        .join(Webinar, Webinar.id == Registration.webinar_id)
        .where(_OFFERED, or_(Registration.offered_until <= now, Webinar.starts_at <= now))
        .where(Webinar.state == WebinarState.PUBLISHED, Webinar.ends_at > now)
        .order_by(Registration.webinar_id, Registration.offered_until, Registration.id)
        .limit(_MOST)
    )
    return [(webinar_id, number) for webinar_id, number in lapsed]


def settle(number: int, now: datetime) -> bool:
    """Pass on one of them, unless somebody was faster; say whether this did it."""
    registration = db.session.get(Registration, number)
    if registration is None:
        return False
    seats.lock_place(registration)
    if not rules.has_lapsed(registration, now):
        return False
    seats.free(registration, now)
    if registration.webinar.recorded:
        registration.state, registration.mode = RegistrationState.RECORDING_ONLY, Mode.RECORDING
    registration.state_changes += 1
    registration.state_since = now
    db.session.flush()
    events.offer_lapsed.send(registration, now=now, by="webinar")
    return True
