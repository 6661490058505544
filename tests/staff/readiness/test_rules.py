"""How far a webinar is, without a database."""

from datetime import timedelta

import pytest

from tests.factories import NOW
from webinars.schedule.models import Series, Speaker, Webinar, WebinarSpeaker
from webinars.staff.readiness import rules
from webinars.staff.readiness.models import Mark, OwnStep
from webinars.staff.readiness.rules import Facts, Part, Recording, State, prepare

DAY = timedelta(days=1)


def webinar(starts_in=10 * DAY, **fields):
    defaults = {
        "id": 1, "series_id": 7, "title": "Low energy", "language": "en", "translations": {}, "state": "published",
        "starts_at": NOW + starts_in, "ends_at": NOW + starts_in + timedelta(hours=1), "join_url": "",
        "phone_number": "",
        "recorded": True, "asks": 0, "series": Series(sponsor_text=""),
    }  # fmt: skip
    return Webinar(**(defaults | fields))


def mark(step, state="done", about=None, **fields):
    return {step: Mark(step=step, state=state, seen=rules.seen_now(step, about) if about else "", by="staff:1", at=NOW)}


def states(facts, marks=None, own=(), now=NOW):
    return {item.key: item.state for item in prepare(facts, marks or {}, own, now).items}


@pytest.mark.parametrize(
    ("step", "facts"),
    [
        ("texts", {"translations": {"es": {"title": "Poca energía"}}}),
        ("speakers", {"speaker_places": [WebinarSpeaker(speaker=Speaker(name="Ruiz", interests="None"))]}),
        ("sponsor", {"series": Series(sponsor_text="A fund.")}),
        ("announced", {"state": "published"}),
        ("join", {"join_url": "https://meet.example.org/room"}),
        ("phone", {"phone_number": "1-800-555-0142"}),
    ],
)
def test_step_that_the_service_sees_is_done_by_itself(step, facts):
    assert states(Facts(webinar(state="draft")))[step] is not State.DONE
    assert states(Facts(webinar(**({"state": "draft"} | facts))))[step] is State.DONE


def test_speaker_who_declared_nothing_keeps_the_step_open():
    places = [WebinarSpeaker(speaker=Speaker(name=name, interests=text)) for name, text in (("A", "None"), ("B", ""))]
    assert states(Facts(webinar(speaker_places=places)))["speakers"] is State.LATE


def test_needs_and_letters_that_reach_nobody_open_their_steps():
    assert states(Facts(webinar()))["access"] is states(Facts(webinar()))["mail"] is State.DONE
    found = states(Facts(webinar(), needs=1, unreached=2))
    assert (found["access"], found["mail"]) == (State.OPEN, State.OPEN)


@pytest.mark.parametrize(("ago", "state"), [(timedelta(seconds=-1), State.OPEN), (timedelta(), State.LATE)])
def test_step_is_late_from_its_moment_on(ago, state):
    begins = 2 * DAY - ago
    assert states(Facts(webinar(begins)))["slides"] is state


def test_tick_holds_and_an_untick_opens_it_again():
    assert states(Facts(webinar()), mark("slides"))["slides"] is State.TICKED
    assert states(Facts(webinar()))["slides"] is State.OPEN


@pytest.mark.parametrize("step", ["phone", "slides", "recording"])
def test_what_is_not_needed_neither_waits_nor_counts(step):
    begins = -10 * DAY if step == "recording" else 10 * DAY
    before = prepare(Facts(webinar(begins)), {}, (), NOW)
    after = prepare(Facts(webinar(begins)), mark(step, "not needed"), (), NOW)
    assert {item.key: item.state for item in after.items}[step] is State.NOT_NEEDED
    assert len(after.counted) == len(before.counted) - 1 and step not in [item.key for item in after.late]


def test_join_link_counts_as_tested_only_while_it_is_the_same():
    tested = webinar(join_url="https://meet.example.org/a")
    marks = mark("join-tested", about=tested)
    assert states(Facts(tested), marks)["join-tested"] is State.TICKED
    assert states(Facts(webinar(join_url="https://meet.example.org/b")), marks)["join-tested"] is State.OPEN


