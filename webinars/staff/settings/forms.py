"""The form of a page of settings, made from the table."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from babel import Locale
from flask_babel import gettext as _
from wtforms import EmailField, Field, SelectField, StringField, TextAreaField

from webinars.core.formats import clock, zone_choices
from webinars.core.language import current_language, language_name
from webinars.core.options import SelectChoice, options
from webinars.core.reminders import format_reminders, parse_reminders
from webinars.schedule.forms import PlainForm
from webinars.staff.settings.service import Shown, version

_BEGINS, _ENDS = (20, 21, 22, 23), (6, 7, 8, 9, 10)
_FIELDS: dict[str, type[Field]] = {
    "line": StringField, "countries": StringField, "reminders": StringField, "days": StringField, "email": EmailField,
    "lines": TextAreaField, "zone": SelectField, "hours": SelectField,
}  # fmt: skip


def form_for(rows: Sequence[Shown], now: datetime) -> PlainForm:
    """Make the form of some settings, filled with what holds now or with what was typed."""
    fields = {row.setting.name: _field(row, now) for row in rows}
    made: type[PlainForm] = type("SettingsForm", (PlainForm,), fields | {"drafted": True})
    return made(data={row.setting.name: in_words(row, row.now) for row in rows} | {"seen": version(rows)})


def label_of(row: Shown) -> str:
    """Name a setting, with its language where there is one for each."""
    setting = row.setting
    return f"{setting.label} ({language_name(setting.language)})" if setting.language else str(setting.label)


def in_words(row: Shown, text: str) -> str:
    """Say what a setting holds the way its field does."""
    if row.setting.kind.control == "reminders":
        return format_reminders(parse_reminders(text))
    if row.setting.kind.control != "countries":
        return text
    names = Locale.parse(current_language()).territories
    return ", ".join(names.get(code, code) for code in text.split(", ") if code)


def _field(row: Shown, now: datetime) -> Field:
    control = row.setting.kind.control
    extra: dict[str, Any] = {}
    if control == "zone":
        extra = {"choices": zone_choices(now, [row.now]), "validate_choice": False}
    if control == "hours":
        extra = {"choices": _hours(row.now), "validate_choice": False}
    return _FIELDS[control](label_of(row), description=row.setting.hint, **extra)


def _hours(present: str) -> list[SelectChoice]:
    known = dict.fromkeys([*(f"{begin}-{end}" for begin in _BEGINS for end in _ENDS), present])
    return options([("none", _("None")), *((text, _span(text)) for text in known if text != "none")])


def _span(text: str) -> str:
    begin, end = (clock(datetime(2000, 1, 1, int(hour), tzinfo=UTC)) for hour in text.split("-"))
    return _("from %(begin)s to %(end)s", begin=begin, end=end)
