"""Seats and places in line, one after the other."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_registration, make_webinar
from tests.registration.deeds import assert_true_counters, counters, do, listening, registration_of, sign_up, standing
from webinars.core.database import db, transaction
from webinars.registration import erasure, seats, service
from webinars.registration.models import Mode
from webinars.registration.service import NoPlaceLeft

pytestmark = pytest.mark.usefixtures("app")


def fill(capacity=2, people=("Alice", "Bob", "Charlie", "Dora")):
    webinar = make_webinar(capacity=capacity)
    for name in people:
        sign_up(webinar, name)
    return webinar


def raise_capacity(webinar, capacity):
    with transaction():
        webinar.capacity = capacity
        return [one.name for one in service.promote_waiting(webinar.id, NOW)]


def test_take_gives_seats_then_places_in_line():
    webinar = fill()
    assert [standing(name) for name in ("Alice", "Bob", "Charlie", "Dora")] == [
        ("confirmed", None), ("confirmed", None), ("waitlisted", 1), ("waitlisted", 2)]  # fmt: skip
    assert counters(webinar) == (2, 2)


def test_take_without_capacity_always_gives_a_seat():
    webinar = fill(capacity=None)
    assert counters(webinar) == (4, 0)


def test_take_of_a_full_webinar_without_waiting_list():
    webinar = make_webinar(capacity=1, waiting_list=False)
    sign_up(webinar, "Alice")
    with pytest.raises(NoPlaceLeft):
        sign_up(webinar, "Bob")
    assert sign_up(webinar, "Bob", mode=Mode.RECORDING).registration.state == "recording-only"
    assert counters(webinar) == (1, 0)


@pytest.mark.parametrize("fields", [{"state": "draft"}, {"state": "cancelled"}, {"ends_at": NOW}])
def test_take_of_a_webinar_that_takes_nobody(fields):
    webinar = make_webinar(capacity=5, **fields)
    with transaction():
        assert seats.take(webinar.id, NOW) is None
    assert counters(webinar) == (0, 0)


def test_free_promotes_the_next_in_line_in_the_same_transaction():
    webinar = fill()
    with listening() as heard:
        do("Alice", service.cancel, NOW)
    assert standing("Charlie") == ("confirmed", None)
    assert standing("Dora") == ("waitlisted", 1)
    assert sorted(heard) == [("cancelled", "Alice"), ("promoted", "Charlie")]
    assert_true_counters(webinar)


def test_promotion_counts_as_a_change_of_state():
    fill()
    before = registration_of("Charlie").state_changes
    do("Bob", service.cancel, NOW + timedelta(minutes=5))
    charlie = registration_of("Charlie")
    assert (charlie.state_changes, charlie.state_since) == (before + 1, NOW + timedelta(minutes=5))


def test_leaving_the_line_promotes_nobody_and_closes_the_gap():
    webinar = fill()
    with listening() as heard:
        do("Charlie", service.cancel, NOW)
    assert heard == [("cancelled", "Charlie")]
    assert standing("Dora") == ("waitlisted", 1)
    assert_true_counters(webinar)


def test_position_stays_without_gaps_when_others_leave_and_join():
    webinar = fill(capacity=1, people=("Alice", "Bob", "Charlie", "Dora"))
    do("Charlie", service.cancel, NOW)
    sign_up(webinar, "Eve")
    assert [standing(name)[1] for name in ("Bob", "Dora", "Eve")] == [1, 2, 3]


def test_raising_the_capacity_promotes_as_many_at_once_in_order():
    webinar = fill(capacity=1, people=("Alice", "Bob", "Charlie", "Dora", "Eve"))
    with listening() as heard:
        assert raise_capacity(webinar, 3) == ["Bob", "Charlie"]
    assert heard == [("promoted", "Bob"), ("promoted", "Charlie")]
    assert raise_capacity(webinar, None) == ["Dora", "Eve"]
    assert_true_counters(webinar)


def test_nobody_is_promoted_once_the_webinar_is_over_or_called_off():
    webinar = fill(capacity=1, people=("Alice", "Bob"))
    do("Alice", service.cancel, webinar.ends_at)
    assert standing("Bob") == ("waitlisted", 1)
    assert counters(webinar) == (0, 1)


def test_switching_to_the_recording_frees_the_seat():
    webinar = fill(capacity=1, people=("Alice", "Bob"))
    with listening() as heard:
        do("Alice", service.change_mode, Mode.RECORDING, NOW)
    assert standing("Alice") == ("recording-only", None)
    assert standing("Bob") == ("confirmed", None)
    assert sorted(heard) == [("promoted", "Bob"), ("recording", "Alice")]
    assert_true_counters(webinar)


def test_coming_back_from_the_recording_goes_to_the_end_of_the_line():
    webinar = fill(capacity=1, people=("Alice", "Bob", "Charlie"))
    do("Alice", service.change_mode, Mode.RECORDING, NOW)
    do("Alice", service.change_mode, Mode.PHONE, NOW)
    assert standing("Alice") == ("waitlisted", 2)
    assert registration_of("Alice").mode == Mode.PHONE
    assert_true_counters(webinar)


def test_changing_between_online_and_telephone_keeps_the_seat():
    webinar = fill(capacity=1, people=("Alice", "Bob"))
    do("Alice", service.change_mode, Mode.PHONE, NOW)
    assert standing("Alice") == ("confirmed", None)
    assert_true_counters(webinar)


def test_erasing_a_person_frees_the_seat():
    webinar = fill(capacity=1, people=("Alice", "Bob"))
    do("Alice", erasure.erase, NOW)
    assert standing("Bob") == ("confirmed", None)
    assert_true_counters(webinar)


def test_the_database_refuses_one_seat_too_many_whatever_code_does():
    webinar = make_webinar(capacity=1)
    make_registration(webinar, "Alice")
    with pytest.raises(Exception, match="(?i)check|seats"), transaction():
        webinar.confirmed_count += 1
        db.session.flush()
