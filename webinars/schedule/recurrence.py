"""Rhythms in which webinars come back, as days: pure, by python-dateutil's rule (RFC 5545 section 3.3.10)."""

from datetime import date, datetime, time
from enum import StrEnum

from dateutil.rrule import MONTHLY, WEEKLY, rrule, weekday

#: the most dates of one form
MOST_DATES = 60
#: every month has the days up to this one
_SAFE_DAY = 28
_WEEK = 7
_LAST = 5


class Rhythm(StrEnum):
    """How often, told from the first date."""

    WEEK = "week"
    TWO_WEEKS = "two-weeks"
    #: such as the first Thursday; the fifth is the last one of each month
    MONTH_WEEKDAY = "month-weekday"
    #: such as the 15th; the 31st is the last day of each month
    MONTH_DAY = "month-day"


def days_of(rhythm: Rhythm, first: date, count: int, until: date | None = None) -> list[date]:
    """List the days from the first one on: so many, or fewer when they reach a last day before."""
    begin = datetime.combine(first, time())
    end = datetime.combine(until, time.max) if until else None
    given = {"dtstart": begin, "until": end} if end else {"dtstart": begin, "count": min(count, MOST_DATES)}
    if rhythm in (Rhythm.WEEK, Rhythm.TWO_WEEKS):
        rule = rrule(WEEKLY, interval=1 if rhythm is Rhythm.WEEK else 2, **given)
    elif rhythm is Rhythm.MONTH_WEEKDAY:
        rule = rrule(MONTHLY, byweekday=weekday(first.weekday(), which_of_month(first)), **given)
    else:
        days = range(min(first.day, _SAFE_DAY), first.day + 1)
        rule = rrule(MONTHLY, bymonthday=tuple(days), bysetpos=-1, **given)
    return [moment.date() for _number, moment in zip(range(min(count, MOST_DATES)), rule, strict=False)]


def which_of_month(day: date) -> int:
    """Say which of its weekday a day is in its month: 1 to 4, or -1 for the last, as a fifth is not in every month."""
    which = (day.day - 1) // _WEEK + 1
    return -1 if which == _LAST else which
