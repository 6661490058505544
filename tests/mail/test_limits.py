"""Letters that a visitor's request causes are counted per address; others are not."""

import dataclasses
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask

from tests.mail.support import NOW, owe
from webinars.core.database import transaction
from webinars.mail import limits


@pytest.fixture
def limited(app: Flask) -> Iterator[None]:
    """Switch the limits on."""
    before = app.extensions["settings"]
    app.extensions["settings"] = dataclasses.replace(before, ratelimit_enabled=True)
    yield
    app.extensions["settings"] = before


def cause(count: int) -> list[object]:
    """Owe letters as a visitor's requests do, each when the limit allows it."""
    moments: list[object] = []
    for _ in range(count):
        moment = limits.allowed_at("key", NOW)
        moments.append(moment)
        if moment is not None:
            owe(occasion=str(len(moments)), address_key="key", not_before=moment)
    return moments


def test_fourth_letter_of_an_hour_waits_and_the_sixth_of_a_day_is_not_sent(limited: None) -> None:
    hour = NOW + timedelta(hours=1)
    assert cause(6) == [NOW, NOW, NOW, hour, hour, None]


def test_letters_without_a_visitor_are_not_counted(limited: None) -> None:
    for n in range(9):
        owe(occasion=f"x{n}")
    assert limits.allowed_at("key", NOW) == NOW


def test_proven_address_gets_more(limited: None) -> None:
    cause(3)
    with transaction():
        limits.note_proven("key", NOW)
        limits.note_proven("key", NOW + timedelta(days=1))
    assert limits.is_proven("key")
    assert limits.allowed_at("key", NOW) == NOW


def test_limits_are_off_when_the_setting_says_so(app: Flask) -> None:
    assert cause(8) == [NOW] * 8


def test_letter_about_a_place_waits_for_its_turn_however_full_the_days_are() -> None:
    day, hour = timedelta(days=1), timedelta(hours=1)
    sent = [NOW - timedelta(minutes=minutes) for minutes in (50, 40, 30, 20, 10)]
    assert limits.next_turn(sent[:2], NOW, 3, 5) == NOW
    assert limits.next_turn(sent[:3], NOW, 3, 5) == sent[0] + hour
    assert limits.next_turn(sent, NOW, 3, 5) == sent[0] + day
    later = [*sent, sent[0] + day]
    assert limits.next_turn(later, NOW, 3, 5) == sent[1] + day


# --- letters that would come too late ---------------------------------------------------------------------------------

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
FULL_HOUR = [NOW - timedelta(minutes=minutes) for minutes in (30, 20, 10)]
FULL_DAY = [NOW - timedelta(hours=hours) for hours in (20, 15, 10, 5, 2)]


@pytest.mark.parametrize(
    ("starts_in", "at_once"),
    [
        (timedelta(minutes=-10), True),
        (timedelta(minutes=5), True),
        (timedelta(hours=2), True),
        (timedelta(hours=2, minutes=1), False),
    ],
)
def test_letter_about_what_starts_soon_does_not_wait(starts_in: timedelta, at_once: bool) -> None:
    turn = limits.turn_of(FULL_HOUR, NOW, NOW + starts_in)
    assert turn == (NOW if at_once else FULL_HOUR[0] + HOUR)


@pytest.mark.parametrize(("left", "at_once"), [(29, True), (30, False)])
def test_letter_whose_turn_comes_less_than_half_an_hour_before_the_start_does_not_wait(
    left: int, at_once: bool
) -> None:
    turn = FULL_DAY[0] + DAY
    starts_at = turn + timedelta(minutes=left)
    assert limits.turn_of(FULL_DAY, NOW, starts_at) == (NOW if at_once else turn)


def test_letter_that_is_about_nothing_that_starts_waits() -> None:
    assert limits.turn_of(FULL_DAY, NOW, None) == FULL_DAY[0] + DAY


def test_webinars_that_start_soon_do_not_flood_a_mailbox(limited: None) -> None:
    """Whatever somebody types into the forms of webinars that start soon, the thirteenth letter of a day waits."""
    moments = []
    for number in range(30):
        moment = limits.postponed_to("key", NOW, NOW + HOUR)
        owe(occasion=str(number), address_key="key", not_before=moment)
        moments.append(moment)
    assert moments[: limits.MOST_A_DAY] == [NOW] * 12
    assert all(moment >= NOW + DAY for moment in moments[limits.MOST_A_DAY :])
    assert limits.allowed_at("key", NOW, NOW + HOUR) is None, "nor does the same letter once more"


def test_letter_once_more_about_what_starts_soon_is_sent_though_the_day_is_used_up(limited: None) -> None:
    cause(5)
    assert limits.allowed_at("key", NOW) is None
    assert limits.allowed_at("key", NOW, NOW + HOUR) == NOW


def test_first_letter_of_links_within_an_hour_does_not_wait(limited: None) -> None:
    cause(3)
    assert limits.links_at("key", "link", NOW) == NOW
    owe(notice="link", occasion="first", address_key="key")
    assert limits.links_at("key", "link", NOW) == NOW + HOUR
    owe(occasion="fifth", address_key="key")
    assert limits.links_at("key", "link", NOW) is None
    assert limits.links_at("key", "link", NOW + HOUR) == NOW + HOUR


def test_letters_of_links_do_not_flood_a_mailbox(limited: None) -> None:
    sent = []
    for minutes in range(0, 24 * 60, 7):
        moment = limits.links_at("key", "link", NOW + timedelta(minutes=minutes))
        if moment is not None:
            owe(notice="link", occasion=str(minutes), address_key="key", not_before=moment)
            sent.append(moment)
    assert 0 < len(sent) <= limits.MOST_A_DAY + limits.UNPROVEN[1]
    assert max(sum(NOW <= one - timedelta(hours=hour) < NOW + HOUR for one in sent) for hour in range(24)) <= 3
