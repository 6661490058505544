"""When a letter is tried again, and how long an absent server is left alone."""

from datetime import timedelta

import pytest

from tests.mail.support import NOW
from webinars.mail import limits, rules

FAR = NOW + timedelta(days=3)


@pytest.mark.parametrize(("attempts", "seconds"), [(0, 60), (1, 120), (2, 240), (5, 1920), (6, 3600), (50, 3600)])
def test_delay_doubles_up_to_an_hour(attempts: int, seconds: int) -> None:
    assert rules.next_attempt(NOW, attempts, 60, FAR, 1.0) == NOW + timedelta(seconds=seconds)


def test_delay_is_spread_over_its_whole_length() -> None:
    assert rules.next_attempt(NOW, 3, 60, FAR, 0.0) == NOW
    assert rules.next_attempt(NOW, 3, 60, FAR, 0.5) == NOW + timedelta(seconds=240)


def test_try_is_drawn_before_the_deadline() -> None:
    moment = rules.next_attempt(NOW, 6, 60, NOW + timedelta(minutes=10), 1.0)
    assert moment == NOW + timedelta(minutes=10)


def test_no_try_is_left_when_the_deadline_is_near() -> None:
    assert rules.next_attempt(NOW, 0, 60, NOW + timedelta(seconds=60), 0.5) is None
    assert rules.next_attempt(NOW, 0, 60, NOW - timedelta(days=1), 0.5) is None


def test_deadline_is_the_letters_own_or_three_days() -> None:
    assert rules.deadline(NOW, None) == FAR
    assert rules.deadline(NOW, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)


def test_pause_grows_from_five_seconds_to_five_minutes() -> None:
    assert [rules.pause_seconds(step, 1.0) for step in (0, 1, 2, 5, 6, 20)] == [5, 10, 20, 160, 300, 300]


@pytest.mark.parametrize(
    ("minutes_ago", "expected"),
    [
        ([], NOW),
        ([10, 20], NOW),
        ([10, 20, 30], NOW + timedelta(minutes=30)),
        ([70, 80, 90], NOW),
        ([10, 20, 30, -30], NOW + timedelta(minutes=40)),
        ([10, 20, 30, 300, 400], None),
        ([10, 20, 30, 300, 1500], NOW + timedelta(minutes=30)),
    ],
)
def test_letters_to_an_unproven_address_are_three_an_hour_and_five_a_day(
    minutes_ago: list[int], expected: object
) -> None:
    planned = [NOW - timedelta(minutes=m) for m in minutes_ago]
    assert limits.next_place(planned, NOW, 3, 5) == expected
