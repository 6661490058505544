from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinars.archive.models import Video
from webinars.mail.models import MessageState
from webinars.notices.facts import Facts
from webinars.notices.kinds import Notice, Reason
from webinars.notices.rules import reminder_in_force, why_not
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Webinar

START = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
WEEK_DAY_HOUR = [10080, 1440, 60]
SECOND = timedelta(seconds=1)


def facts(webinar=None, video=None, **fields):
    series = Series(reminders=WEEK_DAY_HOUR)
    defaults = {"id": 5, "state": "published", "starts_at": START, "ends_at": START + timedelta(hours=1), "sequence": 4}
    event = Webinar(**(defaults | {"start_sequence": 2, "series": series} | (webinar or {})))
    place = {"state": "confirmed", "state_changes": 1, "told_sequence": 4, "email": "a@example.org"}
    return Facts(Registration(**(place | {"webinar": event} | fields)), video=video)


def refused(notice, occasion, found, now=START - timedelta(days=1)):
    refusal = why_not(notice, occasion, found, now)
    return refusal.reason if refusal else None


def test_no_reminder_is_in_force_before_the_first_falls_due():
    assert reminder_in_force(START, WEEK_DAY_HOUR, START - timedelta(days=7) - SECOND) is None


@pytest.mark.parametrize(
    ("before", "minutes", "next_one"),
    [
        (timedelta(days=7), 10080, timedelta(days=1)),
        (timedelta(days=1) + SECOND, 10080, timedelta(days=1)),
        (timedelta(days=1), 1440, timedelta(hours=1)),
        (timedelta(hours=1) + SECOND, 1440, timedelta(hours=1)),
        (timedelta(hours=1), 60, timedelta(0)),
        (SECOND, 60, timedelta(0)),
    ],
)
def test_reminder_in_force_is_the_latest_due_and_ends_when_the_next_begins(before, minutes, next_one):
    found = reminder_in_force(START, WEEK_DAY_HOUR, START - before)
    assert found is not None
    assert (found.minutes, found.due_at, found.expires_at) == (
        minutes,
        START - timedelta(minutes=minutes),
        START - next_one,
    )


def test_no_reminder_is_in_force_from_the_start_on():
    assert reminder_in_force(START, WEEK_DAY_HOUR, START) is None


def test_webinar_without_reminders_has_none():
    assert reminder_in_force(START, [], START - SECOND) is None


@given(offsets=st.lists(st.integers(5, 86400), max_size=10), before=st.integers(-100, 90000 * 60))
def test_reminder_in_force_is_due_unexpired_and_the_smallest_offset_due(offsets, before):
    now = START - timedelta(seconds=before)
    found = reminder_in_force(START, offsets, now)
    due = [offset for offset in offsets if START - timedelta(minutes=offset) <= now < START]
    assert (found.minutes if found else None) == min(due, default=None)
    assert found is None or found.due_at <= now < found.expires_at <= START


def test_answers_go_out_only_for_the_state_they_speak_of():
    assert refused(Notice.CONFIRMATION, "1", facts()) is None
    assert refused(Notice.CONFIRMATION, "1", facts(state="cancelled")) == Reason.STATE_CHANGED
    assert refused(Notice.CONFIRMATION, "1", facts(state_changes=3)) == Reason.STATE_CHANGED
    assert refused(Notice.WAITLISTED, "1", facts()) == Reason.STATE_CHANGED
    assert refused(Notice.PROMOTED, "1", facts()) is None
    assert refused(Notice.OWN_CANCELLATION, "1", facts(state="cancelled")) is None
    assert refused(Notice.RECORDING_PLACE, "1", facts(state="recording-only")) is None


