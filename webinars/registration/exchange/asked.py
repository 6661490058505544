"""Columns that hold what a webinar asks beyond the usual: who somebody is, what they need, answers to questions."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from flask_babel import lazy_gettext

from config import LANGUAGES
from webinars.core.errors import UserError
from webinars.core.language import current_language, speaking
from webinars.registration.exchange.columns import FIELDS, folded
from webinars.registration.questions.models import Kind, Question, Role, option_words
from webinars.registration.questions.queries import asking_of
from webinars.registration.questions.rules import NO, YES, Asking, Extras, Given, answer_to, shown_to
from webinars.registration.questions.words import ROLES
from webinars.schedule.models import Webinar

ROLE, NEEDS = "role", "access_needs"
#: how staff see them called
WORDS = {ROLE: lazy_gettext("Who they are"), NEEDS: lazy_gettext("What they need to take part")}
#: yes and no as people write them
TRUE = frozenset({"true", "1", "yes", "y", "on", "x", "si", "s", "verdadero"})
FALSE = frozenset({"false", "0", "no", "n", "off", "falso"})
_NAMES = {
    ROLE: "role, who are you, who they are, rol, papel, quien es, quien es usted",
    NEEDS: "access needs, access, needs, what do you need to take part, necesidades de acceso, necesidades",
}
#: each role as people write it, beside the words of the form
_ROLES = {
    Role.PATIENT: "survivor, paciente, sobreviviente",
    Role.CAREGIVER: "carer, family, cuidador, cuidadora, familiar",
    Role.PROFESSIONAL: "profesional",
}
#: between several answers in one cell
_BETWEEN = (r"[;|\n]", r"[;|\n,]")


def asked_by(webinar: Webinar, now: datetime) -> Asking:
    """Give what a list can answer: all that the form asks but for names of others, who have rows of their own."""
    return replace(asking_of(webinar, now), companions=0)


def labels(asking: Asking) -> dict[str, str]:
    """Give the words of each field that a column can hold, the usual ones first."""
    usual = FIELDS | {field: WORDS[field] for field in _own(asking)}
    answers = {question.field: question.label(current_language()) for question in asking.questions}
    return {name: str(words) for name, words in usual.items()} | answers


def names(asking: Asking) -> dict[str, str]:
    """Give the field of each name that a column about them bears: the words of a question, in any language."""
    found = {name.strip(): field for field in _own(asking) for name in _NAMES[field].split(",")}
    for question in asking.questions:
        found |= {folded(question.label(language)): question.field for language in LANGUAGES}
        found[folded(question.field)] = question.field
    return found


def _own(asking: Asking) -> list[str]:
    return [field for field, is_asked in ((ROLE, asking.role), (NEEDS, asking.access_days is not None)) if is_asked]


def given_in(said: Mapping[str, str], asking: Asking) -> Given:
    """Read the cells of a row as the form would have sent them, words in the place of keys."""
    answers = {one.field: _answer(one, said[one.field]) for one in asking.questions if one.field in said}
    role = said.get(ROLE, "")
    return Given(_roles().get(folded(role), role.strip()), said.get(NEEDS, ""), (), answers)


def kept_in(extras: Mapping[str, Any] | None) -> Extras:
    """Give what a row answers that was kept as JSON."""
    kept = extras or {}
    answers = {int(number): value for number, value in kept.get("answers", {}).items()}
    return Extras(kept.get("role"), kept.get("access_needs", ""), (), answers)


def still_asked(kept: Extras, asking: Asking) -> Extras:
    """Leave out what is asked no more, or not in this way, since a row was read."""
    role = kept.role if asking.role else None
    answers = {}
    for question in shown_to(asking.questions, role):
        value = kept.answers.get(question.id, "")
        if value and _stands(question, value):
            answers[question.id] = value
    return Extras(role, kept.access_needs if asking.access_days is not None else "", (), answers)


def _stands(question: Question, value: str) -> bool:
    try:
        return answer_to(question, value.split() if question.kind == Kind.SEVERAL else [value], lenient=True) == value
    except UserError:
        return False


def _answer(question: Question, text: str) -> list[str]:
    if question.kind in {Kind.CHOICE, Kind.SEVERAL}:
        return _keys(question, text)
    said = folded(text)
    if question.kind == Kind.YES_NO and said in TRUE | FALSE:
        return [YES if said in TRUE else NO]
    return [text]


def _keys(question: Question, text: str) -> list[str]:
    """Give the keys of the options that a cell names; what names none stays, and is refused as the form refuses it."""
    offered = [option for option in question.options if not option.get("gone")]
    keys = {option["key"]: option["key"] for option in offered}
    # Words come before keys: "1" may be what an option says.
    keys |= {folded(option_words(option, language)): option["key"] for option in offered for language in LANGUAGES}
    if folded(text) in keys or question.kind == Kind.CHOICE:
        return _found([text], keys)
    # A comma may be part of an option's words.
    for between in _BETWEEN:
        parts = re.split(between, text)
        if all(folded(part) in keys for part in parts if part.strip()):
            break
    return _found(parts, keys)


def _found(parts: Iterable[str], keys: Mapping[str, str]) -> list[str]:
    return [keys.get(folded(part), part.strip()) for part in parts if part.strip()]


@cache
def _roles() -> Mapping[str, str]:
    """Give each role by its words in all languages, and by its own name."""
    found = {role.value: role.value for role in ROLES}
    found |= {name.strip(): role.value for role, names in _ROLES.items() for name in names.split(",")}
    for language in LANGUAGES:
        with speaking(language):
            found |= {folded(str(words)): role.value for role, words in ROLES.items()}
    return found
