"""Dates, times and numbers for people: weekday, day, month, year, and the zone's everyday name."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel.core import Locale, get_global
from babel.dates import format_date, format_time, get_timezone_location, get_timezone_name
from babel.numbers import format_decimal
from flask import Flask
from flask_babel import gettext as _
from flask_babel import ngettext

from webinars.core.language import current_language
from webinars.core.prose import markdown
from webinars.core.zones import COMMON_ZONES, is_zone, listed_zones, shift_between

#: name of CLDR's metazone → its reference zone, where zones of one name keep different clocks; babel leaves these out
_REFERENCES = {
    "America_Central": "America/Chicago",
    "America_Eastern": "America/New_York",
    "America_Mountain": "America/Denver",
    "America_Pacific": "America/Los_Angeles",
    "Atlantic": "America/Halifax",
    "Australia_Central": "Australia/Adelaide",
    "Australia_Eastern": "Australia/Sydney",
    "Europe_Central": "Europe/Paris",
    "Europe_Eastern": "Europe/Bucharest",
    "Hawaii_Aleutian": "Pacific/Honolulu",
}


#: weekday, day and month where a language's own pattern would not read well in a sentence
_DAYS = {"en": "EEEE d MMMM", "es": "EEEE d 'de' MMMM"}


def in_zone(moment: datetime, zone: str | None) -> datetime:
    """Turn an instant into the wall clock of a zone."""
    return moment.astimezone(ZoneInfo(zone)) if zone else moment


def long_date(moment: datetime | date, zone: str | None = None) -> str:
    """Say "Thursday, 3 December 2026" the way the reader's language does."""
    day = in_zone(moment, zone) if isinstance(moment, datetime) else moment
    language = current_language()
    pattern = "EEEE d MMMM y" if language == "en" else "full"
    return _date(date(day.year, day.month, day.day), pattern, language)


def day_and_month(moment: datetime, zone: str) -> str:
    """Say "Thursday 3 December"."""
    language = current_language()
    return _date(in_zone(moment, zone).date(), _DAYS.get(language) or f"EEEE, {_month_and_day(language)}", language)


def day_and_time(moment: datetime, zone: str) -> str:
    """Say "Thursday 3 December at 1:00 pm Eastern time"."""
    time_there = f"{clock(moment, zone)} {zone_name(zone, moment)}"
    return str(_("%(day)s at %(time)s", day=day_and_month(moment, zone), time=time_there))


def short_date(moment: datetime | date, zone: str | None = None) -> str:
    """Say "3 December 2026"."""
    day = in_zone(moment, zone) if isinstance(moment, datetime) else moment
    language = current_language()
    return _date(date(day.year, day.month, day.day), "d MMMM y" if language == "en" else "long", language)


@lru_cache(maxsize=2048)
def _date(day: date, pattern: str, language: str) -> str:
    return format_date(day, pattern, locale=language)


def _month_and_day(language: str) -> str:
    """Give the pattern of "8 March"; English here is that of the whole world, not of America alone."""
    return "d MMMM" if language == "en" else str(Locale.parse(language).datetime_skeletons["MMMMd"])


def clock(moment: datetime, zone: str | None = None) -> str:
    """Say "1:00 pm"."""
    local = in_zone(moment, zone)
    return _clock(local.hour, local.minute, current_language())


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, language: str) -> str:
    pattern = "h:mm a" if language == "en" else "short"
    text = format_time(time(hour, minute), pattern, locale=language)
    return text.replace("AM", "am").replace("PM", "pm").replace("\u202f", " ")


def clock_range(start: datetime, end: datetime, zone: str | None = None) -> str:
    """Say "1:00 – 2:15 pm": the half of the day once when both share it."""
    first, last = clock(start, zone), clock(end, zone)
    if first[-3:] == last[-3:] and last[-2:] in {"am", "pm"}:
        first = first[:-3]
    # A line may end behind the dash: a second no-break space there would begin the next line, since a dash lets it.
    return f"{first}\N{NO-BREAK SPACE}– {last}"


