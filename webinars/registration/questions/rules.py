"""Decisions about what a form asks and how answers are read, as pure functions of facts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from flask_babel import gettext as _

from webinars.core.errors import UserError
from webinars.core.text import many_lines, name_key, one_line
from webinars.registration.models import RegistrationState
from webinars.registration.questions.models import Kind, Question, Role
from webinars.schedule.models import Webinar, WebinarState

MOST_QUESTIONS = 20
MOST_OPTIONS = 12
LONGEST_LABEL, LONGEST_HELP, LONGEST_OPTION = 200, 500, 100
LONGEST_TEXT, LONGEST_LONG, LONGEST_NEEDS = 300, 2000, 1000
LONGEST_NAME = 200
YES, NO = "yes", "no"
#: days after the webinar on which answers about health, roles and access needs are deleted (site.retention)
HEALTH_DAYS = 30
_PICKED = frozenset({Kind.CHOICE, Kind.SEVERAL})


@dataclass(frozen=True)
class Asking:
    """What the form of a webinar asks beyond the usual."""

    questions: tuple[Question, ...] = ()
    role: bool = False
    #: days before the start by which needs can be arranged; None = not asked
    access_days: int | None = None
    companions: int = 0
    #: a place is only held until its address is proven
    proof: bool = False


NOTHING = Asking()


@dataclass(frozen=True)
class Given:
    """What somebody sent beyond the usual, as it came."""

    role: str = ""
    access_needs: str = ""
    companions: tuple[str, ...] = ()
    #: by the name of the field
    answers: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Extras:
    """What is kept of it."""

    role: str | None = None
    access_needs: str = ""
    companions: tuple[str, ...] = ()
    #: by the id of the question
    answers: Mapping[int, str] = field(default_factory=dict)


class Unanswered(UserError):
    """Refuse a form; ``fields`` holds a sentence for each field that needs another answer."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(dict.fromkeys(fields.values())))
        self.fields = dict(fields)


def read(asking: Asking, given: Given, own_name: str = "", lenient: bool = False) -> tuple[Extras, dict[str, str]]:
    """Read what was sent against what is asked; what is not asked is left out.

    lenient: of staff at the telephone nothing is required. Gives what is kept, and a sentence for each field that will
    not do.
    """
    problems: dict[str, str] = {}
    role = _tried(problems, "role", read_role, given.role) if asking.role else ""
    asks_needs = asking.access_days is not None
    needs = _tried(problems, "access_needs", _needs, given.access_needs) if asks_needs else ""
    companions = _companions(asking, given.companions, own_name, problems)
    answers = _answers(shown_to(asking.questions, role), given, problems, lenient)
    return Extras(role or None, needs, companions, answers), problems


def _answers(questions: Iterable[Question], given: Given, problems: dict[str, str], lenient: bool) -> dict[int, str]:
    answers = {}
    for question in questions:
        said = given.answers.get(question.field, ())
        value = _tried(problems, question.field, answer_to, question, said, lenient)
        if value:
            answers[question.id] = value
    return answers


def read_survey(questions: Iterable[Question], given: Given) -> dict[int, str]:
    """Read what somebody answered afterwards, by question; raises Unanswered."""
    problems: dict[str, str] = {}
    answers = _answers(questions, given, problems, lenient=False)
    if problems:
        raise Unanswered(problems)
    return answers


def may_answer_survey(webinar: Webinar, state: str, now: datetime) -> bool:
    """Say whether a place is asked how it was: it is over, and they could take part or wanted the recording."""
    took_part = state in {RegistrationState.CONFIRMED, RegistrationState.RECORDING_ONLY}
    return webinar.surveys and webinar.state == WebinarState.PUBLISHED and webinar.ends_at <= now and took_part


def _tried(problems: dict[str, str], name: str, reader: Callable[..., str], *given: Any) -> str:
    try:
        return reader(*given)
    except UserError as error:
        problems[name] = str(error)
        return ""


def ensure(asking: Asking, given: Given, own_name: str = "", lenient: bool = False) -> Extras:
    """Read what was sent; raises Unanswered."""
    extras, problems = read(asking, given, own_name, lenient)
    if problems:
        raise Unanswered(problems)
    return extras


def shown_to(questions: Iterable[Question], role: str | None) -> list[Question]:
    """List the questions that are asked of a role."""
    return [question for question in questions if question.role is None or question.role == role]


def asked_by_any(askings: Iterable[Asking]) -> Asking:
    """Give what a form for several webinars asks: what any of them does, but for companions."""
    all_of_them = list(askings)
    questions = {question.id: question for asking in all_of_them for question in asking.questions}
    days = [asking.access_days for asking in all_of_them if asking.access_days is not None]
    return Asking(tuple(questions.values()), any(asking.role for asking in all_of_them), max(days, default=None))


