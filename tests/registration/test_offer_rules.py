"""Until when a freed seat is held for somebody."""

from datetime import UTC, datetime, timedelta

import pytest

from webinars.registration.rules import offered_until

START = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
NEW_YORK = "America/New_York"
NIGHT = (21, 8)


def held(now: datetime, hours: int = 24, zone: str = NEW_YORK, quiet: tuple[int, int] | None = NIGHT) -> str | None:
    end = offered_until(now, hours, START, zone, quiet)
    return end and f"{end:%d %H:%M}"


@pytest.mark.parametrize(
    ("minute", "said"),
    [("17:00", "02 17:00"), ("17:00:01", "02 17:15"), ("17:07", "02 17:15"), ("17:59:59", "02 18:00")],
)
def test_it_ends_at_a_full_quarter_of_an_hour_and_never_early(minute: str, said: str) -> None:
    assert held(datetime.fromisoformat(f"2026-12-01T{minute}+00:00")) == said


def test_no_hours_give_the_seat_at_once() -> None:
    assert held(START - timedelta(days=9), hours=0) is None


def test_nobody_has_to_answer_at_night() -> None:
    # 23:00 in New York is 04:00 UTC; they sleep until 8, which is 13:00 UTC, and have two hours in the morning
    evening = datetime(2026, 11, 29, 4, 0, tzinfo=UTC)
    assert held(evening) == "30 15:00"
    assert held(evening, zone="Europe/Madrid") == "30 09:00", "it is 5 am there"
    assert held(evening, quiet=None) == "30 04:00"
    assert held(evening, zone="no zone") == "30 04:00"


@pytest.mark.parametrize(("hours_left", "said"), [(26, "03 16:00"), (25.9, None), (1, None), (-1, None)])
def test_seat_is_given_at_once_when_there_is_no_time_to_ask(hours_left: float, said: str | None) -> None:
    assert held(START - timedelta(hours=hours_left), quiet=None) == said


def test_night_before_the_start_leaves_no_time_either() -> None:
    early = datetime(2026, 12, 3, 14, 0, tzinfo=UTC)
    asked = early - timedelta(hours=10)
    assert offered_until(asked, 4, early, NEW_YORK, NIGHT) is None
    assert offered_until(asked, 4, early, NEW_YORK, None) is not None