def zone_name(zone: str, moment: datetime) -> str:
    """Say a zone's everyday name: "Eastern time", or "Eastern time (Cancún)" where its clock then differs."""
    reference = _reference_zone(zone)
    apart = in_zone(moment, zone).utcoffset() != in_zone(moment, reference).utcoffset()
    return _zone_name(zone, apart, current_language())


@cache
def _reference_zone(zone: str) -> str:
    """Give the zone whose clock people mean by the everyday name."""
    canonical = get_global("zone_aliases").get(zone, zone)
    return _REFERENCES.get(get_global("meta_zones").get(canonical, ""), zone)


@lru_cache(maxsize=2048)
def _zone_name(zone: str, apart: bool, language: str) -> str:
    name = get_timezone_name(ZoneInfo(zone), width="long", locale=language, zone_variant="generic")
    if zone.rpartition("/")[2] in {"UTC", "GMT", "Zulu", "Universal"}:
        return "UTC"
    # Where CLDR has no name it gives an offset, or writes the zone's own into its place.
    if name.startswith("GMT") or name == zone or "/" in name:
        return _("%(city)s time", city=zone_city(zone))
    name = name.replace(" Time", " time").replace("Hora de", "hora de").replace("Hora ", "hora ")
    return f"{name} ({get_timezone_location(ZoneInfo(zone), locale=language, return_city=True)})" if apart else name


def zone_city(zone: str) -> str:
    """Say the city a zone is named after: "Los Angeles"."""
    return zone.rpartition("/")[2].replace("_", " ")


def zone_label(zone: str, moment: datetime) -> str:
    """Say a zone's everyday name with its city: "Eastern time (New York)"."""
    name, city = zone_name(zone, moment), zone_city(zone)
    return name if name.endswith(")") or city in name else f"{name} ({city})"


def zone_choices(now: datetime, wanted: Iterable[str] = ()) -> dict[str, dict[str, str]]:
    """Offer zones in groups: those in use here and the common ones by everyday name, then all others by region."""
    first = [zone for zone in dict.fromkeys((*wanted, *COMMON_ZONES)) if is_zone(zone)]
    groups = {_("Often used"): {zone: zone_label(zone, now) for zone in first}}
    regions = _regions()
    for zone in listed_zones():
        region, _slash, place = zone.partition("/")
        if zone not in first:
            groups.setdefault(regions.get(region, region), {})[zone] = _place(place)
    return groups


def _place(rest: str) -> str:
    """Say "Knox, Indiana" for "Indiana/Knox": a list is searched by the first letters of the city."""
    return ", ".join(reversed(rest.replace("_", " ").split("/")))


def _regions() -> dict[str, str]:
    return {
        "Africa": _("Africa"),
        "America": _("North and South America"),
        "Antarctica": _("Antarctica"),
        "Arctic": _("Arctic Ocean"),
        "Asia": _("Asia"),
        "Atlantic": _("Atlantic Ocean"),
        "Australia": _("Australia"),
        "Europe": _("Europe"),
        "Indian": _("Indian Ocean"),
        "Pacific": _("Pacific Ocean"),
    }


def when(start: datetime, end: datetime, zone: str) -> str:
    """Say date, times and zone in one line: "Thursday 3 December 2026, 1:00 – 2:15 pm Eastern time"."""
    return f"{long_date(start, zone)}, {clock_range(start, end, zone)} {zone_name(zone, start)}"


def weekday(moment: datetime, zone: str | None = None) -> str:
    """Say "Thursday"."""
    return _date(in_zone(moment, zone).date(), "EEEE", current_language())


def day_name(day: date) -> str:
    """Say "Thursday" of a day."""
    return _date(day, "EEEE", current_language())


def month_year(day: date) -> str:
    """Say "December 2026"."""
    language = current_language()
    return _date(day, str(Locale.parse(language).datetime_skeletons["yMMMM"].pattern), language)


def weekday_abbr(moment: datetime, zone: str | None = None) -> str:
    """Say "Thu"."""
    return _date(in_zone(moment, zone).date(), "EEE", current_language())


