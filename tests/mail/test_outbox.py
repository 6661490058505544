"""Owing letters: once each, in the transaction of the deed, and what staff may do with them."""

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.mail.support import NOW, control, find, owe, owe_many, reset_control, states
from tests.support.queries import sent_queries
from webinars.accounts.models import AuditEntry
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import outbox, queries
from webinars.mail.commands import outbox_commands
from webinars.mail.models import Mailing, Message


def test_same_letter_owed_again_changes_nothing(app: Flask) -> None:
    first = owe()
    with transaction():
        again = outbox.owe(notice="confirmation", subject="alice", occasion="1", now=NOW + timedelta(days=1))
        other = outbox.owe(notice="confirmation", subject="alice", occasion="2", now=NOW)
    assert (again, other) == (False, True)
    assert find("alice").message_id == first.message_id
    assert states() == {"pending": 2}


def test_letter_of_a_deed_that_fails_is_not_owed(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction():
        outbox.owe(notice="confirmation", subject="alice", occasion="1", now=NOW)
        raise RuntimeError
    assert states() == {}


def test_payload_is_null_when_there_is_none(app: Flask) -> None:
    owe()
    owe_many(1)
    assert db.session.scalar(sa.select(sa.func.count()).where(Message.payload.is_(None))) == 2


def test_mailing_gives_every_letter_its_own_reference(app: Flask) -> None:
    owe_many(50)
    rows = list(db.session.scalars(sa.select(Message)))
    assert len({row.reference for row in rows}) == 50
    assert {row.message_id for row in rows} == {f"<{row.reference}@harbor.example>" for row in rows}
    assert {len(row.reference) for row in rows} == {32}
    assert {(row.about, row.next_attempt_at, row.attempts) for row in rows} == {("w1", NOW, 0)}


def test_mailing_owed_again_adds_only_who_is_new(app: Flask) -> None:
    owe_many(5)
    owe_many(8)
    assert states() == {"pending": 8}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Mailing)) == 1


def test_columns_of_the_selection_replace_the_values_of_the_mailing(app: Flask) -> None:
    later = NOW + timedelta(hours=1)
    chosen = sa.select(
        sa.literal("bob").label("subject"),
        sa.literal("own").label("occasion"),
        sa.literal(later, Message.__table__.c.not_after.type).label("not_after"),
        sa.literal(later, Message.__table__.c.not_after.type).label("not_before"),
    )
    with transaction():
        assert outbox.owe_all(chosen, notice="reminder", about="w1", occasion="all", now=NOW) == 1
    row = find("bob", "own")
    assert (row.not_after, row.next_attempt_at) == (later, later)


def test_commit_of_owed_letters_wakes_the_worker_and_a_rollback_does_not(app: Flask) -> None:
    queue = app.extensions["mail_queue"]
    heard: list[int] = []
    queue.on_drain(lambda: heard.append(1))
    while queue.listen(0):
        pass
    heard.clear()
    with pytest.raises(RuntimeError), transaction():
        outbox.owe(notice="confirmation", subject="bob", occasion="1", now=NOW)
        raise RuntimeError
    owe()
    owe("carol")
    queue.waker.flush()
    while queue.listen(0):
        pass
    assert 1 <= len(heard) <= 2


def test_withdrawn_letter_is_closed_with_the_reason(app: Flask) -> None:
    owe(payload={"a": 1})
    with transaction():
        assert outbox.withdraw(subject="alice", reason="registration cancelled") == 1
        assert outbox.withdraw(subject="alice", reason="again") == 0
    assert (find("alice").state, find("alice").last_error, find("alice").payload) == (
        "superseded", "registration cancelled", None,
    )  # fmt: skip


def test_commands_hold_release_and_tell_the_state(app: Flask) -> None:
    reset_control()
    owe(now=utc_now() - timedelta(hours=1))
    runner = app.test_cli_runner()
    assert runner.invoke(outbox_commands, ["hold"]).exit_code == 0
    assert control().on_hold
    facts = json.loads(runner.invoke(outbox_commands, ["status", "--json"]).output)
    assert (facts["waiting"], facts["failed"], facts["on_hold"], facts["last_tick"]) == (1, 0, True, None)
    assert facts["oldest_due"] is not None
    assert "waiting: 1" in runner.invoke(outbox_commands, ["status"]).output
    assert runner.invoke(outbox_commands, ["release"]).exit_code == 0
    assert not control().on_hold


def test_commands_stand_in_the_audit_trail(app: Flask) -> None:
    waiting = owe("alice", not_before=utc_now() + timedelta(hours=1))
    runner = app.test_cli_runner()
    for words in (["hold"], ["release"], ["retry", str(waiting.id), "4711"], ["retry", "4711"], ["retry"]):
        assert runner.invoke(outbox_commands, words).exit_code == 0
    trail = [(one.actor, one.action) for one in db.session.query(AuditEntry).order_by(AuditEntry.id)]
    told = ["mail held", "mail released", "letter tried again"]
    assert trail == [("system", action) for action in told]


def test_retry_brings_forward_what_waits_and_named_failures(app: Flask) -> None:
    waiting, failed = owe("alice", not_before=NOW + timedelta(hours=1)), owe("bob")
    with transaction() as session:
        session.execute(sa.update(Message).where(Message.id == waiting.id).values(attempts=2))
        session.execute(sa.update(Message).where(Message.id == failed.id).values(state="failed", attempts=1))
    with transaction():
        assert outbox.retry(NOW) == 1
        assert outbox.retry(NOW, [failed.id]) == 1
    assert find("alice").next_attempt_at == NOW
    assert find("bob").state == "pending"


@pytest.mark.parametrize("count", [1, 3])
def test_progress_is_read_in_two_statements_whatever_the_number_of_mailings(app: Flask, count: int) -> None:
    for n in range(count):
        owe_many(4, occasion=f"{n}")
    with transaction() as session:
        session.execute(sa.update(Message).where(Message.subject == "p0").values(state="sent"))
        session.execute(sa.update(Message).where(Message.subject == "p1").values(state="failed"))
    with sent_queries() as sent:
        found = queries.recent_mailings()
    assert [(row.total, row.sent, row.open, row.failed, row.settled) for row in found] == [(4, 1, 2, 1, 2)] * count
    assert len(sent) == 2


def test_mailing_tells_how_many_letters_are_new_and_wakes_the_worker(app: Flask) -> None:
    chosen = sa.select(sa.literal("bob").label("subject"))
    with transaction() as session:
        counts = [outbox.owe_all(chosen, notice="reminder", about="w1", occasion="1", now=NOW) for _ in range(2)]
        assert session.info[outbox.OWED]
    assert counts == [1, 0]
