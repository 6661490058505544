"""The forms on which several webinars get their dates: made by a rhythm, copied once, moved, published, called off."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext, lazy_pgettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.widgets import CheckboxInput, DateInput, ListWidget, TimeInput

from webinars.core.errors import UserError
from webinars.core.formats import zone_choices
from webinars.core.http import current_settings
from webinars.core.options import options
from webinars.core.text import whole_number
from webinars.schedule.cleaning import Problems, day, line, wall_clock, web_address, whole, zone
from webinars.schedule.copying import PARTS
from webinars.schedule.days_off import countries_by_name, usual_countries
from webinars.schedule.forms import TimedForm, chosen_reading, reading_choices, series_choice, speaker_choices
from webinars.schedule.models import Series, Speaker, Webinar
from webinars.schedule.planning import Slot
from webinars.schedule.recurrence import MOST_DATES, Rhythm, days_of

#: the most webinars that are moved, published or called off with one form
MOST_TICKED = 100
_MOST_SHIFT = 1000


class SlotForm(Form):
    """One date: whether it is wanted, when, and of which webinar."""

    wanted = BooleanField(default=True)
    title = StringField()
    start_date = StringField(widget=DateInput())
    start_time = StringField(widget=TimeInput())
    choice = RadioField(choices=[], validate_choice=False)
    speaker = SelectField(validate_choice=False)
    slug = HiddenField()
    seen = HiddenField()


class CountriesField(SelectMultipleField):
    """Countries whose public holidays are named, as boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class DatesForm(TimedForm):
    """What forms with a list of dates share."""

    slots = FieldList(FormField(SlotForm), max_entries=max(MOST_DATES, MOST_TICKED))
    countries = CountriesField(_("Name the public holidays of"), validate_choice=False)

    def offer_countries(self, series: Iterable[Series]) -> None:
        """Offer the countries of the zones in use."""
        self.countries.choices = options(countries_by_name(one.time_zone for one in series))

    def show_slots(self, slots: Sequence[Slot], seen: dict[str, str] | None = None) -> None:
        """Put dates that were worked out into the fields in which they can be changed."""
        while self.slots.entries:
            self.slots.pop_entry()
        for slot in slots:
            local = slot.local
            self.slots.append_entry(
                {
                    "wanted": slot.wanted,
                    "title": slot.title,
                    "start_date": local.date().isoformat() if local else "",
                    "start_time": local.time().isoformat("minutes") if local else "",
                    "slug": slot.moves.slug if slot.moves else "",
                    "speaker": str(next(iter(slot.speakers), "")),
                    "seen": (seen or {}).get(slot.moves.slug, "") if slot.moves else "",
                }
            )

    def offer_slot_readings(self, slots: Sequence[Slot]) -> None:
        """Ask in each row that needs it which of two readings is meant."""
        for entry, slot in zip(self.slots, slots, strict=True):
            if slot.choices:
                entry.form.choice.choices = reading_choices(slot.choices, slot.time_zone)
                entry.form.choice.data = None

    def shown_as_typed(self, entry: Any, slot: Slot, now: datetime) -> Slot:
        """Read a row as it was typed."""
        form = entry.form
        typed = f"{form.start_date.data or ''}T{form.start_time.data or ''}"
        reading = chosen_reading(typed, slot.time_zone, form.choice.data) if form.choice.data else {}
        try:
            slot.local = reading.get("local_start") or wall_clock(now)(typed)
        except UserError:
            slot.local = None
        slot.fold, slot.wanted = reading.get("fold"), form.wanted.data
        return slot


