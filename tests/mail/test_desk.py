"""The staff's page about mail: what waits, what failed and why, how far mailings are."""

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from tests.factories import make_user
from tests.mail.support import control, find, owe, owe_many, reset_control, states
from tests.support.pages import CheckedClient, text_of
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.mail import outbox, queries
from webinars.mail.models import Mailing, Message


def sign_in(client: CheckedClient, role: str = "editor") -> None:
    password = "a long and harmless sentence"
    make_user("ada@example.org", role, password)
    client.submit(client.page("/staff/sign-in"), "sign-in", email="ada@example.org", password=password)


def test_desk_shows_failures_with_the_servers_words_and_mailings_with_progress(client: CheckedClient) -> None:
    owe_many(4, now=utc_now())
    with transaction() as session:
        failed = sa.update(Message).where(Message.subject == "p0")
        session.execute(failed.values(state="failed", last_error="550 5.1.1 no such user"))
    sign_in(client)
    page = client.page("/staff/mail/")
    assert "550 5.1.1 no such user" in text_of(page)
    bar = page.find("progress")
    assert bar is not None and (bar["value"], bar["max"]) == ("1", "4")


def test_mailing_that_nobody_was_owed_says_so(client: CheckedClient) -> None:
    nobody = sa.select(sa.literal("p0").label("subject")).where(sa.false())
    with transaction():
        outbox.owe_all(nobody, now=utc_now(), notice="reminder", about="w1", occasion="0-60")
    sign_in(client)
    page = client.page("/staff/mail/")
    assert "nobody was owed it" in text_of(page)
    assert page.find("progress") is None


def test_desk_lists_mailings_by_when_they_are_due(app: Flask) -> None:
    now = utc_now()
    nobody = sa.select(sa.literal("p0").label("subject")).where(sa.false())
    with transaction() as session:
        for occasion, days in (("0-1", 1), ("0-3", 3), ("0-2", 2)):
            outbox.owe_all(nobody, now=now, notice="reminder", about="w1", occasion=occasion)
            due = sa.update(Mailing).where(Mailing.occasion == occasion)
            session.execute(due.values(due_at=now - timedelta(days=days)))
    assert [row.mailing.occasion for row in queries.recent_mailings()] == ["0-1", "0-2", "0-3"]


def test_failed_letter_is_tried_again_by_a_button(client: CheckedClient) -> None:
    message = owe(now=utc_now())
    with transaction() as session:
        session.execute(sa.update(Message).values(state="failed", attempts=1))
    sign_in(client, "host")
    client.submit(client.page("/staff/mail/"), "/staff/mail/retry", "Try again")
    assert find(message.subject).state == "pending"


def test_mail_is_held_and_released_by_buttons(app: Flask, client: CheckedClient) -> None:
    reset_control()
    sign_in(client)
    client.submit(client.page("/staff/mail/"), "/staff/mail/hold")
    assert control().on_hold
    client.submit(client.page("/staff/mail/"), "/staff/mail/release")
    assert not control().on_hold


def test_empty_desk_says_so(client: CheckedClient) -> None:
    sign_in(client, "viewer")
    assert "No mailing yet" in text_of(client.page("/staff/mail/"))
    assert states() == {}


def test_names_of_other_rooms_replace_the_codes(app: Flask, client: CheckedClient) -> None:
    def names(codes: set[str]) -> dict[str, tuple[str, str | None]]:
        assert {"notice:reminder", "w1"} <= codes
        return {"w1": ("Side Effects", "/staff/webinars/1"), "notice:reminder": ("Reminder, 1 hour", None)}

    owe_many(1, now=utc_now())
    sign_in(client)
    before = app.extensions.get("mail_names")
    app.extensions["mail_names"] = names
    try:
        page = client.page("/staff/mail/")
    finally:
        app.extensions["mail_names"] = before
    assert "Reminder, 1 hour" in text_of(page)
    assert page.find("a", href="/staff/webinars/1") is not None
