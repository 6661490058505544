"""Writing questions and answers. Whoever calls holds the transaction."""

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import BigInteger, case, delete, exists, func, insert, literal, or_, select, update

from webinars.accounts import audit
from webinars.core.database import db, lock
from webinars.core.errors import Conflict
from webinars.registration.models import Registration
from webinars.registration.questions import queries, rules
from webinars.registration.questions.models import Answer, Kind, Moment, Question, Role
from webinars.registration.questions.rules import Asking, Extras
from webinars.schedule.catalogue import lock_series
from webinars.schedule.cleaning import Problems
from webinars.schedule.models import Series, Webinar
from webinars.schedule.rules import version_of

Owner = Series | Webinar
_VERSIONED = ("texts", "options", "required", "role", "health", "kind", "moment", "position", "retired_at")
_COPIED = ("kind", "moment", "texts", "required", "role", "health", "position")
_QUIETLY = {"synchronize_session": False}


class ChangesMeaning(Conflict):
    """Ask whether words that people answered to are really to read differently."""


@dataclass(frozen=True)
class Draft:
    """A question as staff write it."""

    kind: str
    texts: Mapping[str, Mapping[str, str]]
    #: the key, empty of a new one, and the words by language
    options: tuple[tuple[str, Mapping[str, str]], ...] = ()
    required: bool = False
    role: str | None = None
    health: bool = False
    moment: str = Moment.FORM


def version(question: Question) -> str:
    """Fingerprint a question; pass it back as ``seen`` to notice that somebody else saved in between."""
    return version_of(question, _VERSIONED)


def add(owner: Owner, draft: Draft, now: datetime) -> Question:
    """Ask something more, after what is asked already; raises Problems."""
    _lock(owner)
    asked = [question for question in queries.list_of(owner) if question.retired_at is None]
    if len(asked) >= rules.MOST_QUESTIONS:
        raise Problems({"": _("There are %(number)s questions already, the most a form can have.", number=len(asked))})
    _check(draft)
    question = Question(created_at=now, position=_last(asked) + 1)
    if isinstance(owner, Series):
        question.series_id = owner.id
    else:
        question.webinar_id = owner.id
    _write(question, draft, answered=False)
    db.session.add(question)
    settle(owner)
    _note(owner, "question added", question, now)
    return question


def edit(question: Question, draft: Draft, now: datetime, *, seen: str | None = None, sure: bool = False) -> None:
    """Change a question; of an answered one the kind stays, and other words need to be meant.

    Raises Problems, Conflict when somebody saved after the version ``seen``, ChangesMeaning.
    """
    owner = _lock_with_owner(question)
    if seen is not None and seen != version(question):
        raise Conflict(_("Somebody else changed this question meanwhile. Compare it with yours, then save again."))
    _check(draft)
    answered = bool(queries.answered([question.id]))
    if answered and draft.kind != question.kind:
        raise Problems({"kind": _("People have answered this, so its kind stays. Retire it and write another.")})
    if answered and draft.moment != question.moment:
        raise Problems({"moment": _("People have answered this, so it is asked when it was. Write another one.")})
    options = rules.settled_options(question.options, draft.options, answered)
    if answered and not sure and rules.changes_meaning(question.texts, draft.texts, question.options, options):
        raise ChangesMeaning(_("People have answered this question as it was. Does it still mean the same?"))
    _write(question, draft, answered)
    settle(owner)
    _note(owner, "question edited", question, now)


def move(question: Question, up: bool, now: datetime) -> None:
    """Let a question change places with the one before or after it."""
    owner = _lock_with_owner(question)
    asked = [one for one in queries.list_of(owner) if one.retired_at is None]
    if question not in asked:
        return
    place = asked.index(question)
    other = place - 1 if up else place + 1
    if 0 <= other < len(asked):
        asked[place], asked[other] = asked[other], asked[place]
        for number, one in enumerate(asked, 1):
            one.position = number
        settle(owner)
        _note(owner, "question moved", question, now)


