"""Signing in with an account elsewhere (OpenID Connect), against an issuer on loopback."""

import time

import pytest
from joserfc.jwk import RSAKey

from config import SettingError, settings_from
from tests.accounts.issuer import CLIENT, SECRET, Issuer
from tests.accounts.test_second_factor import code_of, with_app
from tests.accounts.test_sign_in import sign_in
from tests.factories import NOW, make_user
from tests.support.pages import parse, text_of
from webinars.accounts import queries, service
from webinars.core.database import db
from webinars.core.logs import scrub

OWNER = "owner@example.org"


@pytest.fixture
def issuer():
    with Issuer() as made:
        yield made


@pytest.fixture
def desk(app, make_app, issuer):
    """Give a browser at a desk that knows the issuer."""
    return _desk(make_app, issuer)


def _desk(make_app, issuer, **changes):
    known = {
        "oidc_issuer": issuer.url,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_name": "Harbor ID",
    }
    return make_app(**known | changes).test_client()


def come_back(desk, issuer, path="/staff/sign-in"):
    """Press the button on the sign-in page, sign in at the issuer, and come back."""
    link = parse(desk.get(path)).select_one(".other-ways a")
    assert "Harbor ID" in text_of(link)
    sent = desk.get(link["href"])
    back, _asked = issuer.authorize(sent.location)
    return desk.get(back, follow_redirects=True)


def test_invited_person_signs_in_and_a_button_opens_the_desk(desk, issuer):
    make_user()
    page = come_back(desk, issuer, "/staff/sign-in?next=/staff/people")
    assert page.request.path == "/staff/sign-in/arrived"
    assert OWNER in text_of(parse(page))
    assert desk.get("/staff/").status_code == 302
    assert desk.submit(page, "arrived").request.path == "/staff/people"


def test_way_there_carries_state_nonce_and_a_proof_key(desk, issuer):
    sent = desk.get("/staff/sign-in/elsewhere")
    _back, asked = issuer.authorize(sent.location)
    assert asked["redirect_uri"] == "http://127.0.0.1:8000/staff/sign-in/back"
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3


def test_language_of_the_desk_is_kept(desk, issuer):
    make_user()
    page = come_back(desk, issuer, "/es/staff/sign-in")
    assert parse(page).html["lang"] == "es"


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"aud": "somebody else"},
        {"aud": [CLIENT, "somebody else"]},
        {"iss": "http://127.0.0.1:1"},
        {"exp": 1_700_000_000},
        {"iat": int(time.time()) + 3600},
        {"azp": "somebody else"},
    ],
)
def test_token_that_does_not_hold_opens_nothing(desk, issuer, claims):
    make_user()
    issuer.claims = claims
    page = come_back(desk, issuer)
    assert page.request.path == "/staff/sign-in"
    assert "does not hold" in text_of(parse(page))
    assert desk.get("/staff/").status_code == 302


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"email_verified": False}, "has not checked your email address"),
        ({"email_verified": "true"}, "has not checked your email address"),
        ({"email": None}, "has not checked your email address"),
        ({"email": "nobody@example.org"}, "may not sign in here"),
        ({"email": "retired@example.org"}, "may not sign in here"),
    ],
)
def test_who_is_not_let_in_reads_why_and_no_account_is_made(desk, issuer, claims, words):
    make_user()
    service.deactivate(make_user("retired@example.org", "viewer"), NOW)
    db.session.commit()
    issuer.claims = claims
    page = come_back(desk, issuer)
    assert (page.request.path, words in text_of(parse(page))) == ("/staff/sign-in", True)
    assert len(queries.list_people()) == 2


def test_answer_without_our_question_opens_nothing(desk, issuer):
    make_user()
    sent = desk.get("/staff/sign-in/elsewhere")
    back, _asked = issuer.authorize(sent.location)
    stranger = desk.application.test_client()
    assert stranger.get(back).location == "/staff/sign-in"
    assert desk.get(back.replace("state=", "state=x")).location == "/staff/sign-in"
    assert desk.get(back).location == "/staff/sign-in"
    assert "/token" not in issuer.asked


def test_way_back_is_told_to_no_log(desk, issuer):
    sent = desk.get("/staff/sign-in/elsewhere")
    back, asked = issuer.authorize(sent.location)
    line = scrub(f"GET {back}&session_state=1 302")
    assert asked["state"] not in line and "code-0" not in line


def test_code_is_redeemed_once(desk, issuer):
    make_user()
    sent = desk.get("/staff/sign-in/elsewhere")
    back, _asked = issuer.authorize(sent.location)
    assert desk.get(back).location == "/staff/sign-in/arrived"
    assert desk.get(back).location == "/staff/sign-in"


