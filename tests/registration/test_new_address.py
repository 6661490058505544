"""Somebody has another mailbox now: they say so behind the link to the old one, and press a button in the new one."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from tests.factories import make_registration, make_webinar
from tests.registration.deeds import registration_of
from tests.registration.test_details import manage
from tests.registration.test_race import together
from tests.support.pages import find_form, form_data, parse, text_of
from tests.support.queries import sent_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.errors import UserError
from webinars.core.links import address_key
from webinars.core.logs import scrub
from webinars.mail.classes import MailClass, find_left, leave, list_of
from webinars.mail.limits import is_proven
from webinars.mail.models import Message
from webinars.notices.prepare import prepare
from webinars.registration import address_changes, links
from webinars.registration.models import AddressChange, Registration
from webinars.site import privacy, retention

NEW = "alice@new.example"


@pytest.fixture
def webinar(app):
    return make_webinar(now=utc_now())


def path(url):
    return url.partition("127.0.0.1:8000")[2]


def ask(client, email=NEW, name="Alice"):
    return client.submit(manage(client, name), "/new-address", email=email)


def open_my(client, name="Alice"):
    return client.get(path(links.my_url(registration_of(name), utc_now())), follow_redirects=True)


def letters(notice):
    """Write the letters of a kind that are owed, as the worker would."""
    db.session.expire_all()
    owed = db.session.query(Message).filter_by(notice=notice).order_by(Message.id).all()
    return [make() for make in prepare(owed, utc_now())]


def link_of(letter):
    return path(next(line for line in str(letter.text).splitlines() if "/my/address/" in line))


def press(client):
    [letter] = letters("new-address")
    page = client.get(link_of(letter), follow_redirects=True)
    return client.submit(page, "/my/address")


def test_the_button_behind_the_letter_makes_the_address_theirs(client, webinar):
    alice = make_registration(webinar, "Alice")
    old = links.token_for(links.MANAGE, alice)
    asked = ask(client)
    assert f"We write to {NEW}" in text_of(parse(asked)) and registration_of("Alice").email == "alice@example.org"
    done = press(client)
    alice = registration_of("Alice")
    assert "Done. Your letters go to the new address" in text_of(parse(done))
    assert done.request.path == f"/registrations/{alice.public_id}" and "Your place is confirmed" in done.text
    assert (alice.email, alice.email_key, is_proven(alice.address_key)) == (NEW, NEW, True)
    assert not links.opens(links.MANAGE, old, alice)
    assert db.session.query(AddressChange).count() == 0


def test_the_new_address_gets_the_invitation_and_the_old_one_a_note_that_names_nobody(client, webinar):
    make_registration(webinar, "Alice")
    ask(client)
    press(client)
    [invitation], [note] = letters("repeated"), letters("address-changed")
    assert invitation.to_address == NEW and invitation.calendar.method == "REQUEST"
    assert note.to_address == "alice@example.org" and note.calendar.method == "CANCEL"
    assert NEW not in note.calendar.ics.decode() and "Alice" not in note.calendar.ics.decode()
    for part in (str(note.text), str(note.html), note.subject):
        assert NEW not in part and "Alice" not in part and webinar.title not in part


def test_the_letter_to_an_address_that_nobody_proved_holds_nothing_that_was_typed(client, webinar):
    make_registration(webinar, "Alice Buy-Pills")
    ask(client, name="Alice Buy-Pills")
    [letter] = letters("new-address")
    assert letter.to_address == NEW
    for part in (str(letter.text), str(letter.html), letter.subject):
        assert "Pills" not in part and NEW not in part and "alice@" not in part and webinar.title not in part


def test_discreet_letters_of_a_change_name_no_organisation(client, webinar):
    make_registration(webinar, "Alice", discreet=True, language="es")
    ask(client)
    question = letters("new-address")
    press(client)
    [one], [other] = question, letters("address-changed")
    for letter in (one, other):
        assert letter.discreet and letter.sender_name == "Citas" and letter.language == "es"


def test_looking_changes_nothing_and_shows_what_the_button_does(client, webinar):
    make_registration(webinar, "Alice")
    ask(client)
    [letter] = letters("new-address")
    answer = client.get(link_of(letter), follow_redirects=True)
    words = text_of(parse(answer))
    assert answer.request.path == "/my/address" and NEW in words and webinar.title in words
    client.head(link_of(letter))
    assert registration_of("Alice").email == "alice@example.org"


@pytest.mark.parametrize("known", [True, False])
def test_asking_answers_the_same_whether_or_not_the_address_is_known(client, webinar, known):
    make_registration(webinar, "Alice")
    if known:
        make_registration(webinar, "Alice", email=NEW, name_key="somebody else")
        db.session.query(Registration).filter_by(email=NEW).one().name = "Alicia"
        db.session.commit()
    words = text_of(parse(ask(client)).find(id="main"))
    assert f"We write to {NEW}. Open the link in that letter within a day" in words
    assert len(letters("new-address")) == 1


def test_a_place_that_the_new_address_has_under_the_same_name_is_refused_behind_the_button(client, webinar):
    make_registration(webinar, "Alice")
    ask(client)
    make_registration(webinar, "ALICE", email=NEW)
    answer = press(client)
    assert "Somebody with this name and address is registered" in text_of(parse(answer))
    assert registration_of("Alice").email == "alice@example.org"


def test_from_my_webinars_all_places_ahead_move_and_the_past_stays(client, webinar):
    make_registration(webinar, "Alice")
    second = make_webinar(now=utc_now(), starts_in=timedelta(days=3))
    make_registration(second, "Alina", email="alice@example.org", state="waitlisted")
    make_registration(make_webinar(now=utc_now(), starts_in=timedelta(days=-3)), "Ali", email="alice@example.org")
    make_registration(second, "Gone", email="alice@example.org", state="cancelled")
    client.submit(open_my(client), "/my/new-address", email=NEW)
    done = press(client)
    emails = {one.name: one.email for one in db.session.query(Registration).populate_existing()}
    assert emails == {"Alice": NEW, "Alina": NEW, "Ali": "alice@example.org", "Gone": "alice@example.org"}
    assert done.request.path == "/my" and "Alina" in text_of(parse(done))
    assert len(letters("repeated")) == 2 and len(letters("address-changed")) == 1


def test_letters_that_were_stopped_stay_stopped_at_the_new_address(client, webinar):
    alice = make_registration(webinar, "Alice")
    with transaction():
        leave(alice.address_key, MailClass.NEWS, list_of(webinar.series_id), utc_now())
    ask(client)
    press(client)
    assert [one.mail_class for one in find_left(db.session(), [address_key(NEW)])] == ["news"]


@pytest.mark.parametrize("meanwhile", ["another wish", "revoked", "a day later", "forged"])
def test_a_link_that_holds_no_more_opens_nothing(client, webinar, monkeypatch, meanwhile):
    make_registration(webinar, "Alice")
    ask(client)
    [letter] = letters("new-address")
    link = link_of(letter)
    if meanwhile == "another wish":
        ask(client, "other@new.example")
    elif meanwhile == "revoked":
        with transaction():
            registration_of("Alice").link_version += 1
    elif meanwhile == "a day later":
        token, later = link.rpartition("/")[2], utc_now() + timedelta(hours=24, seconds=1)
        assert address_changes.find(token, later) is None
        return
    else:
        link = link[:-3] + "xxx"
    assert client.get(link).status_code == 404
    assert client.get("/my/address").status_code == 404


def test_pressing_twice_changes_once(client, webinar):
    make_registration(webinar, "Alice")
    ask(client)
    [letter] = letters("new-address")
    page = client.get(link_of(letter), follow_redirects=True)
    client.submit(page, "/my/address")
    again = client.submit(page, "/my/address")
    assert again.status_code == 404 and len(letters("address-changed")) == 1


def test_pressing_many_times_at_once_changes_once(app, client, webinar):
    make_registration(webinar, "Alice")
    ask(client)
    token = link_of(letters("new-address")[0]).rpartition("/")[2]
    db.session.remove()

    def press_once() -> str:
        try:
            with transaction():
                change = address_changes.find(token, utc_now())
                return "gone" if change is None else str(len(address_changes.carry_out(change, utc_now())))
        except UserError:
            return "gone"

    answers = together(app, [press_once] * 16)
    assert sorted(answers) == ["1"] + ["gone"] * 15
    assert registration_of("Alice").email == NEW and registration_of("Alice").link_version == 2


@pytest.mark.parametrize(
    ("email", "said"), [("alice", "needs an @"), ("", "Please enter an email address"), ("a\0b@x", "@")]
)
def test_half_an_address_is_said_beside_the_field_and_kept(client, webinar, email, said):
    make_registration(webinar, "Alice")
    for answer in (ask(client, email), client.submit(open_my(client), "/my/new-address", email=email)):
        assert answer.status_code == 422
        assert said in text_of(parse(answer).find(class_="field-error"))


def test_the_same_address_is_no_other(client, webinar):
    make_registration(webinar, "Alice")
    assert "the address we write to already" in text_of(parse(ask(client, "ALICE@example.org")))
    assert letters("new-address") == []


def test_the_browser_that_only_signed_up_cannot_ask(client, webinar):
    page = client.submit(client.get(f"/webinars/{webinar.slug}"), "/register", name="Alice", email="alice@example.org")
    token = form_data(find_form(parse(page), "/cancel"))["csrf_token"]
    data = {"csrf_token": token, "email": NEW}
    assert client.post(f"{page.request.path}/new-address", data=data).status_code == 403
    assert client.post("/my/new-address", data=data).status_code == 403
    assert letters("new-address") == []


def test_wishes_are_limited_per_address_and_per_network(make_app, webinar):
    app = make_app(ratelimit_enabled=True)
    make_registration(webinar, "Alice")
    client = app.test_client()
    answers = [text_of(parse(ask(client))) for _ in range(21)]
    assert len(letters("new-address")) <= 5, "an address that nobody proved gets few letters a day"
    assert "Too many corrections" in answers[-1] and "Too many corrections" not in answers[0]


def test_a_wish_is_told_erased_and_forgotten_after_a_day(client, webinar):
    make_registration(webinar, "Alice")
    ask(client)
    for address in ("alice@example.org", NEW):
        assert [one["email"] for one in privacy.held(address)["changes_of_address"]] == [NEW]
    with transaction():
        retention.enforce(utc_now() + timedelta(hours=23))
    assert db.session.query(AddressChange).count() == 1
    with transaction():
        retention.enforce(utc_now() + timedelta(hours=25))
    assert db.session.query(AddressChange).count() == 0
    ask(client)
    with transaction():
        privacy.erase(NEW, utc_now())
    assert db.session.query(AddressChange).count() == 0
    ask(client)
    with transaction():
        privacy.erase("alice@example.org", utc_now())
    assert db.session.scalar(text("SELECT count(*) FROM address_changes")) == 0


def test_tokens_of_the_link_stand_in_no_log():
    assert scrub("GET /my/address/abc-1.177.xYz_9-0 200") == "GET /my/address/<token> 200"


def test_queries_of_the_page_are_constant(client, webinar):
    make_registration(webinar, "Alice")
    client.submit(open_my(client), "/my/new-address", email=NEW)
    [letter] = letters("new-address")
    client.get(link_of(letter), follow_redirects=True)
    with sent_queries() as one:
        client.get("/my/address")
    for name in ("Alice C", "Alice D"):
        make_registration(make_webinar(now=utc_now()), name, email="alice@example.org")
    with sent_queries() as three:
        client.get("/my/address")
    assert len(one) == len(three)
