"""Claims: each letter in one worker's hands, fenced by a token, given back when the lease is over."""

import threading
from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from tests.mail.support import NOW, find, owe, owe_many, states
from webinars.core.database import db, transaction
from webinars.mail import claims
from webinars.mail.models import Lane, Message

LEASE = timedelta(seconds=60)


def test_letter_is_claimed_by_one_worker_only(app: Flask) -> None:
    owe_many(5)
    first = claims.claim(Lane.BULK, NOW, LEASE, 3)
    second = claims.claim(Lane.BULK, NOW, LEASE, 3)
    assert (len(first), len(second), len(claims.claim(Lane.BULK, NOW, LEASE, 3))) == (3, 2, 0)
    assert not {m.id for m in first} & {m.id for m in second}
    assert find("p0", "0-60").lease_until == NOW + LEASE


def test_many_workers_at_once_never_share_a_letter(app: Flask) -> None:
    owe_many(60)
    taken: list[int] = []

    def work() -> None:
        with app.app_context():
            while batch := claims.claim(Lane.BULK, NOW, LEASE, 4):
                taken.extend(message.id for message in batch)
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(set(taken))
    # SKIP LOCKED may leave a letter to the next look, never to nobody.
    taken += [message.id for message in claims.claim(Lane.BULK, NOW, LEASE, 60)]
    assert len(taken) == 60


def test_expired_lease_goes_back_and_the_old_token_writes_nothing(app: Flask) -> None:
    owe()
    (old,) = claims.claim(Lane.TRANSACTIONAL, NOW, LEASE, 1)
    assert claims.recover(NOW + timedelta(seconds=59)) == 0
    assert claims.recover(NOW + timedelta(seconds=60)) == 1
    (new,) = claims.claim(Lane.TRANSACTIONAL, NOW + LEASE, LEASE, 1)
    with transaction() as session:
        assert not claims.settle(session, old, state="sent")
        assert claims.settle(session, new, state="failed")
    assert not claims.renew(old, NOW + LEASE)
    assert find("alice").state == "failed"


def test_renewed_lease_holds(app: Flask) -> None:
    owe()
    (message,) = claims.claim(Lane.TRANSACTIONAL, NOW, LEASE, 1)
    assert claims.renew(message, NOW + 2 * LEASE)
    assert claims.recover(NOW + LEASE) == 0


def test_letters_handed_back_are_due_at_once_and_cost_nothing(app: Flask) -> None:
    owe_many(3)
    claims.hand_back(claims.claim(Lane.BULK, NOW, LEASE, 3))
    assert states() == {"pending": 3}
    assert len(claims.claim(Lane.BULK, NOW, LEASE, 3)) == 3
    assert db.session.scalar(sa.select(sa.func.max(Message.attempts))) == 0


def test_claim_reads_the_index_of_due_letters(app: Flask) -> None:
    if db.engine.dialect.name != "sqlite":
        return
    owe_many(3)
    due = sa.select(Message.id).where(claims.PENDING, Message.lane == "b", Message.next_attempt_at <= NOW)
    text = str(due.compile(db.engine, compile_kwargs={"literal_binds": False}))
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("b", "2026-11-22 15:00:00")).all()
    assert "ix_messages_due" in str(plan)
