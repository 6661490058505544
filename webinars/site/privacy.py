"""What a person may ask for: everything that is held about their address, and its erasure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, cast, column, delete, or_, select, table

from webinars.accounts import audit
from webinars.accounts.models import AuditEntry
from webinars.accounts.queries import find_user
from webinars.core.database import Model, UtcInstant, db
from webinars.core.links import address_key, keyed_hash
from webinars.core.text import email_key
from webinars.live.models import Attendance
from webinars.mail.models import Address, Inbound, Message, Unsubscription
from webinars.registration import seats
from webinars.registration import service as registrations
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions.models import Answer, Question
from webinars.registration.questions.words import answer_words
from webinars.registration.rules import tidy_address
from webinars.schedule.models import Webinar

#: named, not imported: the API is a later room
_ANSWERS = table("idempotent_answers", column("body"), column("created_at", UtcInstant))
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
    answers_to_questions: int = 0


def erase(address: str, now: datetime) -> Erased:
    """Erase everything held about an address; freed seats go to the next in line. No letter follows to the person.

    A staff account under the address stays: it is the organisation's.
    """
    key = _folded(address)
    erased = Erased(addresses=_delete(Address, Address.key == address_key(key)))
    for registration_id in _ids(key):
        registration = db.session.get(Registration, registration_id)
        if registration is not None:
            _erase_place(registration, erased, now)
    erased.letters += _delete(Message, _is_letter_to(key))
    erased.came_back += _delete(Inbound, _is_from(key))
    erased.unsubscriptions = _delete(Unsubscription, Unsubscription.address_key == address_key(key))
    return erased


def _erase_place(registration: Registration, erased: Erased, now: datetime) -> None:
    subject, public_id = registration.subject, registration.public_id
    # Before anything else: every change of a place goes through this lock.
    seats.lock_place(registration)
    erased.attendances += _delete(Attendance, Attendance.registration_id == registration.id)
    erased.answers_to_questions += _delete(Answer, Answer.registration_id == registration.id)
    registrations.erase(registration, now)
    erased.letters += _delete(Message, Message.subject == subject)
    erased.came_back += _delete(Inbound, Inbound.subject == subject)
    erased.answers += _rowcount(db.session.execute(delete(_ANSWERS).where(_names(public_id))))
    erased.registrations += 1
    audit.record("registration erased", "registration", public_id, now=now)


def held(address: str) -> dict[str, Any]:
    """Give everything that is held about an address, ready for JSON but for its instants."""
    key = _folded(address)
    places = _places(key)
    user = find_user(key)
    return {
        "address": key,
        "mailbox": _rows(Address, Address.key == address_key(key)),
        "letters_left": _rows(Unsubscription, Unsubscription.address_key == address_key(key)),
        "registrations": [_place(place) for place in places],
        "letters_without_registration": _rows(Message, _is_letter_to(key)),
        "came_back_without_registration": _rows(Inbound, _is_from(key)),
        "what_staff_did": _rows(
            AuditEntry,
            AuditEntry.object_kind == "registration",
            AuditEntry.object_id.in_([place.public_id for place in places]),
        ),
        "staff_account": {"name": user.name, "roles": [role.name for role in user.roles]} if user else None,
    }


def _place(place: Registration) -> dict[str, Any]:
    webinar = {"slug": place.webinar.slug, "title": place.webinar.title, "starts_at": place.webinar.starts_at}
    answers = select(_ANSWERS.c.created_at).where(_names(place.public_id))
    return {
        "webinar": webinar,
        **_columns(Registration, place),
        "answers": _answers(place),
        "attendance": _rows(Attendance, Attendance.registration_id == place.id),
        "letters": _rows(Message, Message.subject == place.subject),
        "came_back": _rows(Inbound, Inbound.subject == place.subject),
        "answers_to_programs": list(db.session.scalars(answers)),
    }


def _answers(place: Registration) -> list[dict[str, str]]:
    wanted = select(Question, Answer.value).join(Answer, Answer.question_id == Question.id)
    given = db.session.execute(wanted.where(Answer.registration_id == place.id).order_by(Question.id))
    return [
        {"question": question.label(place.language), "answer": answer_words(question, value, place.language)}
        for question, value in given
    ]


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
    wanted = select(Registration).join(Webinar).where(Registration.email_key == key)
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
