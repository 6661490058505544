from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories import NOW
from webinars.archive.models import Video
from webinars.mail.models import MessageState
from webinars.notices.facts import Facts
from webinars.notices.kinds import Notice, Reason
from webinars.notices.rules import (
    NEVER_DELAYED,
    TIME_TO_SEND,
    DueReminder,
    NotOwed,
    goes_at,
    reminder_in_force,
    reminders_of,
    why_not,
)
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Webinar

START = datetime(2026, 12, 3, 18, 0, tzinfo=UTC)
WEEK_DAY_HOUR = [10080, 1440, 60]
SECOND, MINUTE = timedelta(seconds=1), timedelta(minutes=1)


def facts(webinar=None, video=None, **fields):
    series = Series(reminders=WEEK_DAY_HOUR)
    defaults = {"id": 5, "state": "published", "starts_at": START, "ends_at": START + timedelta(hours=1), "sequence": 4}
    event = Webinar(**(defaults | {"start_sequence": 2, "series": series} | (webinar or {})))
    place = {"state": "confirmed", "state_changes": 1, "told_sequence": 4, "email": "a@example.org"}
    place["state_since"] = START - timedelta(days=30)
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


def test_reminder_that_waited_for_the_morning_does_not_reach_who_left_and_came_back_meanwhile():
    due_at = START - timedelta(minutes=1440)
    assert refused(Notice.REMINDER, "2-1440", facts(state_since=due_at + SECOND), due_at + MINUTE) == NotOwed.CAME_LATER
    assert refused(Notice.REMINDER, "2-1440", facts(state_since=due_at), due_at + MINUTE) is None
    assert refused(Notice.REMINDER, "2-60", facts(state_since=due_at + SECOND), START - MINUTE) is None


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


# --- the mailbox ----------------------------------------------------------------------------------------------------


def bounced(by_hand=False, **fields):
    return replace(facts(**fields), bounced=True, by_hand=by_hand)


def test_nothing_goes_to_a_mailbox_that_takes_no_mail_but_what_staff_send_by_hand():
    for notice, occasion in (("confirmation", "1"), ("reminder", "2-60"), ("repeated", "x")):
        refusal = why_not(Notice(notice), occasion, bounced(), START - timedelta(days=1))
        assert refusal is not None and (refusal.reason, refusal.state) == (Reason.BOUNCED, MessageState.FAILED)
    assert refused(Notice.REPEATED, "x", bounced(by_hand=True)) is None


def test_letter_that_is_outdated_anyway_does_not_count_as_bounced():
    assert refused(Notice.REMINDER, "1-60", bounced()) == Reason.MOVED_SINCE
    assert refused(Notice.CHANGED, "4", bounced()) == Reason.ALREADY_TOLD


# --- reminders and quiet hours --------------------------------------------------------------------------------------

DAY_AHEAD = DueReminder(1440, START - timedelta(days=1), START - timedelta(hours=1))
#: clocks that change by half an hour, by a quarter of the world, at other hours, or backwards in winter
ODD_ZONES = (
    "Asia/Kathmandu", "Australia/Lord_Howe", "Africa/Casablanca", "Pacific/Apia", "America/Nuuk", "Europe/Dublin",
    "Pacific/Chatham", "America/Sao_Paulo", "Antarctica/Troll", "Pacific/Kiritimati", "America/New_York",
)  # fmt: skip


def test_every_reminder_is_in_force_from_its_moment_until_the_next_one():
    found = reminders_of(START, [60, 10080, 1440, 60])
    assert [one.minutes for one in found] == [10080, 1440, 60]
    assert [one.expires_at for one in found] == [found[1].due_at, found[2].due_at, START]


def test_reminder_goes_at_once_by_day_and_in_the_morning_by_night():
    assert goes_at(DAY_AHEAD, "America/New_York", (21, 8), NOW) == DAY_AHEAD.due_at
    tokyo = goes_at(DAY_AHEAD, "Asia/Tokyo", (21, 8), NOW)
    assert tokyo.astimezone(ZoneInfo("Asia/Tokyo")).isoformat() == "2026-12-03T08:00:00+09:00"
    assert goes_at(DAY_AHEAD, "Asia/Tokyo", None, NOW) == DAY_AHEAD.due_at


