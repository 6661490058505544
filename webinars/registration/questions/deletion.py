"""Deleting answers at their date: the counts stay. Whoever calls holds the transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from webinars.core.database import db
from webinars.mail.outbox import insert_into
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions.models import Answer, Question, Tally
from webinars.registration.questions.rules import choices_in
from webinars.schedule.models import Webinar

#: deleted at once at most, so that nobody waits for it
BATCH = 500


def forget_health(before: datetime) -> int:
    """Delete what tells of the health of people whose webinar ended before an instant, a batch, and keep the counts."""
    return _forget_answers(_old(before).where(Question.health.is_(True))) + _forget_roles(before)


def forget_answers(before: datetime) -> int:
    """Delete all other answers to questions whose webinar ended before an instant, a batch, and keep the counts."""
    return _forget_answers(_old(before))


def _old(before: datetime) -> Any:
    """Select old answers, held until the transaction ends: no other job counts them too."""
    return (
        select(Answer, Question.kind, Registration.webinar_id, Registration.state)
        .join(Question, Question.id == Answer.question_id)
        .join(Registration, Registration.id == Answer.registration_id)
        .join(Webinar, Webinar.id == Registration.webinar_id)
        .where(Webinar.ends_at < before)
        .order_by(Answer.registration_id, Answer.question_id)
        .limit(BATCH)
        .with_for_update(of=Answer)
    )


def _forget_answers(old: Any) -> int:
    counted: dict[tuple[int, str, str], int] = {}
    rows = db.session.execute(old, execution_options={"populate_existing": True}).all()
    for given, kind, webinar_id, state in rows:
        for choice in choices_in(kind, given.value) if state != RegistrationState.CANCELLED else ():
            key = (webinar_id, f"q{given.question_id}", choice)
            counted[key] = counted.get(key, 0) + 1
        db.session.delete(given)
    db.session.flush()
    _count(counted)
    return len(rows)


def _forget_roles(before: datetime) -> int:
    old = (
        select(Registration)
        .join(Webinar, Webinar.id == Registration.webinar_id)
        .where(Webinar.ends_at < before, (Registration.role.is_not(None)) | (Registration.access_needs != ""))
        .order_by(Registration.id)
        .limit(BATCH)
        .with_for_update(of=Registration)
        .execution_options(populate_existing=True)
    )
    counted: dict[tuple[int, str, str], int] = {}
    people = db.session.scalars(old).all()
    for one in people:
        said = [("role", one.role)] if one.role else []
        said += [("access", "")] if one.access_needs else []
        for what, choice in said if one.active else ():
            key = (one.webinar_id, what, choice)
            counted[key] = counted.get(key, 0) + 1
        one.role, one.access_needs, one.access_met_at = None, "", None
    db.session.flush()
    _count(counted)
    return len(people)


def _count(counted: Mapping[tuple[int, str, str], int]) -> None:
    """Add to the counts that stay, in one order, so that two jobs wait for each other and never in a circle."""
    for (webinar_id, what, choice), number in sorted(counted.items()):
        row = insert_into(Tally.__table__).values(webinar_id=webinar_id, what=what, choice=choice, number=number)
        added = {"number": Tally.number + row.excluded.number}
        db.session.execute(row.on_conflict_do_update(index_elements=["webinar_id", "what", "choice"], set_=added))
