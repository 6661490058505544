"""The worker as a process: woken by commits, stopped by signals, killed at any moment, under a faked clock."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from tests.mail.conftest import Start
from tests.mail.support import beating, last_beat, owe, owe_many, states
from tests.mail.worker_process import ROOT
from tests.support.smtp_sink import HANG, Received, SmtpSink
from tests.support.waiting import wait_until
from webinars.core.clock import utc_now
from webinars.core.database import db, is_sqlite, transaction
from webinars.mail import claims
from webinars.mail.models import Heartbeat, Lane, Message

#: seconds, as the workers of these tests have it
A_TICK = 60


def test_commit_wakes_a_worker_in_another_process(start: Start, smtp_sink: SmtpSink) -> None:
    start()
    wait_until(beating)
    time.sleep(0.5)
    owe("alice", now=utc_now())
    assert wait_until(lambda: len(smtp_sink.received) == 1) < A_TICK / 2


def test_retry_does_not_wait_for_the_tick(start: Start, smtp_sink: SmtpSink) -> None:
    smtp_sink.script("RCPT", "451 a", "451 b", "451 c")
    owe("alice", now=utc_now())
    start()
    assert wait_until(lambda: len(smtp_sink.received) == 1) < A_TICK / 2


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_worker_after_the_letter_in_hand(
    start: Start, smtp_sink: SmtpSink, number: signal.Signals
) -> None:
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.02)
    owe_many(2000, now=utc_now())
    process = start()
    wait_until(lambda: len(smtp_sink.received) > 5)
    process.send_signal(number)
    assert process.wait() == 0
    sent = states()["sent"]
    assert states() == {"sent": sent, "pending": 2000 - sent}
    assert len(smtp_sink.received) == sent


@pytest.mark.slow
def test_killed_workers_lose_nothing_and_repeat_only_the_same_message_id(start: Start, smtp_sink: SmtpSink) -> None:
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.005)
    owe_many(300, now=utc_now())
    kills = 0
    while len(smtp_sink.received) < 250 and kills < 8:
        process, before = start(), len(smtp_sink.received)
        wait_until(lambda: len(smtp_sink.received) >= before + 20)  # noqa: B023 - used up at once
        process.kill()
        kills += 1
    start()
    wait_until(lambda: states() == {"sent": 300})
    assert kills >= 3
    assert lost(smtp_sink) == set()
    assert len(smtp_sink.received) - 300 <= kills
    assert set(smtp_sink.message_ids) == set(db.session.scalars(sa.select(Message.message_id)))


def lost(sink: SmtpSink) -> set[str]:
    """Name the letters that the books call sent and nobody got."""
    db.session.rollback()
    sent = db.session.scalars(sa.select(Message.subject).where(Message.state == "sent"))
    return {f"{subject}@example.org" for subject in sent} - set(sink.recipients)


def test_loss_would_be_noticed(start: Start, smtp_sink: SmtpSink, web: Flask) -> None:
    """Control of the test above: a worker that marks before it sends, killed in between, loses a letter."""
    owe_many(3, now=utc_now())
    claimed = claims.claim(Lane.BULK, utc_now(), timedelta(seconds=2), 1)
    with transaction() as session:
        claims.settle(session, claimed[0], state="sent")
    start()
    wait_until(lambda: states() == {"sent": 3})
    assert lost(smtp_sink) == {f"{claimed[0].subject}@example.org"}


@pytest.mark.parametrize("workers", [2, 8])
def test_several_workers_share_a_mailing_without_repeating_a_letter(
    start: Start, smtp_sink: SmtpSink, workers: int
) -> None:
    owe_many(400, now=utc_now())
    for _ in range(workers):
        # As long as it takes eight of them on a busy machine: whose letter is held no longer sends it again.
        start(WORKER_LEASE_SECONDS="60")
    wait_until(lambda: states() == {"sent": 400})
    assert len(smtp_sink.received) == 400
    assert max(smtp_sink.message_ids.values()) == 1


def test_no_more_workers_send_at_once_than_there_may_be_connections(start: Start, smtp_sink: SmtpSink) -> None:
    # A busy machine must neither make a worker seem silent, which it is after three ticks, nor a letter hang, for which
    # it has a part of the lease.
    patient = {"WORKER_TICK_SECONDS": "2", "WORKER_LEASE_SECONDS": "15"}
    workers = [start(MAIL_CONNECTIONS="2", **patient) for _ in range(4)]
    wait_until(lambda: len(working()) == 4)
    # Whose turn it is, each looks up at its next tick.
    first = beats()
    wait_until(lambda: not first.items() & beats().items())
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.02)
    owe_many(300, now=utc_now())
    wait_until(lambda: len(smtp_sink.received) >= 150)
    assert most_at_once(smtp_sink.received[:150]) == 2
    for worker in workers:
        if any(f"-{worker.pid}-" in name for name in working()[:2]):
            worker.kill()
    # The others have their turn once those were silent for some ticks.
    wait_until(lambda: states() == {"sent": 300})


def most_at_once(letters: list[Received]) -> int:
    """Count connections used in turns; a worker may hang up and come back."""
    used: dict[int, list[float]] = {}
    for letter in letters:
        used.setdefault(letter.connection, []).append(letter.at)
    return max(sum(min(other) <= min(one) <= max(other) for other in used.values()) for one in used.values())


def beats() -> dict[str, datetime]:
    """Tell when each worker has beaten."""
    db.session.rollback()
    return {beat.worker: beat.beat_at for beat in db.session.scalars(sa.select(Heartbeat))}


def working() -> list[str]:
    """Name the workers, those first that may send."""
    return sorted(beats())


def stop_between_writes(pid: int) -> None:
    """Stop a process where it does not hold SQLite's one write lock, which nobody could take from it."""
    while True:
        os.kill(pid, signal.SIGSTOP)
        if not is_sqlite():
            return
        with sqlite3.connect(str(db.engine.url.database), timeout=0.3, isolation_level=None) as probe:
            try:
                probe.execute("BEGIN IMMEDIATE")
                probe.execute("ROLLBACK")
                return
            except sqlite3.OperationalError:
                os.kill(pid, signal.SIGCONT)
                time.sleep(0.05)


