"""The form with which somebody registers once for several dates of a series."""

from collections.abc import Sequence

from flask_babel import lazy_gettext
from wtforms import SelectMultipleField
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
        validate_choice=False,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    #: belongs to one webinar
    question = None


def dates_form(webinars: Sequence[Webinar]) -> DatesForm:
    """Make the form for some webinars: all are ticked until somebody chose otherwise."""
    form = DatesForm(data={"date": [webinar.slug for webinar in webinars]})
    form.date.choices = options((webinar.slug, webinar.title) for webinar in webinars)
    offered = {mode for webinar in webinars for mode in modes_of(webinar)}
    form.mode.choices = options((mode.value, words.mode_words(mode)) for mode in Mode if mode in offered)
    return form