class ManyForm(DatesForm):
    """Several webinars by a rhythm."""

    places = {"local_start": "start_date"}
    brought = ("time_zone", "duration_minutes")
    key = HiddenField()
    original = HiddenField()
    series = SelectField(lazy_pgettext("one", "Series"), validate_choice=False)
    title = StringField(_("Title"))
    numbered = BooleanField(_("Number them: “Title, part 1”, “Title, part 2” …"))
    rhythm = RadioField(_("How often"), choices=[], validate_choice=False)
    count = StringField(_("How many"))
    until = StringField(_("Or until"), widget=DateInput())
    joining = BooleanField(_("Use its join link for all of them"))
    join_url = StringField(_("Join link"))

    def offer(self, series: Sequence[Series], now: datetime) -> None:
        """Fill the lists to choose from."""
        self.series.choices = [*options([("", _("Choose a series"))]), *(series_choice(one) for one in series)]
        self.offer_zones(now, *(one.time_zone for one in series))
        self.rhythm.choices = options(
            [
                (Rhythm.WEEK, _("Every week")),
                (Rhythm.TWO_WEEKS, _("Every two weeks")),
                (Rhythm.MONTH_WEEKDAY, _("Every month on the same weekday, such as the first Thursday")),
                (Rhythm.MONTH_DAY, _("Every month on the same day, such as the 15th")),
            ]
        )
        self.offer_countries(series)

    def offer_speakers(self, speakers: Iterable[Speaker]) -> None:
        """Offer in each row who speaks."""
        choices = options(speaker_choices(speakers))
        for entry in self.slots:
            entry.form.speaker.choices = choices

    def begin(self, now: datetime) -> list[Slot]:
        """Work out the dates of the rhythm. Raises Problems."""
        values = self._rule(now)
        minutes = values["duration_minutes"]
        first: datetime = values["local_start"]
        days = days_of(Rhythm(self.rhythm.data), first.date(), values["count"], values["until"])
        return [
            Slot(self._numbered(number, len(days)), datetime.combine(one, first.time()), values["time_zone"], minutes)
            for number, one in enumerate(days, 1)
        ]

    def _rule(self, now: datetime) -> dict[str, Any]:
        many = gettext("Give a number from 1 to %(most)s.", most=MOST_DATES)
        reading = {
            "title": (line(200, gettext("Give the webinar a title.")), self.title.data),
            "local_start": (wall_clock(now), f"{self.start_date.data or ''}T{self.start_time.data or ''}"),
            "time_zone": (zone, self.time_zone.data),
            "duration_minutes": (
                whole(1, 1440, gettext("Give the length in minutes, from 1 to 1440.")),
                self.duration_minutes.data,
            ),
            "join_url": (web_address, self.join_url.data),
            "rhythm": (_rhythm, self.rhythm.data),
            "until": (day, self.until.data),
            "count": (whole(1, MOST_DATES, many), str(MOST_DATES) if self.until.data else self.count.data),
        }
        values, problems = {}, {}
        for name, (reader, raw) in reading.items():
            try:
                values[name] = reader(raw)
            except UserError as error:
                problems[name] = str(error)
        if not problems and values["until"] and values["until"] < values["local_start"].date():
            problems["until"] = gettext("This day is before the first one.")
        if problems:
            raise Problems(problems)
        return values

    def _numbered(self, number: int, of: int) -> str:
        title = (self.title.data or "").strip()
        return (
            gettext("%(title)s, part %(number)s", title=title, number=number)
            if self.numbered.data and of > 1
            else title
        )

    def typed(self, now: datetime) -> list[Slot]:
        """Read the dates as they were changed by hand. Raises Problems."""
        minutes = self._rule(now)["duration_minutes"]
        slots = []
        for entry in self.slots:
            slot = Slot((entry.form.title.data or "").strip(), None, self.time_zone.data or "", minutes)
            slots.append(self.shown_as_typed(entry, slot, now))
        return slots

    def note_speakers(self, slots: Iterable[Slot], speakers: Iterable[Speaker]) -> None:
        """Note in each date whom its row names."""
        names = {str(one.id): one for one in speakers}
        for entry, slot in zip(self.slots, slots, strict=False):
            chosen = names.get(entry.form.speaker.data or "")
            slot.speakers = {chosen.id: chosen.name} if chosen else {}


def _rhythm(raw: Any) -> str:
    if raw not in list(Rhythm):
        raise UserError(gettext("Choose how often."))
    return str(raw)


