"""A month as a table of weeks: which days it shows, what is on them, and the months beside it. Pure."""

import re
from calendar import Calendar
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale

from webinars.core.language import current_language
from webinars.schedule.days_off import holidays_on
from webinars.schedule.models import Webinar

_MONTH = re.compile(r"(\d{4})-(\d{2})")
_FIRST, _LAST = date(2000, 1, 1), date(2100, 12, 1)


@dataclass(frozen=True)
class Dated:
    """Something else than a webinar that has a date: its words, and the endpoint of its page with the values."""

    at: datetime
    words: str
    endpoint: str
    values: dict[str, Any]
    #: it is due on the day, at no hour of it
    whole_day: bool = False


@dataclass
class Day:
    """One cell of the table."""

    day: date
    #: of the month that is shown, not of the one before or after it
    inside: bool
    holidays: list[str]
    webinars: list[Webinar] = field(default_factory=list)
    others: list[Dated] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """The weeks of a month, each of seven days."""

    first: date
    weeks: list[list[Day]]

    @property
    def before(self) -> str:
        """Name the month before, as addresses do."""
        return _name(self.first - timedelta(days=1))

    @property
    def after(self) -> str:
        """Name the month after."""
        return _name(self.first + timedelta(days=31))

    @property
    def name(self) -> str:
        """Name the month itself."""
        return _name(self.first)

    @property
    def days(self) -> list[Day]:
        """List the days in their order."""
        return [day for week in self.weeks for day in week]


def read_month(text: str, today: date) -> date:
    """Read "2026-12" as the first day of a month; anything else is the month of today."""
    found = _MONTH.fullmatch(text)
    if not found or not 1 <= int(found.group(2)) <= 12:
        return today.replace(day=1)
    return min(max(date(int(found.group(1)) or 1, int(found.group(2)), 1), _FIRST), _LAST)


def month_of(first: date, countries: Iterable[str]) -> Month:
    """Lay out a month in weeks that begin as the reader's do, with the public holidays of some countries."""
    weeks = Calendar(Locale.parse(current_language()).first_week_day).monthdatescalendar(first.year, first.month)
    return Month(
        first,
        [[Day(day, day.month == first.month, holidays_on(day, countries)) for day in week] for week in weeks],
    )


def fill(month: Month, webinars: Iterable[Webinar], others: Iterable[Dated], zone: str) -> None:
    """Put webinars and other things on their days in a zone."""
    days = {day.day: day for day in month.days}
    for webinar in webinars:
        days[_day(webinar.starts_at, zone)].webinars.append(webinar)
    for other in others:
        days[_day(other.at, zone)].others.append(other)


def _day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def _name(day: date) -> str:
    return f"{day.year:04}-{day.month:02}"
