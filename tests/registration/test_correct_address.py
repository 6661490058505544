"""Putting right the address that was just typed: who may, where the letter goes, and what nobody learns from it."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from tests.factories import make_registration, make_webinar
from tests.registration.deeds import assert_true_counters, registration_of, standing
from tests.registration.test_pages import database_content, manage, path, press, sign_up
from tests.support.pages import find_form, parse, text_of
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.links import keyed_hash
from webinars.mail.limits import note_proven
from webinars.mail.models import Message
from webinars.registration import corrections, links, service
from webinars.registration.models import Registration
from webinars.registration.rules import Application


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now(), capacity=4)


def correct(client, answer, email, **fields):
    return client.submit(answer, "/address", "Correct and send", email=email, **fields)


def letters():
    """Give (letter, whom it goes to) of all letters that wait, in the order in which they were owed."""
    db.session.rollback()
    found = db.session.scalars(select(Message).where(Message.state == "pending").order_by(Message.id)).all()
    to = {one.subject: one.email for one in db.session.scalars(select(Registration))}
    return [(letter.notice, to.get(letter.subject)) for letter in found]


def addresses():
    db.session.rollback()
    return sorted(db.session.scalars(select(Registration.email)))


def shape(answer):
    """Give a page without what differs by nature: ids, tokens, the address that was typed."""
    soup = parse(answer)
    links_to = [len(str(link["href"])) for link in soup.find_all("a")]
    for link in (*soup.find_all("a"), *soup.select(".print-only")):
        link.string = ""
    words = re.sub("alice|bob", "X", text_of(soup))
    forms = [str(form["action"]).rpartition("/")[2] for form in soup.find_all("form")]
    return words, forms, links_to


def test_a_slip_is_offered_to_be_put_right_and_the_place_is_taken_all_the_same(client, webinar):
    answer = sign_up(client, webinar, email="alice@gmial.com")
    words = text_of(parse(answer))
    assert standing("Alice") == ("confirmed", None)
    assert "We sent your letter to alice@gmial.com." in words
    assert "Did you mean alice@gmail.com?" in words
    assert [form["action"] for form in parse(answer).find_all("form") if "/address" in str(form["action"])]


def test_an_address_that_looks_right_is_shown_without_a_question(client, webinar):
    words = text_of(parse(sign_up(client, webinar)))
    assert "Did you mean" not in words
    assert "alice@example.org" in words and "Not right? Correct it" in words


def test_pressing_yes_sends_the_letter_to_the_right_address_and_kills_earlier_links(client, webinar):
    answer = sign_up(client, webinar, email="alice@gmial.com")
    earlier = [path(make(registration_of("Alice"))) for make in (links.manage_url, links.join_url, links.calendar_url)]
    shown = client.submit(answer, "/address", "Yes, send it there")
    alice = registration_of("Alice")
    assert (alice.email, alice.email_key, alice.state) == ("alice@gmail.com", "alice@gmail.com", "confirmed")
    assert {client.get(link).status_code for link in earlier} <= {403, 404}
    assert letters()[-1] == ("confirmation", "alice@gmail.com")
    assert "Your letter goes to alice@gmail.com now" in text_of(parse(shown))
    assert "Did you mean" not in text_of(parse(shown))
    assert alice.entered_by_staff is False, "what a visitor typed stands in no letter to an unproven address"


def test_page_says_where_the_way_in_went_when_the_address_is_put_right(client, webinar):
    shown = client.submit(sign_up(client, webinar, email="alice@gmial.com"), "/address", "Yes, send it there")
    words = text_of(parse(shown))
    assert "/join" not in shown.text and "4471" not in words
    assert "How to join and the entry for your calendar are in the new letter to alice@gmail.com" in words
    assert "what its letter says still holds" not in words, "links of the earlier letter are dead"


def test_the_letter_that_waits_for_the_wrong_address_is_not_sent_as_well(client, webinar):
    answer = sign_up(client, webinar, email="alice@gmial.com")
    before = registration_of("Alice").state_changes
    correct(client, answer, "alice@gmail.com")
    waiting = db.session.scalars(select(Message).order_by(Message.id)).all()
    assert [letter.occasion for letter in waiting] == [str(before), str(registration_of("Alice").state_changes)]
    assert waiting[0].occasion != waiting[1].occasion, "the first speaks of an earlier state and is superseded"


def test_any_other_address_can_be_typed_and_put_right_again(client, webinar):
    answer = correct(client, sign_up(client, webinar), "alice@gmial.com")
    assert "Did you mean alice@gmail.com?" in text_of(parse(answer))
    correct(client, answer, "ruth@example.org")
    assert addresses() == ["ruth@example.org"]


def test_what_is_no_address_is_explained_and_kept(client, webinar):
    answer = correct(client, sign_up(client, webinar), "alice@gmailcom")
    assert answer.status_code == 422
    assert "did you mean alice@gmail.com?" in text_of(parse(answer))
    assert parse(answer).find("input", id="email")["value"] == "alice@gmailcom"
    assert parse(answer).find("details", open=True)
    assert addresses() == ["alice@example.org"]


def test_the_same_address_again_sends_nothing(client, webinar):
    answer = sign_up(client, webinar)
    before = database_content()
    shown = correct(client, answer, " Alice@EXAMPLE.org ")
    assert "That is the address we wrote to." in text_of(parse(shown))
    assert database_content() == before


def test_who_holds_a_seat_keeps_it_while_others_wait(client, stranger, app):
    full = make_webinar(now=utc_now(), capacity=1)
    answer = sign_up(client, full, email="alice@gmial.com")
    sign_up(stranger, full, "Bob")
    correct(client, answer, "alice@gmail.com")
    assert standing("Alice") == ("confirmed", None)
    assert standing("Bob") == ("waitlisted", 1)
    assert_true_counters(db.session.merge(full))


def test_who_waits_keeps_the_place_in_line_and_gets_that_letter(client, stranger, app):
    full = make_webinar(now=utc_now(), capacity=1)
    sign_up(stranger, full, "Bob")
    answer = sign_up(client, full, email="alice@gmial.com")
    sign_up(stranger, full, "Charlie")
    correct(client, answer, "alice@gmail.com")
    assert standing("Alice") == ("waitlisted", 1)
    assert letters()[-1] == ("waitlisted", "alice@gmail.com")


# --- strangers -------------------------------------------------------------------------------------------------------


def token_of(client):
    form = find_form(parse(client.get("/my")), "/my")
    return form.find("input", attrs={"name": "csrf_token"})["value"]


def test_a_stranger_cannot_redirect_somebodys_place(client, stranger, webinar):
    answer = sign_up(client, webinar)
    before = database_content()
    data = {"csrf_token": token_of(stranger), "email": "mallory@example.org"}
    assert stranger.post(f"{answer.request.path}/address", data=data).status_code == 403
    assert database_content() == before


def test_who_signs_up_with_somebodys_name_and_address_redirects_a_place_of_their_own_only(client, stranger, webinar):
    sign_up(client, webinar)
    known = {key: getattr(registration_of("Alice"), key) for key in ("email", "link_version", "state", "state_changes")}
    correct(stranger, sign_up(stranger, webinar), "mallory@example.org")
    assert addresses() == ["alice@example.org", "mallory@example.org"]
    alice = db.session.scalars(select(Registration).where(Registration.email == "alice@example.org")).one()
    assert {key: getattr(alice, key) for key in known} == known
    assert [to for _, to in letters()] == ["alice@example.org", "mallory@example.org"]


def test_who_made_a_place_for_an_address_that_its_owner_has_proven_cannot_take_it_away(client, stranger, webinar):
    shown = sign_up(stranger, webinar)
    press(client, manage(client), "Send me the letter again")
    before = registration_of("Alice").link_version
    correct(stranger, shown, "mallory@example.org")
    assert addresses() == ["alice@example.org", "mallory@example.org"]
    alice = db.session.scalars(select(Registration).where(Registration.email == "alice@example.org")).one()
    assert (alice.state, alice.link_version) == ("confirmed", before)


def test_who_opened_the_link_is_not_offered_to_change_the_address(client, webinar):
    make_registration(webinar, "Alice")
    answer = manage(client)
    assert "Correct it" not in text_of(parse(answer))
    token = find_form(parse(answer), "/cancel").find("input", attrs={"name": "csrf_token"})["value"]
    data = {"csrf_token": token, "email": "mallory@example.org"}
    assert client.post(f"{answer.request.path}/address", data=data).status_code == 403
    assert addresses() == ["alice@example.org"]


def test_an_address_that_staff_put_right_is_not_taken_back(client, webinar):
    answer = sign_up(client, webinar, email="alice@gmial.com")
    with transaction():
        corrections.correct_address(registration_of("Alice"), "alice@gmail.com", utc_now())
    correct(client, answer, "mallory@example.org")
    assert addresses() == ["alice@gmail.com", "mallory@example.org"]


@pytest.mark.parametrize("after", ["alice@gmail.com", "somebody@example.org"])
@pytest.mark.parametrize("proven", [False, True])
def test_nothing_tells_whether_the_address_was_known(client, stranger, webinar, after, proven):
    """Alice is registered, with a proven address or not; so is somebody under the address that is typed next."""
    make_registration(webinar, "Alice", email="alice@gmial.com")
    make_registration(webinar, "Alice", email="somebody@example.org")
    for address in ("alice@gmial.com", "bob@gmial.com") if proven else ():
        with transaction():
            note_proven(keyed_hash("address", address), utc_now())
    known, unknown = (
        sign_up(client, webinar, "Alice", email="alice@gmial.com"),
        sign_up(stranger, webinar, "Bob", email="bob@gmial.com"),
    )
    assert shape(known) == shape(unknown)
    known, unknown = correct(client, known, after), correct(stranger, unknown, after)
    assert shape(known) == shape(unknown)
    for browser, page in ((client, known), (stranger, unknown)):
        again = browser.get(page.request.path)
        assert again.status_code == 200
        assert "/join" not in again.text, "the links come with the letter"
    assert shape(client.get(known.request.path)) == shape(stranger.get(unknown.request.path))


def test_who_mistyped_and_was_registered_before_holds_one_seat_and_sees_the_same_page(client, webinar):
    make_registration(webinar, "Alice", email="alice@gmail.com")
    answer = sign_up(client, webinar, email="alice@gmial.com")
    shown = correct(client, answer, "alice@gmail.com")
    assert addresses() == ["alice@gmail.com"]
    assert_true_counters(db.session.merge(webinar))
    assert "Your place is confirmed" in text_of(parse(shown))


def test_who_tries_again_with_the_same_slip_days_later_gets_the_letter_after_all(client, webinar):
    make_registration(webinar, "Alice", email="alice@gmial.com", now=utc_now() - timedelta(days=2))
    answer = sign_up(client, webinar, email="alice@gmial.com")
    client.submit(answer, "/address", "Yes, send it there")
    assert ("confirmation", "alice@gmail.com") in letters()


# --- limits ----------------------------------------------------------------------------------------------------------


def test_a_place_cannot_be_led_past_the_most_places_of_an_address(client, app):
    webinar = make_webinar(now=utc_now())
    for number in range(6):
        make_registration(webinar, f"Person {number}", email="home@example.org")
    refused = correct(client, sign_up(client, webinar), "home@example.org")
    assert "This address has 6 places already" in text_of(parse(refused))
    assert "alice@example.org" in addresses()


def test_letters_to_one_address_wait_for_their_turn_whoever_corrects(make_app, webinar):
    other = make_app(ratelimit_enabled=True)
    with other.app_context():
        for number in range(5):
            client = other.test_client()
            answer = sign_up(client, webinar, f"Person {number}", email=f"p{number}@example.org")
            correct(client, answer, "victim@example.org")
        db.session.rollback()
        now = utc_now()
        found = db.session.scalars(
            select(Message).where(Message.address_key == keyed_hash("address", "victim@example.org"))
        )
        assert sum(letter.next_attempt_at <= now for letter in found) == 3


def test_corrections_from_one_network_are_limited(make_app, webinar):
    other = make_app(ratelimit_enabled=True)
    with other.app_context():
        client = other.test_client()
        answer = sign_up(client, webinar)
        for number in range(20):
            answer = correct(client, answer, f"alice{number}@example.org")
        refused = correct(client, answer, "alice20@example.org")
        assert "Too many corrections" in text_of(parse(refused))
        assert addresses() == ["alice19@example.org"]


@pytest.mark.parametrize("fields", [{"state": "cancelled"}, {"starts_in": timedelta(hours=-3)}])
def test_nothing_is_put_right_at_a_webinar_that_is_called_off_or_over(client, webinar, fields):
    answer = sign_up(client, webinar)
    with transaction():
        found = db.session.merge(webinar)
        if "state" in fields:
            found.state = "cancelled"
        else:
            found.starts_at, found.ends_at = utc_now() - timedelta(hours=3), utc_now() - timedelta(hours=2)
    refused = correct(client, answer, "ruth@example.org")
    assert addresses() == ["alice@example.org"]
    assert "Where your letter goes" not in text_of(parse(refused))


def test_a_cancelled_sign_up_is_not_sent_anywhere(client, webinar):
    answer = sign_up(client, webinar)
    cancelled = press(client, answer, "Cancel my place")
    assert "Correct it" not in text_of(parse(cancelled))
    correct(client, answer, "ruth@example.org")
    assert addresses() == ["alice@example.org"]


def test_only_what_this_browser_typed_is_shown(client, stranger, webinar):
    make_registration(webinar, "Alice", email="Alice.Private@Example.org")
    page = sign_up(stranger, webinar, email="alice.private@example.org")
    assert "Alice.Private" not in page.text
    assert "alice.private@example.org" in page.text


def test_the_cookie_fits_into_a_browser_after_many_long_forms(client, app):
    webinar = make_webinar(now=utc_now())
    for number in range(8):
        name, local = "Ñ" * 190 + f" {number}", f"{number}" + "abcdefghijklmnop"[number:] + "x" * 40
        answer = sign_up(client, webinar, name, email=f"{local}@{'a' * 60}.{'b' * 60}.{'c' * 60}.example")
        assert answer.status_code == 200
        cookie = client.get_cookie("places")
        assert cookie is not None and len(cookie.value) < 4000
        assert client.get(answer.request.path).status_code == 200


# --- staff -----------------------------------------------------------------------------------------------------------


def test_staff_who_register_a_caller_are_asked_and_correct_it_with_one_press(client, webinar):
    editor = sign_in(client, "editor")
    page = editor.get(f"/staff/webinars/{webinar.slug}/registrations/new")
    token = parse(page).find("input", attrs={"name": "csrf_token"})["value"]
    given = {"name": "Alice", "email": "alice@gmial.com", "mode": "live", "time_zone": "UTC", "language": "en"}
    registered = editor.post(page.request.path, data=given | {"csrf_token": token}, follow_redirects=True)
    assert standing("Alice") == ("confirmed", None), "asking forces nobody"
    assert "Did you mean alice@gmail.com? Then correct the address here." in text_of(parse(registered))
    corrected = editor.submit(registered, "/address", "Yes, send it there")
    assert addresses() == ["alice@gmail.com"]
    assert "Did you mean" not in text_of(parse(corrected))


def test_staff_are_not_asked_about_an_address_that_looks_right(client, webinar):
    alice = make_registration(webinar, "Alice")
    page = sign_in(client, "editor").page(f"/staff/registrations/{alice.public_id}")
    assert "Did you mean" not in text_of(page)


def test_who_registers_after_an_erased_twin_gets_a_letter_of_their_own(webinar):
    """The outbox names people by number: a number that was given again would have had its letter already."""
    make_registration(webinar, "Alice", email="alice@gmail.com")
    with transaction():
        twin = service.register(webinar.id, Application("Alice", "alice@gmial.com"), utc_now()).registration
        wrong = twin.subject
    with transaction() as session:
        session.execute(update(Message).values(state="sent"))
    with transaction() as session:
        shown = session.scalars(select(Registration).filter_by(email="alice@gmial.com")).one()
        corrections.correct_sign_up(shown, "Alice", "alice@gmial.com", "alice@gmail.com", utc_now())
    with transaction():
        bob = service.register(webinar.id, Application("Bob", "bob@example.org"), utc_now()).registration.subject
    assert bob != wrong
    assert ("confirmation", "bob@example.org") in letters()
