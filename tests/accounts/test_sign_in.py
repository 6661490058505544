"""Signing in and out, as a browser does it."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask_security.utils import login_user
from passlib.hash import argon2
from werkzeug.exceptions import HTTPException

from tests.factories import make_user
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries
from webinars.accounts import queries
from webinars.accounts.models import AuditEntry, StaffSession, User
from webinars.core.clock import utc_now
from webinars.core.database import db

PASSWORD = "correct horse battery"


def sign_in(client, email="owner@example.org", password=PASSWORD, path="/staff/sign-in"):
    return client.submit(client.get(path), "sign-in", email=email, password=password)


def test_right_password_leads_to_today(client):
    make_user()
    answer = sign_in(client)
    assert answer.request.path == "/staff/"
    assert parse(answer).h1.get_text(strip=True) == "Today"


def test_address_in_another_case_signs_in(client):
    make_user("owner@example.org")
    assert sign_in(client, email=" OWNER@Example.ORG ").request.path == "/staff/"


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("owner@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("retired@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("owner@example.org", "x" * 5000),
        ("owner@example.org", "wrong\0" * 4),
        ("nobody\0@example.org", PASSWORD),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(client, email, password):
    make_user()
    make_user("retired@example.org", "viewer")
    db.session.execute(sa.update(User).where(User.email == "retired@example.org").values(active=False))
    db.session.commit()
    page = parse(sign_in(client, email, password))
    summary = text_of(page.select_one(".error-summary"))
    assert "The address or the password is not right. Check both and try again." in summary
    assert not page.select(".field-error")
    assert client.get("/staff/").status_code == 302


def test_empty_fields_are_named(client):
    page = parse(sign_in(client, "", ""))
    assert [text_of(error) for error in page.select(".field-error")] == [
        "Error: Enter your email address.",
        "Error: Enter your password.",
    ]


def test_visitor_of_a_staff_page_comes_back_to_it_after_signing_in(client):
    make_user()
    first = client.get("/staff/people?x=1")
    assert first.status_code == 302
    assert first.location == "/staff/sign-in?next=/staff/people?x%3D1"
    answer = sign_in(client, path=first.location)
    assert answer.request.full_path == "/staff/people?x=1"


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/staff/", "//evil.example/staff/", "/\\evil.example/staff/", "\\\\evil.example",
        "/////evil.example/staff/",
        "http:evil.example", "javascript:alert(1)//staff/", "%2f%2fevil.example/staff/",
        " //evil.example/staff/", "/\t/evil.example/staff/",
        "https://127.0.0.1:8000@evil.example/staff/",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["address", "form"])
def test_next_that_leads_elsewhere_is_not_followed(client, target, place):
    make_user()
    page = client.get("/staff/sign-in", query_string={"next": target} if place == "address" else {})
    fields = {"email": "owner@example.org", "password": PASSWORD} | ({"next": target} if place == "form" else {})
    token = parse(page).find("input", attrs={"name": "csrf_token"})["value"]
    query = {"next": target} if place == "address" else {}
    answer = client.post("/staff/sign-in", query_string=query, data=fields | {"csrf_token": token})
    assert (answer.status_code, answer.location) in {(302, "/staff/"), (200, None)}


def test_sign_in_without_csrf_token_is_refused(client):
    make_user()
    answer = client.post("/staff/sign-in", data={"email": "owner@example.org", "password": PASSWORD})
    assert answer.status_code == 400
    assert client.get("/staff/").status_code == 302


def test_sign_in_makes_a_new_session_and_new_csrf_token(client):
    make_user()
    with client.session_transaction() as before:
        before["left_over"] = "x"
    page = client.get("/staff/sign-in")
    old = parse(page).find("input", attrs={"name": "csrf_token"})["value"]
    sign_in(client)
    with client.session_transaction() as after:
        assert after["staff_session"]
        assert not after.permanent
    refused = client.post("/staff/sign-out", data={"csrf_token": old})
    assert refused.status_code == 400


def test_sign_out_needs_post_and_ends_the_session_on_the_server(client, app):
    make_user()
    sign_in(client)
    stolen = client.get_cookie("session").value
    assert client.get("/staff/sign-out").status_code == 405
    client.submit(client.get("/staff/"), "sign-out")
    thief = app.test_client()
    thief.set_cookie("session", stolen)
    assert thief.get("/staff/").status_code == 302


def test_sign_in_whose_time_is_over_holds_no_more(client):
    make_user()
    sign_in(client)
    assert client.get("/staff/").status_code == 200
    db.session.execute(sa.update(StaffSession).values(ends_at=utc_now()))
    db.session.commit()
    assert client.get("/staff/").status_code == 302


def test_session_row_ends_twelve_hours_after_its_start(client):
    make_user()
    sign_in(client)
    row = db.session.scalars(sa.select(StaffSession)).one()
    assert row.ends_at - row.started_at == timedelta(hours=12)


def test_no_remember_cookie_and_no_box_for_it(client):
    make_user()
    assert parse(client.get("/staff/sign-in")).find("input", attrs={"name": "remember"}) is None
    page = client.get("/staff/sign-in")
    answer = client.submit(page, "sign-in", email="owner@example.org", password=PASSWORD, remember="y")
    assert answer.status_code == 200
    assert client.get_cookie("remember_token") is None


def test_json_and_tokens_open_nothing(client):
    make_user()
    answer = client.post("/staff/sign-in?include_auth_token", json={"email": "owner@example.org", "password": PASSWORD})
    assert answer.status_code == 400
    assert "authentication_token" not in answer.get_data(as_text=True)
    assert client.get("/staff/?auth_token=x", headers={"Authentication-Token": "x"}).status_code == 302


def test_post_after_the_session_ended_leads_to_sign_in_with_a_word(client):
    make_user()
    page = client.get("/staff/sign-in")
    token = parse(page).find("input", attrs={"name": "csrf_token"})["value"]
    answer = client.post("/staff/password", data={"csrf_token": token}, follow_redirects=True)
    assert answer.request.path == "/staff/sign-in"
    assert "signed out in the meantime" in text_of(parse(answer))


def test_eleventh_wrong_password_is_refused_even_if_the_next_is_right(app, make_app):
    limited = make_app(ratelimit_enabled=True)
    make_user()
    client = limited.test_client()
    for _ in range(10):
        assert sign_in(client, password="wrong").status_code == 200
    assert sign_in(client).status_code == 429


def test_limit_of_one_account_leaves_others_alone(app, make_app):
    limited = make_app(ratelimit_enabled=True)
    make_user()
    make_user("second@example.org", "viewer")
    client = limited.test_client()
    for _ in range(10):
        sign_in(client, password="wrong")
    assert sign_in(client, "second@example.org").request.path == "/staff/"


def test_limit_counts_unknown_addresses_alike(app, make_app):
    client = make_app(ratelimit_enabled=True).test_client()
    answers = [sign_in(client, "nobody@example.org", "wrong").status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]


def test_limit_of_one_network_covers_all_accounts(app, make_app):
    client = make_app(ratelimit_enabled=True).test_client()
    answers = [sign_in(client, f"n{number}@example.org", "wrong").status_code for number in range(31)]
    assert answers == [200] * 30 + [429]


def test_sign_in_is_recorded(client):
    user = make_user()
    sign_in(client)
    deeds = [
        (entry.action, entry.object_id) for entry in db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id))
    ]
    assert deeds == [("user added", str(user.id)), ("password set", str(user.id)), ("signed in", str(user.id))]


def test_staff_pages_are_kept_by_nobody(client):
    make_user()
    sign_in(client)
    answer = client.get("/staff/")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_public_answers_are_the_same_for_staff_and_ask_nothing_about_them(client):
    make_user()
    sign_in(client)
    with sent_queries() as sent:
        answers = [client.get(path) for path in ("/robots.txt", "/sitemap.xml", "/", "/videos")]
    assert [answer.status_code for answer in answers] == [200] * 4
    assert not [statement for statement in sent if "users" in statement or "staff_sessions" in statement]
    assert "Cookie" not in answers[0].headers.get("Vary", "") + answers[1].headers.get("Vary", "")


def test_spanish_staff_pages_keep_their_language_through_signing_in(client):
    make_user()
    asked = client.get("/es/staff/people")
    assert asked.location == "/es/staff/sign-in?next=/es/staff/people"
    answer = client.submit(client.get("/es/staff/sign-in"), "sign-in", email="owner@example.org", password=PASSWORD)
    assert answer.request.script_root + answer.request.path == "/es/staff/"


def changed_elsewhere(**values):
    """Change the one user by another connection, as another process would."""
    with db.engine.begin() as other:
        other.execute(sa.update(User).values(values))


def hash_in_the_database():
    with db.engine.connect() as other:
        return other.scalar(sa.select(User.password))


def test_password_under_an_older_hash_is_hashed_anew(client):
    user = make_user()
    user.password = older = argon2.using(type="ID", memory_cost=16, time_cost=2, parallelism=1).hash(PASSWORD)
    db.session.commit()
    assert sign_in(client).request.path == "/staff/"
    assert hash_in_the_database() != older
    assert sign_in(client.application.test_client()).request.path == "/staff/"


@pytest.mark.parametrize("renewed", [None, "a newer hash of the old password"])
def test_sign_in_under_way_does_not_put_the_old_password_back(app, renewed):
    make_user()
    with app.test_request_context("/staff/sign-in", method="POST"):
        user = queries.find_user("owner@example.org")
        user.password = renewed or user.password
        changed_elsewhere(password="a hash of the new password")
        login_user(user, authn_via=["password"])
    assert hash_in_the_database() == "a hash of the new password"


@pytest.mark.parametrize("change", [{"fs_uniquifier": "another"}, {"active": False}])
def test_sign_in_is_refused_when_the_account_was_changed_while_it_was_under_way(app, change):
    make_user()
    with app.test_request_context("/staff/sign-in", method="POST"):
        user = queries.find_user("owner@example.org")
        assert user.is_active
        changed_elsewhere(**change)
        with pytest.raises(HTTPException) as refused:
            login_user(user, authn_via=["password"])
    assert refused.value.response.location == "/staff/sign-in"
    assert db.session.scalars(sa.select(StaffSession)).all() == []
