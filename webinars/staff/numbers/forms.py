"""The form of a report."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext, lazy_pgettext
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField, SelectField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length

from config import LANGUAGES
from webinars.core.language import current_language, language_name
from webinars.core.options import options
from webinars.core.text import many_lines
from webinars.schedule.queries import list_series

_LONGEST = 4000


def many_lines_of(typed: str | None) -> str:
    """Tidy what was typed."""
    return many_lines(typed or "")


class ReportForm(FlaskForm):  # type: ignore[misc]
    """What a report is about, and what stands before its numbers."""

    first = DateField(lazy_gettext("Webinars from"), validators=[InputRequired(lazy_gettext("Please choose a day."))])
    last = DateField(lazy_gettext("until"), validators=[InputRequired(lazy_gettext("Please choose a day."))])
    series = SelectField(lazy_pgettext("one", "Series"))
    words = TextAreaField(
        lazy_gettext("Words of introduction"), filters=[many_lines_of], validators=[Length(max=_LONGEST)]
    )
    language = RadioField(lazy_gettext("Language of the report"))
    form = RadioField(
        lazy_gettext("Kind of file"),
        choices=options(
            [
                ("pdf", lazy_gettext("To read and print (PDF)")),
                ("xlsx", lazy_gettext("Workbook for Excel and the like (XLSX)")),
            ]
        ),
        default="pdf",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.series.choices = options([("", _("All series")), *((one.slug, one.title) for one in list_series())])
        self.language.choices = options([(code, language_name(code)) for code in LANGUAGES])
        if self.language.data not in LANGUAGES:
            self.language.data = current_language()

    def validate_last(self, field: DateField) -> None:
        """Ask for a period that ends after it begins."""
        if field.data and self.first.data and field.data < self.first.data:
            raise ValidationError(_("This day is before the first one."))
