"""Letters that answer a deed, written in its transaction; and what is noted once a letter went out.

``by`` says who caused it: "registrant" is a visitor, whose requests may cause only so many letters to one address.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Select, String, bindparam, case, cast, literal, or_, select, update

from webinars.core.among import among
from webinars.core.database import db
from webinars.core.links import address_key
from webinars.core.text import email_key, random_id
from webinars.mail import limits, outbox
from webinars.mail.letters import Receipt, Sent
from webinars.mail.models import Lane
from webinars.notices import desk_settling
from webinars.notices.kinds import ALSO_TO_HELD, Notice
from webinars.notices.queries import may_have_heard
from webinars.notices.starts import Revision, Starts, told_before_a_change
from webinars.registration.models import AddressChange, Registration, RegistrationState
from webinars.registration.rules import begins_at, holds_entry
from webinars.schedule.models import Webinar

VISITOR = "registrant"
#: how long a letter with links is of use to who asked for it
LINKS_LAST = timedelta(days=1)
#: how long the note to a former address is of use
NOTE_LASTS = timedelta(days=7)
#: how long after the end a letter about a place still makes sense to who asked for the recording
RECORDING_LASTS = timedelta(days=30)
#: the letter that answers a new place, by its state
_ENTERED = {
    RegistrationState.CONFIRMED: Notice.CONFIRMATION,
    RegistrationState.WAITLISTED: Notice.WAITLISTED,
    RegistrationState.RECORDING_ONLY: Notice.RECORDING_PLACE,
}
_SUBJECT = literal("r") + cast(Registration.id, String)


def owe_confirmation(registration: Registration, now: datetime, by: str = VISITOR) -> None:
    """Owe the letter that gives a seat, with the invitation."""
    _answer(Notice.CONFIRMATION, registration, now, by)


def owe_proof(registration: Registration, now: datetime, by: str = VISITOR) -> None:
    """Owe the one letter about a held place: it asks for the button that makes it theirs."""
    _answer(Notice.PROOF, registration, now, by)


def owe_waiting(registration: Registration, now: datetime, by: str = VISITOR) -> None:
    """Owe the letter that gives a place in line."""
    _answer(Notice.WAITLISTED, registration, now, by)


def owe_recording_place(registration: Registration, now: datetime, by: str = VISITOR) -> None:
    """Owe the letter to who will watch the recording; it takes back the invitation of who had a seat."""
    _answer(Notice.RECORDING_PLACE, registration, now, by)


def owe_recording(registration: Registration, video_id: int, now: datetime, by: str = VISITOR) -> None:
    """Owe the link to a recording that is out already: its mailing may be settled, and looks for nobody new."""
    _owe(Notice.RECORDING_READY, registration, str(video_id), now, by)


def owe_promotion(registration: Registration, now: datetime) -> None:
    """Owe the letter that turns a place in line into a seat; nobody's request, so never held back."""
    _answer(Notice.PROMOTED, registration, now, by="webinar")


def owe_offer(registration: Registration, now: datetime) -> None:
    """Owe the letter that asks whether they take the seat held for them; never held back: its time runs."""
    _answer(Notice.OFFER, registration, now, by="webinar")


def owe_lapse(registration: Registration, now: datetime) -> None:
    """Owe the letter that the seat held for them went on."""
    _answer(Notice.OFFER_LAPSED, registration, now, by="webinar")


def owe_own_cancellation(registration: Registration, now: datetime) -> None:
    """Owe the letter that takes the calendar entry away; never held back, since an entry that stays misleads."""
    _answer(Notice.OWN_CANCELLATION, registration, now, by="place")


def owe_again(
    registration: Registration,
    request_id: str,
    now: datetime,
    by: str = VISITOR,
    not_before: datetime | None = None,
) -> None:
    """Owe the letter of the present state once more; those that wait and say the same make way for it."""
    _owe(Notice.REPEATED, registration, request_id, now, by, not_before)


def owe_dates(places: Sequence[Registration], now: datetime, not_before: datetime | None = None) -> None:
    """Owe the letter that lists dates taken at once (in order of time), and the invitation to each that has a seat.

    They are one answer, and go together when its first letter has its turn. All of them count for the address, so that
    whoever floods it through one series after the other gets no further than the first. Where places are held until
    the address is proven, one letter asks for the button that keeps all of them.
    """
    held = [one for one in places if one.held]
    if held and held[0].state_since == now:
        owe_proof(held[0], now)
    elif held:
        owe_again(held[0], f"dates-{now.isoformat()}", now, not_before=not_before)
    places = [one for one in places if not one.held]
    limited = _limited(Notice.DATES, places[0], now, not_before) if places else None
    if limited is None:
        return
    last_moments = [_last_moment(Notice.CONFIRMATION, one, now) for one in places]
    _write(Notice.DATES, places[0], now.isoformat(), now, max(last_moments), limited)
    for one, last in zip(places, last_moments, strict=True):
        if one.state == RegistrationState.CONFIRMED:
            _write(Notice.CONFIRMATION, one, str(one.state_changes), now, last, limited)


