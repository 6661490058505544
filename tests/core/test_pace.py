"""How many may go at once, and how fast the others follow."""

from datetime import UTC, datetime, timedelta

from webinars.core.pace import Pace

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def waits(pace: Pace, times: int, now: datetime = NOW, key: str = "a") -> list[timedelta]:
    return [pace.turn(key, now) - now for _ in range(times)]


def test_so_many_go_at_once_and_the_others_at_a_steady_pace():
    pace = Pace(at_once=3, an_hour=3600)
    assert waits(pace, 6) == [0 * SECOND] * 3 + [1 * SECOND, 2 * SECOND, 3 * SECOND]


def test_whoever_waits_long_enough_may_send_as_many_again():
    pace = Pace(at_once=3, an_hour=3600)
    waits(pace, 3)
    assert waits(pace, 2, NOW + 2 * SECOND) == [0 * SECOND] * 2
    assert waits(pace, 4, NOW + 60 * SECOND) == [0 * SECOND] * 3 + [1 * SECOND]


def test_one_key_takes_nothing_from_another():
    pace = Pace(at_once=1, an_hour=60)
    waits(pace, 5, key="flood")
    assert waits(pace, 1, key="hospital") == [0 * SECOND]


def test_no_wait_is_longer_than_the_longest_and_a_flood_pushes_nothing_beyond_it():
    pace = Pace(at_once=1, an_hour=60, longest=timedelta(minutes=3))
    assert max(waits(pace, 500)) == timedelta(minutes=3)
    assert waits(pace, 1, NOW + timedelta(minutes=4)) == [0 * SECOND]


def test_keys_whose_time_is_over_are_forgotten():
    pace = Pace(at_once=1, an_hour=3600)
    for number in range(10_050):
        pace.turn(str(number), NOW + timedelta(seconds=number))
    assert len(pace._even) < 200


def test_several_turns_taken_at_once_count_as_many():
    pace = Pace(at_once=3, an_hour=3600)
    assert pace.turn("a", NOW, 3) == NOW
    assert waits(pace, 1) == [1 * SECOND]
    assert pace.turn("a", NOW, 2) - NOW == 3 * SECOND, "they go together, when the last of them may"
