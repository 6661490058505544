"""Forgotten, first and changed passwords, with letters through the outbox."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.accounts.test_sign_in import PASSWORD, sign_in
from tests.factories import NOW, make_user
from tests.support.pages import parse, text_of
from webinars import create_app
from webinars.accounts import letters, rules, service
from webinars.accounts.models import User
from webinars.core.database import db
from webinars.core.errors import UserError
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message

NEW = "four green umbrellas"


def ask_for_reset(client, email="owner@example.org"):
    return client.submit(client.get("/staff/reset-password"), "reset-password", email=email)


def written_letters():
    return [letters.prepare(message, NOW) for message in db.session.scalars(sa.select(Message).order_by(Message.id))]


def link_in(letter):
    return re.search(r"http://127\.0\.0\.1:8000(/staff/reset-password/\S+)", str(letter.text)).group(1)


def test_known_and_unknown_address_get_the_same_answer_and_the_same_row(client):
    make_user()
    known, unknown = (ask_for_reset(client, email) for email in ("owner@example.org", "nobody@example.org"))
    assert known.get_data(as_text=True).replace("owner@", "nobody@") == unknown.get_data(as_text=True)
    first, second = db.session.scalars(sa.select(Message).order_by(Message.id))
    assert (first.notice, first.lane, first.payload["kind"]) == (second.notice, second.lane, second.payload["kind"])
    assert isinstance(letters.prepare(first, NOW), Letter)
    assert isinstance(letters.prepare(second, NOW), NotSent)


def test_nothing_in_the_outbox_opens_an_account(client):
    make_user()
    ask_for_reset(client)
    message = db.session.scalars(sa.select(Message)).one()
    assert message.payload == {"kind": "reset", "email": "owner@example.org", "language": "en"}


def test_asking_again_within_minutes_makes_one_letter(client):
    for _ in range(3):
        service.request_reset("owner@example.org", NOW)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 1
    service.request_reset("owner@example.org", NOW + service.RESET_EVERY)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Message)) == 2


def test_link_of_the_letter_sets_a_new_password_once(client):
    make_user()
    ask_for_reset(client)
    link = link_in(written_letters()[0])
    page = client.get(link, follow_redirects=True)
    assert page.request.path == "/staff/reset-password/choose"
    answer = client.submit(page, "reset-password", new_password=NEW)
    assert "Your new password is set" in text_of(parse(answer))
    assert sign_in(client, password=PASSWORD).request.path == "/staff/sign-in"
    assert sign_in(client, password=NEW).request.path == "/staff/"
    again = client.get(link, follow_redirects=True)
    assert again.request.path == "/staff/reset-password"
    assert "used or is too old" in text_of(parse(again))


def test_reset_page_kept_open_sets_the_password_only_once(client):
    make_user()
    ask_for_reset(client)
    page = client.get(link_in(written_letters()[0]), follow_redirects=True)
    client.submit(page, "reset-password", new_password=NEW)
    client.submit(page, "reset-password", new_password="another long phrase")
    assert sign_in(client, password=NEW).request.path == "/staff/"


def test_new_password_ends_other_sign_ins_and_is_told_by_letter(client, app):
    make_user()
    elsewhere = app.test_client()
    sign_in(elsewhere)
    ask_for_reset(client)
    page = client.get(link_in(written_letters()[0]), follow_redirects=True)
    client.submit(page, "reset-password", new_password=NEW)
    assert elsewhere.get("/staff/").status_code == 302
    assert written_letters()[1].subject == "Your password for the webinar desk has changed"


@pytest.mark.parametrize("token", ["x", "choose", "W10.aaaa.bbbb"])
def test_made_up_token_leads_back_to_the_start(client, token):
    answer = client.get(f"/staff/reset-password/{token}", follow_redirects=True)
    assert answer.request.path == "/staff/reset-password"


def test_deactivated_person_gets_no_letter_and_cannot_use_an_old_one(client):
    make_user()
    other = make_user("second@example.org", "viewer")
    ask_for_reset(client, "second@example.org")
    link = link_in(written_letters()[0])
    service.deactivate(other, NOW)
    db.session.commit()
    assert isinstance(written_letters()[0], NotSent)
    assert client.get(link, follow_redirects=True).request.path == "/staff/reset-password"


def test_changing_the_own_password_keeps_this_device_and_ends_the_others(client, app):
    make_user()
    elsewhere = app.test_client()
    sign_in(elsewhere)
    sign_in(client)
    page = client.get("/staff/password")
    answer = client.submit(page, "/password", "Change my password", password=PASSWORD, new_password=NEW, repeated=NEW)
    assert answer.request.path == "/staff/"
    assert client.get("/staff/").status_code == 200
    assert elsewhere.get("/staff/").status_code == 302


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"password": "wrong", "new_password": NEW, "repeated": NEW}, "This is not your present password."),
        ({"password": PASSWORD, "new_password": NEW, "repeated": "other"}, "The two new passwords differ."),
        ({"password": PASSWORD, "new_password": "password1", "repeated": "password1"}, "easy to guess"),
        ({"password": PASSWORD, "new_password": "short", "repeated": "short"}, "at least 8 characters"),
    ],
)
def test_change_with_a_mistake_names_it_and_changes_nothing(client, fields, sentence):
    make_user()
    sign_in(client)
    answer = client.submit(client.get("/staff/password"), "/password", "Change my password", **fields)
    assert answer.status_code == 422
    assert sentence in text_of(parse(answer))
    assert sign_in(client.application.test_client()).request.path == "/staff/"


def test_letters_read_the_same_as_text_and_as_page(client):
    make_user()
    ask_for_reset(client)
    letter = written_letters()[0]
    page = parse_html(str(letter.html))
    assert link_in(letter) in str(letter.html).replace("&amp;", "&")
    assert "Somebody asked for a new password" in str(letter.text) and "Somebody asked for a new password" in page
    assert letter.to_address == "owner@example.org"


def parse_html(html):
    return " ".join(re.sub("<[^>]+>", " ", html).split())


@pytest.mark.parametrize(
    "password",
    [
        "short",
        "password",
        "Password123!",
        "12345678",
        "87654321",
        "aaaaaaaa",
        "abababab",
        "owner@example.org",
        "x" * 201,
        "qwertyuiop",
    ],
)
def test_password_that_is_easy_to_guess_is_refused(password):
    assert rules.password_problem(password, "owner@example.org")


@pytest.mark.parametrize("password", ["correct horse battery", "Kq7!vb2-xx", "árbol verde", "rainy-tuesday"])
def test_password_that_is_hard_to_guess_is_taken(password):
    assert rules.password_problem(password, "owner@example.org") is None


def test_passwords_are_kept_as_argon2id(app, settings):
    with create_app(settings).app_context():
        stored = make_user().password
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


def test_weak_password_leaves_no_user_behind(app):
    with pytest.raises(UserError):
        service.add_user("new@example.org", "viewer", "password1", NOW)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(User)) == 0


def test_letters_expire(app):
    service.request_reset("owner@example.org", NOW)
    assert db.session.scalars(sa.select(Message)).one().not_after == NOW + timedelta(hours=24)
