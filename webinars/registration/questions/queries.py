"""What is asked, what was answered, and how often, each in a bounded number of statements."""

from collections import OrderedDict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from threading import Lock
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    ColumnElement,
    CompoundSelect,
    Select,
    String,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    text,
    union_all,
)

from webinars.core.among import among
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.paging import Page, page_of
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions.models import Answer, Kind, Moment, Question, Tally
from webinars.registration.questions.rules import NOTHING, Asking, choices_in, shown_to
from webinars.schedule.models import Series, Webinar

#: how many chose what: by question ("q3"), "role" or "access", and by choice
Counts = dict[str, dict[str, int]]
PAGE_SIZE = 50
_STANDS = Registration.state != RegistrationState.CANCELLED
_OPEN = Registration.access_met_at.is_(None)
_MOST_KEPT = 256
_ORDER = (Question.webinar_id.is_not(None), Question.position, Question.id)
_COLUMNS = [column for column in Question.__table__.columns if column.key not in {"created_at", "retired_at"}]
_ASKED = (
    select(Series.asks_role, Series.asks_access, Series.access_days, Series.companions, Series.require_proof, *_COLUMNS)
    .outerjoin(
        Question,
        and_(
            or_(Question.series_id == Series.id, Question.webinar_id == bindparam("webinar")),
            Question.retired_at.is_(None),
            Question.moment == Moment.FORM,
        ),
    )
    .where(Series.id == bindparam("series"))
    .order_by(*_ORDER)
)
_ANSWERS = select(Answer.registration_id, Answer.question_id, Answer.value)
_OF_SOME = _ANSWERS.where(among(Answer.registration_id, "registrations"))
#: what was asked of each webinar that was looked at last, by its id and the number drawn with the last change
_kept: OrderedDict[tuple[int, int], Asking] = OrderedDict()
_lock = Lock()


def asking_of(webinar: Webinar, now: datetime) -> Asking:
    """Give what a webinar's form asks beyond the usual until it is over: no statement when that is known, else one."""
    return _known(webinar) if webinar.asks and webinar.ends_at > now else NOTHING


def requires_proof(webinar: Webinar) -> bool:
    """Say whether a place at a webinar is only held until its address is proven, also of who wants the recording.

    It costs as much as ``asking_of``: nothing where nothing is asked.
    """
    return bool(webinar.asks) and _known(webinar).proof


def _known(webinar: Webinar) -> Asking:
    key = (webinar.id, webinar.asks)
    with _lock:
        known = _kept.get(key)
    return known or _keep(key, _asking(webinar))


def _asking(webinar: Webinar) -> Asking:
    rows = db.session.execute(_ASKED, {"series": webinar.series_id, "webinar": webinar.id}).all()
    asks_role, asks_access, access_days, companions, proof = rows[0][:5]
    # Made anew, not loaded: they are shared by all threads and outlive the session.
    questions = [Question(**dict(zip((one.key for one in _COLUMNS), row[5:], strict=True))) for row in rows]
    return Asking(
        questions=tuple(question for question in questions if question.id is not None),
        role=asks_role if webinar.asks_role is None else webinar.asks_role,
        access_days=access_days if (asks_access if webinar.asks_access is None else webinar.asks_access) else None,
        companions=companions if webinar.companions is None else webinar.companions,
        proof=proof if webinar.require_proof is None else webinar.require_proof,
    )


def _keep(key: tuple[int, int], asking: Asking) -> Asking:
    with _lock:
        _kept[key] = asking
        while len(_kept) > _MOST_KEPT:
            _kept.popitem(last=False)
    return asking


def survey_of(webinar: Webinar, role: str | None) -> list[Question]:
    """List what somebody of a role is asked when a webinar is over (one statement; none where nothing is asked)."""
    if not webinar.surveys:
        return []
    wanted = select(Question).where(
        or_(Question.series_id == webinar.series_id, Question.webinar_id == webinar.id),
        Question.moment == Moment.AFTER,
        Question.retired_at.is_(None),
    )
    return shown_to(db.session.scalars(wanted.order_by(*_ORDER)), role)


