"""Where a webinar stands, what a change means, how reminders are written."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from webinars.core.errors import UserError
from webinars.core.language import speaking
from webinars.schedule import rules
from webinars.schedule.models import Series, Speaker, Webinar, WebinarSpeaker, WebinarState
from webinars.schedule.rules import Effect, Phase

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def webinar(**fields: object) -> Webinar:
    plain = {
        "title": "Side Effects",
        "state": "published",
        "starts_at": NOW + HOUR,
        "ends_at": NOW + 2 * HOUR,
        "capacity": None,
        "confirmed_count": 0,
        "offered_count": 0,
        "waitlisted_count": 0,
        "waiting_list": True,
        "sequence": 0,
        "start_sequence": 0,
        "published_at": NOW,
        "join_url": "https://meet.example.org/a",
        "phone_number": "",
        "summary": "In short.",
        "reminders": [10080, 1440, 60],
        "series": Series(title="Side Effects", reminders=[60]),
    }
    return Webinar(**(plain | fields))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        (NOW, Phase.OPEN),
        (NOW + HOUR - timedelta(seconds=1), Phase.OPEN),
        (NOW + HOUR, Phase.LIVE),
        (NOW + 2 * HOUR - timedelta(seconds=1), Phase.LIVE),
        (NOW + 2 * HOUR, Phase.ENDED),
    ],
)
def test_phase_of_published_webinar_follows_the_clock(moment: datetime, expected: Phase) -> None:
    assert rules.phase(webinar(), moment) is expected


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_phase_of_other_webinars_is_what_staff_decided(state: str) -> None:
    assert rules.phase(webinar(state=state), NOW + 5 * HOUR) == state


def test_phase_is_upcoming_when_full_without_a_waiting_list() -> None:
    full = webinar(capacity=3, confirmed_count=2, offered_count=1, waiting_list=False)
    assert rules.phase(full, NOW) is Phase.UPCOMING
    full.waiting_list = True
    assert rules.phase(full, NOW) is Phase.OPEN


def test_is_public_hides_a_draft_and_a_draft_that_was_cancelled() -> None:
    assert rules.is_public(webinar())
    assert rules.is_public(webinar(state="cancelled"))
    assert not rules.is_public(webinar(state="cancelled", published_at=None))
    assert not rules.is_public(webinar(state="draft", published_at=None))


def test_publishing_is_blocked_only_by_what_makes_no_sense(app: Flask) -> None:
    bare = webinar(state="draft", join_url="", summary="")
    assert rules.publishing_problems(bare, NOW) == []
    assert len(rules.publishing_warnings(bare)) == 3
    assert "past" in rules.publishing_problems(bare, NOW + HOUR)[0]


def test_publishing_warns_of_a_speaker_without_declared_interests(app: Flask) -> None:
    alice, bob = Speaker(name="Alice Ames", interests=""), Speaker(name="Bob Bell", interests="None")
    both = webinar(speaker_places=[WebinarSpeaker(speaker=alice), WebinarSpeaker(speaker=bob)])
    assert rules.publishing_warnings(both) == ["Alice Ames has not declared any interests yet."]


@pytest.mark.parametrize(
    ("changed", "effect"),
    [
        ((), Effect.NONE),
        (("summary", "capacity", "reminders"), Effect.NONE),
        (("title",), Effect.CHANGED),
        (("duration_minutes",), Effect.CHANGED),
        (("join_url", "phone_pin"), Effect.CHANGED),
        (("time_zone",), Effect.MOVED),
        (("title", "local_start", "starts_at"), Effect.MOVED),
    ],
)
def test_effect_of_changed_columns(changed: tuple[str, ...], effect: Effect) -> None:
    assert rules.effect_of(changed) is effect


@given(
    effects=st.lists(st.sampled_from(Effect)),
    states=st.lists(st.sampled_from(WebinarState), min_size=1),
    hours=st.integers(-3, 3),
)
def test_sequence_never_falls_and_grows_by_one_step_at_most(
    effects: list[Effect], states: list[WebinarState], hours: int
) -> None:
    subject, now = webinar(), NOW + hours * HOUR
    for turn, effect in enumerate(effects):
        subject.state = states[turn % len(states)]
        after = rules.revision_after(subject, effect, now)
        assert subject.sequence <= after.sequence <= subject.sequence + 1
        assert subject.start_sequence <= after.start_sequence <= after.sequence
        assert (after.start_sequence > subject.start_sequence) == (
            effect is Effect.MOVED and subject.state == WebinarState.PUBLISHED
        )
        subject.sequence, subject.start_sequence = after.sequence, after.start_sequence


def test_wording_of_an_ended_webinar_tells_nobody() -> None:
    assert rules.revision_after(webinar(), Effect.CHANGED, NOW + 3 * HOUR).sequence == 0
    assert rules.revision_after(webinar(), Effect.MOVED, NOW + 3 * HOUR).sequence == 1


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("1 week, 1 day, 1 hour", [10080, 1440, 60]),
        ("1 hour; 1 week", [10080, 60]),
        ("90 min", [90]),
        ("1 day and 30 minutes", [1440, 30]),
        ("2d, 2D, 48 hours", [2880]),
        ("1 semana, 2 días y 1 hora", [10080, 2880, 60]),
        ("3 days before", [4320]),
        ("", []),
    ],
)
def test_reminders_are_read_as_people_write_them(text: str, minutes: list[int]) -> None:
    assert rules.parse_reminders(text) == minutes


@pytest.mark.parametrize(
    "text", ["soon", "30", "1 fortnight", "-1 day", "1.5 hours", "4 minutes", "61 days", "9999999 days"]
)
def test_reminders_that_cannot_be_meant_are_refused_with_a_sentence(app: Flask, text: str) -> None:
    with pytest.raises(UserError) as refusal:
        rules.parse_reminders(text)
    assert len(str(refusal.value)) > 20


def test_more_than_ten_reminders_are_refused(app: Flask) -> None:
    with pytest.raises(UserError, match="Ten"):
        rules.check_reminders(range(5, 16))


@pytest.mark.parametrize("language", ["en", "es"])
def test_reminders_written_out_are_read_back(app: Flask, language: str) -> None:
    with speaking(language):
        for minutes in ([10080, 1440, 60], [86400, 20160, 2880, 120, 90, 61, 5], []):
            assert rules.parse_reminders(rules.format_reminders(minutes)) == minutes


def test_move_consequences_count_people_and_name_late_reminders(app: Flask) -> None:
    sentences = rules.move_consequences(webinar(), 1352, 1352, NOW + timedelta(days=2), NOW)
    assert sentences[:2] == [
        "1,352 people will get a letter with the new time.",
        "1,352 calendars move by themselves.",
    ]
    assert sentences[2] == "Reminders are set anew: 1 day, 1 hour before the new start."
    assert sentences[3] == "Too late for these reminders: 1 week before the start."


def test_consequences_tell_entries_in_calendars_from_people_who_have_none(app: Flask) -> None:
    others = "2 people who wait or want the recording have no entry and are told by the letter alone."
    moved = rules.move_consequences(webinar(), 3, 1, NOW + timedelta(days=2), NOW)
    assert moved[:3] == ["3 people will get a letter with the new time.", "1 calendar moves by itself.", others]
    cancelled = rules.cancel_consequences(webinar(), 3, 1)
    assert cancelled[:3] == [
        "3 people will get a cancellation letter.", "The entry goes away from 1 calendar.", others,
    ]  # fmt: skip
    alone = rules.cancel_consequences(webinar(), 1, 0)[1]
    assert alone == "1 person who waits or wants the recording has no entry and is told by the letter alone."


def test_consequences_of_a_webinar_without_people_say_so(app: Flask) -> None:
    assert rules.cancel_consequences(webinar(), 0, 0)[0].startswith("Nobody is registered")
    assert rules.move_consequences(webinar(), 0, 0, NOW + timedelta(days=2), NOW)[0].startswith("Nobody is registered")
    assert "a draft, so nobody gets a letter" in rules.cancel_consequences(webinar(state="draft"), 0, 0)[0]


@pytest.mark.parametrize("fold", [0, 1])
def test_settle_keeps_the_chosen_reading_of_a_double_hour(fold: int) -> None:
    local = datetime(2026, 11, 1, 1, 30)
    kept, kept_fold, instant = rules.settle(local, "America/New_York", fold)
    assert (kept, kept_fold) == (local, fold)
    assert instant == datetime(2026, 11, 1, 5 + fold, 30, tzinfo=UTC)


def test_settle_shifts_a_missing_time_past_the_gap(app: Flask) -> None:
    local, fold, instant = rules.settle(datetime(2026, 3, 8, 2, 30), "America/New_York", 0)
    assert (local, fold) == (datetime(2026, 3, 8, 3, 30), 0)
    assert instant == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)


@given(
    local=st.datetimes(min_value=datetime(2020, 1, 1), max_value=datetime(2030, 1, 1)),
    zone=st.sampled_from(
        ["America/New_York", "Europe/Madrid", "Australia/Lord_Howe", "Asia/Kolkata", "Africa/Casablanca"]
    ),
    ahead=st.integers(-400, 400),
)
def test_next_occasion_is_the_same_weekday_and_time_and_lies_ahead(local: datetime, zone: str, ahead: int) -> None:
    now = local.replace(tzinfo=UTC) + timedelta(days=ahead)
    later = rules.next_occasion(local, zone, now)
    assert (later - local) % timedelta(weeks=4) == timedelta(0)
    assert later > local
    assert later.replace(tzinfo=ZoneInfo(zone)) > now - timedelta(hours=2)


def test_readings_tell_plain_missing_and_double_times_apart(app: Flask) -> None:
    zone = "America/New_York"
    assert rules.readings(datetime(2026, 7, 1, 13, 0), zone) == ()
    gap = rules.readings(datetime(2026, 3, 8, 2, 30), zone)
    assert sorted(choice.local.hour for choice in gap) == [1, 3]
    double = rules.readings(datetime(2026, 11, 1, 1, 30), zone)
    assert [choice.instant.hour for choice in double] == [5, 6]


def test_version_changes_with_each_named_value_only() -> None:
    thing = SimpleNamespace(a=1, b="x", c=0)
    first = rules.version_of(thing, ("a", "b"))
    thing.c = 9
    assert rules.version_of(thing, ("a", "b")) == first
    thing.b = "y"
    assert rules.version_of(thing, ("a", "b")) != first