@pytest.mark.parametrize(
    ("due", "zone", "quiet", "expected"),
    [
        # The clocks leap from 2 to 3 that night: the hour at which quiet ends does not exist.
        ("2027-03-14T06:30Z", "America/New_York", (21, 2), "2027-03-14T07:00Z"),
        # 1 o'clock comes twice that night; the first ends the quiet hours.
        ("2026-11-01T04:30Z", "America/New_York", (21, 1), "2026-11-01T05:00Z"),
        # A night of 23 and one of 25 hours.
        ("2027-03-14T02:00Z", "America/New_York", (21, 8), "2027-03-14T12:00Z"),
        ("2026-11-01T02:00Z", "America/New_York", (21, 8), "2026-11-01T13:00Z"),
        # They leap from 2:45 to 3:45: the end at 3 is the leap.
        ("2026-09-26T13:00Z", "Pacific/Chatham", (21, 3), "2026-09-26T14:00Z"),
        # The clocks change by half an hour there.
        ("2026-10-03T12:00Z", "Australia/Lord_Howe", (21, 8), "2026-10-03T21:00Z"),
        ("2027-04-03T12:00Z", "Australia/Lord_Howe", (21, 8), "2027-04-03T21:30Z"),
        # The hour comes twice, and the reminder falls due the second time.
        ("2026-10-25T01:15Z", "Antarctica/Troll", (1, 2), "2026-10-25T02:00Z"),
        ("2026-10-25T01:15Z", "Antarctica/Troll", (3, 2), "2026-10-25T02:00Z"),
        ("2026-04-04T14:00Z", "Pacific/Chatham", (23, 3), "2026-04-04T14:15Z"),
        ("2026-04-04T14:00Z", "Pacific/Chatham", (2, 3), "2026-04-04T14:15Z"),
    ],
)
def test_quiet_hours_end_by_the_wall_clock_whatever_the_clocks_do(due, zone, quiet, expected):
    due_at, morning = (datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (due, expected))
    reminder = DueReminder(1440, due_at, due_at + timedelta(hours=23))
    assert goes_at(reminder, zone, quiet, due_at) == morning


def test_where_the_only_waking_hour_is_left_out_a_reminder_goes_at_once():
    # The clocks leap from 2 to 3, so that nobody would get it before the next day's 2 o'clock.
    due_at = datetime(2026, 3, 21, 6, 30, tzinfo=UTC)
    reminder = DueReminder(1440, due_at, due_at + timedelta(days=1))
    assert goes_at(reminder, "Africa/Casablanca", (3, 2), due_at) == due_at
    waits = DueReminder(10080, due_at, due_at + timedelta(days=6))
    morning = goes_at(waits, "Africa/Casablanca", (3, 2), due_at).astimezone(ZoneInfo("Africa/Casablanca"))
    assert (morning.day, morning.hour, morning.minute) == (23, 2, 0)


@given(
    minutes=st.integers(1, 20000),
    lasts=st.integers(1, 3000),
    starts=st.datetimes(datetime(2024, 1, 1), datetime(2028, 1, 1)),
    zone=st.sampled_from(ODD_ZONES),
    quiet=st.none() | st.tuples(st.integers(0, 23), st.integers(0, 23)).filter(lambda hours: hours[0] != hours[1]),
    late=st.integers(0, 600),
)
def test_reminder_is_never_lost_to_quiet_hours_and_never_goes_in_them_without_need(
    minutes, lasts, starts, zone, quiet, late
):
    due_at = starts.replace(tzinfo=UTC) - timedelta(minutes=minutes)
    reminder = DueReminder(minutes, due_at, due_at + timedelta(minutes=lasts))
    now = due_at + timedelta(minutes=late)
    moment = goes_at(reminder, zone, quiet, now)
    assert moment == now or now < moment <= reminder.expires_at - TIME_TO_SEND
    if quiet is None or minutes <= NEVER_DELAYED:
        assert moment == now
        return

    def is_quiet(instant):
        hour, (begin, end) = instant.astimezone(ZoneInfo(zone)).hour, quiet
        return hour in {(begin + number) % 24 for number in range((end - begin) % 24)}

    if moment > now:
        assert is_quiet(now) and not is_quiet(moment) and is_quiet(moment - SECOND)
    elif is_quiet(now):
        # There was no other time: the quiet hours last until it is of no use.
        ends = next(now + number * MINUTE for number in range(3 * 1440) if not is_quiet(now + number * MINUTE))
        assert ends + TIME_TO_SEND > reminder.expires_at - MINUTE