def day_for_you(moment: datetime, zone: str, visitor_zone: str) -> str:
    """Say "That is Thursday evening for you." where it is another day for a visitor; else nothing."""
    there = in_zone(moment, visitor_zone)
    if there.date() == in_zone(moment, zone).date():
        return ""
    ends = ((5, 0), (12, 1), (18, 2), (22, 3), (24, 4))
    part = next(part for end, part in ends if there.hour < end)
    return parts_of_your_day()[part].replace("{day}", weekday(moment, visitor_zone))


def parts_of_your_day() -> list[str]:
    """Give the sentences for a day that is another one for the visitor: before 5, 12, 18, 22 and 24 o'clock."""
    return [
        _("That is {day} for you, in the early hours."),
        _("That is {day} morning for you."),
        _("That is {day} afternoon for you."),
        _("That is {day} evening for you."),
        _("That is {day} for you, late in the evening."),
    ]


def clocks_between(moment: datetime, zone: str, visitor_zone: str, now: datetime) -> str:
    """Explain why a moment is not as many hours away from the visitor's clock as today; else say nothing."""
    shift = shift_between(zone, visitor_zone, now, moment) if moment > now else None
    if shift is None:
        return ""
    changes = [
        _("Clocks change on %(day)s in %(city)s.", day=_day_of_month(day), city=zone_city(name))
        for name, day in shift.changes
    ]
    then = _("The difference to your time is then %(then)s, today it is %(today)s.",
             then=_hours(shift.then), today=_hours(shift.today))  # fmt: skip
    return " ".join([*changes, then])


def _day_of_month(day: date) -> str:
    language = current_language()
    return _date(day, _month_and_day(language), language)


def _hours(difference: timedelta) -> str:
    hours = difference.total_seconds() / 3600
    return ngettext("%(hours)s hour", "%(hours)s hours", 1 if hours == 1 else 2, hours=number(hours))


def month_abbr(moment: datetime, zone: str | None = None) -> str:
    """Say "Dec"."""
    return _date(in_zone(moment, zone).date(), "MMM", current_language())


def rfc3339(moment: datetime, zone: str | None = None) -> str:
    """Write an instant for machines: "2026-12-03T18:00:00Z", or with the offset of a zone."""
    return in_zone(moment, zone).isoformat(timespec="seconds").replace("+00:00", "Z")


def timecode(seconds: float) -> str:
    """Write a place in a video: "12:41", "1:02:40"."""
    minutes, second = divmod(int(seconds), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours}:{minute:02}:{second:02}" if hours else f"{minute:02}:{second:02}"


def number(value: float) -> str:
    """Write a number with the reader's separators."""
    return format_decimal(value, locale=current_language())


def from_now(moment: datetime, now: datetime) -> str:
    """Say how far away an instant is: "in 3 days", "in 45 minutes", "2 days ago", "just now"."""
    seconds = (moment - now).total_seconds()
    if abs(seconds) < 60:
        return _("in less than a minute") if seconds > 0 else _("just now")
    amount = _amount(abs(seconds))
    return _("in %(time)s", time=amount) if seconds >= 0 else _("%(time)s ago", time=amount)


def _amount(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 90:
        return ngettext("%(num)d minute", "%(num)d minutes", minutes)
    hours = round(seconds / 3600)
    if hours < 36:
        return ngettext("%(num)d hour", "%(num)d hours", hours)
    return ngettext("%(num)d day", "%(num)d days", round(seconds / 86400))


def init_formats(app: Flask) -> None:
    """Offer the formats to templates as filters."""
    for filter_ in (
        long_date,
        short_date,
        clock,
        weekday,
        day_name,
        month_year,
        weekday_abbr,
        month_abbr,
        rfc3339,
        timecode,
        number,
        markdown,
        zone_city,
    ):
        app.add_template_filter(filter_)
    app.jinja_env.globals.update(clock_range=clock_range, zone_name=zone_name, when=when, from_now=from_now)
    app.jinja_env.globals.update(zone_label=zone_label, day_for_you=day_for_you, clocks_between=clocks_between)
    app.jinja_env.globals.update(parts_of_your_day=parts_of_your_day)
