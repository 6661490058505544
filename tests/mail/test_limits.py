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
