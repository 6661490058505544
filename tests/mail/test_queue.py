"""The queue: waking is quick, comes once, and never troubles a request, even when the queue is broken."""

import dataclasses
import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask

from config import SettingError
from webinars.mail.queue import Queue, Waker


def test_wake_ups_while_one_is_on_its_way_become_one() -> None:
    gate, done = threading.Event(), []

    def enqueue() -> None:
        gate.wait()
        done.append(1)

    waker = Waker(enqueue)
    for _ in range(1000):
        waker.wake()
    gate.set()
    waker.flush()
    assert 1 <= len(done) <= 2


def test_broken_queue_neither_raises_nor_delays() -> None:
    def enqueue() -> None:
        time.sleep(0.2)
        raise OSError("no disk")

    waker = Waker(enqueue)
    begun = time.perf_counter()
    for _ in range(100):
        waker.wake()
    assert time.perf_counter() - begun < 0.1


def test_wake_up_reaches_another_end_of_the_queue_once(app: Flask, tmp_path: Path) -> None:
    settings = app.extensions["settings"]
    if settings.database_url.startswith("sqlite"):
        settings = dataclasses.replace(settings, queue_url=f"sqlite:///{tmp_path}/queue")
    web, worker, heard = Queue(settings), Queue(settings), []
    while worker.listen(0):
        pass
    worker.on_drain(lambda: heard.append(1))
    web.wake()
    web.waker.flush()
    assert (worker.listen(1), worker.listen(0)) == (True, False)
    assert heard == [1]
    web.close()
    worker.close()


def test_queue_in_a_file_is_readable_by_us_only(app: Flask, tmp_path: Path) -> None:
    queue = Queue(dataclasses.replace(app.extensions["settings"], queue_url=f"sqlite:///{tmp_path}/queue"))
    queue.listen(0)
    assert (tmp_path / "queue").stat().st_mode & 0o077 == 0
    queue.close()


def test_queue_whose_file_was_removed_is_made_again(app: Flask, tmp_path: Path) -> None:
    queue = Queue(dataclasses.replace(app.extensions["settings"], queue_url=f"sqlite:///{tmp_path}/queue"))
    queue.listen(0)
    queue.close()
    for leftover in tmp_path.glob("queue*"):
        leftover.unlink()
    queue.wake()
    queue.waker.flush()
    assert queue.listen(0)
    queue.close()


def test_queue_that_lost_its_tables_has_them_again_after_one_fault(app: Flask, tmp_path: Path) -> None:
    queue = Queue(dataclasses.replace(app.extensions["settings"], queue_url=f"sqlite:///{tmp_path}/queue"))
    queue.listen(0)
    with closing(sqlite3.connect(tmp_path / "queue")) as other:
        other.execute("DROP TABLE task")
    with pytest.raises(sqlite3.OperationalError):
        queue.listen(0)
    queue.wake()
    queue.waker.flush()
    assert queue.listen(0)
    queue.close()


def test_task_signed_with_another_key_is_not_run(app: Flask, tmp_path: Path) -> None:
    settings = dataclasses.replace(app.extensions["settings"], queue_url=f"sqlite:///{tmp_path}/queue")
    stranger, worker = Queue(dataclasses.replace(settings, secret_key="x" * 64)), Queue(settings)
    stranger.wake()
    stranger.waker.flush()
    with pytest.raises(ValueError):
        worker.listen(0)
    assert not worker.listen(0)


def test_unknown_engine_is_refused_by_name(app: Flask) -> None:
    with pytest.raises(SettingError, match="QUEUE_URL"):
        Queue(dataclasses.replace(app.extensions["settings"], queue_url="amqp://localhost"))
