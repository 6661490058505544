"""The delivery desk: what staff see and do about it, and what it costs to know."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.factories import NOW, make_registration, make_webinar
from tests.mail.test_plans import gather_statistics
from tests.notices.missing import GONE, bounce, letter, names, person, refused, token
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries, sent_with_values, steps_about
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.links import address_key
from webinars.mail.models import Address, Message
from webinars.notices import desk, desk_service
from webinars.registration import corrections
from webinars.registration.models import Registration


@pytest.fixture
def webinar(app):
    return make_webinar(starts_in=timedelta(days=3))


@pytest.fixture
def soon(app):
    return make_webinar(now=utc_now(), starts_in=timedelta(days=3))


def test_desk_shows_who_why_and_what_to_do(client, soon):
    refused(soon, email="alice@gmial.com", phone="800 555 0142")
    page = sign_in(client, "editor").page("/staff/delivery")
    words = text_of(page)
    assert "1 person will miss the link for" in words
    assert "The address looks mistyped: nobody takes mail at gmial.com." in words
    assert page.find("a", href="tel:8005550142")
    assert page.find("input", attrs={"name": "email"})["value"] == "alice@gmail.com"
    assert page.find("a", attrs={"aria-current": "page"}, href="/staff/delivery")


def test_desk_says_so_when_everybody_can_be_reached(client):
    assert "Everybody can be reached" in text_of(sign_in(client, "editor").page("/staff/delivery"))


def test_correcting_sends_the_letter_to_the_right_address_and_takes_them_off_the_list(client, soon):
    refused(soon, email="alice@gmial.com")
    browser = sign_in(client, "editor")
    page = browser.submit(browser.page("/staff/delivery"), "/address", "Correct and send")
    assert "Everybody can be reached" in text_of(parse(page))
    alice = person("Alice")
    assert alice.email == "alice@gmail.com"
    waiting = db.session.scalars(sa.select(Message).filter_by(subject=alice.subject, state="pending")).one()
    assert (waiting.notice, waiting.address_key) == ("repeated", None), "what staff send is never held back"


def test_correcting_to_what_is_no_address_keeps_what_was_typed(client, soon):
    refused(soon)
    browser = sign_in(client, "editor")
    page = browser.submit(browser.page("/staff/delivery"), "/address", email="alice@gmailcom")
    assert page.status_code == 422
    assert "did you mean alice@gmail.com?" in text_of(parse(page))
    assert parse(page).find("input", attrs={"name": "email"})["value"] == "alice@gmailcom"
    assert person("Alice").email == "alice@example.org"


def test_correcting_to_the_address_of_a_namesake_is_refused(client, soon):
    refused(soon)
    make_registration(soon, "Alice", email="other@example.org")
    browser = sign_in(client, "editor")
    page = browser.submit(browser.page("/staff/delivery"), "/address", email="other@example.org")
    assert "is registered for this webinar already" in text_of(parse(page))


def test_a_full_mailbox_gets_the_letter_again_as_it_is(client, soon):
    refused(soon, words="552 5.2.2 mailbox full")
    browser = sign_in(client, "editor")
    page = browser.submit(browser.page("/staff/delivery"), "/resend", "Send it again")
    assert "The letter is on its way to Alice." in text_of(parse(page))
    assert names(utc_now()) == []


def test_sending_again_trusts_the_address_once_more(soon):
    alice = refused(soon)
    bounce("alice@example.org", utc_now())
    with transaction():
        desk_service.resend(person("Alice"), utc_now())
    assert db.session.get(Address, address_key(alice.email_key)).bounced_at is None


def test_who_was_told_by_telephone_is_off_the_list_until_the_webinar_changes(client, soon):
    make_registration(soon, "Alice", email=None, phone="800 555 0142", now=utc_now())
    browser = sign_in(client, "editor")
    page = browser.submit(browser.page("/staff/delivery"), "/told", "I told them by phone")
    assert "Noted: Alice was told by telephone." in text_of(parse(page))
    assert names(utc_now()) == []
    entry = db.session.scalars(sa.select(AuditEntry).filter_by(action=desk.TOLD)).one()
    assert (entry.object_id, entry.after) == (person("Alice").public_id, {"sequence": 0})
    assert entry.actor.startswith("staff:") and "Alice" not in str([entry.note, entry.before, entry.after])
    with transaction():
        person("Alice").webinar.sequence += 1
    assert names(utc_now()) == ["Alice"]


def test_a_letter_that_fails_after_the_call_does_not_ask_for_another_call(soon):
    alice = refused(soon)
    with transaction():
        desk_service.note_told(person("Alice"), utc_now())
    letter(alice, "reminder", "failed")
    assert names(utc_now()) == []


def test_removing_somebody_is_an_editors_and_asks_first(client, soon):
    refused(soon)
    assert "Cancel this place" not in text_of(sign_in(client, "viewer").page("/staff/delivery").find("main"))
    editor = sign_in(client.application.test_client(), "editor")
    link = editor.page("/staff/delivery").find("a", href=lambda one: one and one.endswith("/cancel"))
    asked = editor.get(link["href"])
    assert person("Alice").active
    editor.post(link["href"], data=token(asked))
    assert not person("Alice").active
    assert names(utc_now()) == []


def test_a_viewer_sees_the_list_and_no_buttons(client, soon):
    refused(soon)
    page = sign_in(client, "viewer").page("/staff/delivery")
    assert "Alice" in text_of(page)
    assert not page.find("main").find_all("form")


@pytest.mark.parametrize("deed", ["resend", "address"])
def test_of_a_webinar_that_was_called_off_that_letter_is_sent_again(client, app, deed):
    off = make_webinar(now=utc_now(), starts_in=timedelta(days=1), state="cancelled")
    refused(off, notice="cancelled", words="552 5.2.2 mailbox full" if deed == "resend" else GONE)
    browser = sign_in(client, "editor")
    page = browser.page("/staff/delivery")
    assert "1 person does not know that it was called off" in text_of(page)
    browser.submit(page, f"/{deed}", email="right@example.org")
    again = db.session.scalars(sa.select(Message).filter_by(notice="cancelled")).one()
    assert again.state == "pending"
    assert names(utc_now()) == []


def test_an_unknown_person_is_not_found(client, soon):
    refused(soon)
    browser = sign_in(client, "editor")
    data = token(browser.get("/staff/delivery"))
    for deed in ("address", "resend", "told"):
        answer = browser.post(f"/staff/delivery/registrations/nobody/{deed}", data=data | {"email": "a@example.org"})
        assert answer.status_code == 404


# --- where it is said -------------------------------------------------------------------------------------------------


def test_today_and_the_webinars_page_say_it_with_a_link(client, soon):
    browser = sign_in(client, "editor")
    assert "will miss" not in text_of(browser.page("/staff/"))
    refused(soon)
    refused(soon, "Bob")
    for path in ("/staff/", f"/staff/webinars/{soon.slug}"):
        page = browser.page(path)
        assert "2 people will miss the link for" in text_of(page), path
        link = page.find("a", href=f"/staff/delivery#webinar-{soon.id}")
        assert link and browser.get("/staff/delivery").status_code == 200
    assert "All is well" not in text_of(browser.page("/staff/"))


# --- what it costs ----------------------------------------------------------------------------------------------------


def fill(number: int) -> None:
    place = make_registration(make_webinar(starts_in=timedelta(days=number)), f"Person {number}")
    letter(place, state="failed")
    bounce(f"person.{number}@example.org")


def test_the_number_of_queries_does_not_grow(app):
    fill(1)
    with sent_queries() as one:
        assert len(names()) == 1
    fill(2)
    fill(3)
    with sent_queries() as three:
        assert len(names()) == 3
    assert len(one) == len(three) <= 6


def test_letters_that_arrived_are_not_read(app):
    """Of thousands of letters sent, only what failed or waits is looked at, each time by an index."""
    webinar = make_webinar(starts_in=timedelta(hours=1))
    numbers = sa.select(sa.literal(1).label("n")).cte("numbers", recursive=True)
    numbers = numbers.union_all(sa.select(numbers.c.n + 1).where(numbers.c.n < 4000))
    n = sa.cast(numbers.c.n, sa.String)
    text = sa.String()
    with transaction() as session:
        place = make_place(webinar, numbers, n)
        session.execute(sa.insert(Registration).from_select(list(place), sa.select(*place.values())))
        rows = {
            "notice": sa.literal("confirmation"), "subject": "r" + sa.cast(Registration.id, text),
            "occasion": sa.literal("1"), "about": sa.literal(f"w{webinar.id}"),
            "created_at": sa.literal(NOW, Message.created_at.type),
            "next_attempt_at": sa.literal(NOW, Message.created_at.type), "message_id": sa.literal("<x@y>"),
            "reference": sa.cast(Registration.id, text), "state": sa.literal("sent"),
        }  # fmt: skip
        session.execute(sa.insert(Message).from_select(list(rows), sa.select(*rows.values())))
        some = sa.select(sa.func.min(Message.id)).scalar_subquery()
        session.execute(sa.update(Message).where(Message.id < some + 5).values(state="failed", last_error=GONE))
    gather_statistics()
    with sent_with_values() as sent:
        assert [miss.count for miss in desk.overview(NOW)] == [5]
    read = steps_about("messages", sent)
    assert len(read) >= 4
    assert [step for step in read if "SCAN messages" in step or "Seq Scan on messages" in step] == []


def make_place(webinar, numbers, n):
    return {
        "public_id": n, "webinar_id": sa.literal(webinar.id), "name": n, "name_key": n, "email": n + "@example.org",
        "email_key": n + "@example.org", "address_key": n, "uid": n,
        "state": sa.literal("confirmed"), "time_zone": sa.literal("UTC"),
        "state_since": sa.literal(NOW, Message.created_at.type), "created_at": sa.literal(NOW, Message.created_at.type),
    }  # fmt: skip


def test_staff_who_correct_elsewhere_take_them_off_as_well(webinar):
    letter(make_registration(webinar, "Alice"), state="failed")
    with transaction():
        corrections.correct_address(person("Alice"), "right@example.org", NOW)
    assert names() == []