def retire(question: Question, now: datetime) -> bool:
    """Ask a question no more; gives whether it stays for its answers (one that nobody answered is deleted)."""
    owner = _lock_with_owner(question)
    kept = bool(queries.answered([question.id]))
    _note(owner, "question retired" if kept else "question deleted", question, now)
    if kept:
        question.retired_at = question.retired_at or now
    else:
        db.session.delete(question)
    settle(owner)
    return kept


def ask_again(question: Question, now: datetime) -> None:
    """Ask a retired question again, after the others."""
    owner = _lock_with_owner(question)
    asked = [one for one in queries.list_of(owner) if one.retired_at is None]
    if question.retired_at is None:
        return
    if len(asked) >= rules.MOST_QUESTIONS:
        raise Conflict(_("There are %(number)s questions already, the most a form can have.", number=len(asked)))
    question.retired_at, question.position = None, _last(asked) + 1
    settle(owner)
    _note(owner, "question asked again", question, now)


def copy(original: Webinar, duplicate: Webinar, now: datetime) -> None:
    """Ask at a duplicate of a webinar what the original asks by itself."""
    for question in queries.list_of(original):
        if question.retired_at is None:
            taken = {name: getattr(question, name) for name in _COPIED}
            options = [option for option in question.options if not option.get("gone")]
            db.session.add(Question(**taken, options=options, webinar_id=duplicate.id, created_at=now))
    settle(duplicate)


def settle(owner: Owner) -> None:
    """Note anew whether the form of a webinar, or of those of a series, asks anything beyond the usual.

    One number for all of them, drawn anew: whoever kept what was asked under the old one looks again.
    """
    db.session.flush()
    of = Webinar.series_id if isinstance(owner, Series) else Webinar.id
    series = select(Series.id).where(Series.id == Webinar.series_id)
    switches = (
        func.coalesce(Webinar.asks_role, Series.asks_role),
        func.coalesce(Webinar.asks_access, Series.asks_access),
        func.coalesce(Webinar.companions, Series.companions) > 0,
        func.coalesce(Webinar.require_proof, Series.require_proof),
    )
    switched = exists(series.where(or_(*switches)))
    asked = exists().where(
        (Question.webinar_id == Webinar.id) | (Question.series_id == Webinar.series_id), Question.retired_at.is_(None)
    )
    on_form, afterwards = (asked.where(Question.moment == moment) for moment in Moment)
    drawn = literal(secrets.randbits(62) + 1, BigInteger)
    change = update(Webinar).where(of == owner.id)
    change = change.values(asks=case((or_(switched, on_form), drawn), else_=0), surveys=afterwards)
    db.session.execute(change, execution_options=_QUIETLY)
    for loaded in list(db.session.identity_map.values()):
        if isinstance(loaded, Webinar):
            db.session.expire(loaded, ["asks", "surveys"])


def _lock(owner: Owner) -> None:
    """Hold a webinar, or all webinars of a series in the order of their ids and then the series."""
    if isinstance(owner, Series):
        lock_series(owner)
    else:
        lock(owner)


def _lock_with_owner(question: Question) -> Owner:
    owner = queries.owner_of(question)
    _lock(owner)
    lock(question)
    return owner


def _last(asked: Iterable[Question]) -> int:
    return max((question.position for question in asked), default=0)


def _write(question: Question, draft: Draft, answered: bool) -> None:
    picked = draft.kind in {Kind.CHOICE, Kind.SEVERAL}
    question.kind, question.required, question.health = draft.kind, draft.required, draft.health
    question.role, question.moment = draft.role, draft.moment
    question.texts = {language: dict(words) for language, words in draft.texts.items() if any(words.values())}
    before = question.options or []
    question.options = rules.settled_options(before, draft.options if picked else (), answered)