def read_role(raw: str) -> str:
    """Read who somebody is; empty = not said."""
    if raw and raw not in set(Role):
        raise UserError(_("Please choose one of these."))
    return raw


def _needs(raw: str) -> str:
    return _short(many_lines(raw), LONGEST_NEEDS)


def _short(text: str, longest: int) -> str:
    if len(text) > longest:
        raise UserError(_("Please use at most %(number)s characters.", number=longest))
    return text


def _companions(asking: Asking, raw: Sequence[str], own_name: str, problems: dict[str, str]) -> tuple[str, ...]:
    names = tuple(name for name in (one_line(typed) for typed in raw) if name) if asking.companions else ()
    keys = [name_key(name) for name in names]
    if len(names) > asking.companions:
        problems["companion"] = _("Please give fewer names, or register the others one after the other.")
    elif any(len(name) > LONGEST_NAME for name in names):
        problems["companion"] = _("Please use at most %(number)s characters.", number=LONGEST_NAME)
    elif not all(keys):
        problems["companion"] = _("Please enter a name.")
    elif len({*keys, name_key(own_name)}) <= len(keys):
        problems["companion"] = _("Each person needs a name of their own, so that we can tell you apart.")
    return names


def answer_to(question: Question, raw: Sequence[str], lenient: bool = False) -> str:
    """Read the answer to one question, as it is kept; empty = none.

    Raises UserError with a sentence that says what to do.
    """
    value = _picked(question, raw) if question.kind in _PICKED else _said(question, raw[0] if raw else "")
    if question.required and not value and not lenient:
        raise UserError(_missing(question.kind))
    return value


def _said(question: Question, raw: str) -> str:
    if question.kind == Kind.YES_NO:
        if raw and raw not in {YES, NO}:
            raise UserError(_("Please choose yes or no."))
        return raw
    if question.kind == Kind.LONG:
        return _short(many_lines(raw), LONGEST_LONG)
    return _short(one_line(raw), LONGEST_TEXT)


def _picked(question: Question, raw: Sequence[str]) -> str:
    offered = [option["key"] for option in question.options if not option.get("gone")]
    chosen = {value for value in raw if value}
    if not chosen <= set(offered):
        raise UserError(_("Please choose one of these."))
    if question.kind == Kind.CHOICE and len(chosen) > 1:
        raise UserError(_("Please choose only one of these."))
    return " ".join(key for key in offered if key in chosen)


def _missing(kind: str) -> str:
    return str(
        {
            Kind.CHOICE: _("Please choose one of these."),
            Kind.SEVERAL: _("Please choose at least one of these."),
            Kind.YES_NO: _("Please choose yes or no."),
        }.get(Kind(kind), _("Please answer this question."))
    )


def choices_in(kind: str, value: str) -> list[str]:
    """List what an answer counts for: its options, and always the person."""
    picked = value.split() if kind in _PICKED else [value] if kind == Kind.YES_NO else []
    return ["", *picked]


def needs_until(asking: Asking, webinar: Webinar) -> datetime | None:
    """Say until when needs can be told so that they are met; None when they are not asked."""
    return None if asking.access_days is None else webinar.starts_at - timedelta(days=asking.access_days)


def needs_in_time(asking: Asking, webinar: Webinar, now: datetime) -> bool:
    """Say whether needs that are told now can be met."""
    until = needs_until(asking, webinar)
    return until is not None and now < until


def settled_options(
    before: Sequence[Mapping[str, Any]], rows: Iterable[tuple[str, Mapping[str, str]]], answered: bool
) -> list[dict[str, Any]]:
    """Give the options as they are from now on, their keys for ever; what was chosen and goes is kept for the counts.

    rows: the key, empty of a new one, and the words by language; without words the option goes.
    """
    known = {str(option["key"]): option for option in before}
    unused = (str(number) for number in count(1) if str(number) not in known)
    options: list[dict[str, Any]] = []
    for key, words in rows:
        told = {language: text for language, text in words.items() if text}
        if told:
            options.append({"key": key if key in known else next(unused), **told})
    kept = {option["key"] for option in options}
    gone = [{**option, "gone": True} for key, option in known.items() if key not in kept] if answered else []
    return options + gone


def changes_meaning(
    before: Mapping[str, Mapping[str, str]],
    after: Mapping[str, Mapping[str, str]],
    options_before: Iterable[Mapping[str, Any]] = (),
    options_after: Iterable[Mapping[str, Any]] = (),
) -> bool:
    """Say whether words that people answered to read differently now; a further language changes nothing."""
    pairs = [(words.get("label"), after.get(name, {}).get("label")) for name, words in before.items()]
    later = {option["key"]: option for option in options_after}
    for option in options_before:
        now = later.get(option["key"], {})
        pairs += [(words, now.get(name)) for name, words in option.items() if name not in {"key", "gone"}]
    return any(old and old != new for old, new in pairs)
