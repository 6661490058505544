"""The page of other dates, as somebody meets it whose treatment day has moved; and the same for staff."""

from datetime import timedelta

import pytest

from tests.factories import make_registration, make_webinar
from tests.registration.deeds import assert_true_counters, standing
from tests.registration.test_details import manage
from tests.support.pages import find_form, parse, text_of
from tests.support.queries import sent_queries
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.limits import is_proven
from webinars.registration import service
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar


@pytest.fixture
def here(app):
    return make_webinar(now=utc_now(), capacity=1)


@pytest.fixture
def there(here):
    return make_webinar(now=utc_now(), capacity=3, starts_in=timedelta(days=20), title="The same again")


def places(name="Alice"):
    db.session.expire_all()
    found = db.session.query(Registration).filter_by(name=name).order_by(Registration.webinar_id)
    return [(one.webinar_id, str(one.state)) for one in found]


def dates_page(client, name="Alice"):
    link = manage(client, name)
    [found] = [one for one in parse(link).find_all("a") if "Come on another date" in text_of(one)]
    return client.get(found["href"])


def fill(webinar, *names):
    for name in names:
        make_registration(db.session.get_one(Webinar, webinar.id), name)


def test_one_press_brings_the_place_on_the_other_date_and_its_page(client, here, there):
    make_registration(here, "Alice")
    page = dates_page(client)
    assert "3 places are free" in text_of(parse(page))
    done = client.submit(page, "/swap", "Take this date")
    words = text_of(parse(done).find(id="main"))
    assert done.status_code == 200 and done.request.path.startswith("/registrations/")
    assert "Done: this is your place now" in words and "Your place is confirmed" in words and "The same again" in words
    assert places() == [(here.id, "cancelled"), (there.id, "confirmed")]
    assert is_proven(db.session.query(Registration).filter_by(webinar_id=there.id).one().address_key)


def test_looking_at_the_dates_changes_nothing(client, here, there):
    make_registration(here, "Alice")
    dates_page(client)
    assert places() == [(here.id, "confirmed")]


def test_a_full_date_says_which_place_in_line_it_gives(client, here, there):
    make_registration(here, "Alice")
    fill(there, "Bob", "Carol", "Dora")
    page = dates_page(client)
    assert "on the waiting list it would be place 1" in text_of(parse(page))
    done = client.submit(page, "/swap", "Join the waiting list")
    assert "You are waiting, place 1" in text_of(parse(done))


def test_who_was_overtaken_while_the_page_was_open_keeps_their_place_and_reads_why(client, here, there):
    make_registration(here, "Alice")
    page = dates_page(client)
    fill(there, "Bob", "Carol", "Dora")
    answer = client.submit(page, "/swap", "Take this date")
    words = text_of(parse(answer))
    assert "Somebody was faster" in words and "place 1" in words
    assert answer.request.path.endswith("/dates")
    assert places() == [(here.id, "confirmed")]


@pytest.mark.parametrize("shown", ["", "-1", "9" * 5000, "¹", "x", "1e9"])
def test_a_form_that_says_nonsense_is_taken_for_one_that_showed_a_seat(client, here, there, shown):
    make_registration(here, "Alice")
    fill(there, "Bob", "Carol", "Dora")
    answer = client.submit(dates_page(client), "/swap", shown=shown)
    assert answer.status_code == 200 and places() == [(here.id, "confirmed")]


@pytest.mark.parametrize("webinar", ["", "no-such", "9" * 30, "a" * 5000, "é", "no\0where"])
def test_a_date_that_is_not_there_is_said(client, here, there, webinar):
    make_registration(here, "Alice")
    answer = client.submit(dates_page(client), "/swap", webinar=webinar)
    assert "There is no such webinar" in text_of(parse(answer)) and places() == [(here.id, "confirmed")]


def test_without_another_date_nothing_is_promised(client, here):
    make_registration(here, "Alice")
    page = manage(client)
    assert "Come on another date" not in text_of(parse(page))
    assert "No other date at the moment" in text_of(parse(client.get(f"{page.request.path}/dates")))


def test_the_browser_that_signed_up_cannot_swap_before_the_letter_is_opened(client, here, there):
    page = client.submit(client.get(f"/webinars/{here.slug}"), "/register", name="Alice", email="alice@example.org")
    assert client.get(f"{page.request.path}/dates").status_code == 403
    token = find_form(parse(page), "/cancel").find("input", attrs={"name": "csrf_token"})["value"]
    data = {"csrf_token": token, "webinar": there.slug, "shown": "0"}
    assert client.post(f"{page.request.path}/swap", data=data).status_code == 403
    assert places() == [(here.id, "confirmed")]


def test_dates_cost_the_same_number_of_queries_for_one_and_three(client, here, there):
    make_registration(here, "Alice")
    address = dates_page(client).request.path
    with sent_queries() as one:
        client.get(address)
    for days in (30, 40):
        make_webinar(now=utc_now(), starts_in=timedelta(days=days))
    with sent_queries() as three:
        client.get(address)
    assert len(one) == len(three)


def test_staff_take_another_date_for_a_caller(client, here, there):
    editor = sign_in(client, "editor")
    one = make_registration(here, "Alice", email=None, phone="1 800 555 0142", email_key="tel:18005550142")
    page = editor.get(f"/staff/registrations/{one.public_id}")
    [link] = [found for found in parse(page).find_all("a") if "Choose another date" in text_of(found)]
    dates = editor.get(link["href"])
    assert "No letter reaches them: please tell them." in text_of(parse(dates))
    done = editor.submit(dates, "/swap", "Take this date")
    assert "This is their place now" in text_of(parse(done)) and "Tell them now" in text_of(parse(done))
    assert places() == [(here.id, "cancelled"), (there.id, "confirmed")]
    assert_true_counters(db.session.get_one(Webinar, here.id))


def test_staff_who_were_overtaken_read_why(client, here, there):
    editor = sign_in(client, "editor")
    one = make_registration(here, "Alice")
    page = editor.get(f"/staff/registrations/{one.public_id}/dates")
    fill(there, "Bob", "Carol", "Dora")
    answer = editor.submit(page, "/swap", "Take this date")
    assert "Somebody was faster" in text_of(parse(answer)) and standing("Alice") == ("confirmed", None)


def test_a_viewer_swaps_for_nobody(client, here, there):
    viewer = sign_in(client, "viewer")
    one = make_registration(here, "Alice")
    assert viewer.get(f"/staff/registrations/{one.public_id}/dates").status_code == 403
    assert "Choose another date" not in text_of(viewer.page(f"/staff/registrations/{one.public_id}"))


def test_after_a_cancellation_there_is_nothing_to_swap(client, here, there):
    make_registration(here, "Alice")
    page = dates_page(client)
    with transaction():
        service.cancel(db.session.query(Registration).one(), utc_now())
    answer = client.submit(page, "/swap", "Take this date")
    assert "This can no longer be changed" in text_of(parse(answer)) and places() == [(here.id, "cancelled")]
