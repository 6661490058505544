"""The forms of the schedule's staff pages. They carry what was typed; the service says what is wrong with it."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from flask_babel import gettext, lazy_pgettext, ngettext
from flask_babel import lazy_gettext as _
from wtforms import (
    BooleanField,
    FieldList,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import Label
from wtforms.widgets import DateInput, TimeInput

from config import LANGUAGES
from webinars.core.errors import UserError
from webinars.core.formats import clock, number, zone_choices
from webinars.core.http import current_settings
from webinars.core.language import current_language
from webinars.core.options import SelectChoice, options
from webinars.core.text import whole_number
from webinars.core.zones import AmbiguousTime, Choice
from webinars.schedule.cleaning import MOST_COMPANIONS, Problems
from webinars.schedule.following_form import FollowingForm
from webinars.schedule.models import Series, Speaker, Webinar
from webinars.schedule.plain_form import PlainForm as PlainForm
from webinars.schedule.rules import FOLLOWED, format_reminders, offer_words, readings

_LANGUAGES = (*LANGUAGES, "fr", "pt", "zh", "ar", "vi", "ko", "de", "it", "pl", "ru")
_SPARE_SPEAKERS = 2
#: how long a freed place may be held, as forms offer it
_OFFER_HOURS = (0, 4, 12, 24, 48, 72)
#: how a switch of a webinar stands in its form
_YES_NO = {None: "", True: "yes", False: "no"}


class TimedForm(PlainForm):
    """A form with a wall-clock start: a day, a time, a zone, and the reading when the clocks change."""

    places = {"local_start": "start_date"}
    together: tuple[frozenset[str], ...] = (frozenset({"start_date", "start_time", "time_zone", "time_choice"}),)
    start_date = StringField(_("Date"), widget=DateInput())
    start_time = StringField(_("Start time"), widget=TimeInput())
    #: what the choice of a series brings into other fields
    brought: tuple[str, ...] = ()
    time_zone = SelectField(_("Time zone"), validate_choice=False)
    time_choice = RadioField(_("Which time do you mean?"), choices=[], validate_choice=False)
    duration_minutes = StringField(_("Length in minutes"))

    def timing(self) -> dict[str, Any]:
        """Give start, zone and length as the service takes them, with the chosen reading of the time."""
        asked = f"{self.start_date.data or ''}T{self.start_time.data or ''}"
        typed: dict[str, Any] = {"local_start": asked, "fold": None}
        if self.time_choice.data:
            typed |= chosen_reading(asked, self.time_zone.data or "", self.time_choice.data)
        return typed | self.texts("time_zone", "duration_minutes")

    def offer_readings(self, error: AmbiguousTime) -> None:
        """Ask which of two readings of the typed time is meant."""
        self.status = 422
        self.time_choice.choices = reading_choices(error.choices, self.time_zone.data)
        self.time_choice.data = None
        self.time_choice.errors = [explain_readings(error.choices)]

    def take_usual(self, series: Series | None) -> None:
        """Take what new webinars of the series begin with that was chosen, unless somebody chose otherwise."""
        begun = self.begun()
        if series is None or series.slug == begun.get("series"):
            return
        usual = {name: value for name, value in _usual(series).items() if name in self.brought}
        for name, value in usual.items():
            if self[name].data == begun.get(name):
                self[name].data = value
        self.base.data = json.dumps(begun | usual | {"series": series.slug})

    def offer_zones(self, now: datetime, *wanted: str) -> None:
        """Offer the zones, the common ones and those in use here first; show a reading that was chosen before."""
        self.time_zone.choices = zone_choices(now, (*wanted, self.time_zone.data or ""))
        if self.time_choice.data and not self.time_choice.choices:
            choices = _typed_readings(f"{self.start_date.data}T{self.start_time.data}", self.time_zone.data or "")
            self.time_choice.choices = reading_choices(choices, self.time_zone.data)


class WebinarForm(FollowingForm, TimedForm):
    """Everything staff say about a webinar; for a published one the start is left to the move page."""

    drafted = True
    brought = ("time_zone", "language")
    together = (*TimedForm.together, frozenset({"reminder_source", "reminders"}))

    title = StringField(_("Title"))
    series = SelectField(lazy_pgettext("one", "Series"), validate_choice=False)
    summary = TextAreaField(_("Summary"))
    description = TextAreaField(_("Description"))
    language = SelectField(_("Language spoken"), validate_choice=False)
    access_text = StringField(_("Captions and interpretation"))
    recorded = BooleanField(_("It is recorded"))
    capacity = StringField(_("Places"))
    waiting_list = BooleanField(_("Keep a waiting list when it is full"))
    offer_hours = SelectField(_("When a place becomes free"), validate_choice=False)
    asks_role = SelectField(_("Ask who somebody is"), validate_choice=False)
    asks_access = SelectField(_("Ask what somebody needs to take part"), validate_choice=False)
    companions = SelectField(_("Others on the same form"), validate_choice=False)
    require_proof = SelectField(_("Hold each place until its address is proven"), validate_choice=False)
    join_url = StringField(_("Join link"))
    phone_number = StringField(_("Phone number"))
    phone_pin = StringField(_("PIN"))
    reminder_source = RadioField(_("Reminders"), choices=[], validate_choice=False)
    reminders = StringField(_("Own reminders"))
    speakers = FieldList(SelectField(validate_choice=False), label=_("Speakers"))
    slug = StringField(_("Address of the page"))
    #: where its own value is the same as the series'
    same: frozenset[str] | set[str] = frozenset()

    def offer(self, series: Iterable[Series], speakers: Iterable[Speaker], now: datetime) -> None:
        """Fill the lists to choose from, and leave room for more speakers."""
        known = list(series)
        self.series.choices = [*options([("", _("Choose a series"))]), *(series_choice(one) for one in known)]
        if "time_zone" in self:
            self.offer_zones(now, *(one.time_zone for one in known))
        self.language.choices = language_choices(self.language.data)
        chosen = next((one for one in known if one.slug == self.series.data), None)
        usual = _("As the series: %(what)s", what=offer_words(chosen.offer_hours)) if chosen else _("As the series")
        self.offer_hours.choices = [*options([("", usual)]), *offer_choices()]
        self._offer_asking(chosen)
        self._offer_following(chosen)
        defaults = (
            _("As the series: %(list)s", list=format_reminders(chosen.reminders)) if chosen else _("As the series")
        )
        self.reminder_source.choices = options(
            [("series", defaults), ("own", _("Others, for this webinar")), ("none", _("None"))]
        )
        self._offer_speakers(options(speaker_choices(speakers)))

    def _offer_asking(self, series: Series | None) -> None:
        """Offer the switches of the sign-up form, first of all to leave them as the series has them."""
        words = {True: _("Yes"), False: _("No")}
        for field in (self.asks_role, self.asks_access, self.require_proof):
            usual = _("As the series: %(what)s", what=words[getattr(series, field.name)]) if series else ""
            field.choices = options([("", usual or _("As the series")), ("yes", words[True]), ("no", words[False])])
        usual = _("As the series: %(what)s", what=companion_words(series.companions)) if series else _("As the series")
        self.companions.choices = [*options([("", usual)]), *companion_choices()]

    def _offer_following(self, series: Series | None) -> None:
        """Offer to take values from the series, and say what those are."""
        said = {name: default_words(name, getattr(series, name)) for name in FOLLOWED} if series else {}
        self.same = {name for name, words in said.items() if words == default_words(name, self._held(name))}
        self.follows.choices = options(
            (name, _("As the series: %(what)s", what=said[name]) if said else _("As the series")) for name in FOLLOWED
        )

    def _held(self, name: str) -> Any:
        """Give what a field holds, as its column would."""
        held = self[name].object_data
        return whole_number(str(held or "")) if name in ("capacity", "duration_minutes") else held

    def _offer_speakers(self, choices: list[SelectChoice]) -> None:
        while self.speakers.entries and not self.speakers.entries[-1].data:
            self.speakers.pop_entry()
        for _spare in range(_SPARE_SPEAKERS if len(self.speakers.entries) < 8 else 1):
            self.speakers.append_entry("")
        for place, entry in enumerate(self.speakers.entries, 1):
            entry.choices = choices
            entry.label = Label(entry.id, _("Speaker %(num)s", num=place))

    def values(self) -> dict[str, Any]:
        """Give the fields as the service takes them."""
        names = ("title", "series", "summary", "description", "language", "access_text", "recorded", "capacity",
                 "waiting_list", "offer_hours", "asks_role", "asks_access", "companions", "require_proof", "join_url",
                 "phone_number", "phone_pin", "slug")  # fmt: skip
        timing = self.timing() if "start_date" in self else self.texts("duration_minutes")
        # Longer numbers are nobody's.
        numbers = [str(entry.data or "")[:18] for entry in self.speakers]
        speakers = [int(written) for written in numbers if written.isdecimal()]
        follows = self.following()
        given = self.texts(*names) | timing | {"reminders": self._own_reminders(), "speakers": speakers}
        return {name: value for name, value in given.items() if name not in follows} | {"follows": follows}

    def _own_reminders(self) -> str | list[int] | None:
        """Give the webinar's own reminders; raises Problems when the choice and what was written contradict."""
        source, written = self.reminder_source.data or "series", (self.reminders.data or "").strip()
        if source == "own" and not written:
            raise Problems({"reminders": str(_("Write when, for example “3 days, 1 hour”, or choose “None”."))})
        if source != "own" and written and written != self.reminders.object_data:
            sentence = _("To use these, choose “Others, for this webinar”. Else empty this field.")
            raise Problems({"reminders": str(sentence)})
        return {"series": None, "none": []}.get(source, written)

    def leave_out_start(self) -> None:
        """Leave the start to the move page and the address as it is: people hold both already."""
        for name in ("start_date", "start_time", "time_zone", "time_choice", "slug"):
            del self[name]


