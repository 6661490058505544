"""What a person may ask for: everything that is held about their address, and its erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, column, delete, or_, select, table
from sqlalchemy.orm import InstrumentedAttribute, contains_eager

from webinars.accounts import audit
from webinars.accounts.models import AuditEntry, User
from webinars.accounts.queries import find_user, passkeys_of, sessions_of
from webinars.core.among import among
from webinars.core.database import Model, UtcInstant, db
from webinars.core.links import address_key, keyed_hash
from webinars.core.text import email_key
from webinars.live.models import Attendance
from webinars.mail.models import Address, Inbound, Message, Unsubscription
from webinars.registration import erasure, seats
from webinars.registration.exchange import queries as lists
from webinars.registration.exchange import service as imports
from webinars.registration.exchange.models import ImportRow
from webinars.registration.models import AddressChange, Registration, RegistrationState
from webinars.registration.questions.models import Answer, Question
from webinars.registration.questions.words import answer_words
from webinars.registration.rules import tidy_address
from webinars.schedule.models import Series, Webinar
from webinars.site import events

#: named, not imported: the API is a later room
_ANSWERS = table("idempotent_answers", column("body"), column("created_at", UtcInstant))
#: rows of one kind, by what they belong to
_Rows = dict[Any, list[dict[str, Any]]]
_QUIETLY = {"synchronize_session": False}


@dataclass
class Erased:
    """How many rows of each kind are gone."""

    registrations: int = 0
    attendances: int = 0
    letters: int = 0
    addresses: int = 0
    unsubscriptions: int = 0
    came_back: int = 0
    answers: int = 0
    #: rows of lists on their way into a webinar
    imported: int = 0
    answers_to_questions: int = 0


def erase(address: str, now: datetime) -> Erased:
    """Erase everything held about an address; freed seats go to the next in line. No letter follows to the person.

    A staff account under the address stays: it is the organisation's.
    """
    key = _folded(address)
    _lock_webinars(key)
    events.people_go.send(_ids(key), now=now)
    erased = Erased(addresses=_delete(Address, Address.key == address_key(key)), imported=imports.forget(key))
    for registration_id in _ids(key):
        registration = db.session.get(Registration, registration_id)
        if registration is not None:
            _erase_place(registration, erased, now)
    _delete(AddressChange, AddressChange.email_key == key)
    erased.letters += _delete(Message, _is_letter_to(key))
    erased.came_back += _delete(Inbound, _is_from(key))
    erased.unsubscriptions = _delete(Unsubscription, Unsubscription.address_key == address_key(key))
    return erased


def _lock_webinars(key: str) -> None:
    """Lock, in one order, the webinars at which an address has a place or gets one by a list just now."""
    places = select(Registration.webinar_id).where(Registration.email_key == key)
    numbers = {*db.session.scalars(places), *(found.webinar_id for found in lists.naming(key))}
    for number in sorted(numbers):
        seats.lock(number)


def _erase_place(registration: Registration, erased: Erased, now: datetime) -> None:
    subject, public_id = registration.subject, registration.public_id
    # Before anything else: every change of a place goes through this lock.
    seats.lock_place(registration)
    erased.attendances += _delete(Attendance, Attendance.registration_id == registration.id)
    erased.answers_to_questions += _delete(Answer, Answer.registration_id == registration.id)
    erasure.erase(registration, now)
    erased.letters += _delete(Message, Message.subject == subject)
    erased.came_back += _delete(Inbound, Inbound.subject == subject)
    erased.answers += _rowcount(db.session.execute(delete(_ANSWERS).where(_names(public_id))))
    erased.registrations += 1
    audit.record("registration erased", "registration", public_id, now=now)


def held(address: str) -> dict[str, Any]:
    """Give everything that is held about an address, ready for JSON but for its instants (a query for each kind)."""
    key = _folded(address)
    places = _places(key)
    user = find_user(key)
    around = {
        "attendance": _by(Attendance, Attendance.registration_id, [place.id for place in places]),
        "letters": _by(Message, Message.subject, [place.subject for place in places]),
        "came_back": _by(Inbound, Inbound.subject, [place.subject for place in places]),
    }
    answers, given = _answers_by_place(key), _given(places)
    return {
        "address": key,
        "mailbox": _rows(Address, Address.key == address_key(key)),
        "letters_left": _letters_left(key),
        "registrations": [_place(place, around, answers) | {"answers": given.get(place.id, [])} for place in places],
        "changes_of_address": _changes_of_address(key, places),
        "on_lists": _rows(ImportRow, lists.is_about(key)),
        "letters_without_registration": _rows(
            Message, _is_letter_to(key), Message.subject.not_in([place.subject for place in places])
        ),
        "came_back_without_registration": _rows(Inbound, _is_from(key)),
        "what_staff_did": _rows(
            AuditEntry,
            AuditEntry.object_kind == "registration",
            AuditEntry.object_id.in_([place.public_id for place in places]),
        ),
        "staff_account": _staff_account(user) if user else None,
    }


def _staff_account(user: User) -> dict[str, Any]:
    """Give what is held about a member of staff, but for what would let somebody in as them."""
    passkeys = [
        {"name": passkey.name, "created_at": passkey.created_at, "used_at": passkey.used_at}
        for passkey in passkeys_of(user.id)
    ]
    sign_ins = [
        {"started_at": one.started_at, "used_at": one.used_at, "device": one.device}
        for one in sessions_of(user.id, user.created_at)
    ]
    return {
        "name": user.name,
        "roles": [role.name for role in user.roles],
        "code_app": user.totp_secret is not None,
        "passkeys": passkeys,
        "sign_ins": sign_ins,
    }


def _place(place: Registration, around: dict[str, _Rows], answers: dict[str, list[datetime]]) -> dict[str, Any]:
    webinar = {"slug": place.webinar.slug, "title": place.webinar.title, "starts_at": place.webinar.starts_at}
    return {
        "webinar": webinar,
        **_columns(Registration, place),
        "attendance": around["attendance"].get(place.id, []),
        "letters": around["letters"].get(place.subject, []),
        "came_back": around["came_back"].get(place.subject, []),
        "answers_to_programs": answers.get(place.public_id, []),
    }


def _by(model: type[Model], column: InstrumentedAttribute[Any], values: list[Any]) -> _Rows:
    """Give the rows that have one of the values in a column, by that value (one query)."""
    found: _Rows = {}
    wanted = select(model).where(among(column, "values")).order_by(*model.__mapper__.primary_key)
    for row in db.session.scalars(wanted, {"values": values}):
        found.setdefault(getattr(row, column.key), []).append(_columns(model, row))
    return found


def _given(places: Sequence[Registration]) -> dict[int, list[dict[str, str]]]:
    """Give what was answered to questions of staff, each in the language of the place (one query)."""
    spoken = {place.id: place.language for place in places}
    wanted = select(Answer.registration_id, Question, Answer.value).join(Question, Answer.question_id == Question.id)
    asked = wanted.where(among(Answer.registration_id, "ids")).order_by(Answer.registration_id, Question.id)
    found: dict[int, list[dict[str, str]]] = {}
    for number, question, value in db.session.execute(asked, {"ids": list(spoken)}):
        said = answer_words(question, value, spoken[number])
        found.setdefault(number, []).append({"question": question.label(spoken[number]), "answer": said})
    return found


def _answers_by_place(key: str) -> dict[str, list[datetime]]:
    """Give when programs were answered about the places of an address, by public id."""
    named = cast(_ANSWERS.c.body, String).contains(Registration.public_id)
    wanted = select(Registration.public_id, _ANSWERS.c.created_at).join(_ANSWERS, named)
    found: dict[str, list[datetime]] = {}
    for public_id, moment in db.session.execute(wanted.where(Registration.email_key == key)):
        found.setdefault(public_id, []).append(moment)
    return found


def _changes_of_address(key: str, places: Sequence[Registration]) -> list[dict[str, Any]]:
    """List the changes of address that wait, from this address and to it."""
    of_places = AddressChange.registration_id.in_([place.id for place in places])
    return _rows(AddressChange, or_(of_places, AddressChange.email_key == key))


def _letters_left(key: str) -> list[dict[str, Any]]:
    """List what an address left, with the title of the series it was left for; None = of all."""
    left = _rows(Unsubscription, Unsubscription.address_key == address_key(key))
    numbers = [int(one["about"][1:]) for one in left if one["about"]]
    named = select(Series.id, Series.title).where(among(Series.id, "ids"))
    titles = dict(db.session.execute(named, {"ids": numbers}).all())
    return [one | {"series": titles.get(int(one["about"][1:])) if one["about"] else None} for one in left]


def _folded(address: str) -> str:
    return email_key(tidy_address(address))


def _ids(key: str) -> Sequence[int]:
    """List the registrations by webinar, so that locks are taken in one order; those without a seat first.

    Else a freed seat would go to a place of the same person.
    """
    seated = Registration.state == RegistrationState.CONFIRMED
    wanted = select(Registration.id).where(Registration.email_key == key)
    return db.session.scalars(wanted.order_by(Registration.webinar_id, seated, Registration.id)).all()


def _places(key: str) -> Sequence[Registration]:
    wanted = select(Registration).join(Registration.webinar).options(contains_eager(Registration.webinar))
    wanted = wanted.where(Registration.email_key == key)
    return db.session.scalars(wanted.order_by(Webinar.starts_at, Registration.id)).all()


def _is_letter_to(key: str) -> ColumnElement[bool]:
    hashed = address_key(key)
    found = or_(Message.subject == f"a{hashed}", Message.address_key == hashed)
    if find_user(key):
        # Letters to a member of staff belong to the account.
        return found
    # Somebody may have asked for a new password with an address that is no staff user's.
    return or_(found, Message.subject == f"a{keyed_hash('staff', key)}")


def _is_from(key: str) -> ColumnElement[bool]:
    """Find what came back from an address, whether or not it is known what it answers."""
    return or_(Inbound.sender == key, Inbound.subject == f"a{address_key(key)}")


def _names(public_id: str) -> ColumnElement[bool]:
    """Find the answers to programs that speak of a registration."""
    return cast(_ANSWERS.c.body, String).contains(public_id, autoescape=True)


def _rows(model: type[Model], *which: ColumnElement[bool]) -> list[dict[str, Any]]:
    return [_columns(model, row) for row in db.session.scalars(select(model).where(*which))]


def _columns(model: type[Model], row: Model) -> dict[str, Any]:
    return {column.key: getattr(row, column.key) for column in model.__table__.columns}


def _delete(model: type[Model], which: ColumnElement[bool]) -> int:
    return _rowcount(db.session.execute(delete(model).where(which), execution_options=_QUIETLY))


def _rowcount(result: Any) -> int:
    return max(0, int(result.rowcount))