def test_questions_are_to_be_looked_at_again_once_they_change():
    looked_at = webinar(asks=5)
    marks = mark("questions", about=looked_at)
    assert states(Facts(looked_at), marks)["questions"] is State.TICKED
    assert states(Facts(webinar(asks=6)), marks)["questions"] is State.LATE


def test_not_needed_holds_whatever_changes():
    marks = mark("join-tested", "not needed", about=webinar(join_url="https://meet.example.org/a"))
    assert states(Facts(webinar(join_url="https://meet.example.org/b")), marks)["join-tested"] is State.NOT_NEEDED


def test_what_was_never_done_before_the_start_is_late_no_more_once_it_is_over():
    found = prepare(Facts(webinar(-5 * DAY)), {}, (), NOW)
    assert {item.state for item in found.items if item.part is Part.BEFORE} == {State.MISSED, State.DONE}
    assert [item.key for item in found.late] == ["recording"]
    assert [item.key for item in found.due_this_week(NOW)] == ["releases"]


def test_only_what_is_recorded_waits_for_a_recording():
    assert [item.key for item in prepare(Facts(webinar(recorded=False)), {}, (), NOW).of(Part.AFTER)] == ["follow-up"]


@pytest.mark.parametrize(
    ("step", "field"),
    [("recording", "plays"), ("releases", "released"), ("captions", "corrected"), ("video", "published")],
)
def test_steps_of_the_recording_follow_what_is_there(step, field):
    nothing = {"published": False, "plays": False, "released": False, "corrected": False}
    over = webinar(-20 * DAY)
    assert states(Facts(over))[step] is State.LATE
    assert states(Facts(over, recording=Recording("talk", **nothing)))[step] is State.LATE
    assert states(Facts(over, recording=Recording("talk", **(nothing | {field: True}))))[step] is State.DONE


def test_progress_speaks_of_what_comes_next():
    ahead = prepare(Facts(webinar(join_url="https://x.example", phone_number="1")), mark("slides"), (), NOW)
    assert (ahead.ready, len(ahead.counted)) == (6, 13)
    over = prepare(Facts(webinar(-5 * DAY), followed_up=True), {}, (), NOW)
    assert (over.ready, len(over.counted)) == (1, 5)


def own(number=3, days=-2, **fields):
    return OwnStep(**({"id": number, "title": "Flowers", "days": days, "created_at": NOW - 30 * DAY} | fields))


def test_step_of_one_webinar_is_its_own_alone():
    assert states(Facts(webinar()), own=[own(webinar_id=1)])["own-3"] is State.OPEN
    assert "own-3" not in states(Facts(webinar()), own=[own(webinar_id=2)])


def test_step_of_a_series_flows_to_what_was_not_over_by_then():
    step = own(series_id=7, created_at=NOW)
    assert states(Facts(webinar()), own=[step])["own-3"] is State.OPEN
    assert "own-3" not in states(Facts(webinar(-DAY)), own=[step])
    assert "own-3" not in states(Facts(webinar(series_id=8)), own=[step])


def test_step_that_was_removed_is_gone():
    assert "own-3" not in states(Facts(webinar()), own=[own(webinar_id=1, removed_at=NOW)])


@pytest.mark.parametrize(("days", "part"), [(-1, Part.BEFORE), (0, Part.DAY), (1, Part.AFTER)])
def test_own_step_stands_where_its_day_is(days, part):
    found = prepare(Facts(webinar()), {}, [own(webinar_id=1, days=days)], NOW)
    assert "own-3" in [item.key for item in found.of(part)]


def test_moved_webinar_takes_its_due_dates_along():
    assert states(Facts(webinar(DAY)))["slides"] is State.LATE
    assert states(Facts(webinar(30 * DAY)))["slides"] is State.OPEN