def test_nothing_but_the_cancellation_goes_out_once_a_webinar_is_called_off():
    off = facts({"state": "cancelled"})
    for notice, occasion in (
        ("confirmation", "1"),
        ("reminder", "2-60"),
        ("moved", "4"),
        ("changed", "4"),
        ("repeated", "x"),
    ):
        assert refused(Notice(notice), occasion, off) == Reason.WEBINAR_CANCELLED
    assert refused(Notice.CANCELLED, "4", off) is None
    assert refused(Notice.CANCELLED, "4", facts()) == Reason.WEBINAR_NOT_CANCELLED


def test_person_who_cancelled_hears_no_more():
    gone = facts(state="cancelled")
    for notice, occasion in (
        ("reminder", "2-60"),
        ("moved", "4"),
        ("changed", "4"),
        ("cancelled", "4"),
        ("recording-ready", "1"),
    ):
        assert refused(Notice(notice), occasion, gone) == Reason.PLACE_CANCELLED


def test_reminder_for_an_old_start_a_dropped_offset_or_a_lost_seat_stays_unsent():
    assert refused(Notice.REMINDER, "2-60", facts()) is None
    assert refused(Notice.REMINDER, "1-60", facts()) == Reason.MOVED_SINCE
    assert refused(Notice.REMINDER, "2-60", facts({"reminders": [30]})) == Reason.REMINDER_DROPPED
    assert refused(Notice.REMINDER, "2-60", facts(state="waitlisted")) == Reason.NO_SEAT


def test_move_is_told_to_who_holds_an_old_time_only():
    assert refused(Notice.MOVED, "4", facts(told_sequence=1)) is None
    assert refused(Notice.MOVED, "4", facts(told_sequence=None)) is None
    assert refused(Notice.MOVED, "4", facts(told_sequence=2)) == Reason.ALREADY_TOLD


def test_change_is_told_to_who_knows_the_start_but_not_the_rest():
    assert refused(Notice.CHANGED, "4", facts(told_sequence=3)) is None
    assert refused(Notice.CHANGED, "4", facts(told_sequence=4)) == Reason.ALREADY_TOLD
    assert refused(Notice.CHANGED, "4", facts(told_sequence=1)) == Reason.MOVED_SINCE


def test_letters_about_a_coming_webinar_expire_at_its_end():
    end = START + timedelta(hours=1)
    assert refused(Notice.CONFIRMATION, "1", facts(), end - SECOND) is None
    late = why_not(Notice.CONFIRMATION, "1", facts(), end)
    assert late is not None and (late.reason, late.state) == (Reason.WEBINAR_OVER, MessageState.EXPIRED)
    assert refused(Notice.RECORDING_PLACE, "1", facts(state="recording-only"), end) is None


def test_recording_letter_waits_for_nothing_that_was_withdrawn():
    video = Video(state="published", webinar_id=5)
    after = START + timedelta(days=1)
    assert refused(Notice.RECORDING_READY, "1", facts(video=video), after) is None
    assert refused(Notice.RECORDING_READY, "1", facts(), after) == Reason.RECORDING_WITHDRAWN
    elsewhere = Video(state="published", webinar_id=6)
    assert refused(Notice.RECORDING_READY, "1", facts(video=elsewhere), after) == Reason.RECORDING_WITHDRAWN
    draft = Video(state="draft", webinar_id=5)
    assert refused(Notice.RECORDING_READY, "1", facts(video=draft), after) == Reason.RECORDING_WITHDRAWN


def test_person_without_an_address_gets_no_letter():
    refusal = why_not(Notice.REMINDER, "2-60", facts(email=None), START - SECOND)
    assert refusal is not None and (refusal.reason, refusal.state) == (Reason.NO_ADDRESS, MessageState.FAILED)


def test_letter_wanted_again_comes_after_the_end_only_to_who_waits_for_the_recording():
    after = START + timedelta(days=1)
    assert refused(Notice.REPEATED, "x", facts(), after) == Reason.WEBINAR_OVER
    assert refused(Notice.REPEATED, "x", facts(state="recording-only"), after) is None
