"""Everything held about me, and erase me: by who opened the link to "my webinars", and by nobody else."""

import json

import pytest
from sqlalchemy import select, text

from tests.factories import make_registration, make_user, make_webinar
from tests.site.test_privacy import fill
from tests.support.pages import find_form, parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.live.models import Attendance
from webinars.mail.classes import MailClass, leave, list_of
from webinars.mail.models import Address, Inbound, Message, Unsubscription
from webinars.registration import feed, links
from webinars.registration.models import Registration
from webinars.site import privacy, told


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now(), capacity=1)


def open_my(client, place):
    address = links.my_url(place, utc_now()).partition("127.0.0.1:8000")[2]
    return client.get(address, follow_redirects=True)


def letter_from_alice(place):
    with transaction() as session:
        told_us = {"sender": "alice@example.org", "title": "Help", "text": "I am lost", "kind": "letter"}
        row = {"digest": "d", "received_at": utc_now(), **told_us}
        session.add(Inbound(subject=place.subject, **row))
        leave(place.address_key, MailClass.NEWS, list_of(place.webinar.series_id), utc_now())


def test_everything_held_is_read_in_plain_words(client, webinar):
    alice = fill(webinar)
    letter_from_alice(alice)
    page = client.get(
        next(a["href"] for a in parse(open_my(client, alice)).find_all("a") if "hold about me" in text_of(a))
    )
    words = text_of(parse(page).find(id="main"))
    of_places = (
        "Alice",
        "Alina",
        webinar.title,
        "Eastern time",
        "Online, live",
        "You pressed Join",
        "Told to a program",
    )
    of_letters = ("Confirmation with invitation", "I am lost", "News and announcements", "Side Effects")
    for said in ("alice@example.org", "Shown to be yours", *of_places, *of_letters):
        assert said in words
    assert "Bob" not in words
    assert page.headers["Cache-Control"] == "no-store" and "noindex" in page.headers["X-Robots-Tag"]


def test_the_file_holds_the_same_with_instants_and_without_what_means_nothing(client, webinar):
    alice = fill(webinar)
    letter_from_alice(alice)
    open_my(client, alice)
    answer = client.get("/my/data.json")
    found = json.loads(answer.text)
    first = found["places"][0]
    assert first["webinar"]["starts_at"].endswith("Z") and first["registered_at"].endswith("Z")
    assert (first["name"], first["state"], first["takes_part"], first["reference"]) == (
        "Alice", "confirmed", "live", alice.public_id,
    )  # fmt: skip
    assert [one["letter"] for one in first["letters"]] == ["confirmation"]
    assert found["other_letters"][0]["letter"] == "link" and found["letters_stopped"][0]["series"] == "Side Effects"
    assert not {"id", "email_key", "uid", "link_version", "told_sequence", "claim_token"} & {
        *first,
        *first["letters"][0],
    }
    assert answer.headers["Cache-Control"] == "no-store" and "attachment" in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("model", [Registration, Message, Inbound, Attendance, Address, Unsubscription])
def test_whatever_a_table_holds_has_a_name_on_the_page_or_means_nothing_to_people(model):
    held = {column.key: "something" for column in model.__table__.columns}
    held["feed_version"] = 1
    nameless = [name for name, _value in told._facts(held) if name not in told._LABELS]
    assert nameless == []


def test_a_column_that_comes_later_is_told_until_somebody_says_that_it_means_nothing():
    assert dict(told._facts({"id": 1, "public_id": "x", "shoe_size": 42})) == {"reference": "x", "shoe_size": 42}


@pytest.mark.parametrize("address", ["/my/data", "/my/data.json", "/my/erase"])
def test_a_stranger_reads_nothing_and_whoever_only_opened_one_place_neither(client, webinar, address):
    alice = fill(webinar)
    assert client.get(address).status_code == 403
    client.get(links.manage_url(alice).partition("127.0.0.1:8000")[2])
    answer = client.get(address)
    assert answer.status_code == 403 and "alice" not in answer.text.lower()


