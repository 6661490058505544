"""What staff do at the delivery desk about letters that wait or failed: one arrives, and the books are closed."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import make_registration, make_webinar
from tests.notices.missing import GONE, letter, names, person, refused, token
from tests.support.pages import find_form, parse, text_of
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import outbox
from webinars.mail import queries as mail
from webinars.mail.events import letters_sent
from webinars.mail.letters import Sent
from webinars.mail.models import Message
from webinars.notices import desk, desk_service
from webinars.registration import corrections, queries, service

A_MOMENT = timedelta(minutes=1)


@pytest.fixture
def soon(app):
    return make_webinar(now=utc_now(), starts_in=timedelta(hours=2))


def held(webinar, name="Eva", minutes=56, **fields):
    """Let somebody's confirmation wait because many letters were asked for at the address."""
    before = utc_now() - A_MOMENT
    place = make_registration(webinar, name, now=before, answered_at=before)
    leaves = utc_now() + timedelta(minutes=minutes)
    values = {"created_at": before, "next_attempt_at": leaves, "address_key": place.address_key} | fields
    letter(place, state="pending", **values)
    return place


def waiting(name):
    db.session.rollback()
    found = db.session.scalars(sa.select(Message).filter_by(subject=person(name).subject, state="pending"))
    return [(one.notice, one.next_attempt_at <= utc_now()) for one in found.all()]


def states(name):
    db.session.rollback()
    found = sa.select(Message).filter_by(subject=person(name).subject).order_by(Message.id)
    return [(one.notice, one.state) for one in db.session.scalars(found)]


def arrives(name, notice):
    """Let the mail server take somebody's waiting letter of a kind."""
    with transaction() as session:
        theirs = sa.update(Message).filter_by(subject=person(name).subject, notice=notice, state="pending")
        session.execute(theirs.values(state="sent", sent_at=utc_now(), attempts=1))
        letters_sent.send([Sent(person(name).subject, (None, None, False))], now=utc_now())


# --- letters that are held back ---------------------------------------------------------------------------------------


def test_a_letter_that_is_held_back_leaves_at_once_and_only_once(client, soon):
    held(soon)
    browser = sign_in(client, "editor")
    page = browser.submit(browser.page("/staff/delivery"), "/resend", "Send it now")
    assert "The letter is on its way to Eva." in text_of(parse(page))
    assert waiting("Eva") == [("repeated", True)], "the held one would come a second time, perhaps after the start"
    assert names(utc_now()) == []


def test_pressing_again_before_it_left_makes_no_second_letter(soon):
    held(soon)
    for _press in range(2):
        with transaction():
            desk_service.resend(person("Eva"), utc_now())
    assert waiting("Eva") == [("repeated", True)]


@pytest.mark.parametrize(
    ("state", "minutes", "refused_"), [("sent", 1, True), ("sent", 6, False), ("sending", 1, True)]
)
def test_only_a_letter_that_really_left_makes_staff_wait(client, soon, state, minutes, refused_):
    eva = held(soon)
    letter(eva, state=state, created_at=utc_now(), sent_at=utc_now() - timedelta(minutes=minutes))
    browser = sign_in(client, "editor")
    page = browser.submit(browser.page(f"/staff/registrations/{eva.public_id}"), "/resend")
    assert ("A letter went out a moment ago" in text_of(parse(page))) is refused_
    assert [notice for notice, _now in waiting("Eva")] == (["confirmation"] if refused_ else ["repeated"])


def test_a_letter_that_came_back_makes_nobody_wait(soon):
    refused(soon)
    with transaction() as session:
        session.execute(sa.update(Message).values(sent_at=utc_now(), created_at=utc_now()))
        desk_service.resend(person("Alice"), utc_now())
    assert waiting("Alice") == [("repeated", True)]


