"""The form with which somebody registers once for several dates of a series."""

from collections.abc import Sequence
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext
from wtforms import SelectMultipleField, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from webinars.core.options import options
from webinars.registration import words
from webinars.registration.forms import RegistrationForm
from webinars.registration.models import Mode
from webinars.registration.rules import modes_of
from webinars.schedule.models import Webinar


class DatesForm(RegistrationForm):
    """Sign-up for several dates: which ones, and the same as for one."""

    date = SelectMultipleField(
        lazy_gettext("Which dates?"),
        default=(),
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    #: belongs to one webinar
    question = None

    def validate_date(self, field: SelectMultipleField) -> None:
        """Ask for a date."""
        if not field.data:
            raise ValidationError(_("Please choose at least one date."))


def dates_form(webinars: Sequence[Webinar], now: datetime) -> DatesForm:
    """Make the form for some webinars: all are ticked until somebody chooses otherwise."""
    ticked = [webinar.slug for webinar in webinars]
    return DatesForm(formdata=None, data={"date": ticked, "opened": str(int(now.timestamp()))})


def offer_modes_of(form: DatesForm, webinars: Sequence[Webinar]) -> None:
    """Offer the ways of taking part that any of some webinars has."""
    offered = {mode for webinar in webinars for mode in modes_of(webinar)}
    form.mode.choices = options((mode.value, words.mode_words(mode)) for mode in Mode if mode in offered)
