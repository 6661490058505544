"""The staff's page about mail: what waits, what failed and why, how far mailings are."""

import json
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from tests.mail.inbound.samples import sample as inbound_sample
from tests.mail.inbound.support import arrives, came_back
from tests.mail.support import control, find, owe, owe_many, prepare_plain, reset_control, states
from tests.support.pages import CheckedClient, text_of
from tests.support.queries import sent_queries
from tests.support.staff import sign_in
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import checks, outbox, queries, worker
from webinars.mail.models import Heartbeat, Mailing, Message


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
    assert "there was nobody to write to" in text_of(page)
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
    sign_in(client, "editor")
    client.submit(client.page("/staff/mail/"), "/staff/mail/retry", "Try again")
    assert find(message.subject).state == "pending"


def test_mail_is_held_and_released_by_buttons(app: Flask, client: CheckedClient) -> None:
    reset_control()
    sign_in(client)
    client.submit(client.page("/staff/mail/"), "/staff/mail/hold")
    assert control().on_hold
    client.submit(client.page("/staff/mail/"), "/staff/mail/release")
    assert not control().on_hold


def test_what_staff_do_at_the_desk_is_in_the_audit_trail(client: CheckedClient) -> None:
    reset_control()
    owe_many(3, now=utc_now())
    with transaction() as session:
        session.execute(sa.update(Message).values(attempts=1))
        session.execute(sa.update(Message).where(Message.subject == "p0").values(state="failed"))
    arrives(inbound_sample("a-persons-answer"), utc_now())
    sign_in(client)
    failed, came = find("p0", "0-60").id, came_back()[0].id
    for action, button in (("retry", "Try all again now"), ("retry", "Try again"), ("hold", ""), ("release", "")):
        client.submit(client.page("/staff/mail/"), f"/staff/mail/{action}", button)
    shown = client.page(f"/staff/mail/tray/{came}")
    for _ in range(2):
        # The second time it is done already.
        client.submit(shown, "/done", "Done")
    db.session.rollback()
    trail = db.session.scalars(
        sa.select(AuditEntry)
        .where(AuditEntry.actor == "staff:1", AuditEntry.object_kind != "user")
        .order_by(AuditEntry.id)
    )
    assert [(entry.action, entry.object_kind, entry.object_id, entry.after) for entry in trail] == [
        ("waiting letters tried again", "mail", "outbox", {"letters": 2}),
        ("letter tried again", "message", str(failed), None),
        ("mail held", "mail", "outbox", None),
        ("mail released", "mail", "outbox", None),
        ("message dealt with", "inbound", str(came), None),
    ]
    reset_control()


def test_nothing_tried_again_is_nothing_done(client: CheckedClient) -> None:
    sign_in(client)
    token = token_of(client.page("/staff/mail/"))
    assert client.post("/staff/mail/retry", data=token, follow_redirects=True).status_code == 200
    db.session.rollback()
    assert "waiting letters tried again" not in set(db.session.scalars(sa.select(AuditEntry.action)))


@pytest.mark.parametrize("number", [str(2**63), "9" * 25, "9" * 5000, "0", "-1", "x", ""])
def test_number_that_no_letter_has_tries_nothing_again(client: CheckedClient, number: str) -> None:
    owe_many(1, now=utc_now())
    with transaction() as session:
        later = utc_now() + timedelta(hours=1)
        session.execute(sa.update(Message).values(attempts=1, next_attempt_at=later))
    sign_in(client)
    answer = client.post("/staff/mail/retry", data=token_of(client.page("/staff/mail/")) | {"message": number})
    assert answer.status_code == 422
    assert find("p0", "0-60").next_attempt_at == later


def token_of(page: BeautifulSoup) -> dict[str, str]:
    field = page.find("input", attrs={"name": "csrf_token"})
    assert field is not None
    return {"csrf_token": str(field["value"])}


def test_empty_desk_says_so(client: CheckedClient) -> None:
    sign_in(client, "viewer")
    assert "No mailing yet" in text_of(client.page("/staff/mail/"))
    assert states() == {}


def test_names_of_other_rooms_replace_the_codes(app: Flask, client: CheckedClient) -> None:
    def names(codes: set[str]) -> dict[str, tuple[str, str | None]]:
        (reminder,) = (code for code in codes if code.startswith("notice:reminder:"))
        assert "w1" in codes
        return {"w1": ("Side Effects", "/staff/webinars/1"), reminder: ("Reminder, 1 hour", None)}

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


# --- what moves by itself --------------------------------------------------------------------------------------------


