"""What staff fill in about the preparation of webinars."""

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, NumberRange

from config import LANGUAGES
from webinars.core.language import own_language_name
from webinars.core.options import options
from webinars.schedule.forms import PlainForm
from webinars.staff.readiness.service import MOST_DAYS


class OwnStepForm(PlainForm):
    """A step of one's own."""

    title = StringField(_l("What is to be done?"))
    days = IntegerField(
        _l("How many days?"), default=7, validators=[InputRequired(_l("Write a number.")), NumberRange(0, MOST_DAYS)]
    )
    when = RadioField(
        _l("When?"),
        choices=options([("before", _l("before the webinar")), ("after", _l("after the webinar"))]),
        default="before",
    )
    scope = RadioField(
        _l("For which webinars?"),
        choices=options([("webinar", _l("this one")), ("series", _l("all that come in this series"))]),
        default="webinar",
    )

    @property
    def offset(self) -> int:
        """Give the days counted from the start, before it below zero."""
        days: int = self.days.data or 0
        return -days if self.when.data == "before" else days


class DigestForm(PlainForm):
    """Which letters about their webinars somebody wants."""

    weekly = BooleanField(_l("On Monday morning: my webinars ahead, and what is still to do"))
    day_before = BooleanField(_l("The morning before a webinar: when and where it is, and how many come"))
    language = SelectField(_l("Language"), choices=options([(code, own_language_name(code)) for code in LANGUAGES]))
    time_zone = SelectField(_l("Time zone"), validate_choice=True)