def owe_link(address: str, request_id: str, now: datetime, not_before: datetime | None = None) -> None:
    """Owe an address its links; whether it is known the worker finds out, so that every request takes the same time."""
    key = address_key(email_key(address))
    allowed_at = limits.links_at(key, Notice.LINK, now)
    if allowed_at is None:
        return
    allowed_at = max(allowed_at, not_before or now)
    outbox.owe(
        notice=Notice.LINK,
        subject=f"a{key}",
        occasion=request_id,
        payload={"address": address},
        now=now,
        not_before=allowed_at,
        not_after=allowed_at + LINKS_LAST,
        address_key=key,
    )


def owe_entered(webinar: Webinar, places: Select[Any], key: str, now: datetime) -> None:
    """Owe everybody of a list that was entered at once the letter of the place they got.

    It waits behind the answers to people's own deeds, and like what staff enter one by one it is never held back.
    """
    for state in db.session.scalars(
        select(Registration.state).where(Registration.webinar_id == webinar.id, Registration.id.in_(places)).distinct()
    ).all():
        _owe_to(_ENTERED[RegistrationState(state)], webinar, _of_state(webinar, places, state), key, now)


def owe_entered_recording(webinar: Webinar, places: Select[Any], video_id: int, now: datetime) -> None:
    """Owe those of a list who asked for the recording the link to it, since it is out already."""
    waiting = _of_state(webinar, places, RegistrationState.RECORDING_ONLY).with_only_columns(_SUBJECT)
    _owe_to(Notice.RECORDING_READY, webinar, waiting, str(video_id), now)


def _of_state(webinar: Webinar, places: Select[Any], state: str) -> Any:
    occasion = cast(Registration.state_changes, String).label("occasion")
    entered = (Registration.webinar_id == webinar.id, Registration.id.in_(places), Registration.state == state)
    return select(_SUBJECT, occasion).where(*entered, Registration.email.is_not(None)).order_by(Registration.id)


def _owe_to(notice: Notice, webinar: Webinar, subjects: Select[Any], key: str, now: datetime) -> None:
    outbox.owe_all(
        subjects,
        notice=notice,
        about=about(webinar.id),
        occasion=key,
        now=now,
        not_after=_end(notice, webinar, now),
        lane=Lane.BULK,
    )


def owe_new_address(change: AddressChange, now: datetime) -> None:
    """Owe a new address the letter with the button; it counts for that address, whoever it belongs to."""
    key = address_key(change.email_key)
    allowed_at = limits.links_at(key, Notice.NEW_ADDRESS, now)
    if allowed_at is None:
        return
    outbox.owe(
        notice=Notice.NEW_ADDRESS,
        subject=f"a{key}",
        occasion=change.secret,
        payload={"address": change.email, "change": change.secret},
        now=now,
        not_before=allowed_at,
        not_after=max(now, allowed_at) + LINKS_LAST,
        address_key=key,
    )


def owe_address_note(place: Registration, before: str, taken: int | None, now: datetime) -> None:
    """Owe the address that somebody had until now a note, so that nobody loses a place without noticing.

    taken: the SEQUENCE with which it takes the entry from the calendar there; None where there is none.
    """
    outbox.owe(
        notice=Notice.ADDRESS_CHANGED,
        subject=f"a{address_key(email_key(before))}",
        occasion=random_id(),
        payload={
            "address": before,
            "language": place.language,
            "discreet": place.discreet,
            "place": place.id,
            "taken": taken,
        },  # fmt: skip
        now=now,
        not_after=now + NOTE_LASTS,
    )


def _answer(notice: Notice, registration: Registration, now: datetime, by: str) -> None:
    _owe(notice, registration, str(registration.state_changes), now, by)


def _owe(
    notice: Notice,
    registration: Registration,
    occasion: str,
    now: datetime,
    by: str,
    not_before: datetime | None = None,
) -> None:
    """Write one letter; none for a person without an address, or beyond what visitors may cause.

    And none but the one that asks for proof about a place that is held until its address is proven.
    """
    if not registration.email or (registration.held and notice not in ALSO_TO_HELD):
        return
    limited = _limited(notice, registration, now, not_before) if by == VISITOR else {}
    if limited is None:
        return
    if notice is Notice.REPEATED and limited.get("not_before", now) <= now:
        desk_settling.make_way(registration.subject, about(registration.webinar_id))
    _write(notice, registration, occasion, now, _last_moment(notice, registration, now), limited)


def _write(
    notice: Notice,
    registration: Registration,
    occasion: str,
    now: datetime,
    not_after: datetime,
    limited: Mapping[str, Any],
) -> None:
    outbox.owe(
        notice=notice,
        subject=registration.subject,
        occasion=occasion,
        about=about(registration.webinar_id),
        now=now,
        not_after=not_after,
        lane=notice.lane,
        **limited,
    )


