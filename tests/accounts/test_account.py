"""One's own account: sign-ins that are listed and ended, and being asked again before the ways in are changed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.accounts.test_second_factor import EDITOR, code_of, let_time_pass, make_passkey, with_app
from tests.accounts.test_sign_in import PASSWORD, sign_in
from tests.factories import NOW, make_user
from tests.support.pages import parse, text_of
from tests.support.queries import sent_queries
from webinars.accounts import queries, rules, second_factor, service
from webinars.accounts.models import AuditEntry, StaffSession
from webinars.core.clock import utc_now
from webinars.core.database import db

NEW = "/staff/account/passkeys/new"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605 (KHTML, like Gecko) Version/18 Safari/604"
)


@pytest.mark.parametrize(
    ("browser", "words"),
    [
        (FIREFOX, "Firefox, Linux"),
        (SAFARI, "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/140.0 Mobile Safari/537.36", "Chrome, Android"),
        ("curl/8", ""),
    ],
)
def test_device_is_named_in_words(browser, words):
    assert rules.device_words(browser) == words


def visitor(app, browser, email="owner@example.org"):
    made = app.test_client()
    made.environ_base["HTTP_USER_AGENT"] = browser
    sign_in(made, email)
    return made


def age(minutes):
    """Let every sign-in have been proven, and used, some minutes ago."""
    before = utc_now() - timedelta(minutes=minutes)
    db.session.execute(sa.update(StaffSession).values(proved_at=before, used_at=before))
    db.session.commit()


def test_own_sign_ins_are_listed_and_the_present_one_is_marked(app):
    make_user()
    here = visitor(app, FIREFOX)
    visitor(app, SAFARI)
    rows = [text_of(row) for row in parse(here.get("/staff/account")).select(".ways > li")]
    assert ["Safari, iPhone" in rows[0], "Firefox, Linux" in rows[1]] == [True, True]
    assert ["This device" in row for row in rows] == [False, True]


def test_one_sign_in_is_ended(app):
    make_user()
    here, there = visitor(app, FIREFOX), visitor(app, SAFARI)
    here.submit(here.get("/staff/account"), "/end", "Safari")
    assert there.get("/staff/").status_code == 302
    assert here.get("/staff/").status_code == 200


def test_all_other_sign_ins_are_ended(app):
    make_user()
    here, others = visitor(app, FIREFOX), [visitor(app, SAFARI) for _ in range(2)]
    here.submit(here.get("/staff/account"), "end-others")
    assert [other.get("/staff/").status_code for other in others] == [302, 302]
    assert here.get("/staff/").status_code == 200


def test_sign_in_of_somebody_else_cannot_be_ended(app):
    make_user()
    make_user("second@example.org", "viewer")
    owner, viewer = visitor(app, FIREFOX), visitor(app, SAFARI, "second@example.org")
    number = db.session.scalars(sa.select(StaffSession.id).order_by(StaffSession.id)).first()
    token = parse(viewer.get("/staff/account")).find("input", attrs={"name": "csrf_token"})["value"]
    assert viewer.post(f"/staff/account/sign-ins/{number}/end", data={"csrf_token": token}).status_code == 404
    assert owner.get("/staff/").status_code == 200


def test_owner_sees_and_ends_the_sign_ins_of_somebody(app):
    make_user()
    other = make_user("second@example.org", "viewer")
    owner, viewer = visitor(app, FIREFOX), visitor(app, SAFARI, "second@example.org")
    page = owner.get(f"/staff/people/{other.id}")
    assert "Safari, iPhone" in text_of(parse(page))
    owner.submit(page, "end-sign-ins")
    assert viewer.get("/staff/").status_code == 302


def test_sign_ins_take_the_same_number_of_queries_however_many(app):
    make_user()
    here, counts = visitor(app, FIREFOX), []
    for _ in range(2):
        with sent_queries() as sent:
            here.get("/staff/account")
        counts.append(len(sent))
        visitor(app, SAFARI)
        visitor(app, SAFARI)
    assert counts[0] == counts[1]


def test_use_is_noted_once_in_some_minutes(client):
    make_user()
    sign_in(client)
    age(60)
    before = utc_now()
    client.get("/staff/")
    first = db.session.scalars(sa.select(StaffSession.used_at)).one()
    db.session.rollback()
    client.get("/staff/")
    assert first >= before
    assert db.session.scalars(sa.select(StaffSession.used_at)).one() == first


def test_own_name_is_changed_and_recorded(client):
    user = make_user("v@example.org", "viewer")
    sign_in(client, "v@example.org")
    client.submit(client.get("/staff/account"), "account/name", name="Vera")
    db.session.expire_all()
    assert queries.get_user(user.id).name == "Vera"
    last = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()
    assert (last.before["name"], last.after["name"]) == ("", "Vera")


@pytest.mark.parametrize(
    "path", ["/staff/account/second-factor", "/staff/people/new", "/staff/people/1", "/es/staff/people/new"]
)
def test_what_changes_the_ways_in_asks_for_the_password_again_after_some_minutes(client, path):
    make_user()
    sign_in(client)
    assert client.get(path).status_code == 200
    age(11)
    asked = client.get(path, follow_redirects=True)
    assert asked.request.path.endswith("/staff/account/confirm")
    wrong = client.submit(asked, "confirm", password="wrong")
    assert wrong.status_code == 422
    assert client.get(path).status_code == 303
    assert client.submit(asked, "confirm", password=PASSWORD).request.path.endswith(path.removeprefix("/es"))
    assert client.get(path).status_code == 200


def test_form_that_was_open_for_very_long_changes_nothing_before_the_password(client):
    make_user()
    other = make_user("second@example.org", "viewer")
    sign_in(client)
    page = client.get(f"/staff/people/{other.id}")
    age(31)
    asked = client.submit(page, f"people/{other.id}", name="Other", role="owner")
    assert asked.request.path == "/staff/account/confirm"
    assert "do it once more" in text_of(parse(asked))
    db.session.expire_all()
    assert [role.name for role in queries.get_user(other.id).roles] == ["viewer"]


def test_form_from_nowhere_leads_to_the_account(client):
    make_user()
    sign_in(client)
    token = parse(client.get("/staff/account")).find("input", attrs={"name": "csrf_token"})["value"]
    age(31)
    sent = {"data": {"csrf_token": token}, "headers": {"Referer": "http://["}}
    answer = client.post("/staff/account/second-factor/remove", **sent)
    assert (answer.status_code, answer.location) == (303, "/staff/account/confirm")


def test_form_that_was_open_for_a_quarter_of_an_hour_is_taken(client):
    make_user()
    other = make_user("second@example.org", "viewer")
    sign_in(client)
    page = client.get(f"/staff/people/{other.id}")
    age(15)
    assert client.submit(page, f"people/{other.id}", name="Other", role="editor").request.path == "/staff/people"


def test_confirming_leads_nowhere_else(client):
    make_user()
    sign_in(client)
    page = client.get("/staff/account/confirm?next=https://evil.example/staff/")
    assert client.submit(page, "confirm", password=PASSWORD).request.path == "/staff/account"


def test_deactivated_person_loses_everything_at_once(client, app):
    make_user()
    other = make_user("second@example.org", "viewer")
    devices = [visitor(app, browser, "second@example.org") for browser in (FIREFOX, SAFARI)]
    sign_in(client)
    client.submit(client.get(f"/staff/people/{other.id}"), "deactivate")
    assert [device.get("/staff/account").status_code for device in devices] == [302, 302]
    assert queries.sessions_of(other.id, utc_now()) == []


def test_deactivated_person_has_no_second_factor_left(client):
    with_app(client)
    make_user()
    user = queries.find_user(EDITOR)
    service.deactivate(user, NOW)
    db.session.commit()
    db.session.refresh(user)
    assert (user.totp_secret, queries.count_recovery_codes(user.id)) == (None, 0)


def test_who_has_a_code_app_confirms_with_password_and_code(client):
    secret, _ = with_app(client)
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    age(11)
    asked = client.get(NEW, follow_redirects=True)
    let_time_pass()
    assert client.submit(asked, "confirm", password=PASSWORD).status_code == 422
    assert client.submit(asked, "confirm", password="wrong", code=code_of(secret)).status_code == 422
    wrong = client.submit(asked, "confirm", password=PASSWORD, code="000000")
    assert "This code is not right" in text_of(parse(wrong))
    assert client.get(NEW).status_code == 303
    assert client.submit(asked, "confirm", password=PASSWORD, code=code_of(secret)).request.path == NEW
    again = client.submit(asked, "confirm", password=PASSWORD, code=code_of(secret))
    assert "was used already" in text_of(parse(again))


def test_who_has_a_code_app_shows_it_before_changing_the_password(client):
    secret, _ = with_app(client)
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    assert client.get("/staff/password").status_code == 200
    age(11)
    assert client.get("/staff/password").location.startswith("/staff/account/confirm")


def test_recovery_code_confirms_in_place_of_the_app(client):
    secret, codes = with_app(client)
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    age(11)
    asked = client.get(NEW, follow_redirects=True)
    assert client.submit(asked, "confirm", password=PASSWORD, code=codes[0]).request.path == NEW


def test_codes_tried_while_confirming_are_counted_with_those_of_signing_in(client, make_app):
    secret, _ = with_app(client)
    limited = make_app(ratelimit_enabled=True).test_client()
    limited.submit(sign_in(limited, EDITOR), "code", code=code_of(secret, 1))
    asked = limited.get("/staff/account/confirm")
    for _ in range(10):
        assert limited.submit(asked, "confirm", password=PASSWORD, code="000000").status_code == 422
    let_time_pass()
    assert limited.submit(asked, "confirm", password=PASSWORD, code=code_of(secret)).status_code == 429


def test_owner_of_a_public_site_with_a_passkey_alone_does_not_confirm_with_the_password_alone(client, make_app):
    make_user(EDITOR, "owner")
    make_passkey()
    codes = second_factor.new_recovery_codes(queries.find_user(EDITOR), NOW)
    db.session.commit()
    installation = make_app(site_url="https://webinars.example.org")
    installation.config["PREFERRED_URL_SCHEME"] = "https"
    public = installation.test_client()
    public.submit(sign_in(public, EDITOR), "code", code=codes[0])
    asked = public.get("/staff/account/confirm")
    assert public.submit(asked, "confirm", "It is me", password=PASSWORD).status_code == 422
    assert (
        public.submit(asked, "confirm", "It is me", password=PASSWORD, code=codes[1]).request.path == "/staff/account"
    )