def get_question(question_id: int) -> Question:
    """Give a question.

    Raises NotFound.
    """
    found = db.session.get(Question, question_id)
    if found is None:
        raise NotFound(_("There is no such question."))
    return found


def owner_of(question: Question) -> Series | Webinar:
    """Give the series or the webinar that asks a question."""
    if question.webinar_id is not None:
        return db.session.get_one(Webinar, question.webinar_id)
    return db.session.get_one(Series, question.series_id)


def exists_uncounted() -> ColumnElement[bool]:
    """Say of a registration whether it holds what is counted before it is deleted."""
    answers = exists().where(Answer.registration_id == Registration.id)
    return or_(answers, Registration.role.is_not(None), Registration.access_needs != "")


def list_of(owner: Series | Webinar) -> list[Question]:
    """List the questions of a series or a webinar in their order, the retired ones last."""
    whose = Question.series_id if isinstance(owner, Series) else Question.webinar_id
    wanted = select(Question).where(whose == owner.id)
    return list(db.session.scalars(wanted.order_by(Question.retired_at.is_not(None), Question.position, Question.id)))


def answered(question_ids: Collection[int]) -> dict[int, int]:
    """Count who answered each of some questions, deleted people among them (one statement)."""
    live = select(Answer.question_id.label("question"), func.count().label("number"))
    live = live.where(Answer.question_id.in_(question_ids)).group_by(Answer.question_id)
    names = {f"q{number}": number for number in question_ids}
    gone = select(Tally.what, func.sum(Tally.number)).where(Tally.what.in_(names), Tally.choice == "")
    found = dict(db.session.execute(live).all())
    for what, number in db.session.execute(gone.group_by(Tally.what)):
        found[names[what]] = found.get(names[what], 0) + number
    return found


def answers_of_one(registration_id: int) -> dict[int, str]:
    """Give the answers of one registration, by question."""
    wanted = select(Answer.question_id, Answer.value).where(Answer.registration_id == registration_id)
    return dict(db.session.execute(wanted).all())


def answers_of(registration_ids: Sequence[int]) -> dict[int, dict[int, str]]:
    """Give the answers of some registrations by question, by registration (one statement)."""
    found: dict[int, dict[int, str]] = {}
    for registration_id, question_id, value in db.session.execute(_OF_SOME, {"registrations": registration_ids}):
        found.setdefault(registration_id, {})[question_id] = value
    return found


def questions_of(webinar: Webinar) -> list[Question]:
    """List the questions that a webinar asks or that somebody answered there, the retired ones last (one statement)."""
    of_it = or_(Question.series_id == webinar.series_id, Question.webinar_id == webinar.id)
    here = exists().where(Answer.question_id == Question.id, Answer.registration_id == Registration.id)
    here = here.where(Registration.webinar_id == webinar.id)
    counted = exists().where(Tally.webinar_id == webinar.id, Tally.what == literal("q") + cast(Question.id, String))
    wanted = select(Question).where(or_(and_(of_it, Question.retired_at.is_(None)), here, counted))
    return list(db.session.scalars(wanted.order_by(Question.retired_at.is_not(None), *_ORDER)))


def counts(webinar_id: int) -> Counts:
    """Count the answers at a webinar, also those deleted since: by question ("q3") or "role", and by choice.

    The empty choice counts the people who answered; words are not told apart. Two statements.
    """
    found: Counts = {}
    for what, choice, number in db.session.execute(_without_answers(webinar_id)):
        _add(found, what, choice, number)
    for question_id, kind, value, number in db.session.execute(_answered_at(webinar_id)):
        for choice in choices_in(kind, value):
            _add(found, f"q{question_id}", choice, number)
    return found


def _add(found: Counts, what: str, choice: str, number: int) -> None:
    choices = found.setdefault(what, {})
    choices[choice] = choices.get(choice, 0) + number


