"""Dates, times and zones in words."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from webinars.core.formats import clock_range, zone_name
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


def test_span_of_time_stays_in_one_line(app: Flask) -> None:
    assert clock_range(JULY, JULY + timedelta(hours=1), "America/New_York") == "7:00\u00a0–\u00a08:00 pm"
