"""What is counted under which name, where people live, and what a rush so far says about the end of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

#: standard time of the four zones in which most of the United States and Canada live
_BELTS = {
    timedelta(hours=-5): "eastern",
    timedelta(hours=-6): "central",
    timedelta(hours=-7): "mountain",
    timedelta(hours=-8): "pacific",
}
_CONTINENTS = {
    "Europe": "europe", "Africa": "africa", "Asia": "asia", "Australia": "oceania", "Pacific": "oceania",
    "America": "latin-america",
}  # fmt: skip
#: fewer comparable webinars say nothing, and more of them nothing new
FEWEST_ALIKE, MOST_ALIKE = 3, 12
#: of a webinar with fewer sign-ups no share is worth anything
FEWEST_SIGN_UPS = 20
#: a smaller share of the sign-ups multiplies chance
LEAST_SHARE = 0.1


class What(StrEnum):
    """Kinds of numbers; the words stand in the table for ever."""

    #: people by state, those who cancelled too; all others count who did not cancel
    STATE = "state"
    MODE = "mode"
    ROLE = "role"
    LANGUAGE = "language"
    REGION = "region"
    #: how people came in
    ATTENDED = "attended"
    #: people who said afterwards how it was
    SURVEYED = "surveyed"
    #: people whom somebody else registered with the same form
    BROUGHT = "brought"
    #: sign-ups by day, those that were cancelled later too
    DAY = "day"
    #: letters by notice
    SENT = "sent"
    BOUNCED = "bounced"
    FAILED = "failed"
    WAITING = "waiting"
    WITHHELD = "withheld"
    #: of the recording
    PLAYS = "plays"


#: what became of letters, in the order it is shown
OUTCOMES = (What.SENT, What.BOUNCED, What.FAILED, What.WITHHELD, What.WAITING)
#: a number by kind and key
Cells = dict[tuple[str, str], int]


def add(cells: Cells, what: str, key: str, number: int) -> None:
    """Add to one of the numbers."""
    if number:
        cells[what, key] = cells.get((what, key), 0) + number


@cache
def region_of(zone: str) -> str:
    """Say in which part of the world somebody with a time zone lives; never a city."""
    if _countries().get(zone) in {"US", "CA"}:
        january = datetime(2026, 1, 1, 12, tzinfo=ZoneInfo(zone)).utcoffset()
        return _BELTS.get(january, "north-america") if january is not None else "north-america"
    return _CONTINENTS.get(zone.partition("/")[0], "elsewhere")


@cache
def _countries() -> Mapping[str, str]:
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if line and not line.startswith("#")]
    return {row[2]: row[0] for row in rows}


@dataclass(frozen=True)
class Curve:
    """How the sign-ups of one webinar came in: days before its own day, and how many on each."""

    by_days_left: Mapping[int, int]

    @property
    def total(self) -> int:
        """Count all of them."""
        return sum(self.by_days_left.values())

    def until(self, days_left: int) -> int:
        """Count those that had come in when so many days were left."""
        return sum(number for days, number in self.by_days_left.items() if days >= days_left)


@dataclass(frozen=True)
class Forecast:
    """How many sign-ups there will be, as far as others tell."""

    low: int
    high: int
    #: how many webinars it is reckoned from
    alike: int
    #: the smallest and the largest share of their sign-ups that they had at this time
    least_share: float
    most_share: float


def curve_of(days: Mapping[str, int], on: date) -> Curve:
    """Make a curve of numbers by day (YYYY-MM-DD) of a webinar on a day; later ones want the recording."""
    left = {(on - date.fromisoformat(day)).days: number for day, number in days.items()}
    return Curve({days: number for days, number in left.items() if days >= 0})


def forecast(so_far: int, days_left: int, others: Sequence[Curve]) -> Forecast | None:
    """Reckon where the sign-ups of a webinar will end; None when there is too little to go by.

    Each comparable webinar gives the share of its sign-ups that it had with as many days left. The smallest and the
    largest of these shares give the range: no middle is made up.
    """
    alike = [one for one in others if one.total >= FEWEST_SIGN_UPS][:MOST_ALIKE]
    shares = sorted(one.until(days_left) / one.total for one in alike)
    if so_far < FEWEST_SIGN_UPS or len(shares) < FEWEST_ALIKE or shares[0] < LEAST_SHARE:
        return None
    return Forecast(round(so_far / shares[-1]), round(so_far / shares[0]), len(shares), shares[0], shares[-1])
