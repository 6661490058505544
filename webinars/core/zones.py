"""Wall-clock times and zones: a webinar's truth is a local time in an IANA zone, the instant is derived.

Sources: PEP 495 (fold), RFC 5545 section 3.3.5 (local times that do not exist or exist twice).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo, available_timezones

from flask_babel import gettext as _

from webinars.core.errors import UserError

#: where most people who come here live, so that they need not search
COMMON_ZONES = (
    "America/New_York", "America/Chicago", "America/Denver", "America/Phoenix", "America/Los_Angeles",
    "America/Anchorage", "Pacific/Honolulu", "America/Puerto_Rico", "America/Mexico_City", "America/Bogota",
    "America/Argentina/Buenos_Aires", "Europe/London", "Europe/Madrid", "Europe/Berlin", "Africa/Johannesburg",
    "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney", "UTC",
)  # fmt: skip


class UnknownZone(UserError):
    """Say that a name is no IANA time zone."""


@dataclass(frozen=True)
class Choice:
    """One of the two readings of a wall-clock time that the clock change makes impossible or double."""

    local: datetime
    instant: datetime
    #: PEP 495: 0 the first of two equal times, 1 the second
    fold: int


class AmbiguousTime(UserError):
    """Refuse a local time that does not exist or exists twice; ``choices`` holds the two readings."""

    def __init__(self, message: str, choices: tuple[Choice, Choice]) -> None:
        super().__init__(message)
        self.choices = choices


@cache
def zone_names() -> tuple[str, ...]:
    """List the IANA zone names of places that are understood, former names too, sorted."""
    return tuple(sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")))


@cache
def listed_zones() -> tuple[str, ...]:
    """List the zones to choose from, sorted: at least one for each country, no former names (zone.tab of tzdata)."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    names = {line.split("\t")[2] for line in table.splitlines() if line and not line.startswith("#")}
    return tuple(sorted(names & _known_names()))


@cache
def _known_names() -> frozenset[str]:
    return frozenset(available_timezones())


def is_zone(name: str) -> bool:
    """Say whether a name is an IANA zone this machine knows."""
    return name in _known_names() and name not in {"localtime", "posixrules", "Factory"}


def get_zone(name: str) -> ZoneInfo:
    """Give the zone of a name.

    Raises UnknownZone.
    """
    if not is_zone(name):
        raise UnknownZone(_("“%(name)s” is not a time zone we know. Choose one from the list.", name=name[:60]))
    return ZoneInfo(name)


def resolve(local: datetime, zone_name: str, fold: int | None = None) -> datetime:
    """Derive the UTC instant of a naive wall-clock time in a zone.

    fold (0 or 1) picks a reading when a clock change makes the time exist twice.
    Raises UnknownZone, and AmbiguousTime for a time that does not exist, or exists twice and fold is None.
    """
    zone = get_zone(zone_name)
    first = local.replace(tzinfo=zone, fold=0)
    second = local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() == second.utcoffset():
        return first.astimezone(UTC)
    choices = (_choice(first, zone, 0), _choice(second, zone, 1))
    exists = choices[0].local == local
    if exists and fold is not None:
        return choices[fold].instant
    raise AmbiguousTime(_explain(local, choices, exists), choices)


def _choice(moment: datetime, zone: ZoneInfo, fold: int) -> Choice:
    instant = moment.astimezone(UTC)
    return Choice(local=instant.astimezone(zone).replace(tzinfo=None, fold=0), instant=instant, fold=fold)


def _explain(local: datetime, choices: tuple[Choice, Choice], exists: bool) -> str:
    asked = local.strftime("%Y-%m-%d %H:%M")
    if exists:
        return _(
            "The clocks go back that night, so %(asked)s happens twice. Choose the first or the second.", asked=asked
        )
    early, late = sorted(choice.local.strftime("%H:%M") for choice in choices)
    return _(
        "The clocks go forward that night, so %(asked)s does not exist. Choose %(early)s or %(late)s.",
        asked=asked,
        early=early,
        late=late,
    )


def days_until(last: datetime, zone: str, count: int) -> list[date]:
    """List the days of a zone that end with the day of an instant."""
    today = last.astimezone(ZoneInfo(zone)).date()
    return [today - timedelta(days=ago) for ago in range(count - 1, -1, -1)]


def bounds_of(days: Sequence[date], zone: str) -> list[datetime]:
    """Give the instants at which days of a zone begin, and the end of the last; a day may have 23 or 25 hours."""
    ends = [*days, days[-1] + timedelta(days=1)]
    return [datetime.combine(day, time(), ZoneInfo(zone)) for day in ends]


@dataclass(frozen=True)
class Shift:
    """The difference between two zones at a moment where it is not today's, and the days whose clock changes did it."""

    today: timedelta
    then: timedelta
    #: zone and day of each change
    changes: tuple[tuple[str, date], ...]


def shift_between(zone: str, other: str, now: datetime, moment: datetime) -> Shift | None:
    """Say whether the clocks of two zones are further apart or closer at a moment than now; None for as far as now."""
    today, then = (_offset(other, at) - _offset(zone, at) for at in (now, moment))
    if today == then:
        return None
    changes = ((name, _changed_on(name, now, moment)) for name in (zone, other))
    return Shift(abs(today), abs(then), tuple((name, day) for name, day in changes if day))


def _offset(zone: str, moment: datetime) -> timedelta:
    return moment.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()


def _changed_on(zone: str, now: datetime, moment: datetime) -> date | None:
    """Give the day of the last change of a zone's clocks before a moment; None where they show the same as now."""
    offset = _offset(zone, moment)
    if offset == _offset(zone, now):
        return None
    day = moment.astimezone(ZoneInfo(zone)).date()
    # Clocks change in the small hours: the first day, counted back, that begins with another offset.
    while datetime.combine(day, time(), ZoneInfo(zone)).utcoffset() == offset:
        day -= timedelta(days=1)
    return day


@cache
def country_of(zone: str) -> str:
    """Give the ISO code of the country that a zone belongs to first; empty for none (zone.tab of tzdata)."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return next((row[0] for row in rows if len(row) > 2 and row[2] == zone), "")
