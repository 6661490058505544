"""When the letters to staff about their webinars fall due, by the clock of the reader's zone."""

from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

#: when they come, by the reader's clock
MONDAY_HOUR, DAY_BEFORE_HOUR = time(7), time(9)
#: how late the one on Monday may still come
WEEKLY_LASTS = timedelta(hours=24)
#: the day before begins nowhere earlier than this before a start
EARLIEST = timedelta(days=2)
#: how far the one on Monday looks ahead
AHEAD = timedelta(days=28)


class Reader(NamedTuple):
    """Who gets letters about their webinars, and what they chose."""

    user_id: int
    email: str
    language: str
    time_zone: str
    weekly: bool
    day_before: bool
    #: may look at names and call lists, as hosts may not
    looks: bool


def week_due(zone: str, now: datetime) -> date | None:
    """Give the Monday whose letter is due now in a zone; None on the other days of the week."""
    began = week_began(zone, now)
    return began.date() if began <= now < began + WEEKLY_LASTS else None


def week_began(zone: str, now: datetime) -> datetime:
    """Give the moment on this week's Monday at which its letter comes in a zone."""
    here = now.astimezone(ZoneInfo(zone))
    return datetime.combine(here.date() - timedelta(days=here.weekday()), MONDAY_HOUR, ZoneInfo(zone))


def is_day_before(starts_at: datetime, zone: str, now: datetime) -> bool:
    """Say whether the letter of the day before a start is due by now, and the webinar still ahead."""
    day = starts_at.astimezone(ZoneInfo(zone)).date() - timedelta(days=1)
    return datetime.combine(day, DAY_BEFORE_HOUR, ZoneInfo(zone)) <= now < starts_at


def week_occasion(monday: date) -> str:
    """Name the letter of a Monday."""
    return monday.isoformat()


def day_occasion(webinar_id: int, start_sequence: int) -> str:
    """Name the letter of the day before a start; after a move there is another one."""
    return f"{webinar_id}-{start_sequence}"