def test_a_letter_about_an_earlier_place_makes_nobody_wait(soon):
    eva = held(soon)
    letter(eva, "own-cancellation", created_at=utc_now() - timedelta(minutes=2), sent_at=utc_now())
    with transaction():
        desk_service.resend(person("Eva"), utc_now())
    assert waiting("Eva") == [("repeated", True)]


def test_visitors_still_wait_for_five_minutes(soon):
    held(soon)
    with transaction():
        assert not service.resend(person("Eva"), utc_now())
    assert waiting("Eva") == [("confirmation", False)]


def test_who_got_the_letter_again_is_off_the_list_although_a_reminder_is_still_tried(soon):
    alice = make_registration(soon, "Alice", now=utc_now())
    soon_again = utc_now() + A_MOMENT
    letter(alice, "reminder", "pending", attempts=2, next_attempt_at=soon_again, last_error="451 later")
    assert names(utc_now()) == ["Alice"]
    with transaction():
        desk_service.resend(person("Alice"), utc_now())
    assert names(utc_now()) == []
    arrives("Alice", "repeated")
    assert names(utc_now()) == []


# --- addresses --------------------------------------------------------------------------------------------------------


def test_the_same_address_is_no_correction(client, soon):
    refused(soon)
    browser = sign_in(client, "editor")
    page = browser.submit(browser.page("/staff/delivery"), "/address", "Correct and send", email="Alice@example.org")
    assert "That is the same address." in text_of(parse(page))
    assert waiting("Alice") == [] and names(utc_now()) == ["Alice"]


def test_a_slip_in_the_new_address_is_asked_about_and_what_is_meant_is_one_press_away(client, soon):
    refused(soon)
    browser = sign_in(client, "editor")
    asked = browser.submit(browser.page("/staff/delivery"), "/address", "Correct and send", email="alice@gmial.com")
    assert "Did you mean alice@gmail.com? Nothing was sent yet." in text_of(parse(asked))
    assert parse(asked).find("input", attrs={"type": "email"})["value"] == "alice@gmial.com"
    assert person("Alice").email == "alice@example.org"
    browser.submit(asked, "/address", "Yes, send it there")
    assert person("Alice").email == "alice@gmail.com"


def test_who_is_sure_of_an_unusual_address_may_use_it(client, soon):
    refused(soon)
    browser = sign_in(client, "editor")
    asked = browser.submit(browser.page("/staff/delivery"), "/address", "Correct and send", email="alice@gmial.com")
    browser.submit(asked, "/address", "No, it is right as I typed it")
    assert person("Alice").email == "alice@gmial.com"
    assert waiting("Alice") == [("repeated", True)]


def test_a_slip_is_asked_about_also_when_a_letter_has_reached_them_meanwhile(client, soon):
    alice = refused(soon)
    browser = sign_in(client, "editor")
    page = browser.page("/staff/delivery")
    letter(alice)
    asked = browser.submit(page, "/address", "Correct and send", email="alice@gmial.com")
    assert "Did you mean alice@gmail.com?" in text_of(parse(asked))
    assert person("Alice").email == "alice@example.org"


# --- telephone --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("phone", ["", "800 555 0142"])
def test_calling_is_advised_only_where_a_number_is_known(client, soon, phone):
    refused(soon, phone=phone)
    page = sign_in(client, "editor").page("/staff/delivery")
    words = text_of(page.find("main"))
    assert bool(re.search(r"\bcall\b", words, re.IGNORECASE)) is bool(phone)
    assert ("I told them by phone" in words) is bool(phone)
    assert "Correct the address" in words


def test_who_left_neither_address_nor_number_can_be_given_an_address(client, soon):
    make_registration(soon, "Alice", email=None, now=utc_now())
    page = sign_in(client, "editor").page("/staff/delivery")
    assert "Enter an address as soon as you know one." in text_of(page)
    button = find_form(page, "/address").find("button")
    assert "primary" in button["class"]


# --- closing the books ------------------------------------------------------------------------------------------------