class MoveForm(TimedForm):
    """A new start for a webinar."""


class JoiningForm(PlainForm):
    """How people get into a webinar."""

    join_url = StringField(_("Join link"))
    phone_number = StringField(_("Phone number"))
    phone_pin = StringField(_("PIN"))

    def changes(self) -> dict[str, str]:
        """Give what was typed over: what stays goes on following its series."""
        names = ("join_url", "phone_number", "phone_pin")
        return {name: self[name].data or "" for name in names if (self[name].data or "") != self[name].object_data}


class CancelForm(PlainForm):
    """Why a webinar is called off."""

    reason = TextAreaField(_("Reason, for everybody who registered"))

    def offer(self, languages: Iterable[str]) -> None:
        """Ask for the reason in further languages too, as reason_<language>."""
        for language in set(LANGUAGES) - set(languages):
            del self[f"reason_{language}"]
        for language, name in language_names(languages).items():
            self[f"reason_{language}"].label.text = gettext("The same in %(language)s", language=name)
        self.places = {f"reasons.{language}": f"reason_{language}" for language in languages}

    def further(self) -> list[tuple[str, Any]]:
        """List the fields for the reason in further languages, each with its language."""
        return [(language, self[f"reason_{language}"]) for language in LANGUAGES if f"reason_{language}" in self]

    def reasons(self) -> dict[str, str]:
        """Give what was typed in further languages."""
        return {language: box.data or "" for language, box in self.further()}


