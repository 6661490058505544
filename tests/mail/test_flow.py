"""How fast letters leave, and when a mailing ends."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from tests.mail.support import NOW, find, owe, owe_many
from tests.mail.test_desk import mark_sent
from tests.mail.test_plans import gather_statistics
from tests.support.queries import sent_with_values, steps_about
from webinars.core.clock import utc_now
from webinars.mail import flow, queries
from webinars.mail.models import Mailing, Message


def sample(**changes: Any) -> flow.Sample:
    known = {
        "stretch": 0,
        "size": 5000,
        "mailing_id": 1,
        "lately": 10,
        "minute": 5,
        "first_at": NOW - timedelta(minutes=4),
    }
    return flow.Sample(**{**known, **changes})


def progress(open_letters: int) -> queries.Progress:
    return queries.Progress(Mailing(id=1), 100, 100 - open_letters, open_letters, 0)


def test_pace_and_end_of_a_mailing_follow_from_what_left_lately() -> None:
    found = flow.reckoned([sample(lately=120, minute=60, first_at=NOW - timedelta(seconds=120))], NOW)
    assert (found.last_minute, found.last_five, found.pace) == (60, 120, {1: 1.0})
    assert found.ends_at(progress(30), NOW) == NOW + timedelta(seconds=30)
    assert found.ends_at(progress(0), NOW) is None
    assert flow.reckoned([], NOW).ends_at(progress(30), NOW) is None


def test_letters_of_no_mailing_count_without_a_pace() -> None:
    found = flow.reckoned([sample(mailing_id=None), sample(), sample(stretch=1, lately=7, minute=0)], NOW)
    assert (found.last_minute, found.last_five, set(found.pace)) == (10, 27, {1})


def test_of_a_stretch_that_left_as_a_whole_the_pace_is_told() -> None:
    fast = sample(lately=5000, minute=5000, first_at=NOW - timedelta(seconds=10))
    assert flow.reckoned([fast], NOW).last_minute == 30_000
    assert flow.reckoned([fast._replace(first_at=NOW)], NOW).last_minute == 300_000, "no clock divides by nothing"


def test_what_left_is_found_at_the_end_of_the_table_and_before_what_a_mailing_still_owes(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "STRETCH", 20)
    now = utc_now()
    owe_many(200, now=now)
    first = find("p0", "0-60").id
    mark_sent(Message.id < first + 100, 10)
    mark_sent(Message.id < first + 50, 1000)
    for number in range(5):
        owe(f"late{number}", now=now)
    mark_sent(Message.subject.startswith("late"), 20)
    found = flow.flow(now)
    assert found.last_minute >= 5 + 20
    assert list(found.pace) == [find("p0", "0-60").mailing_id]


def test_how_fast_letters_leave_is_told_without_reading_all_of_them(app: Flask) -> None:
    owe_many(12_000, now=NOW)
    mark_sent(Message.id > 0, 1000)
    gather_statistics()
    with sent_with_values() as sent:
        flow.flow(utc_now())
    steps = steps_about("messages", sent)
    assert steps and not [step for step in steps if "Seq Scan" in step or step.endswith("SCAN messages")]
