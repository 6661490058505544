"""Fields of what is asked beyond the usual, wherever people answer."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.widgets import CheckboxInput, ListWidget

from webinars.core.language import current_language
from webinars.core.options import options
from webinars.registration.questions.models import Kind, Question
from webinars.registration.questions.rules import LONGEST_LONG, LONGEST_NEEDS, LONGEST_TEXT, Asking, Given
from webinars.registration.questions.words import ROLES, YES_NO, kept_until_words

_ANSWER = "answer_"
#: lines with further names that are looked at
_MOST_LINES = 20


def given_in(form: MultiDict[str, str]) -> Given:
    """Give what a form carries beyond the usual, as it came."""
    answers = {name: form.getlist(name) for name in form if name.startswith(_ANSWER)}
    names = [line for typed in form.getlist("companion") for line in typed.splitlines()]
    return Given(form.get("role", ""), form.get("access_needs", ""), tuple(names[:_MOST_LINES]), answers)


class AnswersForm(FlaskForm):  # type: ignore[misc]
    """What a webinar asks beyond the usual, on a page of its own; ``ask`` adds the fields."""

    #: until when needs can be told so that they are met, and whether that is ahead
    arranged_until: datetime | None = None
    in_time = False
    #: something was answered before
    answered = False
    kept_words = staticmethod(kept_until_words)


def ask(
    form: FlaskForm, asking: Asking, sent: MultiDict[str, str] | None = None, known: Mapping[str, Any] | None = None
) -> None:
    """Add the fields of what is asked to a form, with what was sent or else what is known, by field."""
    for name, field in _fields(asking):
        # The library adds fields to classes alone; a class for each form would cost more than the form.
        form._fields[name] = bound = field.bind(form=form, name=name, prefix=form._prefix)
        bound.process(sent, (known or {}).get(name))
    # For the template, which sets each part in its place.
    form.asking = asking


def _fields(asking: Asking) -> Iterable[tuple[str, Any]]:
    if asking.role:
        choices = options((role.value, words) for role, words in ROLES.items())
        yield "role", RadioField(_("Who are you?"), choices=choices, validate_choice=False)
    if asking.companions == 1:
        yield "companion", StringField(_("Is somebody coming with you? Their name"))
    elif asking.companions:
        yield "companion", TextAreaField(_("Is somebody coming with you? Their names"))
    if asking.access_days is not None:
        yield "access_needs", TextAreaField(_("What do you need to take part?"), render_kw={"maxlength": LONGEST_NEEDS})
    for question in asking.questions:
        yield question.field, _field_of(question)


def _field_of(question: Question) -> Any:
    language = current_language()
    label, description = question.label(language), question.help(language)
    if question.kind == Kind.LONG:
        return TextAreaField(label, description=description, render_kw={"maxlength": LONGEST_LONG})
    if question.kind == Kind.TEXT:
        return StringField(label, description=description, render_kw={"maxlength": LONGEST_TEXT})
    if question.kind == Kind.SEVERAL:
        return SelectMultipleField(
            label,
            description=description,
            choices=options(question.choices(language)),
            validate_choice=False,
            widget=ListWidget(prefix_label=False),
            option_widget=CheckboxInput(),
        )
    choices = question.choices(language) if question.kind == Kind.CHOICE else YES_NO.items()
    return RadioField(
        label,
        description=description,
        choices=options(choices),
        validate_choice=False,
    )


def show(form: FlaskForm, problems: Mapping[str, str]) -> None:
    """Put sentences beside the fields."""
    for name, sentence in problems.items():
        form[name].errors = [sentence]


def known_answers(asking: Asking, role: str | None, access_needs: str, answers: Mapping[int, str]) -> dict[str, Any]:
    """Give what is kept of somebody's answers by the fields that show it."""
    known: dict[str, Any] = {"role": role, "access_needs": access_needs}
    for question in asking.questions:
        value = answers.get(question.id, "")
        known[question.field] = value.split() if question.kind == Kind.SEVERAL else value or None
    return known
