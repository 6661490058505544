"""Places that are held until somebody proves their address. Whoever calls holds the transaction.

Where a series or a webinar asks for it, a sign-up takes its seat or place in line at once, as ever, but only until a
deadline. The one letter that goes out asks for the press of a button; until then nothing else does.
"""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import String, cast, exists, literal, or_, select, text

from webinars.core.database import db
from webinars.core.links import address_key
from webinars.mail.limits import is_proven, note_proven
from webinars.mail.models import Address, Message, MessageState
from webinars.registration import erasure, events, rules, seats
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions.queries import requires_proof
from webinars.registration.rules import Letters
from webinars.schedule.models import Webinar

#: places that one look settles; the next look finds the others
_MOST = 200
# Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
_HELD = text("registrations.proof_until IS NOT NULL")
_PROVEN = exists().where(Address.key == Registration.address_key, Address.proven_at.is_not(None))
_NOW = select(Registration).with_for_update(of=Registration).execution_options(populate_existing=True)


def hold(registration: Registration, webinar: Webinar, now: datetime, by: str) -> None:
    """Hold a place that was just taken until its address is proven, where that is asked and nobody has done so yet.

    Staff know whom they enter. The caller holds the webinar.
    """
    asked = by == "registrant" and bool(registration.email) and requires_proof(webinar)
    held = asked and not is_proven(address_key(registration.email_key))
    registration.proof_until = _until(registration, webinar, now) if held else None


def _until(registration: Registration, webinar: Webinar, now: datetime) -> datetime:
    comes = registration.state != RegistrationState.RECORDING_ONLY
    return rules.held_until_proof(now, webinar.starts_at if comes else None, registration.letters_from)


def announce_place(registration: Registration, now: datetime, by: str, letters: Letters = Letters.EACH) -> None:
    """Say that somebody got the place they have."""
    if registration.held:
        # Of several dates one letter asks for the button that keeps all of them.
        if letters is not Letters.TOGETHER:
            events.place_held.send(registration, now=now, by=by)
        return
    invited = letters is Letters.TOGETHER and registration.state == RegistrationState.CONFIRMED
    if letters is not Letters.EACH and not invited:
        # They know the webinar as it is now, so that later changes are told to them too.
        registration.told_sequence = registration.webinar.sequence
        db.session.flush()
    signal = {
        RegistrationState.CONFIRMED: events.place_confirmed,
        RegistrationState.WAITLISTED: events.place_waitlisted,
        RegistrationState.RECORDING_ONLY: events.switched_to_recording,
    }[RegistrationState(registration.state)]
    signal.send(registration, now=now, by=by, quiet=letters is not Letters.EACH)


def keep(registration: Registration, now: datetime, by: str, letters: Letters = Letters.EACH) -> None:
    """Make a held place an ordinary one, whose letter is owed now; the caller holds the lock."""
    registration.proof_until = None
    if registration.active:
        registration.state_changes += 1
        registration.state_since = registration.answered_at = now
        db.session.flush()
        announce_place(registration, now, by, letters)


def keep_held(registration: Registration, now: datetime, also: Collection[int | str], gives_up: bool) -> None:
    """Keep all places that are held for an address whose owner presses a button, before it does what it says.

    also: other webinars, by id or slug, that the button is about. gives_up: it gives up this place, which no letter has
    said to be theirs yet.
    """
    key = registration.address_key
    holding = webinars_holding(key)
    if not holding:
        return
    # In one order, as whoever locks several webinars does: so each waits for the other, and never in a circle.
    for number in sorted({registration.webinar_id, *_ids(also), *holding}):
        seats.lock(number)
    note_proven(key, now)
    keep_all(key, holding, now, but=registration.id if gives_up else None)


def webinars_holding(key: str) -> set[int]:
    """Say at which webinars places are held until an address is proven."""
    held = select(Registration.webinar_id).where(Registration.address_key == key, _HELD)
    return set(db.session.scalars(held))


def keep_all(key: str, webinars: Collection[int], now: datetime, but: int | None = None) -> None:
    """Keep the places that are held for an address at webinars that the caller has locked."""
    if not webinars:
        return
    # Read anew, now that nobody changes them: a place may have ended a moment ago.
    theirs = _NOW.where(Registration.address_key == key, _HELD, Registration.webinar_id.in_(webinars))
    for place in db.session.scalars(theirs.order_by(Registration.line_number, Registration.id)).all():
        if place.id != but:
            keep(place, now, "registrant")


def _ids(webinars: Collection[int | str]) -> Collection[int]:
    slugs = [one for one in webinars if isinstance(one, str)]
    found = db.session.scalars(select(Webinar.id).where(Webinar.slug.in_(slugs))).all() if slugs else ()
    return [*found, *(one for one in webinars if isinstance(one, int))]


def pass_on(now: datetime) -> int:
    """End the held places whose time is over, each seat going to the next in line; give how many were settled."""
    return sum(settle(number, webinar_id, now) for webinar_id, number in due(now))


def due(now: datetime) -> list[tuple[int, int]]:
    """List (webinar id, id) of the held places whose time is over, in the order in which they are to be settled.

    And of those whose address was proven in the moment of their sign-up: neither deed saw the other.
    """
    settled = db.session.execute(
        select(Registration.webinar_id, Registration.id)
        .where(_HELD, or_(Registration.proof_until <= now, _PROVEN))
        # Seats last, or they would go to places that end in the same moment.
        .order_by(Registration.webinar_id, Registration.line_number.is_(None), Registration.id)
        .limit(_MOST)
    )
    return [(webinar_id, number) for webinar_id, number in settled]


def settle(number: int, webinar_id: int, now: datetime) -> bool:
    """End or keep one of them, as it stands now; say whether this did it."""
    webinar = seats.lock(webinar_id)
    place = db.session.scalar(_NOW.where(Registration.id == number, _HELD))
    if place is None:
        return False
    if is_proven(place.address_key):
        keep(place, now, "registrant")
        return True
    if place.proof_until is None or place.proof_until > now:
        return False
    if _awaits_letter(place):
        # Nobody was asked yet, so that no time has passed for them.
        place.proof_until = _until(place, webinar, now)
        return False
    erasure.erase(place, now)
    return True


def _awaits_letter(registration: Registration) -> bool:
    """Say whether a letter about a place that is held for an address has not left yet and is still tried.

    One letter asks for the proof of several dates that were taken at once.
    """
    waits = Message.state.in_((MessageState.PENDING, MessageState.SENDING))
    subjects = select(literal("r") + cast(Registration.id, String)).where(
        Registration.address_key == registration.address_key, _HELD
    )
    return db.session.scalar(select(Message.id).where(Message.subject.in_(subjects), waits).limit(1)) is not None
