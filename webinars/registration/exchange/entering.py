"""Entering all people of an import at once, inside the caller's transaction: a handful of statements for any number."""

from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, false, func, insert, literal, null, or_, select, true, update
from sqlalchemy.orm import Session

from webinars.accounts import audit
from webinars.core.database import db, lock
from webinars.registration import events, proofs, seats
from webinars.registration.exchange import asked
from webinars.registration.exchange.comparing import compare
from webinars.registration.exchange.models import ENTERED, Fate, Import, ImportRow, ImportState
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.queries import NOT_HELD
from webinars.registration.questions import queries as questions
from webinars.registration.questions.models import Answer
from webinars.registration.rules import Letters
from webinars.schedule.models import Webinar

#: what a row answers to what the webinar asks
_EXTRAS = ImportRow.written["extras"].label("extras")
_QUIETLY = {"synchronize_session": False}


def enter(found: Import, now: datetime) -> bool:
    """Enter everybody, or nobody when something stands against it by now; says whether this call has done it."""
    webinar = seats.lock(found.webinar_id)
    lock(found)
    if found.state != ImportState.ENTERING:
        return False
    compare(found, webinar, now)
    if found.problems:
        found.state, found.held_up = ImportState.CHECKED, True
        return False
    _write(found, webinar, now)
    # What staff were shown of people goes with the rows.
    found.state, found.samples = ImportState.DONE, []
    audit.record("registrations imported", "webinar", webinar.id, after=_told(found), now=now, by=found.acted_by)
    places = _places(found, ENTERED)
    key = f"import-{found.id}"
    events.places_entered.send(webinar, now=now, quiet=not found.letters, key=key, places=places)
    return True


def _write(found: Import, webinar: Webinar, now: datetime) -> None:
    waiting = found.getting(RegistrationState.WAITLISTED)
    seats.take_many(webinar, found.getting(RegistrationState.CONFIRMED), waiting)
    _lock_known(found)
    _bring_back(found, webinar, now)
    _seat_after_all(found, webinar, now)
    _add_new(found, webinar, now)
    _answer(found, webinar, now)
    _keep_held(found, now)


def _keep_held(found: Import, now: datetime) -> None:
    """Keep the places of those whom staff name, which were held until their address is proven."""
    held = select(Registration).where(Registration.id.in_(_places(found, (Fate.KNOWN, Fate.TWICE))), ~NOT_HELD)
    ordered = held.order_by(Registration.line_number, Registration.id).with_for_update(of=Registration)
    for place in _session().scalars(ordered.execution_options(populate_existing=True)).all():
        proofs.keep(place, now, "staff", Letters.EACH if found.letters else Letters.NONE)


def _lock_known(found: Import) -> None:
    """Lock who is registered already, in the order in which everybody else locks places (notices.owed)."""
    known = select(Registration.id).where(Registration.id.in_(_places(found, (Fate.BACK, Fate.SEAT))))
    ordered = known.order_by(Registration.line_number, Registration.id).with_for_update().subquery()
    _session().execute(select(func.count()).select_from(ordered))


def _places(found: Import, fates: tuple[Fate, ...]) -> Select[Any]:
    """Select the ids of the registrations that rows with these fates lead to."""
    return (
        select(Registration.id)
        .join(ImportRow, _same(found))
        .where(ImportRow.import_id == found.id, ImportRow.fate.in_(fates))
    )


def _same(found: Import) -> Any:
    return and_(
        Registration.webinar_id == found.webinar_id,
        Registration.email_key == ImportRow.email_key,
        Registration.name_key == ImportRow.name_key,
    )


def _add_new(found: Import, webinar: Webinar, now: datetime) -> None:
    taken = ("public_id", "uid", "name", "name_key", "email", "email_key", "address_key", "phone", "mode", "time_zone",
             "language", "discreet", "question", "state", "line_number")  # fmt: skip
    moment = literal(now, Registration.created_at.type)
    given = {
        "webinar_id": literal(webinar.id), "told_sequence": _told_sequence(found, webinar), "state_changes": literal(1),
        "state_since": moment, "answered_at": moment, "created_at": moment, "entered_by_staff": true(),
        "suspicious": false(),
    }  # fmt: skip
    rows = (
        select(*(getattr(ImportRow, name) for name in taken), *given.values())
        .where(ImportRow.import_id == found.id, ImportRow.fate == Fate.NEW)
        .order_by(ImportRow.number)
    )
    # Without the defaults of the model: one call of each would serve all rows.
    _session().execute(insert(Registration).from_select([*taken, *given], rows, include_defaults=False))