def _limited(
    notice: Notice, registration: Registration, now: datetime, not_before: datetime | None
) -> dict[str, Any] | None:
    """Say when the letter may go and whom it counts for; None when the address got enough for the day.

    The letter about a place waits for its turn; the same letter once more is not worth days of waiting. Neither waits
    beyond the start (webinars.mail.limits). What puts a calendar right counts, but is never held back: an entry that
    stays misleads, or says what it should not any more. What many sign-ups from one network cause waits in any case,
    unless somebody showed that the address is theirs.
    """
    key = registration.address_key
    if _mends_calendar(notice, registration):
        return {"address_key": key}
    turn = limits.allowed_at if notice is Notice.REPEATED else limits.postponed_to
    allowed_at = turn(key, now, begins_at(registration, now))
    if allowed_at is None:
        return None
    wait = max(not_before or now, registration.letters_from or now)
    if wait > allowed_at and not limits.is_proven(key):
        allowed_at = wait
    return {"not_before": allowed_at, "address_key": key}


def _mends_calendar(notice: Notice, registration: Registration) -> bool:
    """Say whether a letter takes an entry away, or tells it what is new with the person."""
    if not holds_entry(registration):
        return False
    outdated = (registration.entry_sequence or 0) < registration.sequence
    return notice in {Notice.WAITLISTED, Notice.RECORDING_PLACE} or (notice is Notice.REPEATED and outdated)


def _last_moment(notice: Notice, registration: Registration, now: datetime) -> datetime:
    if notice is Notice.OFFER and registration.offered_until:
        return registration.offered_until
    return _end(notice, registration.webinar, now)


def _end(notice: Notice, webinar: Webinar, now: datetime) -> datetime:
    if notice in {Notice.PROOF, Notice.RECORDING_PLACE, Notice.RECORDING_READY, Notice.REPEATED}:
        return max(webinar.ends_at, now + RECORDING_LASTS)
    return max(webinar.ends_at, now + timedelta(hours=1))


def about(webinar_id: int) -> str:
    """Give the key under which the outbox knows what a letter is about."""
    return f"w{webinar_id}"


def _noting(*, told: bool, entry: bool) -> Any:
    """Make the statement that notes what letters told, what they did to the calendar, or both."""
    place = Registration
    behind = {
        "told_sequence": or_(place.told_sequence.is_(None), place.told_sequence < bindparam("told")),
        "entry_sequence": or_(place.entry_sequence.is_(None), place.entry_sequence < bindparam("entry")),
    }
    newer: dict[str, Any] = {}
    if told:
        newer["told_sequence"] = case((behind["told_sequence"], bindparam("told")), else_=place.told_sequence)
    if entry:
        newer["entry_sequence"] = case((behind["entry_sequence"], bindparam("entry")), else_=place.entry_sequence)
        newer["entry_withdrawn"] = case((behind["entry_sequence"], bindparam("taken")), else_=place.entry_withdrawn)
    locked = _locked(select(place.id).where(among(place.id, "ids")))
    return (
        update(place)
        .where(place.id.in_(locked), or_(*(behind[name] for name in behind if name in newer)))
        .values(newer)
    )


def _locked(places: Select[int]) -> ScalarSelect[int]:
    """Lock places in the order in which the waiting list promotes, or the two could wait for each other."""
    return places.order_by(Registration.line_number, Registration.id).with_for_update().scalar_subquery()


# A letter may tell, change the calendar, or both; written once, since a mailing notes thousands.
_NOTING = {
    (told, entry): _noting(told=told, entry=entry) for told, entry in ((True, True), (True, False), (False, True))
}


def note_told(sent: Iterable[Sent]) -> None:
    """Remember with the registrations what letters told and what calendars hold, in the transaction that marks them.

    Neither goes back: of two letters that cross, a calendar keeps the one with the higher SEQUENCE (RFC 5546 2.1.5).
    """
    alike: dict[Receipt, list[int]] = {}
    for one in sent:
        if one.receipt[:2] != (None, None) and one.subject.startswith("r"):
            alike.setdefault(one.receipt, []).append(int(one.subject[1:]))
    for (told, entry, taken), ids in alike.items():
        values = {"ids": ids} | ({} if told is None else {"told": told})
        values |= {} if entry is None else {"entry": entry, "taken": taken}
        statement = _NOTING[told is not None, entry is not None]
        db.session.execute(statement, values, execution_options={"synchronize_session": False})


def note_unconcerned(webinar: Webinar, readers: Collection[str]) -> None:
    """Remember that a change says nothing new to whoever knew all before it and reads none of some languages."""
    others = (
        select(Registration.id)
        .where(Registration.webinar_id == webinar.id, Registration.told_sequence == webinar.sequence - 1)
        .where(Registration.language.not_in(readers))
    )
    statement = update(Registration).where(Registration.id.in_(_locked(others))).values(told_sequence=webinar.sequence)
    db.session.execute(statement, execution_options={"synchronize_session": False})


def note_unmoved(webinar: Revision, starts: Starts) -> None:
    """Remember that whoever holds the start that holds again knows the webinar as it is, though SEQUENCE has grown."""
    told = sorted(starts.same.difference(told_before_a_change(webinar, starts)))
    statement = (
        update(Registration)
        .where(Registration.webinar_id == webinar.id, Registration.told_sequence.in_(told), ~may_have_heard(webinar.id))
        .values(told_sequence=webinar.sequence)
    )
    db.session.execute(statement, execution_options={"synchronize_session": False})
