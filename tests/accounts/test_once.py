"""What counts once on the way in, and what goes with it: an old cookie, sent again, opens nothing."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from sqlalchemy.orm import Session

from tests.accounts.device import Device
from tests.accounts.test_passwords import link_in
from tests.accounts.test_second_factor import EDITOR, code_of, letters_sent
from tests.accounts.test_sign_in import sign_in
from tests.factories import make_user
from tests.support.pages import form_data, parse, text_of
from webinars.accounts import pending, queries, service
from webinars.accounts.models import SpentMark, User
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction

NEW = "/staff/account/passkeys/new"


def options_of(page, kind):
    return parse(page).select_one(f"form[data-passkey={kind}]")["data-options"]


def sent_form(page, kind, **fields):
    """Give what a browser sends with a form for a passkey."""
    return form_data(parse(page).select_one(f"form[data-passkey={kind}]")) | fields


def cookie_of(client):
    return client.get_cookie("session").value


def browser_with(app, cookie):
    made = app.test_client()
    made.set_cookie("session", cookie)
    return made


@pytest.fixture
def device(client):
    """Give a device with the passkey of an editor, who is signed out again."""
    made = Device()
    make_user(EDITOR, "editor")
    sign_in(client, EDITOR)
    page = client.get(NEW)
    client.post(NEW, data=sent_form(page, "create", answer=made.make(options_of(page, "create")), name="Laptop"))
    client.submit(client.get("/staff/"), "sign-out")
    return made


def test_passkey_opens_the_desk(client, device):
    page = client.get("/staff/sign-in")
    answer = client.post(
        "/staff/sign-in/passkey", data=sent_form(page, "get", answer=device.use(options_of(page, "get")))
    )
    assert answer.location == "/staff/"
    assert client.get("/staff/").status_code == 200


def test_answer_of_a_passkey_and_its_cookie_sent_again_open_nothing(client, app, device):
    page = client.get("/staff/sign-in")
    thief, sent = (
        browser_with(app, cookie_of(client)),
        sent_form(page, "get", answer=device.use(options_of(page, "get"))),
    )
    client.post("/staff/sign-in/passkey", data=sent)
    again = thief.post("/staff/sign-in/passkey", data=sent)
    assert again.location == "/staff/sign-in"
    assert thief.get("/staff/").status_code == 302


def test_answer_to_what_was_asked_long_ago_opens_nothing(client, device):
    with time_machine.travel(utc_now(), tick=False) as clock:
        page = client.get("/staff/sign-in")
        sent = sent_form(page, "get", answer=device.use(options_of(page, "get")))
        clock.shift(pending.HOLDS)
        assert client.post("/staff/sign-in/passkey", data=sent).location == "/staff/sign-in"
        assert "the page was open for long" in text_of(parse(client.get("/staff/sign-in")))


def test_page_leaves_ten_minutes_for_a_passkey_whatever_was_asked_before(client, device):
    with time_machine.travel(utc_now(), tick=False) as clock:
        client.get("/staff/sign-in")
        clock.shift(timedelta(minutes=8))
        page = client.get("/staff/sign-in")
        sent = sent_form(page, "get", answer=device.use(options_of(page, "get")))
        clock.shift(timedelta(minutes=10))
        assert client.post("/staff/sign-in/passkey", data=sent).location == "/staff/"


def test_passkey_that_was_removed_is_not_added_again_by_what_was_sent_before(client, app):
    make_user(EDITOR, "editor")
    sign_in(client, EDITOR)
    page = client.get(NEW)
    thief = browser_with(app, cookie_of(client))
    sent = sent_form(page, "create", answer=Device().make(options_of(page, "create")), name="Laptop")
    client.post(NEW, data=sent)
    client.submit(client.get("/staff/account"), "remove", "Laptop")
    assert thief.post(NEW, data=sent).status_code == 422
    assert queries.owners_of_passkeys() == set()


def test_mark_is_taken_once_and_forgotten_when_no_cookie_can_bring_it_any_more(app):
    now = utc_now()
    with transaction():
        assert [pending.spend("one", now), pending.spend("one", now), pending.spend("two", now)] == [True, False, True]
    with transaction():
        pending.spend("three", now + 2 * pending.HOLDS + timedelta(seconds=1))
    assert db.session.scalar(sa.select(sa.func.count()).select_from(SpentMark)) == 1


def secret_on(page):
    return text_of(parse(page).select_one("code.secret"))


def test_secret_of_an_app_stays_the_same_for_minutes_and_then_is_a_new_one(client):
    make_user(EDITOR, "editor")
    with time_machine.travel(utc_now(), tick=False) as clock:
        sign_in(client, EDITOR)
        page = client.get("/staff/account/second-factor")
        assert secret_on(client.get("/staff/account/second-factor")) == secret_on(page)
        clock.shift(pending.HOLDS)
        late = client.submit(page, "second-factor", code=code_of(secret_on(page)))
    assert "the square is a new one" in text_of(parse(late))
    assert secret_on(late) != secret_on(page)
    assert queries.find_user(EDITOR).totp_secret is None


def test_secret_that_one_person_was_shown_is_not_set_up_for_another(client):
    make_user(EDITOR, "editor")
    make_user("viewer@example.org", "viewer")
    sign_in(client, EDITOR)
    page = client.get("/staff/account/second-factor")
    with client.session_transaction() as session:
        kept = session["on_the_way_in"]
    client.submit(page, "sign-out")
    sign_in(client, "viewer@example.org")
    with client.session_transaction() as session:
        session["on_the_way_in"] = kept
    assert secret_on(client.get("/staff/account/second-factor")) != secret_on(page)


def test_session_keeps_nothing_of_the_way_in_after_signing_in_or_out(client):
    make_user(EDITOR, "editor")
    sign_in(client, EDITOR)
    with client.session_transaction() as session:
        assert "on_the_way_in" not in session
    client.get("/staff/account/second-factor")
    client.get(NEW)
    client.post("/staff/sign-out", data=form_data(parse(client.get("/staff/")).select_one("form[action$=sign-out]")))
    with client.session_transaction() as session:
        assert "on_the_way_in" not in session


def deactivated_meanwhile(user_id):
    """Let somebody be deactivated between the look at who they are and the writing: there the transaction begins."""

    def deactivate(_session):
        with db.engine.begin() as other:
            other.execute(sa.update(User).where(User.id == user_id).values(active=False))

    sa.event.listen(Session, "after_rollback", deactivate, once=True)


def test_letter_adds_no_passkey_for_somebody_who_was_deactivated_at_that_instant(client):
    with transaction():
        user_id = service.add_user("new@example.org", "editor", None, utc_now()).id
    page = client.get(link_in(letters_sent()[0]), follow_redirects=True)
    sent = sent_form(page, "create", answer=Device().make(options_of(page, "create")), name="Laptop")
    deactivated_meanwhile(user_id)
    assert client.post("/staff/reset-password/choose", data=sent).location == "/staff/reset-password"
    assert queries.owners_of_passkeys() == set()


def test_second_factor_is_not_set_up_for_somebody_who_was_deactivated_at_that_instant(client):
    user, half = make_user(EDITOR, "editor"), "/staff/sign-in/second-factor"
    with client.session_transaction() as session:
        session["on_the_way_in"] = {
            "half": {"who": user.fs_uniquifier, "via": "password", "target": "", "at": utc_now().timestamp()}
        }
    page = client.get(half)
    sent = sent_form(page, "create", answer=Device().make(options_of(page, "create")), name="Laptop")
    deactivated_meanwhile(user.id)
    assert client.post(f"{half}/passkey", data=sent).location == half
    db.session.execute(sa.update(User).values(active=True))
    db.session.commit()
    deactivated_meanwhile(user.id)
    client.submit(page, half, "Set up this app", code=code_of(secret_on(page)))
    assert queries.owners_of_passkeys() == set()
    assert db.session.scalar(sa.select(User.totp_secret)) is None