def _answer(found: Import, webinar: Webinar, now: datetime) -> None:
    """Write what rows answer to what the webinar asks; who comes back keeps what they answered before."""
    asking = asked.asked_by(webinar, now)
    if not any(field in asked.names(asking).values() for field in found.columns):
        return
    rows = (
        select(Registration.id, Registration.role, Registration.access_needs, ImportRow.fate, _EXTRAS)
        .join(ImportRow, _same(found))
        .where(ImportRow.import_id == found.id, ImportRow.fate.in_((Fate.NEW, Fate.BACK)))
    )
    # Read as a whole before anything is written: one connection does both.
    given = [(one, asked.still_asked(asked.kept_in(one.extras), asking)) for one in _session().execute(rows)]
    known = questions.answers_of([one.id for one, _extras in given if one.fate == Fate.BACK])
    people = [
        {"id": one.id, "role": one.role or extras.role, "access_needs": one.access_needs or extras.access_needs}
        for one, extras in given
        if extras.role or extras.access_needs
    ]
    answers = [
        {"registration_id": one.id, "question_id": number, "value": value}
        for one, extras in given
        for number, value in extras.answers.items()
        if number not in known.get(one.id, ())
    ]
    for statement, values in ((update(Registration), people), (insert(Answer), answers)):
        if values:
            _session().execute(statement, values)


def _bring_back(found: Import, webinar: Webinar, now: datetime) -> None:
    """Give those back their places who had cancelled, as the service does for one (``_come_back``)."""
    row, place = ImportRow, Registration
    theirs = {
        "name": row.name,
        "time_zone": row.time_zone,
        "language": row.language,
        "discreet": or_(place.discreet, row.discreet.is_(True)),
        "question": case((row.question != "", row.question), else_=place.question),
        "entered_by_staff": true(),
    }
    _change(found, webinar, Fate.BACK, now, theirs)


def _seat_after_all(found: Import, webinar: Webinar, now: datetime) -> None:
    """Give those a seat or a place in line who had asked for the recording only (``change_mode``)."""
    _change(found, webinar, Fate.SEAT, now, {})


def _change(found: Import, webinar: Webinar, fate: Fate, now: datetime, theirs: dict[str, Any]) -> None:
    row, place = ImportRow, Registration
    moment = literal(now, Registration.created_at.type)
    seated = row.state != RegistrationState.RECORDING_ONLY
    values = theirs | {
        "state": row.state,
        "line_number": row.line_number,
        "mode": row.mode,
        "partstat": case((seated, ""), else_=place.partstat),
        "state_changes": place.state_changes + 1,
        "sequence_offset": place.sequence_offset + 1,
        "state_since": moment,
        "answered_at": moment,
        "proof_until": null(),
    }
    if not found.letters:
        values["told_sequence"] = literal(webinar.sequence)
    change = update(place).where(row.import_id == found.id, row.fate == fate, _same(found)).values(values)
    _session().execute(change, execution_options=_QUIETLY)


def _told_sequence(found: Import, webinar: Webinar) -> Any:
    """Who gets no letter knows the webinar as it is now, so that later changes are told to them too."""
    return null() if found.letters else literal(webinar.sequence)


def _told(found: Import) -> dict[str, int | bool]:
    """Give what the audit trail says of it: numbers only."""
    states = (RegistrationState.CONFIRMED, RegistrationState.WAITLISTED, RegistrationState.RECORDING_ONLY)
    counts: dict[str, int | bool] = {state.value.replace("-", "_"): found.getting(state) for state in states}
    return counts | {"rows": found.rows - found.left_out, "letters": found.letters}


def _session() -> Session:
    return db.session()
