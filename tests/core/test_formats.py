"""Dates, times and zones in words."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from webinars.core.formats import clock_range, from_now, zone_choices, zone_label, zone_name
from webinars.core.language import speaking
from webinars.core.zones import get_zone, zone_names

JULY = datetime(2026, 7, 15, 23, 0, tzinfo=UTC)
JANUARY = datetime(2026, 1, 15, 23, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moment", "english", "spanish"),
    [
        ("America/New_York", JULY, "Eastern time", "hora oriental"),
        ("America/Chicago", JULY, "Central time", "hora central"),
        ("America/Mexico_City", JULY, "Central time (Mexico City)", "hora central (Ciudad de México)"),
        ("America/Mexico_City", JANUARY, "Central time", "hora central"),
        ("America/Phoenix", JULY, "Mountain time (Phoenix)", "hora de las Montañas Rocosas (Phoenix)"),
        ("US/Arizona", JULY, "Mountain time (Phoenix)", "hora de las Montañas Rocosas (Phoenix)"),
        ("America/Phoenix", JANUARY, "Mountain time", "hora de las Montañas Rocosas"),
        ("America/Los_Angeles", JULY, "Pacific time", "hora del Pacífico"),
        ("America/Puerto_Rico", JULY, "Atlantic time (Puerto Rico)", "hora del Atlántico (Puerto Rico)"),
        ("Europe/Madrid", JULY, "Central European time", "hora de Europa central"),
        ("Africa/Algiers", JULY, "Central European time (Algiers)", "hora de Europa central (Argel)"),
        ("Australia/Brisbane", JANUARY, "Australian Eastern time (Brisbane)", "hora de Australia oriental (Brisbane)"),
        ("UTC", JULY, "UTC", "UTC"),
    ],
)
def test_zone_of_another_clock_than_its_name_suggests_says_its_city(
    app: Flask, zone: str, moment: datetime, english: str, spanish: str
) -> None:
    assert zone_name(zone, moment) == english
    with speaking("es"):
        assert zone_name(zone, moment) == spanish


@pytest.mark.parametrize("moment", [JANUARY, JULY])
def test_zones_of_one_name_keep_one_clock(app: Flask, moment: datetime) -> None:
    offsets: dict[str, set[timedelta | None]] = {}
    for zone in zone_names():
        offsets.setdefault(zone_name(zone, moment), set()).add(moment.astimezone(get_zone(zone)).utcoffset())
    assert {name: found for name, found in offsets.items() if len(found) > 1} == {}


def test_span_of_time_breaks_only_behind_its_dash_and_begins_no_line_with_a_space(app: Flask) -> None:
    assert clock_range(JULY, JULY + timedelta(hours=1), "America/New_York") == "7:00\u00a0– 8:00 pm"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (-59, "just now"),
        (0, "just now"),
        (20, "in less than a minute"),
        (-61, "1 minute ago"),
        (90, "in 2 minutes"),
        (86400 * 3, "in 3 days"),
    ],
)
def test_distance_in_time_is_not_rounded_up_to_a_minute(app: Flask, seconds: int, words: str) -> None:
    assert from_now(JULY + timedelta(seconds=seconds), JULY) == words


def test_zones_to_choose_from_are_everyday_names_first_and_no_former_names(app: Flask) -> None:
    groups = zone_choices(JANUARY, ["US/Arizona", "", "Mars/Olympus"])
    often = groups.pop("Often used")
    assert often["America/New_York"] == "Eastern time (New York)" and often["Europe/Berlin"].endswith("(Berlin)")
    # Whoever has a zone by its former name keeps it.
    assert next(iter(often)) == "US/Arizona" and "Mars/Olympus" not in often
    others = {zone: label for group in groups.values() for zone, label in group.items()}
    assert others["America/Indiana/Knox"] == "Knox, Indiana" and groups["Africa"]["Africa/Abidjan"] == "Abidjan"
    assert not {"US/East-Indiana", "US/Eastern", "Asia/Calcutta", "America/Montreal"} & set(others)
    assert not set(others) & set(often)
    assert {"Europe/Kyiv", "Asia/Ho_Chi_Minh"} <= set(others)


@pytest.mark.parametrize(
    ("zone", "label"),
    [("Europe/Berlin", "Central European time (Berlin)"), ("America/Argentina/Buenos_Aires", "Buenos Aires time"),
     ("UTC", "UTC"), ("America/Phoenix", "Mountain time (Phoenix)")],
)  # fmt: skip
def test_zone_is_called_by_its_everyday_name_and_city(app: Flask, zone: str, label: str) -> None:
    assert zone_label(zone, JANUARY) == label