def fragment(client: CheckedClient, was: str = "") -> BeautifulSoup:
    """Fetch the moving part as the script does; it is no page of its own, so it is not checked as one."""
    answer = FlaskClient.open(client, f"/staff/mail/queue?was={was}", headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "<html" not in answer.text
    return BeautifulSoup(answer.text, "html5lib")


def beat(*names: str) -> None:
    with transaction() as session:
        session.add_all(Heartbeat(worker=name, beat_at=utc_now()) for name in names)


def mark_sent(which: sa.ColumnElement[bool], seconds_ago: float) -> None:
    with transaction() as session:
        at = utc_now() - timedelta(seconds=seconds_ago)
        session.execute(sa.update(Message).where(which).values(state="sent", sent_at=at))


def test_the_part_that_moves_shows_the_same_as_the_page(client: CheckedClient) -> None:
    beat("host-1-abc", "host-2-abc", "retention")
    owe_many(10, now=utc_now())
    mark_sent(Message.subject.in_(["p0", "p1", "p2"]), 30)
    mark_sent(Message.subject.in_(["p3"]), 200)
    sign_in(client, "viewer")
    page = client.page("/staff/mail/")
    for soup in (page, fragment(client)):
        moving, mailings = soup.find(id="queue"), soup.find(id="mailings-part")
        assert moving is not None and mailings is not None
        words = f"{text_of(moving)} {text_of(mailings)}"
        assert "6 waiting" in words
        assert "3 sent in the last minute (4 in the last five)" in words
        assert "2 programs are sending letters." in words
        assert "a second, done in" in words
        assert [(bar["value"], bar["max"]) for bar in mailings.find_all("progress")] == [("4", "10")]
        assert moving["data-hx-trigger"] == "every 5s"
        assert str(moving["data-hx-get"]).startswith("/staff/mail/queue?was=")


def test_without_the_script_the_moving_part_leads_to_the_whole_desk(client: CheckedClient) -> None:
    sign_in(client, "viewer")
    answer = client.get("/staff/mail/queue", follow_redirects=True)
    assert answer.request.path == "/staff/mail/"


def test_only_a_change_of_how_mail_is_doing_is_read_out(app: Flask, client: CheckedClient) -> None:
    reset_control()
    beat("host-1-abc")
    sign_in(client)
    page = client.page("/staff/mail/")
    assert page.find(id="queue-news", role="status") is not None
    moving = page.find(id="queue")
    assert moving is not None and not moving.find_all(attrs={"aria-live": True, "role": "status"})
    was = str(moving["data-hx-get"]).rpartition("=")[2]
    assert was == "idle"
    assert fragment(client, was).find(id="queue-news") is None
    with transaction():
        outbox.hold()
    news = fragment(client, was).find(id="queue-news")
    assert news is not None and news["data-hx-swap-oob"] == "innerHTML"
    assert text_of(news) == "Mail is on hold."
    assert fragment(client, "held").find(id="queue-news") is None
    reset_control()


def test_a_desk_without_workers_says_so(client: CheckedClient) -> None:
    beat("retention")
    sign_in(client)
    assert "No mail worker is running" in text_of(client.page("/staff/mail/"))


def test_the_moving_part_costs_the_same_whatever_is_in_it(client: CheckedClient) -> None:
    sign_in(client)
    counts = []
    for occasion in ("0-1", "0-2", "0-3"):
        owe_many(3, now=utc_now(), occasion=occasion)
        with sent_queries() as sent:
            fragment(client)
        counts.append(len([statement for statement in sent if statement.startswith("SELECT")]))
    assert counts[0] == counts[2] <= 12


# --- what is missing or stuck ----------------------------------------------------------------------------------------


@pytest.fixture
def found(app: Flask) -> Iterator[None]:
    before = app.extensions["mail_checks"]
    app.extensions["mail_checks"] = lambda now: checks.Findings(
        {"stuck_pending": 3, "planned_missing": 0}, ("3 are late.",)
    )
    yield
    app.extensions["mail_checks"] = before


def test_desk_says_what_is_missing_or_stuck(client: CheckedClient, found: None) -> None:
    sign_in(client, "viewer")
    assert "3 are late." in text_of(client.page("/staff/mail/"))


def test_desk_says_when_nothing_is(client: CheckedClient) -> None:
    sign_in(client, "viewer")
    assert "Every letter that is due has been written, and none is stuck." in text_of(client.page("/staff/mail/"))


def test_command_adds_rate_workers_and_what_is_stuck(app: Flask, found: None) -> None:
    before = {
        "waiting",
        "sending",
        "retrying",
        "failed",
        "expired",
        "oldest_due",
        "last_tick",
        "on_hold",
        "paused_until",
    }
    beat("host-1-abc")
    facts = json.loads(app.test_cli_runner().invoke(args=["outbox", "status", "--json"]).output)
    assert before < set(facts), "keys are added, never changed"
    assert (facts["workers"], facts["stuck_pending"], facts["sent_last_minute"]) == (1, 3, 0)
    lines = app.test_cli_runner().invoke(args=["outbox", "status"]).output.splitlines()
    assert "stuck pending: 3" in lines and "3 are late." in lines


def test_worker_logs_what_is_stuck_in_numbers_every_five_minutes_at_most(
    app: Flask, found: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[dict[str, Any]] = []
    monkeypatch.setattr(worker, "LOG", SimpleNamespace(warning=lambda words, **facts: said.append(facts)))
    one = worker.Worker(app, prepare_plain, lambda now: None)
    one._check_now()
    assert said == [], "what a standing worker left behind is dealt with first"
    for number in (1, 2):
        one._checked_at -= worker.CHECK_SECONDS
        one._check_now()
        one._check_now()
        assert said == [{"worker": one.name, "stuck_pending": 3}] * number


def test_desk_says_what_failed_before_how_mailings_are(client: CheckedClient) -> None:
    beat("host-1-abc")
    owe_many(1, now=utc_now())
    with transaction() as session:
        session.execute(sa.update(Message).values(state="failed", last_error="550 5.1.1 no such user"))
    sign_in(client)
    headings = [text_of(heading) for heading in client.page("/staff/mail/").find("main").find_all("h2")]
    assert headings == ["Not delivered", "Mailings", "Is anything missing?"]
    assert client.page("/staff/").find("a", href="/staff/mail/#failures") is not None


def test_mail_on_hold_is_said_once(app: Flask, client: CheckedClient) -> None:
    reset_control()
    sign_in(client)
    page = client.submit(client.page("/staff/mail/"), "/staff/mail/hold")
    reset_control()
    assert page.text.count("on hold") == 1
