"""The forms of what webinars hang on: series, topics, news, speakers."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.widgets import DateInput

from webinars.core.options import SelectChoice, options
from webinars.schedule.forms import PlainForm
from webinars.schedule.models import DeclineMeans, NewsItem, Series, Speaker, Topic
from webinars.schedule.rules import format_reminders

_NUMBERS = ("offer_hours", "access_days", "companions", "duration_minutes")


class SeriesForm(PlainForm):
    """A series and the defaults of its webinars."""

    drafted = True
    title = StringField(_("Name"))
    summary = TextAreaField(_("Summary"))
    topic = SelectField(_("Topic"), validate_choice=False)
    time_zone = SelectField(_("Usual time zone"), validate_choice=False)
    language = SelectField(_("Usual language"), validate_choice=False)
    duration_minutes = StringField(_("Usual length in minutes"))
    capacity = StringField(_("Places"))
    waiting_list = BooleanField(_("Keep a waiting list when it is full"))
    access_text = StringField(_("Captions and interpretation"))
    phone_number = StringField(_("Phone number"))
    phone_pin = StringField(_("PIN"))
    reminders = StringField(_("Reminders"))
    offer_hours = SelectField(_("When a place becomes free"), validate_choice=False)
    asks_role = BooleanField(
        _("Ask who somebody is"),
        description=_("Patient or survivor, caregiver, professional, or prefers not to say. Nobody has to answer."),
    )
    asks_access = BooleanField(
        _("Ask what somebody needs to take part"),
        description=_("Such as captions or an interpreter. You find what people wrote on the webinar’s page."),
    )
    access_days = StringField(_("Days you need to arrange captions, an interpreter and the like"))
    companions = SelectField(_("Others on the same form"), validate_choice=False)
    require_proof = BooleanField(_("Hold each place until its address is proven"))
    sponsor_text = TextAreaField(_("Who pays for it"))
    decline_means = RadioField(
        _("When somebody with a seat declines in their calendar"),
        choices=options(
            [
                (DeclineMeans.RECORDING, _("The seat goes to the next in line, and they get the recording")),
                (DeclineMeans.CANCEL, _("The seat goes to the next in line, and their place is cancelled")),
                (DeclineMeans.NOTE, _("They keep the seat, and it is only noted")),
            ]
        ),
        default=DeclineMeans.RECORDING,
        validate_choice=False,
    )

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        names = ("title", "summary", "topic", "time_zone", "reminders", "offer_hours", "sponsor_text", "decline_means",
                 "asks_role", "asks_access", "access_days", "companions", "require_proof",
                 "language", "duration_minutes", "capacity", "waiting_list", "access_text",
                 "phone_number", "phone_pin")  # fmt: skip
        return self.texts(*names)


class TopicForm(PlainForm):
    """A subject page."""

    drafted = True
    title = StringField(_("Name"))
    summary = TextAreaField(_("Summary"))
    body = TextAreaField(_("Text"))
    reviewed_on = StringField(_("Medically reviewed on"), widget=DateInput())

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        return self.texts("title", "summary", "body", "reviewed_on")


class NewsForm(PlainForm):
    """A news item."""

    drafted = True
    title = StringField(_("Headline"))
    topic = SelectField(_("Topic it points to"), validate_choice=False)
    body = TextAreaField(_("Text"))
    published_on = StringField(_("Date"), widget=DateInput())

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        return self.texts("title", "topic", "body", "published_on")


class SpeakerForm(PlainForm):
    """A speaker."""

    drafted = True
    name = StringField(_("Name"))
    credentials = StringField(_("Letters after the name"))
    role = StringField(_("Role and workplace"))
    bio = TextAreaField(_("About the speaker"))
    interests = TextAreaField(_("Declared interests"))

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        return self.texts("name", "credentials", "role", "bio", "interests")


def catalogue_data(thing: Series | Topic | NewsItem | Speaker) -> dict[str, Any]:
    """Give the values of a series, topic, news item or speaker by form field."""
    data = {column.key: getattr(thing, column.key) for column in type(thing).__mapper__.column_attrs}
    if isinstance(thing, Series):
        data |= {"topic": thing.topic.slug if thing.topic else "", "reminders": format_reminders(thing.reminders)}
        data |= {name: str(getattr(thing, name)) for name in _NUMBERS}
        data["capacity"] = "" if thing.capacity is None else str(thing.capacity)
    if isinstance(thing, NewsItem):
        data["topic"] = thing.topic.slug
    return data


def topic_choices(topics: Iterable[Topic], empty: Any) -> list[SelectChoice]:
    """Offer the topics, after a line for none."""
    return options([("", empty), *((topic.slug, topic.title) for topic in topics)])
