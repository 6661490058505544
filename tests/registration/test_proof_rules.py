"""Until when a place is held for somebody whose address nobody has proven."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from webinars.registration.rules import held_until_proof

HOUR, MINUTE, DAY = timedelta(hours=1), timedelta(minutes=1), timedelta(days=1)


@pytest.mark.parametrize(
    ("starts_in", "held_for"),
    [
        (10 * DAY, DAY),
        (25 * HOUR, DAY),
        # The next in line must still be able to come.
        (20 * HOUR, 19 * HOUR),
        (2 * HOUR, HOUR),
        # Whoever comes late has time to find the letter, also when it runs into the webinar.
        (80 * MINUTE, 30 * MINUTE),
        (10 * MINUTE, 30 * MINUTE),
        (-20 * MINUTE, 30 * MINUTE),
    ],
)
def test_a_place_is_held_for_a_day_or_until_shortly_before_the_start(starts_in, held_for):
    assert held_until_proof(NOW, NOW + starts_in) == NOW + held_for


def test_who_wants_the_recording_need_not_hurry():
    assert held_until_proof(NOW, None) == NOW + DAY


def test_time_begins_when_the_letter_goes():
    assert held_until_proof(NOW, NOW + 10 * DAY, NOW + 3 * HOUR) == NOW + DAY + 3 * HOUR
    assert held_until_proof(NOW, NOW + 10 * DAY, NOW - HOUR) == NOW + DAY


def test_a_place_is_held_until_a_time_that_is_easily_said():
    assert held_until_proof(NOW + timedelta(minutes=7, seconds=3), None) == NOW + DAY + 15 * MINUTE
