"""Which letters the table of a webinar shows, and when mail is in trouble."""

from datetime import UTC, datetime, timedelta

import pytest

from webinars.schedule.models import Series, Webinar
from webinars.staff import rules
from webinars.staff.rules import Tally

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
START = NOW + timedelta(days=3)


def a_webinar(**fields):
    defaults = {
        "state": "published",
        "starts_at": START,
        "reminders": [10080, 1440, 60],
        "start_sequence": 0,
        "recorded": True,
        "published_at": NOW - timedelta(days=30),
        "start_set_at": NOW - timedelta(days=30),
    }
    return Webinar(series=Series(reminders=[]), **(defaults | fields))


def shown(webinar, tallies=(), now=NOW):
    return [(row.notice.value, row.minutes, row.total) for row in rules.letter_rows(webinar, tallies, now)]


def test_new_webinar_announces_reminders_ahead_and_the_recording():
    assert shown(a_webinar()) == [
        ("confirmation", None, 0), ("reminder", 1440, 0), ("reminder", 60, 0), ("recording-ready", None, 0),
    ]  # fmt: skip


def test_reminder_that_went_out_is_counted_and_not_announced_again():
    due = START - timedelta(minutes=1440)
    tally = Tally("reminder", "0-1440", due, {"sent": 7, "failed": 1, "expired": 1, "pending": 2, "superseded": 5})
    row = rules.letter_rows(a_webinar(), [tally], due)[1]
    assert (row.minutes, row.sent, row.failed, row.open, row.total, row.outdated) == (1440, 7, 2, 2, 11, False)
    assert [minutes for _, minutes, _ in shown(a_webinar(), [tally], due)] == [None, 1440, 60, None]


def test_reminder_of_the_former_time_is_kept_apart_from_the_new_one():
    tally = Tally("reminder", "0-1440", NOW - timedelta(days=2), {"sent": 3})
    rows = rules.letter_rows(a_webinar(start_sequence=2), [tally], NOW)
    assert [(row.minutes, row.outdated, row.sent) for row in rows[1:-1]] == [
        (1440, True, 3),
        (1440, False, 0),
        (60, False, 0),
    ]


def reminders(webinar, tallies=(), now=NOW):
    rows = rules.letter_rows(webinar, tallies, now)
    return [(row.minutes, row.missed) for row in rows if row.notice.value == "reminder"]


def test_draft_shows_which_reminders_are_past_already():
    draft = a_webinar(state="draft", published_at=None)
    assert reminders(draft) == [(10080, True), (1440, False), (60, False)]
    assert reminders(draft, now=START) == []


@pytest.mark.parametrize("since", ["published_at", "start_set_at"])
def test_reminder_that_was_past_at_publishing_or_moving_says_so(since):
    assert reminders(a_webinar(**{since: NOW})) == [(10080, True), (1440, False), (60, False)]


def test_reminder_whose_time_came_before_anybody_registered_is_no_missed_one():
    assert reminders(a_webinar()) == [(1440, False), (60, False)]


def test_webinar_that_is_not_recorded_announces_no_recording():
    assert shown(a_webinar(recorded=False, reminders=[])) == [("confirmation", None, 0)]
    ready = Tally("recording-ready", "5", NOW, {"sent": 2})
    assert shown(a_webinar(recorded=False, reminders=[]), [ready])[-1] == ("recording-ready", None, 2)


def test_letters_that_nobody_got_are_not_listed_except_the_confirmation():
    tallies = [Tally("confirmation", "", None, {"sent": 2}), Tally("own-cancellation", "", None, {"superseded": 1})]
    assert shown(a_webinar(reminders=[]), tallies) == [("confirmation", None, 2), ("recording-ready", None, 0)]


def test_cancelled_webinar_announces_nothing():
    tally = Tally("cancelled", "3", NOW, {"sent": 5})
    assert shown(a_webinar(state="cancelled"), [tally]) == [("confirmation", None, 0), ("cancelled", None, 5)]


def test_mailings_stand_in_the_order_in_which_they_went_out():
    tallies = [
        Tally("reminder", "1-60", START - timedelta(hours=1), {"sent": 1}),
        Tally("moved", "1", NOW - timedelta(days=1), {"sent": 1}),
        Tally("recording-ready", "5", START + timedelta(days=2), {"sent": 1}),
        Tally("changed", "2", NOW, {"sent": 1}),
    ]
    found = [notice for notice, _, _ in shown(a_webinar(reminders=[60], start_sequence=1), tallies, START)]
    assert found == ["confirmation", "moved", "changed", "reminder", "recording-ready"]


def test_unknown_notice_is_left_out():
    assert shown(a_webinar(reminders=[]), [Tally("newsletter", "", None, {"sent": 1})])[0] == ("confirmation", None, 0)


@pytest.mark.parametrize(("ago", "silent"), [(0, False), (120, False), (121, True)])
def test_worker_is_silent_after_two_minutes(ago, silent):
    assert rules.worker_is_silent(NOW - timedelta(seconds=ago), NOW) == silent


def test_worker_never_seen_is_silent():
    assert rules.worker_is_silent(None, NOW)


def test_mail_is_late_after_a_quarter_of_an_hour():
    assert not rules.mail_is_late(None, NOW)
    assert not rules.mail_is_late(NOW - timedelta(minutes=15), NOW)
    assert rules.mail_is_late(NOW - timedelta(minutes=16), NOW)