def test_a_correction_settles_the_letter_that_failed_everywhere(client, soon):
    refused(soon)
    browser = sign_in(client, "editor")
    assert "1 letter did not arrive." in text_of(browser.page("/staff/"))
    with transaction():
        corrections.correct_address(person("Alice"), "right@example.org", utc_now())
    db.session.rollback()
    assert mail.status(utc_now()).failed == 0 and queries.count_failed(soon.id) == 0
    assert "did not arrive" not in text_of(browser.page("/staff/"))
    assert "Try again" not in text_of(browser.page("/staff/mail/"))
    seen = text_of(browser.page(f"/staff/registrations/{person('Alice').public_id}"))
    assert "replaced by a later letter" in seen and GONE in seen, "what the server said stays to be read"


def test_a_letter_that_was_settled_meanwhile_is_not_tried_again(soon):
    alice = refused(soon)
    number = db.session.scalars(sa.select(Message.id)).one()
    with transaction():
        desk_service.resend(person("Alice"), utc_now())
    with transaction():
        assert outbox.retry(utc_now(), [number]) == 0
    assert states(alice.name) == [("confirmation", "superseded"), ("repeated", "pending")]


@pytest.mark.parametrize(
    ("lost", "later", "settled"),
    [
        ("confirmation", "reminder", True),
        ("confirmation", "moved", True),
        ("reminder", "repeated", True),
        ("moved", "repeated", True),
        ("moved", "reminder", False),
        ("cancelled", "reminder", False),
        ("confirmation", "announcement", False),
        ("announcement", "reminder", False),
        ("recording-ready", "reminder", False),
    ],
)
def test_a_later_letter_that_arrives_settles_what_it_says_as_well(soon, lost, later, settled):
    alice = refused(soon, notice=lost)
    letter(alice, later, "pending", created_at=utc_now())
    arrives("Alice", later)
    assert states("Alice") == [(lost, "superseded" if settled else "failed"), (later, "sent")]


def test_nothing_is_settled_by_what_came_before_or_went_to_others(soon):
    letter(make_registration(soon, "Bob", now=utc_now()), state="pending")
    alice = make_registration(soon, "Alice", now=utc_now())
    letter(alice)
    letter(alice, "reminder", "failed")
    arrives("Bob", "confirmation")
    with transaction():
        letters_sent.send([Sent(person("Alice").subject, (None, None, False))], now=utc_now())
    assert states("Alice") == [("confirmation", "sent"), ("reminder", "failed")]


def test_of_a_webinar_that_was_called_off_a_correction_keeps_that_letter(app):
    off = make_webinar(now=utc_now(), starts_in=timedelta(days=1), state="cancelled")
    refused(off, notice="cancelled")
    with transaction():
        desk_service.correct(person("Alice"), "right@example.org", utc_now())
    assert ("cancelled", True) in waiting("Alice")


def test_there_is_nothing_to_send_again_of_what_was_called_off_and_told(client, app):
    off = make_webinar(now=utc_now(), starts_in=timedelta(days=1), state="cancelled")
    alice = refused(off, notice="cancelled")
    browser = sign_in(client, "editor")
    page = browser.get("/staff/delivery")
    with transaction() as session:
        session.execute(sa.update(Message).values(state="sent"))
    path = f"/staff/delivery/registrations/{alice.public_id}/resend"
    answer = browser.post(path, data=token(page), follow_redirects=True)
    assert "There is no letter to send again." in text_of(parse(answer))
    assert "Please call" not in answer.text


def test_the_webinars_page_counts_a_settled_letter_as_failed_no_more(client, soon):
    refused(soon)
    with transaction():
        desk_service.resend(person("Alice"), utc_now())
    assert desk.count_of(soon, utc_now()) == 0
    page = sign_in(client, "editor").page(f"/staff/webinars/{soon.slug}")
    assert "did not arrive" not in text_of(page)
