"""The form in which staff write a question."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)

from config import LANGUAGES
from webinars.core.options import options
from webinars.core.text import many_lines, one_line
from webinars.registration.questions.models import Kind, Moment, Question, Role
from webinars.registration.questions.rules import LONGEST_HELP, LONGEST_LABEL, MOST_OPTIONS
from webinars.registration.questions.service import Draft
from webinars.registration.questions.words import KINDS, MOMENTS, ROLES
from webinars.schedule.forms import PlainForm

#: empty rows for further answers
_SPARE_OPTIONS = 2


class OptionForm(Form):
    """One answer to choose from."""

    key = HiddenField("")
    en = StringField(_l("In English"))
    es = StringField(_l("In Spanish"))


class QuestionForm(PlainForm):
    """A question as staff write it."""

    label_en = StringField(_l("The question in English"), render_kw={"maxlength": LONGEST_LABEL})
    label_es = StringField(_l("The question in Spanish"), render_kw={"maxlength": LONGEST_LABEL})
    help_en = TextAreaField(_l("Help in English"), render_kw={"maxlength": LONGEST_HELP, "rows": 2})
    help_es = TextAreaField(_l("Help in Spanish"), render_kw={"maxlength": LONGEST_HELP, "rows": 2})
    kind = RadioField(_l("How is it answered?"), validate_choice=False, default=Kind.TEXT.value)
    moment = RadioField(_l("When is it asked?"), validate_choice=False, default=Moment.FORM.value)
    options = FieldList(FormField(OptionForm), label=_l("Answers to choose from"), max_entries=MOST_OPTIONS)
    required = BooleanField(
        _l("It has to be answered"),
        description=_l("Each question that has to be answered keeps some people from registering."),
    )
    health = BooleanField(
        _l("The answer tells something about somebody’s health"),
        description=_l("It is deleted earlier, and people read when."),
    )
    role = SelectField(_l("Who is asked"), validate_choice=False)

    def offer(self) -> None:
        """Fill the lists to choose from, and leave room for more answers."""
        self.kind.choices = options((kind.value, words) for kind, words in KINDS.items())
        self.moment.choices = options((moment.value, words) for moment, words in MOMENTS.items())
        roles = [(role.value, words) for role, words in ROLES.items() if role is not Role.UNSAID]
        self.role.choices = options([("", _("Everybody")), *roles])
        spare = max(_SPARE_OPTIONS, 4 - len(self.options.entries))
        for _spare in range(min(spare, MOST_OPTIONS - len(self.options.entries))):
            self.options.append_entry({})

    def draft(self) -> Draft:
        """Give the question as the service takes it."""
        return Draft(
            kind=self.kind.data or "",
            moment=self.moment.data or "",
            texts={
                language: {
                    "label": one_line(self[f"label_{language}"].data or ""),
                    "help": many_lines(self[f"help_{language}"].data or ""),
                }
                for language in LANGUAGES
            },
            options=tuple(
                (one_line(entry["key"] or ""), {language: one_line(entry[language] or "") for language in LANGUAGES})
                for entry in self.options.data
            ),
            required=bool(self.required.data),
            role=self.role.data or None,
            health=bool(self.health.data),
        )


def question_data(question: Question) -> dict[str, Any]:
    """Give a question's values by form field."""
    texts = {
        f"{name}_{language}": question.texts.get(language, {}).get(name, "")
        for name in ("label", "help")
        for language in LANGUAGES
    }
    shown = [option for option in question.options if not option.get("gone")]
    plain = {name: getattr(question, name) for name in ("kind", "moment", "required", "health")}
    return {**texts, **plain, "options": shown, "role": question.role or ""}
