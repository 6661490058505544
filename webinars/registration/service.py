"""What can be done with a place. Whoever calls holds the transaction."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import func, update
from sqlalchemy.orm import Session

from webinars.accounts import audit
from webinars.core.database import db
from webinars.core.errors import Conflict, NotFound, UserError
from webinars.core.http import how_to_reach_us
from webinars.core.links import keyed_id
from webinars.core.text import random_id
from webinars.mail.inbound import marks
from webinars.mail.limits import note_proven
from webinars.registration import events, proofs, queries, rules, seats
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.proofs import announce_place
from webinars.registration.questions import queries as asked
from webinars.registration.questions import rules as asking
from webinars.registration.questions import service as answering
from webinars.registration.receipts import NoPlaceLeft, newcomer, no_place_left, receipt
from webinars.registration.rules import Application, Letters, Refusal
from webinars.schedule.models import Webinar

__all__ = ["NoPlaceLeft", "announce_place", "newcomer", "receipt"]

#: pressing "send it again" twice causes one letter
_BETWEEN_RESENT = timedelta(minutes=5)


@dataclass(frozen=True)
class Outcome:
    """What registering led to.

    To a person who sent a form, ``registration`` is what may be shown and granted to them: their new place, or for a
    place that was there before a receipt that is in no table and shows what a newcomer would see.
    """

    registration: Registration
    is_new: bool
    #: the same of whoever else the form named, in that order
    others: tuple[Registration, ...] = ()


def register(webinar: int | str, application: Application, now: datetime, by_staff: bool = False) -> Outcome:
    """Give somebody a seat, a place in line or the recording; the same person again gets no second one.

    The webinar is named by id or slug, and locked first: nobody can be faster between what is looked up and written.
    Whoever else the form names gets the next place, seat or in line, in the same transaction: all of them or nobody.
    Raises NotFound, Conflict for a webinar that takes nobody, NoPlaceLeft, Unanswered, UserError for what is missing.
    """
    locked = seats.lock(webinar)
    application = rules.tidy(application, locked.time_zone, bool(locked.phone_number))
    ensure_open(locked, application.mode, now)
    if locked.asks:
        application = _answered(locked, application, now, by_staff)
    if not rules.is_complete(application):
        raise UserError(_("Please give a name, and an email address or a telephone number."))
    outcome = _register(locked, application, now, by_staff)
    if application.party is None:
        return outcome
    others = (rules.companion_of(application, name) for name in application.extras.companions)
    try:
        return replace(outcome, others=tuple(_register(locked, one, now, by_staff).registration for one in others))
    except NoPlaceLeft:
        sentence = _("There is not a place left for each of you, so nobody was registered. Leave out the others.")
        raise NoPlaceLeft(sentence) from None


def _answered(webinar: Webinar, application: Application, now: datetime, by_staff: bool) -> Application:
    """Read what the form carried against what the webinar asks."""
    lenient = by_staff or application.asked_before
    extras = asking.ensure(asked.asking_of(webinar, now), application.given, application.name, lenient)
    return replace(application, extras=extras, party=random_id() if extras.companions else None)


def _register(locked: Webinar, application: Application, now: datetime, by_staff: bool) -> Outcome:
    public_id = _id_of(locked, application)
    places, known, taken = queries.places_for(locked.id, application.email_key, application.name_key, public_id)
    if known is not None:
        place = _session().get_one(Registration, known, populate_existing=True)
        return _again(place, application, public_id, now, by_staff)
    if not by_staff:
        ensure_few(places)
    # Where the address of the place that this form made was put right since, this is another place.
    entered = enter(locked, application, now, _who(by_staff), None if taken else public_id)
    return Outcome(entered, is_new=True)


def _id_of(webinar: Webinar, application: Application) -> str:
    """Give the public id of what a form leads to: the same for the same form, whether or not its address was known."""
    form = application
    if form.form_nonce is None:
        return random_id()
    said = (form.name, form.email, form.mode, form.time_zone, form.language, form.discreet, form.question)
    return keyed_id("place", repr((webinar.id, form.form_nonce, *said)))


def ensure_open(webinar: Webinar, mode: str, now: datetime) -> None:
    """Refuse what a webinar does not take now; raises NotFound, Conflict."""
    refusal = rules.why_closed(webinar, now, mode)
    if refusal is Refusal.NOT_PUBLIC:
        raise NotFound(_("There is no such webinar."))
    if refusal is Refusal.CANCELLED:
        raise Conflict(_("This webinar was cancelled, so it takes no more registrations."))
    if refusal is Refusal.OVER:
        raise Conflict(
            _("This webinar is over. You can still ask for the recording.")
            if webinar.recorded
            else _("This webinar is over, and it was not recorded.")
        )
    if refusal is Refusal.NOT_RECORDED:
        raise Conflict(_("This webinar is not recorded. Please choose another way to take part."))


def enter(
    webinar: Webinar, application: Application, now: datetime, by: str, public_id: str | None = None
) -> Registration:
    """Take a place for somebody new and write it down; the caller holds the lock. Raises NoPlaceLeft."""
    registration = _new(webinar, application, now, by == "staff")
    if public_id is not None:
        registration.public_id = public_id
    _take_place(registration, application.mode, now)
    proofs.hold(registration, webinar, now, by)
    _session().add(registration)
    _session().flush()
    answering.answer(registration, application.extras)
    announce_place(registration, now, by, application.letters)
    return registration


def _new(webinar: Webinar, application: Application, now: datetime, by_staff: bool) -> Registration:
    return Registration(
        webinar_id=webinar.id,
        name=application.name,
        name_key=application.name_key,
        email=application.email,
        email_key=application.email_key,
        phone=application.phone,
        time_zone=application.time_zone,
        language=application.language,
        discreet=application.discreet,
        question=application.question,
        entered_by_staff=by_staff,
        suspicious=application.suspicious,
        client_key=application.client_key,
        letters_from=application.letters_from,
        role=application.extras.role,
        access_needs=application.extras.access_needs,
        party=application.party,
        created_at=now,
        state_changes=0,
        sequence_offset=0,
    )


def _take_place(registration: Registration, mode: str, now: datetime) -> None:
    """Give a registration the state that its way of taking part and the free seats allow; the caller holds the lock."""
    if mode == Mode.RECORDING:
        registration.state, registration.line_number = RegistrationState.RECORDING_ONLY, None
    else:
        taken = seats.take(registration.webinar_id, now)
        if taken is None:
            raise NoPlaceLeft(no_place_left(_session().get_one(Webinar, registration.webinar_id)))
        registration.state, registration.line_number = taken.state, taken.line_number
        # Their calendar is asked anew, and an answer to what was before says nothing of it.
        registration.partstat = ""
    registration.mode = mode
    registration.state_changes += 1
    # A letter answers it: the same form once more causes no second one.
    registration.state_since = registration.answered_at = now


def ensure_few(places: int) -> None:
    """Refuse more places of one address than a family needs; raises UserError."""
    if places >= rules.MOST_PLACES_PER_ADDRESS:
        sentence = _(
            "This address has %(number)s places already, the most one address can have. Please use another one.",
            number=rules.MOST_PLACES_PER_ADDRESS,
        )
        raise UserError(f"{sentence} {how_to_reach_us()}".rstrip())


def _again(known: Registration, application: Application, public_id: str, now: datetime, by_staff: bool) -> Outcome:
    """Answer a form of somebody who is known: bring a cancelled person back, else change nothing."""
    # The very form that made this place, sent twice by the same browser.
    theirs = by_staff or known.public_id == public_id
    if known.state == RegistrationState.CANCELLED:
        come_back(known, application, now, _who(by_staff))
        return Outcome(known if theirs else _receipt(known, application, public_id, known), is_new=False)
    if by_staff and known.held:
        # Whoever speaks to them knows more than a letter would tell.
        proofs.keep(known, now, "staff")
    receipt = known if theirs else _receipt(known, application, public_id)
    if known.state == RegistrationState.RECORDING_ONLY and application.wants_seat:
        change_mode(known, application.mode, now, _who(by_staff), application.letters)
        receipt = known if theirs else _receipt(known, application, public_id, known)
    elif not by_staff and _may_answer(known, now, rules.QUIET_AFTER_LETTER) and application.letters is Letters.EACH:
        wait = application.letters_from
        events.place_repeated.send(known, now=now, by="registrant", request_id=random_id(), not_before=wait)
    return Outcome(receipt, is_new=False)


def come_back(known: Registration, application: Application, now: datetime, by: str) -> None:
    """Give a place again to somebody who gave it up; the caller holds the lock. Raises NoPlaceLeft."""
    _take_place(known, application.mode, now)
    proofs.hold(known, known.webinar, now, by)
    known.name, known.time_zone, known.language = application.name, application.time_zone, application.language
    # Somebody else may have sent the form: it must not take away the discretion that was asked for.
    known.discreet = known.discreet or application.discreet
    known.question = application.question or known.question
    answering.add_missing(known, application.extras)
    known.entered_by_staff = by == "staff"
    known.sequence_offset += 1
    _session().flush()
    announce_place(known, now, by, application.letters)
    events.place_restored.send(known, now=now, by=by)


def _receipt(
    known: Registration, application: Application, public_id: str, actual: Registration | None = None
) -> Registration:
    """Make what a newcomer with this form would see; it opens nothing and is written nowhere.

    actual: whose true state is shown, where the form has just changed it.
    """
    state, place = (actual.state, queries.position(actual)) if actual else newcomer(known.webinar, application.mode)
    own = application.mode, application.time_zone, application.language, application.discreet
    shown = receipt(known.webinar, state, *own, public_id)
    shown.line_number = place
    shown.name, shown.email = application.name, application.email
    shown.letters_from = application.letters_from
    return shown


def _may_answer(registration: Registration, now: datetime, pause: timedelta) -> bool:
    """Note that a letter is caused now, unless another was within the pause; of many at once one gets yes."""
    last = func.coalesce(Registration.answered_at, Registration.created_at)
    theirs = update(Registration).where(Registration.id == registration.id, last <= now - pause)
    noting = theirs.values(answered_at=now).returning(Registration.id)
    noted = _session().execute(noting, execution_options={"synchronize_session": False}).first()
    _session().expire(registration, ["answered_at"])
    return noted is not None


def cancel(registration: Registration, now: datetime, by: str = "registrant") -> None:
    """Give up a place; the seat goes to the next in line at once. Cancelling twice changes nothing."""
    seats.lock_place(registration)
    if not rules.may_cancel(registration):
        return
    seats.free(registration, now)
    registration.state_changes += 1
    # The withdrawal of a calendar entry needs a SEQUENCE above the last one (RFC 5546 section 3.2.5).
    registration.sequence_offset += 1
    registration.state_since = now
    _session().flush()
    _note(registration, "registration cancelled", now, by)
    events.place_cancelled.send(registration, now=now, by=by)


def undo_cancel(registration: Registration, now: datetime, by: str = "registrant") -> None:
    """Take a cancellation back: the seat if one is free, else the end of the line.

    Raises Conflict when it is too late, NoPlaceLeft.
    """
    seats.lock_place(registration)
    if registration.active:
        return
    if not rules.may_undo(registration, now):
        raise Conflict(_("It is too late to undo this. You can register again on the webinar's page."))
    restore(registration, now, by)


def restore(registration: Registration, now: datetime, by: str) -> None:
    """Give a cancelled place back; the caller holds the lock and has asked whether it may be.

    Raises NoPlaceLeft.
    """
    _take_place(registration, registration.mode, now)
    proofs.hold(registration, registration.webinar, now, by)
    registration.sequence_offset += 1
    _session().flush()
    announce_place(registration, now, by)
    events.place_restored.send(registration, now=now, by=by)


def change_mode(
    registration: Registration,
    mode: str,
    now: datetime,
    by: str = "registrant",
    letters: Letters = Letters.EACH,
) -> None:
    """Let somebody take part live, by telephone, or through the recording, which frees their seat.

    Raises Conflict for a webinar that is over or a place that was cancelled, NoPlaceLeft.
    """
    seats.lock_place(registration)
    offered = {*rules.modes_of(registration.webinar), registration.mode}
    if mode not in offered or not rules.may_change(registration, now):
        raise Conflict(_("This can no longer be changed."))
    has_place = registration.state != RegistrationState.RECORDING_ONLY
    if has_place == (mode != Mode.RECORDING):
        _join_otherwise(registration, mode, now, by)
        return
    if has_place:
        seats.free(registration, now)
    _take_place(registration, mode, now)
    registration.sequence_offset += 1
    _session().flush()
    announce_place(registration, now, by, letters)


def _join_otherwise(registration: Registration, mode: str, now: datetime, by: str) -> None:
    """Note another way to join; the calendar entry of a seat says which, so that a new one follows."""
    follows = mode != registration.mode and registration.state == RegistrationState.CONFIRMED
    registration.mode = mode
    if follows:
        registration.sequence_offset += 1
        registration.answered_at = now
    _session().flush()
    if follows:
        events.place_repeated.send(registration, now=now, by=by, request_id=random_id())


def resend(registration: Registration, now: datetime, by: str = "registrant") -> bool:
    """Send the letter of the present state again; gives whether one follows (not twice within five minutes)."""
    may = _staff_may_resend if by == "staff" else _may_answer
    if not (registration.active and registration.email and may(registration, now, _BETWEEN_RESENT)):
        return False
    events.place_repeated.send(registration, now=now, by=by, request_id=random_id())
    _note(registration, "letter sent again", now, by)
    return True


def _staff_may_resend(registration: Registration, now: datetime, pause: timedelta) -> bool:
    """Say whether no letter left within the pause; one that only waits is replaced, so nobody gets two."""
    seats.lock_place(registration)
    if queries.has_left(registration, now - pause):
        return False
    registration.answered_at = now
    return True


def promote_waiting(webinar_id: int, now: datetime) -> list[Registration]:
    """Give free seats to those who wait, after the capacity was raised."""
    return seats.promote_waiting(webinar_id, now)


def request_link(address: str, now: datetime, not_before: datetime | None = None) -> None:
    """Note that somebody wants their links mailed; whether the address is known is looked up by the worker."""
    events.link_requested.send(rules.tidy_address(address), now=now, request_id=random_id(), not_before=not_before)


def keep_held(
    registration: Registration, now: datetime, *, also: Collection[int | str] = (), gives_up: bool = False
) -> None:
    """Keep the places that were held until this address is proven: called before what the button does that proves it.

    ``also`` names other webinars, by id or slug, that this is about; ``gives_up``: it gives up this very place.
    """
    if registration.email:
        proofs.keep_held(registration, now, also, gives_up)


def note_proof(registration: Registration, now: datetime) -> None:
    """Note that somebody pressed a button behind a link from a letter to this address: its held places are theirs.

    Called after what locks a webinar, as everybody locks those before mailboxes.
    """
    if registration.email:
        keep_held(registration, now)
        note_proven(registration.address_key, now)
        marks.forget_bounces(registration.address_key)


def _note(registration: Registration, action: str, now: datetime, by: str) -> None:
    if by == "staff":
        audit.record(action, "registration", registration.public_id, now=now)


def _who(by_staff: bool) -> str:
    return "staff" if by_staff else "registrant"


def _session() -> Session:
    return db.session()
