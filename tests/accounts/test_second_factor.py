"""The second factor: a code app, recovery codes, and who has to have one."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
from passlib.totp import TOTP

from tests.accounts.test_passwords import link_in
from tests.accounts.test_sign_in import PASSWORD, sign_in
from tests.factories import NOW, make_user
from tests.support.pages import parse, text_of
from webinars.accounts import letters, queries, second_factor, service, vault
from webinars.accounts.models import AuditEntry, Passkey, RecoveryCode, StaffSession, User
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.mail.models import Message

EDITOR = "editor@example.org"
#: the button below the picture
APP = "Set up this app"


def code_of(secret, steps=0):
    """Give the code of this half minute, or of one some steps later."""
    now = utc_now() + timedelta(seconds=30 * steps)
    return TOTP(key=secret.replace(" ", ""), format="base32").generate(now).token


def set_up(client, path="/staff/account/second-factor"):
    """Set up a code app, and give its secret and the recovery codes."""
    page = client.get(path)
    secret = text_of(parse(page).select_one("code.secret"))
    answer = client.submit(page, "second-factor", code=code_of(secret))
    return secret, [text_of(code) for code in parse(answer).select(".codes code")]


def with_app(client, role="editor", email=EDITOR):
    """Make somebody with a code app, and sign them out again."""
    make_user(email, role)
    sign_in(client, email)
    found = set_up(client)
    client.submit(client.get("/staff/"), "sign-out")
    return found


def let_time_pass():
    """Let codes be taken that were taken: as if minutes had passed."""
    db.session.execute(sa.update(User).values(totp_step=0))
    db.session.commit()


def letters_sent():
    return [letters.prepare(message, NOW) for message in db.session.scalars(sa.select(Message).order_by(Message.id))]


@pytest.fixture
def public(app, make_app):
    """Give a browser that visits a public installation."""
    installation = make_app(site_url="https://webinars.example.org")
    installation.config["PREFERRED_URL_SCHEME"] = "https"
    return installation.test_client()


def test_after_the_password_the_code_is_asked_and_nothing_is_open_before(client):
    secret, _ = with_app(client)
    asked = sign_in(client, EDITOR, path="/staff/sign-in?next=/staff/people")
    assert asked.request.path == "/staff/sign-in/code"
    assert client.get("/staff/").status_code == 302
    answer = client.submit(asked, "code", code=code_of(secret, 1))
    assert answer.request.path == "/staff/people"


def test_code_may_be_typed_with_a_space(client):
    secret, _ = with_app(client)
    code = code_of(secret, 1)
    assert client.submit(sign_in(client, EDITOR), "code", code=f" {code[:3]} {code[3:]} ").request.path == "/staff/"


@pytest.mark.parametrize("code", ["000000", "12345", "abcdef", "１２３４５６", "a" * 200, "1\x002", ""])
def test_wrong_code_lets_nobody_in(client, code):
    with_app(client)
    answer = client.submit(sign_in(client, EDITOR), "code", code=code)
    assert answer.status_code == 422
    assert client.get("/staff/").status_code == 302


def test_code_is_taken_once(client, app):
    secret, _ = with_app(client)
    code = code_of(secret, 1)
    assert client.submit(sign_in(client, EDITOR), "code", code=code).request.path == "/staff/"
    thief = app.test_client()
    again = thief.submit(sign_in(thief, EDITOR), "code", code=code)
    assert "used already" in text_of(parse(again))
    assert thief.get("/staff/").status_code == 302


def test_eleventh_code_is_refused_and_a_right_password_begins_no_new_count(client, make_app):
    secret, _ = with_app(client)
    limited = make_app(ratelimit_enabled=True).test_client()
    for _ in range(5):
        page = sign_in(limited, EDITOR)
        limited.submit(page, "code", code="000000")
        limited.submit(page, "code", code="000000")
    assert limited.submit(sign_in(limited, EDITOR), "code", code=code_of(secret, 1)).status_code == 429


def test_half_way_in_ends_with_the_password_and_with_the_account(client):
    secret, _ = with_app(client)
    asked = sign_in(client, EDITOR)
    service.set_password(queries.find_user(EDITOR), "another long phrase", NOW)
    db.session.commit()
    assert client.submit(asked, "code", code=code_of(secret, 1)).request.path == "/staff/sign-in"
    asked = sign_in(client, EDITOR, "another long phrase")
    make_user()
    service.deactivate(queries.find_user(EDITOR), NOW)
    db.session.commit()
    assert client.submit(asked, "code", code=code_of(secret, 1)).request.path == "/staff/sign-in"


def test_secret_and_codes_stand_nowhere_in_the_clear(client):
    secret, codes = with_app(client)
    bare = secret.replace(" ", "")
    kept = [str(value) for value in db.session.execute(sa.select(User.totp_secret, User.email)).one()]
    kept += [str(entry.after) for entry in db.session.scalars(sa.select(AuditEntry))]
    kept += [str(message.payload) for message in db.session.scalars(sa.select(Message))]
    kept += list(db.session.scalars(sa.select(RecoveryCode.code_hash)))
    assert not [text for text in kept for word in (bare, *codes) if word in text]
    assert vault.open_again(queries.find_user(EDITOR).totp_secret) == bare


def test_secret_outlives_a_new_key_that_names_the_one_before(client, make_app, settings):
    secret, _ = with_app(client)
    changes = {"secret_key": "another key " * 4, "hash_key": settings.hash_key}
    later = make_app(secret_key_fallbacks=(settings.secret_key,), **changes).test_client()
    assert later.submit(sign_in(later, EDITOR), "code", code=code_of(secret, 1)).request.path == "/staff/"
    forgetful = make_app(**changes).test_client()
    let_time_pass()
    assert forgetful.submit(sign_in(forgetful, EDITOR), "code", code=code_of(secret)).status_code == 422


def test_recovery_code_stands_in_once_and_a_letter_tells(client, app):
    _, codes = with_app(client)
    assert len(set(codes)) == second_factor.CODES
    answer = client.submit(sign_in(client, EDITOR), "code", code=codes[0].upper().replace("-", " "))
    assert answer.request.path == "/staff/"
    assert "9 are left" in text_of(parse(answer))
    assert "9 codes are left" in text_of(parse(client.get("/staff/account")))
    assert "one of your recovery codes" in str(letters_sent()[-1].text)
    other = app.test_client()
    assert other.submit(sign_in(other, EDITOR), "code", code=codes[0]).status_code == 422


def test_new_recovery_codes_take_the_place_of_the_old_ones(client):
    secret, codes = with_app(client)
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    page = client.submit(client.get("/staff/account"), "recovery-codes")
    new = [text_of(code) for code in parse(page).select(".codes code")]
    assert len(new) == second_factor.CODES and not set(new) & set(codes)
    user = queries.find_user(EDITOR)
    assert not second_factor.take_recovery_code(user, codes[0], NOW)
    assert second_factor.take_recovery_code(user, new[0], NOW)


def test_recovery_code_of_somebody_else_opens_nothing(client):
    _, codes = with_app(client)
    other = make_user("second@example.org", "viewer")
    assert not second_factor.take_recovery_code(other, codes[0], NOW)


def test_setting_up_signs_out_the_other_devices_and_is_told_by_letter(client, app):
    make_user(EDITOR, "editor")
    elsewhere = app.test_client()
    sign_in(elsewhere, EDITOR)
    sign_in(client, EDITOR)
    set_up(client)
    assert client.get("/staff/").status_code == 200
    assert elsewhere.get("/staff/").status_code == 302
    assert "a code of an app" in str(letters_sent()[-1].text)


def test_app_is_not_set_up_before_its_first_code_is_right(client):
    make_user(EDITOR, "editor")
    sign_in(client, EDITOR)
    page = client.get("/staff/account/second-factor")
    answer = client.submit(page, "second-factor", code="000000")
    assert answer.status_code == 422
    assert queries.find_user(EDITOR).totp_secret is None
    secret = text_of(parse(page).select_one("code.secret"))
    assert secret == text_of(parse(answer).select_one("code.secret"))


def test_picture_and_text_hold_the_same_secret(client):
    make_user(EDITOR, "editor")
    sign_in(client, EDITOR)
    page = parse(client.get("/staff/account/second-factor"))
    assert page.select_one(".scan svg path")
    assert len(text_of(page.select_one("code.secret")).replace(" ", "")) == 32


def test_changed_password_leaves_this_sign_in_as_strong_as_it_was(client):
    with_app(client)
    secret = vault.open_again(queries.find_user(EDITOR).totp_secret)
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    new = "four green umbrellas"
    page = client.get("/staff/password")
    client.submit(page, "/password", "Change my password", password=PASSWORD, new_password=new, repeated=new)
    newest = db.session.scalars(sa.select(StaffSession).order_by(StaffSession.id.desc())).first()
    assert newest.strong


def test_on_an_installation_for_trying_out_an_owner_is_invited_and_not_forced(client):
    make_user()
    assert sign_in(client).request.path == "/staff/"
    assert "Set up a code app" in text_of(parse(client.get("/staff/account")))


def test_public_installation_leads_an_owner_to_a_second_factor_and_nowhere_else(public):
    make_user()
    page = sign_in(public)
    assert page.request.path == "/staff/sign-in/second-factor"
    for path in ("/staff/", "/staff/people", "/staff/account", "/staff/password"):
        assert public.get(path).location.startswith("/staff/sign-in")
    secret = text_of(parse(page).select_one("code.secret"))
    answer = public.submit(page, "second-factor", APP, code=code_of(secret))
    assert len(parse(answer).select(".codes code")) == second_factor.CODES
    assert public.get("/staff/people/new").status_code == 200
    public.submit(public.get("/staff/"), "sign-out")
    asked = sign_in(public)
    assert asked.request.path == "/staff/sign-in/code"
    assert public.get("/staff/sign-in/second-factor").location == "/staff/sign-in"
    assert public.submit(asked, "code", code=code_of(secret, 1)).request.path == "/staff/"


def test_public_installation_lets_an_editor_in_by_password(public):
    make_user(EDITOR, "editor")
    assert sign_in(public, EDITOR).request.path == "/staff/"


def test_who_becomes_an_owner_meanwhile_comes_in_again_with_a_second_factor(public):
    person = make_user(EDITOR, "editor")
    sign_in(public, EDITOR)
    service.edit_user(queries.get_user(person.id), name="", role="owner", now=NOW)
    db.session.commit()
    assert public.get("/staff/people/new").location.startswith("/staff/sign-in")
    assert sign_in(public, EDITOR).request.path == "/staff/sign-in/second-factor"


def test_owner_of_a_public_installation_cannot_do_without(public):
    make_user()
    page = sign_in(public)
    public.submit(page, "second-factor", APP, code=code_of(text_of(parse(page).select_one("code.secret"))))
    account = public.get("/staff/account")
    assert not parse(account).select("form[action$='second-factor/remove']")
    token = parse(account).find("input", attrs={"name": "csrf_token"})["value"]
    answer = public.post("/staff/account/second-factor/remove", data={"csrf_token": token}, follow_redirects=True)
    assert "An owner needs a second factor" in text_of(parse(answer))
    assert queries.find_user("owner@example.org").totp_secret


def test_app_can_be_given_up_where_it_is_not_required(client):
    secret, _ = with_app(client)
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    client.submit(client.get("/staff/account"), "second-factor/remove")
    client.submit(client.get("/staff/"), "sign-out")
    assert sign_in(client, EDITOR).request.path == "/staff/"
    assert "No code of an app" in str(letters_sent()[-1].text)


def test_owner_takes_the_second_factor_of_somebody_away(client, app):
    secret, codes = with_app(client)
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    make_user()
    owner = app.test_client()
    sign_in(owner)
    number = queries.find_user(EDITOR).id
    assert "Code app" in text_of(parse(owner.get("/staff/people")).table)
    owner.submit(owner.get(f"/staff/people/{number}"), "reset-second-factor")
    assert client.get("/staff/").status_code == 302
    assert "An owner took away your code app" in str(letters_sent()[-1].text)
    deed = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "second factor reset")).one()
    assert deed.actor == f"staff:{queries.find_user('owner@example.org').id}"
    assert sign_in(client, EDITOR).request.path == "/staff/"
    assert not second_factor.take_recovery_code(queries.find_user(EDITOR), codes[0], NOW)


def test_second_factor_is_taken_away_from_the_command_line(client, app):
    with_app(client)
    done = app.test_cli_runner().invoke(args=["staff", "reset-second-factor", EDITOR.upper()])
    assert (done.exit_code, done.output.startswith(EDITOR)) == (0, True)
    assert queries.find_user(EDITOR).totp_secret is None
    unknown = app.test_cli_runner().invoke(args=["staff", "reset-second-factor", "nobody@example.org"])
    assert unknown.exit_code == 1 and "Nobody with the address" in unknown.output


def test_newcomer_who_owns_chooses_a_password_and_is_led_through_to_the_desk(public):
    service.add_user("new@example.org", "owner", None, NOW, name="Ann")
    db.session.commit()
    welcome = public.get(link_in(letters_sent()[0]), follow_redirects=True)
    assert parse(welcome).h1.get_text(strip=True) == "Welcome to the webinar desk"
    page = public.submit(welcome, "reset-password", new_password="four green umbrellas")
    assert page.request.path == "/staff/sign-in/second-factor"
    secret = text_of(parse(page).select_one("code.secret"))
    codes = public.submit(page, "second-factor", APP, code=code_of(secret))
    onward = parse(codes).select_one("a.btn.primary")["href"]
    assert public.get(onward).status_code == 200 and onward == "/staff/"


def test_owner_with_a_passkey_alone_needs_more_than_the_password(public):
    user = make_user()
    db.session.add(
        Passkey(user_id=user.id, credential_id="abc", public_key=b"x", sign_count=0, name="Laptop", created_at=NOW)
    )
    codes = second_factor.new_recovery_codes(user, NOW)
    db.session.commit()
    asked = sign_in(public)
    assert asked.request.path == "/staff/sign-in/code"
    assert parse(asked).select_one("form[data-passkey=get]")
    assert public.get("/staff/sign-in/second-factor").location == "/staff/sign-in"
    assert public.submit(asked, "code", code=codes[0]).request.path == "/staff/"


@pytest.mark.parametrize(
    "answer",
    ["", "x", "[]", "null", "{}", '{"id": "abc"}', '{"id": "a\\u0000b"}',
     '{"id": "abc", "rawId": "abc", "type": "public-key", "response": {}}', '{"id": ["abc"]}', "[" * 5000],
)  # fmt: skip
def test_answer_that_no_device_gave_opens_nothing(public, answer):
    user = make_user(EDITOR, "editor")
    db.session.add(
        Passkey(user_id=user.id, credential_id="abc", public_key=b"x", sign_count=0, name="Laptop", created_at=NOW)
    )
    db.session.commit()
    page = public.submit(public.get("/staff/sign-in"), "sign-in/passkey", answer=answer)
    assert (page.status_code, page.request.path) == (200, "/staff/sign-in")
    assert "This passkey opened nothing" in text_of(parse(page))
    assert public.get("/staff/").status_code == 302


@pytest.mark.parametrize("answer", ["x", "{}", '{"id": "abc", "rawId": "abc", "type": "public-key", "response": {}}'])
def test_made_up_passkey_is_not_added(public, answer):
    make_user(EDITOR, "editor")
    sign_in(public, EDITOR)
    page = public.submit(public.get("/staff/account/passkeys/new"), "passkeys/new", name="Mine", answer=answer)
    assert page.status_code == 422
    assert queries.owners_of_passkeys() == set()


def test_letter_alone_opens_no_account_with_a_second_factor_and_no_password(client):
    with_app(client)
    user = queries.find_user(EDITOR)
    user.password = None
    service.request_reset(EDITOR, NOW)
    db.session.commit()
    page = client.get(link_in(letters_sent()[-1]), follow_redirects=True)
    assert not parse(page).select("form[data-passkey]")
    answer = client.submit(page, "reset-password", new_password="four green umbrellas", answer="{}")
    assert answer.request.path == "/staff/sign-in"
    assert sign_in(client, EDITOR, "four green umbrellas").request.path == "/staff/sign-in/code"


def last_deed():
    return db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc())).first()


def make_passkey(email=EDITOR):
    user = queries.find_user(email)
    number = f"number-{user.id}"
    db.session.add(
        Passkey(user_id=user.id, credential_id=number, public_key=b"x", sign_count=0, name="Laptop", created_at=NOW)
    )
    db.session.commit()


def test_recovery_codes_go_with_the_last_second_factor_and_the_person_is_told(client):
    secret, _ = with_app(client)
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    page = client.submit(client.get("/staff/account"), "second-factor/remove")
    assert "Your recovery codes went with it" in text_of(parse(page))
    assert queries.count_recovery_codes(queries.find_user(EDITOR).id) == 0
    assert (last_deed().action, last_deed().before) == ("recovery codes removed", {"codes_left": 10})
    assert "Your recovery codes went with it" in str(letters_sent()[-1].text)


def test_recovery_codes_go_with_the_last_passkey_and_not_before(client):
    secret, _ = with_app(client)
    make_passkey()
    client.submit(sign_in(client, EDITOR), "code", code=code_of(secret, 1))
    page = client.submit(client.get("/staff/account"), "second-factor/remove")
    assert "recovery codes went" not in text_of(parse(page)) + str(letters_sent()[-1].text)
    assert queries.count_recovery_codes(queries.find_user(EDITOR).id) == second_factor.CODES
    page = client.submit(page, "/passkeys/", "Laptop")
    assert "Your recovery codes went with it" in text_of(parse(page))
    assert queries.count_recovery_codes(queries.find_user(EDITOR).id) == 0
    assert "Your recovery codes went with it" in str(letters_sent()[-1].text)
