"""How roles, kinds of questions and answers are called, on public and staff pages alike."""

from collections.abc import Iterable, Mapping

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from config import LANGUAGES
from webinars.core.http import current_settings
from webinars.registration.questions.models import Kind, Moment, Question, Role
from webinars.registration.questions.rules import HEALTH_DAYS, NO, YES

ROLES = {
    Role.PATIENT: _l("Patient or survivor"),
    Role.CAREGIVER: _l("Caregiver, family or friend"),
    Role.PROFESSIONAL: _l("Health professional"),
    Role.UNSAID: _l("I prefer not to say"),
}
MOMENTS = {
    Moment.FORM: _l("On the sign-up form"),
    Moment.AFTER: _l("When the webinar is over, on the page their letters lead to"),
}
KINDS = {
    Kind.TEXT: _l("A few words"),
    Kind.LONG: _l("Several lines"),
    Kind.CHOICE: _l("One of several answers"),
    Kind.SEVERAL: _l("Any of several answers"),
    Kind.YES_NO: _l("Yes or no"),
}
YES_NO = {YES: _l("Yes"), NO: _l("No")}


def kept_until_words(health: bool) -> str:
    """Say how long an answer is kept, of those that go early."""
    return _("We delete this answer %(number)s days after the webinar.", number=_health_days()) if health else ""


def role_words(role: str) -> str:
    """Say who somebody is."""
    return str(ROLES[Role(role)]) if role in set(Role) else role


def answer_words(question: Question, value: str, language: str) -> str:
    """Say an answer as people read it."""
    if question.kind in {Kind.CHOICE, Kind.SEVERAL}:
        return ", ".join(choice_words(question, key, language) for key in value.split())
    return str(YES_NO.get(value, value)) if question.kind == Kind.YES_NO else value


def choice_words(question: Question, key: str, language: str) -> str:
    """Say an option, also one that is offered no more."""
    words = {option["key"]: option for option in question.options}.get(key)
    if words is None:
        return str(YES_NO.get(key, key))
    return str(words.get(language) or next((words[name] for name in LANGUAGES if words.get(name)), key))


def said_by(answers: Mapping[int, str], questions: Iterable[Question], language: str) -> list[tuple[str, str]]:
    """List what one person answered, with the words of each question, in the order of these."""
    given = [question for question in questions if question.id in answers]
    return [(one.label(language), answer_words(one, answers[one.id], language)) for one in given]


def _health_days() -> int:
    return current_settings().period_of("health", HEALTH_DAYS).days