class MoveManyForm(DatesForm):
    """New dates for some webinars: so much later or earlier, at another time, in another zone."""

    shift = StringField(_("By how many"))
    unit = SelectField(_("Days or weeks"), validate_choice=False)
    direction = SelectField(_("Direction"), validate_choice=False)
    new_time = StringField(_("Other start time"), widget=TimeInput())

    def offer(self, series: Sequence[Series], now: datetime) -> None:
        """Fill the lists to choose from."""
        self.unit.choices = options([("weeks", _("weeks")), ("days", _("days"))])
        self.direction.choices = options([("later", _("later")), ("earlier", _("earlier"))])
        self.time_zone.choices = {
            gettext("No change"): {"": gettext("As it is")},
            **zone_choices(now, [one.time_zone for one in series]),
        }
        self.offer_countries(series)

    def days(self) -> int:
        """Give by how many days they move. Raises Problems."""
        number = whole_number(self.shift.data or "0")
        if number is None or number > _MOST_SHIFT:
            raise Problems({"shift": gettext("Give a whole number of days or weeks.")})
        return number * (7 if self.unit.data == "weeks" else 1) * (-1 if self.direction.data == "earlier" else 1)

    def typed(self, webinars: dict[str, Webinar], now: datetime) -> list[Slot]:
        """Read the dates as they were changed by hand."""
        return [
            self.shown_as_typed(entry, slot_of(webinars[entry.form.slug.data or ""], self.time_zone.data), now)
            for entry in self.slots
        ]


def slot_of(webinar: Webinar, time_zone: str | None = None) -> Slot:
    """Give the date of a webinar, perhaps in another zone."""
    return Slot(
        webinar.title, webinar.local_start, time_zone or webinar.time_zone, webinar.duration_minutes,
        speakers={one.id: one.name for one in webinar.speakers}, moves=webinar,
    )  # fmt: skip


class DuplicateForm(TimedForm):
    """A copy of a webinar: its title, its start, and what comes along."""

    title = StringField(_("Title"))
    speakers = BooleanField(_("Speakers"))
    questions = BooleanField(_("Questions on the form"))
    translations = BooleanField(_("Texts in further languages"))
    access = BooleanField(_("Captions and interpretation"))
    places_offered = BooleanField(_("Places and waiting list"))
    reminders = BooleanField(_("Reminders"))
    asking = BooleanField(_("What the sign-up form asks"))
    phone = BooleanField(_("Phone number and PIN"))
    joining = BooleanField(
        _("Join link"),
        description=_("Most video services make a new one for each webinar. With the old one, people of both meet."),
    )

    def without(self) -> list[str]:
        """List the parts that do not come along."""
        names = {"places": "places_offered"}
        return [part for part in PARTS if not self[names.get(part, part)].data]

    def parts(self) -> list[BooleanField]:
        """List the boxes to tick."""
        return [field for field in self if isinstance(field, BooleanField)]


def many_data(series: Series | None, original: Webinar | None, key: str) -> dict[str, Any]:
    """Give what the form for several webinars begins with."""
    series = original.series if original else series
    zone_name = original.time_zone if original else series.time_zone if series else None
    return {
        "key": key,
        "original": original.slug if original else "",
        "series": series.slug if series else "",
        "title": original.title if original else series.title if series else "",
        "numbered": True,
        "start_time": original.local_start.time().isoformat("minutes") if original else "",
        "time_zone": zone_name or current_settings().home_zone,
        "duration_minutes": str(original.duration_minutes if original else series.duration_minutes if series else 60),
        "rhythm": Rhythm.WEEK,
        "count": "4",
        "countries": usual_countries(zone_name or ""),
    }


def suggested_day(webinar: Webinar, today: date) -> date:
    """Suggest the same weekday of the next month for a copy, or of the first month in which it lies ahead."""
    local = webinar.local_start.date()
    return next((one for one in days_of(Rhythm.MONTH_WEEKDAY, local, MOST_DATES)[1:] if one > today), local)
