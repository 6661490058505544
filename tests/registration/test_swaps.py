"""Coming on another date instead: a place there and none here any more, or everything as it was."""

from datetime import timedelta

import pytest

from tests.factories import NOW, make_series, make_webinar
from tests.registration.deeds import assert_true_counters, counters, sign_up
from webinars.accounts.models import AuditEntry
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict, NotFound, UserError
from webinars.mail.models import Message
from webinars.registration import queries, service, staff_deeds, swaps
from webinars.registration.models import Mode, Registration
from webinars.registration.service import NoPlaceLeft

LATER = timedelta(days=20)


@pytest.fixture
def here(app):
    return make_webinar(capacity=1)


@pytest.fixture
def there(here):
    return make_webinar(capacity=1, starts_in=LATER)


def place(webinar, name="Alice"):
    db.session.expire_all()
    return db.session.query(Registration).filter_by(webinar_id=webinar.id, name=name).one_or_none()


def stands(webinar, name="Alice"):
    one = place(webinar, name)
    return one and (str(one.state), queries.position(one))


def do(webinar, name, deed, *arguments, **more):
    number = place(webinar, name).id
    with transaction() as session:
        return deed(session.get_one(Registration, number), *arguments, **more)


def swap(webinar, other, name="Alice", shown=0, now=NOW, **more):
    return do(webinar, name, swaps.swap, other.slug, shown, now, **more)


def letters_about(registration):
    return [one.notice for one in db.session.query(Message).filter_by(subject=registration.subject).order_by("id")]


def test_a_seat_there_for_the_seat_here_which_goes_to_the_next_in_line(here, there):
    sign_up(here, "Alice")
    sign_up(here, "Bob")
    swap(here, there)
    assert (stands(here), stands(there)) == (("cancelled", None), ("confirmed", None))
    assert stands(here, "Bob") == ("confirmed", None)
    for webinar in (here, there):
        assert_true_counters(webinar)


def test_what_a_person_chose_comes_along_and_the_calendar_entry_is_another_one(here, there):
    chosen = {"time_zone": "Europe/Madrid", "language": "es", "discreet": True, "question": "Why?", "mode": Mode.PHONE}
    sign_up(here, "Alice", **chosen)
    swap(here, there)
    old, new = place(here), place(there)
    assert {name: getattr(new, name) for name in chosen} == chosen
    assert (new.name, new.email) == ("Alice", "alice@example.org")
    assert new.uid != old.uid and new.public_id != old.public_id


def test_one_letter_withdraws_the_old_entry_and_one_brings_the_new(here, there):
    sign_up(here, "Alice")
    swap(here, there)
    assert letters_about(place(here)) == ["confirmation", "own-cancellation"]
    assert letters_about(place(there)) == ["confirmation"]
    assert place(here).sequence > 0


def test_who_wanted_the_telephone_comes_live_where_there_is_no_number(here):
    there = make_webinar(starts_in=LATER, phone_number="")
    sign_up(here, "Alice", mode=Mode.PHONE)
    swap(here, there)
    assert place(there).mode == Mode.LIVE


def test_a_place_in_line_for_who_saw_that_it_is_one(here, there):
    sign_up(here, "Alice")
    sign_up(there, "Bob")
    swap(here, there, shown=1)
    assert (stands(here), stands(there)) == (("cancelled", None), ("waitlisted", 1))


@pytest.mark.parametrize(("ahead", "shown"), [(["Bob"], 0), (["Bob", "Carol"], 1)])
def test_nobody_gives_up_a_place_for_less_than_they_saw(here, there, ahead, shown):
    sign_up(here, "Alice")
    for name in ahead:
        sign_up(there, name)
    with pytest.raises(Conflict, match="stays yours"):
        swap(here, there, shown=shown)
    assert (stands(here), stands(there)) == (("confirmed", None), None)
    assert letters_about(place(here)) == ["confirmation"]


def test_more_than_they_saw_is_taken(here, there):
    sign_up(here, "Alice")
    swap(here, there, shown=3)
    assert stands(there) == ("confirmed", None)


def test_no_room_and_no_waiting_list_leaves_everything_as_it_was(here):
    there = make_webinar(capacity=1, starts_in=LATER, waiting_list=False)
    sign_up(here, "Alice")
    sign_up(there, "Bob")
    with pytest.raises(NoPlaceLeft, match="stays yours"):
        swap(here, there, shown=9)
    assert (stands(here), counters(here)) == (("confirmed", None), (1, 0))


