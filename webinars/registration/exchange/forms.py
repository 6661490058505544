"""The forms of imports and exports."""

from collections.abc import Iterable, Sequence
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webinars.core.clock import utc_now
from webinars.core.language import current_language
from webinars.core.options import options
from webinars.registration.exchange import asked, columns, export
from webinars.registration.exchange.models import Import
from webinars.registration.questions.models import Question


class UploadForm(FlaskForm):  # type: ignore[misc]
    """A list of people from a computer."""

    file = FileField(lazy_gettext("List of people"))

    def validate_file(self, field: FileField) -> None:
        """Ask for a file."""
        if not getattr(field.data, "filename", ""):
            raise ValidationError(_("Please choose a file: XLSX or CSV."))


class EnterForm(FlaskForm):  # type: ignore[misc]
    """The last word before people are entered."""

    letters = RadioField(
        lazy_gettext("Letters"),
        choices=options(
            [
                ("yes", lazy_gettext("Everybody gets the letter about their place")),
                ("no", lazy_gettext("Nobody gets a letter: they were told by other means")),
            ]
        ),
        default="yes",
    )


class ExportForm(FlaskForm):  # type: ignore[misc]
    """What to write into a file."""

    form = RadioField(
        lazy_gettext("Kind of file"),
        choices=options(
            [
                ("xlsx", lazy_gettext("Workbook for Excel and the like (XLSX)")),
                ("csv", lazy_gettext("Plain table (CSV)")),
            ]
        ),
        default="xlsx",
    )
    columns = SelectMultipleField(
        lazy_gettext("Columns"), widget=ListWidget(prefix_label=False), option_widget=CheckboxInput()
    )

    def validate_columns(self, field: SelectMultipleField) -> None:
        """Ask for at least one."""
        if not field.data:
            raise ValidationError(_("Please choose at least one column."))


COLUMN_WORDS = {
    "id": lazy_gettext("Number of the registration"),
    "webinar": lazy_gettext("Webinar"),
    "state": lazy_gettext("State"),
    "position": lazy_gettext("Place in line"),
    "created_at": lazy_gettext("Registered at (UTC)"),
    **asked.WORDS,
    **{name: words for name, words in columns.FIELDS.items() if name in export.COLUMNS},
}


def export_form(names: Sequence[str], questions: Iterable[Question]) -> ExportForm:
    """Make the form, with these columns to choose from; what people told beyond the usual has to be chosen."""
    form = ExportForm(data={"columns": list(names)})
    answers = [(one.field, one.label(current_language())) for one in questions]
    form.columns.choices = options([*((name, COLUMN_WORDS[name]) for name in (*names, *export.TOLD)), *answers])
    return form


def columns_form(found: Import, chosen: list[str]) -> Any:
    """Make the form that asks what each column of a file holds."""
    labels = asked.labels(asked.asked_by(found.webinar, utc_now()))
    choices = options([(columns.LEFT_OUT, lazy_gettext("Leave out")), *labels.items()])
    fields = {
        f"column_{number}": SelectField(
            header or _("Column %(number)s", number=number + 1), choices=choices, default=chosen[number]
        )
        for number, header in enumerate(found.headers)
    }
    return type("ColumnsForm", (FlaskForm,), fields)()


def chosen_columns(form: Any, found: Import) -> list[str]:
    """Give the field that was chosen for each column."""
    return [form[f"column_{number}"].data or "" for number in range(len(found.headers))]