def test_lease_of_a_stopped_worker_runs_out_and_its_mark_comes_too_late(start: Start, smtp_sink: SmtpSink) -> None:
    owe("alice", now=utc_now())
    smtp_sink.script("DATA", HANG)
    first = start()
    wait_until(lambda: smtp_sink.verbs["DATA"] == 1)
    stop_between_writes(first.pid)
    start()
    wait_until(lambda: states() == {"sent": 1})
    os.kill(first.pid, signal.SIGCONT)
    time.sleep(0.5)
    assert states() == {"sent": 1}
    assert len(smtp_sink.received) == 1


def alive(group: int) -> bool:
    """Say whether anybody of a process group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.mark.skipif(not shutil.which("faketime"), reason="libfaketime is not installed")
@pytest.mark.parametrize("prefix", [["faketime", "2027-01-05 10:00:00"], ["faketime", "-f", "+9d"]])
def test_worker_runs_under_a_faked_clock(environ: dict[str, str], smtp_sink: SmtpSink, prefix: list[str]) -> None:
    command = [*prefix, sys.executable, "-m", "tests.mail.worker_process"]
    settings = os.environ | environ | {"WORKER_TICK_SECONDS": "1"}
    process = subprocess.Popen(command, cwd=ROOT, env=settings, start_new_session=True)
    try:
        wait_until(beating)
        first = last_beat()
        owe("alice", now=utc_now())
        wait_until(lambda: len(smtp_sink.received) == 1)
        wait_until(lambda: last_beat() != first)
        assert first is not None and first > utc_now() + timedelta(days=8)
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)
        # The wrapper ends at once; what it started must end as well.
        wait_until(lambda: not alive(process.pid))
    finally:
        if alive(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
