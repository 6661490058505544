"""Long work of other rooms: seen to when somebody calls, but in a rush not at every call."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread

import pytest
from flask import Flask

from tests.mail.support import prepare_plain
from tests.support.waiting import wait_until
from webinars.mail import worker


@contextmanager
def working(app: Flask, chores: Callable[[Callable[[], bool]], bool]) -> Iterator[worker.Worker]:
    """Let a worker work in a thread."""
    one = worker.Worker(app, prepare_plain, lambda now: None, chores)
    thread = Thread(target=one.run)
    thread.start()
    try:
        yield one
    finally:
        one.stop()
        thread.join(20)


def test_a_rush_of_calls_causes_few_looks(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CHORE_SECONDS", 3600)
    looks: list[float] = []
    with working(app, lambda stop: bool(looks.append(time.monotonic()))) as one:
        wait_until(lambda: len(looks) == 1)
        for _call in range(10):
            one._wake()
            time.sleep(0.1)
    assert len(looks) == 1


def test_a_call_is_answered_before_the_tick(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CHORE_SECONDS", 0)
    looks: list[float] = []
    with working(app, lambda stop: bool(looks.append(time.monotonic()))) as one:
        wait_until(lambda: len(looks) == 1)
        one._wake()
        assert wait_until(lambda: len(looks) == 2) < app.extensions["settings"].worker_tick_seconds / 2


def test_where_there_was_something_the_next_is_looked_for_at_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "CHORE_SECONDS", 3600)
    left = [True, True, True, False]
    with working(app, lambda stop: left.pop(0) if left else False):
        assert wait_until(lambda: not left) < app.extensions["settings"].worker_tick_seconds / 2