for _language in LANGUAGES:
    setattr(CancelForm, f"reason_{_language}", TextAreaField())


def series_choice(series: Series) -> SelectChoice:
    """Offer a series with what its new webinars begin with, for js/brings.js."""
    return SelectChoice(series.slug, series.title, {f"data-{name}": value for name, value in _usual(series).items()})


def _usual(series: Series) -> dict[str, str]:
    minutes = str(series.duration_minutes)
    return {"time_zone": series.time_zone, "language": series.language, "duration_minutes": minutes}


def webinar_data(webinar: Webinar) -> dict[str, Any]:
    """Give a webinar's values by form field."""
    own = webinar.reminders
    plain = ("title", "summary", "description", "language", "access_text", "recorded", "waiting_list", "join_url",
             "phone_number", "phone_pin", "slug")  # fmt: skip
    return {
        **{name: getattr(webinar, name) for name in plain},
        **timing_data(webinar),
        "series": webinar.series.slug,
        "capacity": "" if webinar.capacity is None else str(webinar.capacity),
        "offer_hours": "" if webinar.offer_hours is None else str(webinar.offer_hours),
        "asks_role": _YES_NO[webinar.asks_role],
        "asks_access": _YES_NO[webinar.asks_access],
        "require_proof": _YES_NO[webinar.require_proof],
        "companions": "" if webinar.companions is None else str(webinar.companions),
        "reminder_source": "series" if own is None else "own" if own else "none",
        "reminders": format_reminders(own or []),
        "speakers": [str(speaker.id) for speaker in webinar.speakers],
        "follows": webinar.follows,
    }


def timing_data(webinar: Webinar) -> dict[str, Any]:
    """Give a webinar's start, zone and length by form field."""
    kept = readings(webinar.local_start, webinar.time_zone)
    return {
        "start_date": webinar.local_start.date().isoformat(),
        "start_time": webinar.local_start.time().isoformat("seconds" if webinar.local_start.second else "minutes"),
        "time_zone": webinar.time_zone,
        "time_choice": _key(kept[webinar.fold]) if kept else None,
        "duration_minutes": str(webinar.duration_minutes),
    }