def _check(draft: Draft) -> None:
    """Refuse a question that nobody could answer; raises Problems with a sentence for each field."""
    problems = {}
    if draft.kind not in set(Kind):
        problems["kind"] = _("Choose how it is answered.")
    if draft.moment not in set(Moment):
        problems["moment"] = _("Choose when it is asked.")
    if draft.role is not None and draft.role not in set(Role):
        problems["role"] = _("Choose who is asked.")
    if not any(words.get("label") for words in draft.texts.values()):
        problems["label_en"] = _("Write the question in at least one language.")
    for language, words in draft.texts.items():
        if words.get("help") and not words.get("label"):
            problems[f"label_{language}"] = _("There is help in this language, but no question.")
        for name, longest in (("label", rules.LONGEST_LABEL), ("help", rules.LONGEST_HELP)):
            if len(words.get(name, "")) > longest:
                problems[f"{name}_{language}"] = _("This is too long: %(most)s characters are the most.", most=longest)
    _check_options(draft, problems)
    if problems:
        raise Problems(problems)


def _check_options(draft: Draft, problems: dict[str, str]) -> None:
    if draft.kind not in {Kind.CHOICE, Kind.SEVERAL}:
        return
    options = [words for _key, words in draft.options if any(words.values())]
    if len(options) < 2:
        problems["options"] = _("Write at least two answers to choose from.")
    elif len(options) > rules.MOST_OPTIONS:
        problems["options"] = _("Write at most %(number)s answers.", number=rules.MOST_OPTIONS)
    elif any(len(text) > rules.LONGEST_OPTION for words in options for text in words.values()):
        problems["options"] = _("An answer is too long: %(most)s characters are the most.", most=rules.LONGEST_OPTION)


def _note(owner: Owner, action: str, question: Question, now: datetime) -> None:
    kind = "series" if isinstance(owner, Series) else "webinar"
    audit.record(action, kind, owner.id, after={"text": question.label("en")[:200]}, now=now)


def answer(registration: Registration, extras: Extras) -> None:
    """Write what somebody answered with the form that made their place; the caller has read it by the rules."""
    if extras.answers:
        rows = [
            {"registration_id": registration.id, "question_id": number, "value": value}
            for number, value in extras.answers.items()
        ]
        db.session.execute(insert(Answer), rows)


def add_missing(registration: Registration, extras: Extras) -> None:
    """Write what somebody never answered before: a form with a known name may come from somebody else."""
    known = queries.answers_of_one(registration.id) if extras.answers else {}
    new = {number: value for number, value in extras.answers.items() if number not in known}
    answer(registration, replace(extras, answers=new))
    registration.role = registration.role or extras.role
    registration.access_needs = registration.access_needs or extras.access_needs


def answer_anew(registration: Registration, asking: Asking, extras: Extras) -> None:
    """Put somebody's answers in place of those before; what is not asked of them now stays as it is."""
    if asking.role:
        registration.role = extras.role
    if asking.access_days is not None and extras.access_needs != registration.access_needs:
        # What was arranged was for other words.
        registration.access_needs, registration.access_met_at = extras.access_needs, None
    shown = [question.id for question in rules.shown_to(asking.questions, extras.role)]
    theirs = delete(Answer).where(Answer.registration_id == registration.id, Answer.question_id.in_(shown))
    db.session.execute(theirs, execution_options=_QUIETLY)
    answer(registration, extras)
    db.session.flush()


def answer_survey(
    registration: Registration, questions: Iterable[Question], answers: Mapping[int, str], now: datetime
) -> None:
    """Put what somebody says afterwards in place of what they said before."""
    registration.surveyed_at = now if answers else None
    theirs = delete(Answer).where(
        Answer.registration_id == registration.id, Answer.question_id.in_([question.id for question in questions])
    )
    db.session.execute(theirs, execution_options=_QUIETLY)
    answer(registration, Extras(answers=answers))
    db.session.flush()


def note_access(registration: Registration, met: bool, now: datetime) -> None:
    """Note that what somebody needs is arranged, or not after all."""
    lock(registration)
    if registration.access_needs and met != (registration.access_met_at is not None):
        registration.access_met_at = now if met else None
        action = "access arranged" if met else "access open again"
        audit.record(action, "registration", registration.public_id, now=now)