def test_who_broke_off_there_is_told_so(desk, issuer):
    sent = desk.get("/staff/sign-in/elsewhere")
    _back, asked = issuer.authorize(sent.location)
    page = desk.get(f"/staff/sign-in/back?error=access_denied&state={asked['state']}", follow_redirects=True)
    assert "You were not signed in there" in text_of(parse(page))


def test_key_signed_by_somebody_else_opens_nothing(desk, issuer):
    make_user()
    come_back(desk, issuer)
    issuer.key, published = RSAKey.generate_key(2048, {"kid": "first"}), issuer.key
    issuer._answer = lambda path: {"keys": [published.as_dict(private=False)]}
    assert "does not hold" in text_of(parse(come_back(desk, issuer)))


def test_new_key_of_the_issuer_is_fetched_and_the_rest_is_asked_once(desk, issuer):
    make_user()
    come_back(desk, issuer)
    issuer.key = RSAKey.generate_key(2048, {"kid": "second"})
    assert come_back(desk, issuer).request.path == "/staff/sign-in/arrived"
    assert issuer.asked.count("/.well-known/openid-configuration") == 1
    assert issuer.asked.count("/keys") == 2


def test_issuer_that_is_down_is_named_and_the_password_still_opens(desk, issuer):
    make_user()
    issuer.is_broken = True
    page = desk.get("/staff/sign-in/elsewhere", follow_redirects=True)
    assert "Harbor ID does not answer now. Sign in with your password" in text_of(parse(page))
    desk.get("/staff/sign-in/elsewhere")
    assert issuer.asked == ["/.well-known/openid-configuration"]
    assert sign_in(desk).request.path == "/staff/"


def test_code_of_the_app_is_still_asked_unless_the_issuer_is_trusted_with_it(desk, issuer, client, make_app):
    secret, _codes = with_app(client, email=OWNER)
    asked = desk.submit(come_back(desk, issuer), "arrived")
    assert asked.request.path == "/staff/sign-in/code"
    assert desk.submit(asked, "code", code=code_of(secret, 1)).request.path == "/staff/"
    trusting = _desk(make_app, issuer, oidc_trusted_mfa=True)
    assert trusting.submit(come_back(trusting, issuer), "arrived").request.path == "/staff/"


def test_without_an_issuer_there_is_no_button_and_no_way(client):
    assert "Harbor ID" not in text_of(parse(client.get("/staff/sign-in")))
    assert client.get("/staff/sign-in/elsewhere").status_code == 404
    assert client.get("/staff/sign-in/back?code=x&state=y").location == "/staff/sign-in"


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"OIDC_ISSUER": "http://login.example.org", "OIDC_CLIENT_ID": "x"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "login.example.org", "OIDC_CLIENT_ID": "x"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://login.example.org/?a=b", "OIDC_CLIENT_ID": "x"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://login.example.org"}, "OIDC_CLIENT_ID"),
        ({"OIDC_CLIENT_ID": "x"}, "OIDC_CLIENT_ID"),
        ({"OIDC_TRUSTED_MFA": "perhaps"}, "OIDC_TRUSTED_MFA"),
    ],
)
def test_setting_that_cannot_be_used_is_refused_by_name(tmp_path, environ, name):
    with pytest.raises(SettingError, match=name):
        settings_from(environ, tmp_path)


def test_issuer_that_breaks_down_on_the_way_back_is_left_alone_for_a_while(desk, issuer):
    make_user()
    backs = [issuer.authorize(desk.get("/staff/sign-in/elsewhere").location)[0]]
    issuer.is_broken = True
    page = desk.get(backs[0], follow_redirects=True)
    assert "Harbor ID does not answer now" in text_of(parse(page))
    for _ in range(3):
        sent = desk.get("/staff/sign-in/elsewhere")
        desk.get(issuer.authorize(sent.location)[0])
    assert issuer.asked.count("/token") == 1


def test_one_network_makes_us_ask_the_issuer_some_thirty_times_and_no_more(app, make_app, issuer):
    desk = _desk(make_app, issuer, ratelimit_enabled=True)
    sent = desk.get("/staff/sign-in/elsewhere")
    back, _asked = issuer.authorize(sent.location)
    cookie = desk.get_cookie("session").value
    answers = []
    for _ in range(31):
        desk.set_cookie("session", cookie)
        answers.append(desk.get(back).status_code)
    assert answers == [302] * 30 + [429]
    assert issuer.asked.count("/token") == 30


def test_who_came_back_presses_the_button_once_even_with_an_old_cookie(desk, issuer):
    make_user()
    page = come_back(desk, issuer)
    thief = desk.application.test_client()
    thief.set_cookie("session", desk.get_cookie("session").value)
    assert desk.submit(page, "arrived").request.path == "/staff/"
    assert thief.submit(page, "arrived").request.path == "/staff/sign-in"
    assert thief.get("/staff/").status_code == 302