def new_webinar_data(series: Series | None) -> dict[str, Any]:
    """Give what a new webinar's form begins with."""
    said: dict[str, Any] = {"duration_minutes": "60", "waiting_list": True, "language": LANGUAGES[0]}
    if series:
        said = {name: getattr(series, name) for name in (*FOLLOWED, "language")}
        said |= {name: "" if said[name] is None else str(said[name]) for name in ("duration_minutes", "capacity")}
    return {
        "series": series.slug if series else "",
        "time_zone": series.time_zone if series else current_settings().home_zone,
        **said,
        "recorded": True,
        "reminder_source": "series",
        "follows": list(FOLLOWED),
    }


def default_words(name: str, value: Any) -> str:
    """Say what a series has in a field, as people read it."""
    if name == "capacity":
        return number(value) if value is not None else str(_("as many as come"))
    if isinstance(value, bool):
        return str(_("Yes") if value else _("No"))
    if name == "duration_minutes":
        return str(ngettext("%(num)s minute", "%(num)s minutes", value or 0))
    return str(value) or str(_("none"))


def language_names(languages: Iterable[str] = LANGUAGES) -> dict[str, str]:
    """Name languages in the reader's own."""
    names = {one.value: one.label for one in language_choices(None)}
    return {language: names[language] for language in languages}


def language_choices(current: str | None) -> list[SelectChoice]:
    """Offer languages by their names in the reader's language; the site's own come first."""
    codes = dict.fromkeys((*_LANGUAGES, *([current] if current else [])))
    reader = Locale.parse(current_language())
    return options((code, reader.languages.get(code.split("-")[0], code)) for code in codes)


def offer_choices() -> list[SelectChoice]:
    """Offer how long a freed place is held for the next in line."""
    return options((str(hours), _begun(offer_words(hours))) for hours in _OFFER_HOURS)


def _begun(words: str) -> str:
    """Let words that also stand inside a sentence begin one."""
    return words[:1].upper() + words[1:]


def companion_choices() -> list[SelectChoice]:
    """Offer how many others somebody may register with the same form."""
    return options((str(count), companion_words(count)) for count in range(MOST_COMPANIONS + 1))


def companion_words(count: int) -> Any:
    """Say how many others somebody may register with the same form."""
    if count == 0:
        return _("Nobody else")
    return ngettext("One other person", "Up to %(num)s others", count)


def speaker_choices(speakers: Iterable[Speaker]) -> list[tuple[str, str]]:
    """Offer nobody, and each speaker with the letters after the name."""
    named = ((one, f"{one.name}, {one.credentials}" if one.credentials else one.name) for one in speakers)
    return [("", str(_("Nobody"))), *((str(one.id), label) for one, label in named)]


def _key(choice: Choice) -> str:
    return f"{choice.local.isoformat()}~{choice.fold}"


def _typed_readings(typed: str, zone: str) -> tuple[Choice, ...]:
    try:
        return readings(datetime.fromisoformat(typed), zone)
    except (ValueError, UserError):
        return ()


def chosen_reading(typed: str, zone: str, key: str) -> dict[str, Any]:
    """Give the reading behind a radio button; nothing when it belongs to another time than the typed one."""
    for choice in _typed_readings(typed, zone):
        if _key(choice) == key:
            return {"local_start": choice.local, "fold": choice.fold}
    return {}


def explain_readings(choices: tuple[Choice, ...]) -> Any:
    """Say why a time has two readings."""
    if choices[0].local == choices[1].local:
        return _("The clocks go back that night, so this time happens twice. Choose the first or the second.")
    return _("The clocks go forward that night, so this time does not exist. Choose the one before or the one after.")


def reading_choices(choices: tuple[Choice, ...], zone: str) -> list[SelectChoice]:
    """Offer the two readings of a time, the earlier one first."""
    doubled = len({choice.local for choice in choices}) == 1
    ordered = sorted(choices, key=lambda choice: (choice.local, choice.fold))
    return options((_key(choice), _reading(choice, ZoneInfo(zone), doubled)) for choice in ordered)


def _reading(choice: Choice, zone: ZoneInfo, doubled: bool) -> Any:
    time, short = clock(choice.instant, zone.key), choice.instant.astimezone(zone).strftime("%Z")
    if not doubled:
        return _("%(time)s (%(zone)s)", time=time, zone=short)
    if choice.fold == 0:
        return _("The first %(time)s (%(zone)s)", time=time, zone=short)
    return _("The second %(time)s (%(zone)s)", time=time, zone=short)
