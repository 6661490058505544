"""The worker as a process: woken by commits, stopped by signals, killed at any moment, under a faked clock."""

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from config import Settings
from tests.mail.support import owe, owe_many, reset_control, states
from tests.mail.worker_process import ROOT, Nursery, Worker
from tests.support.smtp_sink import HANG, SmtpSink
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import claims, queries
from webinars.mail.models import Lane, Message
from webinars.mail.queue import Queue

Start = Callable[..., Worker]


@pytest.fixture
def web(app: Flask, tmp_path: Path) -> Iterator[Flask]:
    """The application as a web process with a queue of its own, since other tests may have left wake-ups behind."""
    settings: Settings = app.extensions["settings"]
    before = app.extensions["mail_queue"]
    app.extensions["mail_queue"] = Queue(_with_queue(settings, tmp_path))
    reset_control()
    yield app
    app.extensions["mail_queue"].waker.flush()
    app.extensions["mail_queue"].close()
    app.extensions["mail_queue"] = before
    db.session.rollback()
    reset_control()


@pytest.fixture(scope="session")
def nursery() -> Iterator[Nursery]:
    """A process that has loaded the program and forks workers."""
    made = Nursery()
    yield made
    made.close()


@pytest.fixture
def environ(web: Flask, smtp_sink: SmtpSink, tmp_path: Path) -> dict[str, str]:
    """The settings of a worker that talks to the sink."""
    settings = web.extensions["settings"]
    return {
        "DATABASE_URL": settings.database_url,
        "QUEUE_URL": _with_queue(settings, tmp_path).queue_url,
        "INSTANCE_PATH": str(settings.instance),
        "SECRET_KEY": settings.secret_key,
        "MAIL_SERVER": smtp_sink.host,
        "MAIL_PORT": str(smtp_sink.port),
        "MAIL_DEFAULT_SENDER": settings.mail_default_sender,
        "MAIL_RETRY_BASE_SECONDS": "0.2",
        "WORKER_LEASE_SECONDS": "2",
        "WORKER_TICK_SECONDS": "60",
        "RATELIMIT_ENABLED": "0",
    }


@pytest.fixture
def start(nursery: Nursery, environ: dict[str, str]) -> Iterator[Start]:
    """Start workers; what still runs at the end is killed."""
    started: list[Worker] = []

    def begin(**changes: str) -> Worker:
        started.append(nursery.start(environ | changes))
        return started[-1]

    yield begin
    for worker in started:
        worker.kill()


def _with_queue(settings: Settings, folder: Path) -> Settings:
    url = f"sqlite:///{folder / 'queue'}" if settings.database_url.startswith("sqlite") else settings.database_url
    return dataclasses.replace(settings, queue_url=url)


def wait_until(condition: Callable[[], bool], seconds: float) -> float:
    """Wait for something; give how long it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < seconds, f"not within {seconds} s: {states()}"
        time.sleep(0.02)
    return time.monotonic() - begun


def beating() -> bool:
    """Say whether a worker has looked."""
    return last_beat() is not None


def last_beat() -> datetime | None:
    db.session.rollback()
    return queries.status(utc_now()).last_tick


@contextmanager
def quick(seconds: float) -> Iterator[None]:
    """Fail when the block takes longer."""
    begun = time.monotonic()
    yield
    assert time.monotonic() - begun < seconds


def test_commit_wakes_a_worker_in_another_process(start: Start, smtp_sink: SmtpSink) -> None:
    start()
    wait_until(beating, 20)
    time.sleep(0.5)
    owe("alice", now=utc_now())
    assert wait_until(lambda: len(smtp_sink.received) == 1, 10) < 3


def test_retry_does_not_wait_for_the_tick(start: Start, smtp_sink: SmtpSink) -> None:
    smtp_sink.script("RCPT", "451 a", "451 b", "451 c")
    owe("alice", now=utc_now())
    start()
    wait_until(lambda: len(smtp_sink.received) == 1, 20)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_the_worker_after_the_letter_in_hand(
    start: Start, smtp_sink: SmtpSink, number: signal.Signals
) -> None:
    smtp_sink.answer["DATA"] = lambda _: time.sleep(0.02)
    owe_many(2000, now=utc_now())
    process = start()
    wait_until(lambda: len(smtp_sink.received) > 5, 20)
    process.send_signal(number)
    with quick(5):
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
        wait_until(lambda: len(smtp_sink.received) >= before + 20, 30)  # noqa: B023 - used up at once
        process.kill()
        kills += 1
    start()
    wait_until(lambda: states() == {"sent": 300}, 60)
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
    wait_until(lambda: states() == {"sent": 3}, 20)
    assert lost(smtp_sink) == {f"{claimed[0].subject}@example.org"}


def test_several_workers_share_a_mailing_without_repeating_a_letter(start: Start, smtp_sink: SmtpSink) -> None:
    owe_many(200, now=utc_now())
    for _ in range(3):
        start()
    wait_until(lambda: states() == {"sent": 200}, 60)
    assert len(smtp_sink.received) == 200
    assert max(smtp_sink.message_ids.values()) == 1


def test_lease_of_a_stopped_worker_runs_out_and_its_mark_comes_too_late(start: Start, smtp_sink: SmtpSink) -> None:
    owe("alice", now=utc_now())
    smtp_sink.script("DATA", HANG)
    first = start()
    wait_until(lambda: smtp_sink.verbs["DATA"] == 1, 20)
    os.kill(first.pid, signal.SIGSTOP)
    start()
    wait_until(lambda: states() == {"sent": 1}, 20)
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
        wait_until(beating, 60)
        first = last_beat()
        owe("alice", now=utc_now())
        wait_until(lambda: len(smtp_sink.received) == 1, 10)
        wait_until(lambda: last_beat() != first, 10)
        assert first is not None and first > utc_now() + timedelta(days=8)
        os.killpg(process.pid, signal.SIGTERM)
        with quick(5):
            process.wait(timeout=10)
        # The wrapper ends at once; what it started must end as well.
        wait_until(lambda: not alive(process.pid), 5)
    finally:
        if alive(process.pid):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
