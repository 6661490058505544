"""Hours of a reader's night in which nothing is to call for them."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from webinars.core.zones import is_zone

QUARTER = timedelta(minutes=15)
_QUARTERS_SINCE = datetime(2000, 1, 1, tzinfo=UTC)


def end_of_quiet(moment: datetime, zone: str, quiet: tuple[int, int]) -> datetime | None:
    """Give the instant at which the quiet hours around a moment end, or None outside them.

    quiet: from and until which hour of the reader's day.
    """
    if not is_zone(zone) or not _is_quiet(moment, zone, quiet):
        return None
    # Looked for step by step: an hour at which quiet ends may come twice that night, or not at all.
    end = quarter_before(moment)
    while _is_quiet(end, zone, quiet):
        end += QUARTER
    return end


def quarter_before(moment: datetime) -> datetime:
    """Give the last full quarter of an hour; every hour of every zone begins at one."""
    return moment - (moment - _QUARTERS_SINCE) % QUARTER


def _is_quiet(moment: datetime, zone: str, quiet: tuple[int, int]) -> bool:
    begin, end = quiet
    hour = moment.astimezone(ZoneInfo(zone)).hour
    return begin <= hour < end if begin < end else hour >= begin or hour < end
