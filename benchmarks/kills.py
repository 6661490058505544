"""What a mailing suffers when its workers are killed again and again: letters lost, and letters that came twice."""

import multiprocessing
import os
import random
import tempfile
import time
from collections import Counter, deque
from pathlib import Path

from flask import Flask
from sqlalchemy import func, select

from benchmarks import prepare
from benchmarks.servers import installation
from benchmarks.sink import Sink
from config import settings_from
from webinars import create_app
from webinars.core.database import db
from webinars.mail.models import Message

LETTERS = int(os.environ.get("BENCH_LETTERS", "20000"))
KILLS = int(os.environ.get("BENCH_KILLS", "300"))
WORKERS = 3


def experiment(database_url: str | None) -> list[str]:
    """Send a mailing with a worker killed at every hundred letters or so, and count what the sink was given."""
    with tempfile.TemporaryDirectory() as folder, Sink(Path(folder) / "letters") as sink:
        with installation(database_url, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(sink.port)) as environment:
            owed = prepare.mailing(environment, LETTERS)
            kills = _send(environment, sink, owed)
        taken = Counter((Path(folder) / "letters").read_text().split())
    again = sum(count - 1 for count in taken.values())
    return [f"{owed} letters, {kills} workers killed while they sent: {owed - len(taken)} lost, {again} came twice"]


def _send(environment: dict[str, str], sink: Sink, owed: int) -> int:
    """Keep workers going, and kill the oldest, which is the one that sends, every so many letters; give how often."""
    app, chance = create_app(settings_from(environment)), random.Random(20_261_122)
    workers = deque(_start(app) for _number in range(WORKERS))
    kills, share = 0, owed // (KILLS + 1)
    try:
        while kills < KILLS and _reached(sink, min(owed - share, sink.count + chance.randint(1, share))):
            oldest = workers.popleft()
            oldest.kill()
            oldest.join()
            workers.append(_start(app))
            kills += 1
        _finish(app)
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join(30)
    return kills


def _finish(app: Flask, patience: float = 300) -> None:
    """Wait until the books owe nobody a letter: some wait for the lease of a worker that was killed."""
    open_letters = select(func.count()).where(Message.state.in_(["pending", "sending"]))
    deadline = time.monotonic() + patience
    with app.app_context():
        while db.session.scalar(open_letters) and time.monotonic() < deadline:
            db.session.rollback()
            time.sleep(1)
        db.session.remove()
        db.engine.dispose()


def _start(app: Flask) -> multiprocessing.Process:
    """Start `flask worker` in a process of its own, forked from the loaded program: loading it takes seconds."""
    worker = multiprocessing.Process(target=_work, args=(app,))
    worker.start()
    return worker


def _work(app: Flask) -> None:
    with app.app_context():
        app.test_cli_runner().invoke(args=["worker"])


def _reached(sink: Sink, count: int, patience: float = 120) -> bool:
    """Wait until the sink has so many letters, at most so many seconds."""
    deadline = time.monotonic() + patience
    while sink.count < count and time.monotonic() < deadline:
        time.sleep(0.001)
    return sink.count >= count
