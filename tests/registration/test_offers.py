"""Seats held for the next in line until they say yes, say no, or say nothing in time."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_webinar
from tests.registration.deeds import assert_true_counters, do, listening, registration_of, sign_up, standing
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict
from webinars.registration import erasure, offers, service
from webinars.registration.models import Mode
from webinars.schedule import service as schedule

pytestmark = pytest.mark.usefixtures("app")

#: NOW is a morning, so that no night lengthens it
HOURS = 4
OVER = NOW + timedelta(hours=HOURS)


def full(people=("Alice", "Bob", "Charlie"), **fields):
    webinar = make_webinar(capacity=1, offer_hours=HOURS, **fields)
    for name in people:
        sign_up(webinar, name)
    return webinar


def leave(name="Alice", now=NOW):
    do(name, service.cancel, now)


def pass_on(now):
    with transaction():
        return offers.pass_on(now)


def test_freed_seat_is_held_for_the_next_in_line_and_for_nobody_else():
    webinar = full()
    with listening() as heard:
        leave()
    assert (standing("Bob"), standing("Charlie")) == (("offered", None), ("waitlisted", 1))
    assert registration_of("Bob").offered_until == OVER
    assert sorted(heard) == [("cancelled", "Alice"), ("offered", "Bob")]
    assert sign_up(webinar, "Dora").registration.state == "waitlisted"
    assert_true_counters(webinar)


def test_yes_makes_it_theirs_once():
    webinar = full()
    leave()
    before = registration_of("Bob").state_changes
    with listening() as heard:
        do("Bob", offers.accept, NOW + timedelta(hours=1))
        do("Bob", offers.accept, NOW + timedelta(hours=1))
    bob = registration_of("Bob")
    assert (bob.state, bob.offered_until, bob.state_changes) == ("confirmed", None, before + 1)
    assert heard == [("confirmed", "Bob")]
    assert pass_on(OVER) == 0
    assert_true_counters(webinar)


@pytest.mark.parametrize("no", [service.cancel, erasure.erase])
def test_no_passes_it_on_at_once(no):
    webinar = full()
    leave()
    do("Bob", no, NOW)
    assert standing("Charlie") == ("offered", None)
    assert_true_counters(webinar)


def test_recording_instead_passes_it_on_at_once():
    full()
    leave()
    do("Bob", service.change_mode, Mode.RECORDING, NOW)
    assert (standing("Bob")[0], standing("Charlie")[0]) == ("recording-only", "offered")


def test_another_way_to_join_is_no_answer_yet():
    webinar = full(phone_number="1-800-555-0142")
    leave()
    do("Bob", service.change_mode, Mode.PHONE, NOW)
    assert (standing("Bob")[0], registration_of("Bob").mode) == ("offered", "phone")
    assert_true_counters(webinar)


@pytest.mark.parametrize(("recorded", "left"), [(True, "recording-only"), (False, "cancelled")])
def test_silence_passes_it_on_by_itself(recorded, left):
    webinar = full(recorded=recorded)
    leave()
    assert pass_on(OVER - timedelta(seconds=1)) == 0
    with listening() as heard:
        assert pass_on(OVER) == 1
    assert (standing("Bob")[0], standing("Charlie")[0]) == (left, "offered")
    assert heard == [("offered", "Charlie"), ("lapsed", "Bob")]
    assert registration_of("Charlie").offered_until == OVER + timedelta(hours=HOURS)
    assert_true_counters(webinar)


def test_whoever_said_nothing_can_get_back_in_line():
    webinar = full()
    leave()
    pass_on(OVER)
    do("Bob", service.change_mode, Mode.LIVE, OVER)
    assert standing("Bob") == ("waitlisted", 1)
    assert_true_counters(webinar)


def test_yes_a_moment_late_holds_while_nobody_else_was_asked():
    full()
    leave()
    do("Bob", offers.accept, OVER + timedelta(seconds=20))
    assert standing("Bob")[0] == "confirmed"


def test_yes_after_it_went_on_is_refused():
    full()
    leave()
    pass_on(OVER)
    with pytest.raises(Conflict, match="not held for you any more"):
        do("Bob", offers.accept, OVER)


def test_last_offer_leaves_the_seat_to_newcomers():
    webinar = full(people=("Alice", "Bob"))
    leave()
    pass_on(OVER)
    assert sign_up(webinar, "Dora").registration.state == "confirmed"
    assert_true_counters(webinar)


def test_person_without_an_address_has_the_seat_at_once():
    webinar = full(people=("Alice",))
    sign_up(webinar, "Bob", by_staff=True, email=None, phone="+1 555 0100")
    leave()
    assert standing("Bob") == ("confirmed", None)


def test_seat_freed_close_to_the_start_is_given_at_once():
    webinar = full()
    leave(now=webinar.starts_at - timedelta(hours=5))
    assert standing("Bob") == ("confirmed", None)


def test_more_places_are_offered_too_and_fewer_are_refused_while_one_is_held():
    webinar = full()
    with transaction():
        schedule.edit_webinar(webinar, {"capacity": 3}, NOW)
    assert [standing(name)[0] for name in ("Alice", "Bob", "Charlie")] == ["confirmed", "offered", "offered"]
    with transaction(), pytest.raises(schedule.Problems):
        schedule.edit_webinar(webinar, {"capacity": 2}, NOW)
    assert_true_counters(webinar)


def test_webinar_follows_its_series_until_it_has_its_own():
    webinar = full()
    with transaction():
        schedule.edit_webinar(webinar, {"offer_hours": ""}, NOW)
        schedule.edit_series(webinar.series, {"offer_hours": "24"}, NOW)
    leave()
    assert registration_of("Bob").offered_until == NOW + timedelta(hours=24)


def test_offer_of_a_webinar_called_off_lapses_for_nobody():
    webinar = full()
    leave()
    with transaction():
        schedule.cancel_webinar(webinar, "", NOW)
    assert pass_on(OVER) == 0 and standing("Bob")[0] == "offered"


def test_offer_ends_at_the_start_of_a_webinar_that_was_moved_closer():
    webinar = full()
    leave()
    sooner = webinar.local_start - timedelta(days=9, hours=22)
    with transaction():
        schedule.move_webinar(webinar, sooner, now=NOW)
    assert NOW < webinar.starts_at < OVER
    assert (pass_on(NOW), pass_on(webinar.starts_at)) == (0, 1)


def test_staff_take_it_for_a_caller():
    full()
    leave()
    do("Bob", offers.accept, NOW, "staff")
    trail = db.session.query(AuditEntry.action).filter_by(object_kind="registration").all()
    assert [action for (action,) in trail] == ["offered place taken"]