def _without_answers(webinar_id: int) -> CompoundSelect[Any]:
    """Select what was counted before it was deleted, who still says who they are, and who needs something."""
    gone = select(Tally.what, Tally.choice, Tally.number).where(Tally.webinar_id == webinar_id)
    here = Registration.webinar_id == webinar_id, _STANDS
    roles = select(literal("role"), Registration.role, func.count()).where(*here, Registration.role.is_not(None))
    needs = select(literal("access"), literal(""), func.count()).where(*here, Registration.access_needs != "")
    return union_all(gone, roles.group_by(Registration.role), needs)


def _answered_at(webinar_id: int) -> Select[Any]:
    said = case((Question.kind.in_((Kind.TEXT, Kind.LONG)), ""), else_=Answer.value)
    counted = (
        select(Answer.question_id, Question.kind, said, func.count())
        .join(Question, Question.id == Answer.question_id)
        .join(Registration, Registration.id == Answer.registration_id)
        .where(Registration.webinar_id == webinar_id, _STANDS)
    )
    return counted.group_by(Answer.question_id, Question.kind, said)


def words_of(webinar_id: int, question_id: int, page: int) -> Page[str]:
    """List a page of what people wrote to a question at a webinar, in order of arrival, without their names."""
    wanted = (
        select(Answer.value)
        .join(Registration, Registration.id == Answer.registration_id)
        .where(Answer.question_id == question_id, Registration.webinar_id == webinar_id, _STANDS)
    )
    return page_of(wanted, [Registration.created_at, Registration.id], page, PAGE_SIZE)


def first_words(webinar_id: int, questions: Iterable[Question], most: int) -> dict[int, list[str]]:
    """Give the newest of what people wrote to each question at a webinar, without their names (one statement)."""
    parts = [_newest_words(webinar_id, one.id, most) for one in questions if one.kind in (Kind.TEXT, Kind.LONG)]
    found: dict[int, list[str]] = {}
    for question_id, value in db.session.execute(union_all(*parts)) if parts else ():
        found.setdefault(question_id, []).append(value)
    return found


def _newest_words(webinar_id: int, question_id: int, most: int) -> Select[Any]:
    # Each by itself: its answers stand in an index in the order of the people, of whom the last are enough.
    newest = (
        select(Answer.question_id, Answer.value)
        .join(Registration, Registration.id == Answer.registration_id)
        .where(Answer.question_id == question_id, Registration.webinar_id == webinar_id, _STANDS)
        .order_by(Answer.registration_id.desc())
    )
    return select(newest.limit(most).subquery())


def for_speakers(webinar_id: int, page: int, per_page: int = PAGE_SIZE) -> Page[str]:
    """List a page of the questions for the speakers in order of arrival, without the names of who asks."""
    asked = select(Registration.question).where(
        Registration.webinar_id == webinar_id, _STANDS, Registration.question != ""
    )
    return page_of(asked, [Registration.created_at, Registration.id], page, per_page)


def needing(webinar_id: int, page: int) -> Page[Registration]:
    """List a page of who needs something to take part in a webinar, what is not arranged yet first."""
    wanted = select(Registration).where(Registration.webinar_id == webinar_id, _needs())
    order = [Registration.access_met_at.is_not(None), Registration.created_at, Registration.id]
    return page_of(wanted, order, page, PAGE_SIZE)


def waiting_needs(webinar_id: int) -> int:
    """Count the needs at a webinar that are not arranged yet."""
    wanted = select(func.count()).where(Registration.webinar_id == webinar_id, _needs(), _OPEN)
    return db.session.scalar(wanted) or 0


def needs_waiting(webinar_ids: Collection[int]) -> dict[int, int]:
    """Count the needs that are not arranged yet at webinars, where there are any (one statement)."""
    counted = select(Registration.webinar_id, func.count()).where(_needs(), _OPEN)
    rows = db.session.execute(counted.where(Registration.webinar_id.in_(webinar_ids)).group_by(Registration.webinar_id))
    return dict(rows.all())


def _needs() -> ColumnElement[bool]:
    # Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
    return and_(text("registrations.access_needs <> ''"), _STANDS)
