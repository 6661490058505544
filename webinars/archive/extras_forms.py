"""The forms about what comes with a video."""

from typing import Any

from flask_babel import lazy_gettext as _
from flask_wtf.file import FileField
from wtforms import SelectField, StringField, TextAreaField

from webinars.archive.world_models import Answer
from webinars.core.formats import timecode
from webinars.core.options import options
from webinars.schedule.forms import PlainForm


class PaperForm(PlainForm):
    """Slides, a handout or a link."""

    kind = SelectField(
        _("What it is"),
        choices=options([("slides", _("Slides (PDF)")), ("handout", _("Handout (PDF)")), ("link", _("Link"))]),
        validate_choice=False,
    )
    title = StringField(_("Title"))
    file = FileField(_("PDF file"))
    url = StringField(_("Or the address of a link"))
    at = StringField(_("Where the talk speaks of it"))


class AnswerForm(PlainForm):
    """A question that was not reached, and its answer."""

    drafted = True
    question = TextAreaField(_("Question"))
    answer = TextAreaField(_("Answer"))
    answered_by = StringField(_("Answered by"))
    at = StringField(_("Where the talk speaks of it"))


def answer_data(answer: Answer) -> dict[str, Any]:
    """Give what the form about a written answer starts with."""
    at = timecode(answer.start_seconds) if answer.start_seconds is not None else ""
    return {"question": answer.question, "answer": answer.answer, "answered_by": answer.answered_by, "at": at}
