"""Wall-clock times and the two nights a year on which they misbehave."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from webinars.core.zones import (
    AmbiguousTime,
    UnknownZone,
    bounds_of,
    days_until,
    is_zone,
    resolve,
    shift_between,
    zone_names,
)

NEW_YORK = "America/New_York"


def test_wall_clock_becomes_the_instant_of_its_zone() -> None:
    assert resolve(datetime(2026, 12, 3, 13), NEW_YORK) == datetime(2026, 12, 3, 18, tzinfo=UTC)
    assert resolve(datetime(2026, 7, 3, 13), NEW_YORK) == datetime(2026, 7, 3, 17, tzinfo=UTC)


def test_time_that_does_not_exist_is_refused_with_the_two_choices(app: Flask) -> None:
    with pytest.raises(AmbiguousTime, match="does not exist") as refusal:
        resolve(datetime(2027, 3, 14, 2, 30), NEW_YORK)
    assert sorted(choice.local.hour for choice in refusal.value.choices) == [1, 3]


def test_time_that_exists_twice_is_refused_until_one_is_chosen(app: Flask) -> None:
    doubled = datetime(2026, 11, 1, 1, 30)
    with pytest.raises(AmbiguousTime, match="happens twice"):
        resolve(doubled, NEW_YORK)
    assert resolve(doubled, NEW_YORK, fold=1) - resolve(doubled, NEW_YORK, fold=0) == timedelta(hours=1)


@pytest.mark.parametrize("name", ["", "Mars/Olympus", "localtime", "EST5EDT\n", "../etc/passwd", "America/new_york"])
def test_what_is_no_zone_is_refused(app: Flask, name: str) -> None:
    assert not is_zone(name)
    with pytest.raises(UnknownZone):
        resolve(datetime(2026, 1, 1), name)


def test_utc_is_a_zone_though_nobody_is_offered_it() -> None:
    assert is_zone("UTC")
    assert "UTC" not in zone_names()


@given(
    st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1)),
    st.sampled_from(["Europe/Berlin", NEW_YORK, "Asia/Kolkata", "UTC"]),
)
def test_every_time_that_exists_once_comes_back_from_its_instant(local: datetime, zone: str) -> None:
    key = ZoneInfo(zone)
    if local.replace(tzinfo=key, fold=0).utcoffset() == local.replace(tzinfo=key, fold=1).utcoffset():
        assert resolve(local, zone).astimezone(key).replace(tzinfo=None, fold=0) == local


def test_days_are_those_of_the_zone() -> None:
    late = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
    assert days_until(late, NEW_YORK, 2) == [date(2026, 11, 20), date(2026, 11, 21)]
    assert days_until(late, "Europe/Berlin", 1) == [date(2026, 11, 22)]


def test_day_on_which_the_clocks_go_back_is_longer() -> None:
    bounds = [bound.astimezone(UTC) for bound in bounds_of([date(2026, 10, 31), date(2026, 11, 1)], NEW_YORK)]
    assert [after - before for before, after in pairwise(bounds)] == [timedelta(hours=24), timedelta(hours=25)]


def at(year: int, month: int, day: int, hour: int = 18) -> datetime:
    return datetime(year, month, day, hour, tzinfo=UTC)


@pytest.mark.parametrize(
    ("other", "now", "moment", "hours", "changes"),
    [
        # In March America changes first, in autumn Europe does.
        ("Europe/Berlin", at(2026, 3, 1), at(2026, 3, 20), (6, 5), [(NEW_YORK, date(2026, 3, 8))]),
        ("Europe/Berlin", at(2026, 10, 20), at(2026, 10, 28), (6, 5), [("Europe/Berlin", date(2026, 10, 25))]),
        ("Asia/Tokyo", at(2026, 3, 1), at(2026, 6, 1), (14, 13), [(NEW_YORK, date(2026, 3, 8))]),
        ("Asia/Kolkata", at(2026, 3, 1), at(2026, 3, 9), (10.5, 9.5), [(NEW_YORK, date(2026, 3, 8))]),
        (
            "Australia/Sydney", at(2026, 3, 1), at(2026, 5, 1), (16, 14),
            [(NEW_YORK, date(2026, 3, 8)), ("Australia/Sydney", date(2026, 4, 5))],
        ),
    ],
)  # fmt: skip
def test_clocks_that_change_on_different_days_shift_the_difference(
    other: str, now: datetime, moment: datetime, hours: tuple[float, float], changes: list[tuple[str, date]]
) -> None:
    shift = shift_between(NEW_YORK, other, now, moment)
    assert shift and list(shift.changes) == changes
    assert (shift.today, shift.then) == tuple(timedelta(hours=number) for number in hours)


@pytest.mark.parametrize(
    ("other", "moment"),
    [("Europe/Berlin", at(2026, 4, 20)), ("America/Los_Angeles", at(2026, 3, 20)), (NEW_YORK, at(2026, 3, 20)),
     ("Europe/Berlin", at(2026, 3, 2))],
)  # fmt: skip
def test_clocks_that_change_together_or_not_at_all_need_no_word(other: str, moment: datetime) -> None:
    assert shift_between(NEW_YORK, other, at(2026, 3, 1), moment) is None