def test_a_letter_about_a_place_is_told_once(client, webinar):
    page = client.get(f"/webinars/{webinar.slug}")
    client.submit(page, "/register", name="Alice", email="alice@example.org")
    found = told.as_file(privacy.held("alice@example.org"))
    assert [one["letter"] for one in found["places"][0]["letters"]] == ["confirmation"] and "other_letters" not in found


def test_a_stranger_erases_nobody(client, webinar):
    alice = fill(webinar)
    token = find_form(parse(client.get("/my")), "/my").find("input", attrs={"name": "csrf_token"})["value"]
    client.get(links.manage_url(alice).partition("127.0.0.1:8000")[2])
    assert client.post("/my/erase", data={"csrf_token": token}).status_code == 403
    assert db.session.query(Registration).count() == 3


def test_the_page_before_erasing_says_what_follows_and_changes_nothing(client, webinar):
    alice = fill(webinar)
    page = open_my(client, alice)
    page = client.get(next(a["href"] for a in parse(page).find_all("a") if text_of(a) == "Erase me"))
    words = text_of(parse(page))
    assert "You give up these 2 places" in words and webinar.title in words and "Entries in your calendar stay" in words
    assert "Backup copies" in words and db.session.query(Registration).count() == 3


def test_who_only_waits_is_told_nothing_of_calendars(client, webinar):
    make_registration(webinar, "Bob")
    open_my(client, make_registration(webinar, "Alice", state="waitlisted"))
    words = text_of(parse(client.get("/my/erase")))
    assert "You give up this place:" in words and "Entries in your calendar stay" not in words


def test_erasing_leaves_nothing_gives_the_seat_on_and_closes_the_door(client, webinar):
    alice = fill(webinar)
    letter_from_alice(alice)
    with transaction():
        feed.make(alice.email_key, utc_now())
    open_my(client, alice)
    done = client.submit(client.get("/my/erase"), "/my/erase", "Erase everything about me")
    assert done.status_code == 200 and "Everything about you is erased" in text_of(parse(done))
    db.session.expire_all()
    assert [(one.name, one.state) for one in db.session.scalars(select(Registration))] == [("Bob", "confirmed")]
    assert not any(
        privacy.held("alice@example.org")[kind] for kind in privacy.held("x@example.org") if kind != "address"
    )
    assert [one.notice for one in db.session.scalars(select(Message))] == ["promoted"], "and no letter follows to Alice"
    for address in ("/my/data", "/my/erase"):
        assert client.get(address).status_code == 403
    everything = json.dumps([list(map(str, row)) for row in db.session.execute(text("SELECT * FROM audit_entries"))])
    assert "alice" not in everything.lower()


def test_an_old_page_whose_links_were_revoked_erases_nothing(client, webinar):
    alice = fill(webinar)
    open_my(client, alice)
    page = client.get("/my/erase")
    with transaction() as session:
        session.get_one(Registration, alice.id).link_version += 1
    assert client.submit(page, "/my/erase").status_code == 403
    assert db.session.query(Registration).count() == 3


def test_a_member_of_staff_reads_of_the_account_and_keeps_it(client, webinar):
    make_user("alice@example.org")
    open_my(client, fill(webinar))
    assert "Your staff account" in text_of(parse(client.get("/my/data")))
    client.submit(client.get("/my/erase"), "/my/erase")
    assert privacy.held("alice@example.org")["staff_account"]["roles"] == ["owner"]


@pytest.mark.parametrize("address", ["/my/data", "/my/data.json", "/my/erase"])
def test_reading_costs_the_same_number_of_queries_for_one_and_three(client, webinar, address):
    open_my(client, make_registration(webinar, "Alice"))
    client.get(address)
    with sent_queries() as one:
        client.get(address)
    for name in ("Alice C", "Alice D"):
        make_registration(make_webinar(now=utc_now()), name, email="alice@example.org")
    with sent_queries() as three:
        client.get(address)
    assert len(one) == len(three)


def test_everything_is_said_in_spanish_too(client, webinar):
    open_my(client, fill(webinar))
    for address in ("/es/my/data", "/es/my/erase"):
        assert client.get(address).status_code == 200