def test_from_the_waiting_list_to_a_free_seat(here, there):
    sign_up(here, "Bob")
    sign_up(here, "Alice")
    swap(here, there)
    assert (stands(here), stands(there)) == (("cancelled", None), ("confirmed", None))
    assert counters(here) == (1, 0)


def test_an_offered_seat_that_is_swapped_is_offered_to_the_next(app):
    here, there = make_webinar(capacity=1, offer_hours=4), make_webinar(starts_in=LATER)
    for name in ("Bob", "Alice", "Carol"):
        sign_up(here, name)
    do(here, "Bob", service.cancel, NOW)
    assert stands(here) == ("offered", None)
    swap(here, there)
    assert (stands(here, "Carol"), stands(there)) == (("offered", None), ("confirmed", None))
    assert_true_counters(here)


def test_back_to_the_first_date_is_the_place_they_had(here, there):
    sign_up(here, "Alice")
    first = place(here).public_id
    swap(here, there)
    swap(there, here, now=NOW + timedelta(minutes=1))
    assert (place(here).public_id, stands(here), stands(there)) == (first, ("confirmed", None), ("cancelled", None))


def test_who_waited_for_the_recording_there_comes_now(here, there):
    sign_up(here, "Alice")
    sign_up(there, "Alice", mode=Mode.RECORDING)
    swap(here, there)
    assert (stands(there), place(there).mode) == (("confirmed", None), "live")


def test_who_comes_there_already_gives_up_nothing(here, there):
    sign_up(here, "Alice")
    sign_up(there, "Alice")
    with pytest.raises(Conflict, match="already"):
        swap(here, there)
    assert stands(here) == ("confirmed", None)


@pytest.mark.parametrize(
    "fields", [{"state": "draft"}, {"state": "cancelled"}, {"starts_in": timedelta(days=-1)}], ids=str
)
def test_a_date_that_takes_nobody_is_refused_and_not_offered(here, fields):
    closed = make_webinar(**fields)
    sign_up(here, "Alice")
    assert swaps.other_dates(place(here), NOW) == []
    with pytest.raises(UserError):
        swap(here, closed)
    assert stands(here) == ("confirmed", None)


def test_only_dates_of_the_same_series_that_are_not_taken_yet_are_offered(here, there):
    full = make_webinar(capacity=0, starts_in=2 * LATER)
    taken = make_webinar(starts_in=3 * LATER)
    make_webinar(capacity=0, starts_in=LATER, waiting_list=False)
    other = make_webinar(make_series(title="Clinical Trials"), starts_in=LATER)
    sign_up(here, "Alice")
    sign_up(taken, "Alice")
    assert [(one.webinar.id, one.place) for one in swaps.other_dates(place(here), NOW)] == [(there.id, 0), (full.id, 1)]
    for wrong in (other, here):
        with pytest.raises(Conflict, match="cannot be chosen"):
            swap(here, wrong)


def test_who_only_gets_the_recording_has_nothing_to_swap(here, there):
    sign_up(here, "Alice", mode=Mode.RECORDING)
    assert swaps.other_dates(place(here), NOW) == []
    with pytest.raises(Conflict):
        swap(here, there)


def test_a_date_that_is_not_there_is_said(here):
    sign_up(here, "Alice")
    with pytest.raises(NotFound):
        do(here, "Alice", swaps.swap, "no-such-webinar", 0, NOW)


def test_staff_swap_for_somebody_without_an_address_and_the_trail_says_so(here, there):
    sign_up(here, "Alice", by_staff=True, email=None, phone="1 800 555 0142")
    swap(here, there, by="staff")
    assert (stands(there), place(there).phone, place(there).entered_by_staff) == (
        ("confirmed", None), "1 800 555 0142", True,
    )  # fmt: skip
    actions = sorted(one.action for one in db.session.query(AuditEntry))
    assert actions == ["registration cancelled", "registration swapped"]


def test_the_old_place_can_be_had_again_beside_the_new_one(here, there):
    sign_up(here, "Alice")
    swap(here, there)
    do(here, "Alice", staff_deeds.restore, NOW)
    assert (stands(here), stands(there)) == (("confirmed", None), ("confirmed", None))
