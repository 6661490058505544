"""The queue engine, which only says when to look: losing what it holds loses no letter.

Engine: huey on a file beside the SQLite database or on the PostgreSQL database. Nothing but an empty task travels.
"""

import atexit
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import structlog
from flask import Flask
from huey import Huey, PostgresHuey, SqliteHuey
from huey.serializer import SignedSerializer
from huey.storage import PostgresStorage

from config import SettingError, Settings

#: how often a queue in a file is looked at
POLL_SECONDS = 0.1
LOG = structlog.get_logger("webinars.mail.queue")


class Queue:
    """One process' end of the queue; opened on first use, so that a broken one stops nobody from starting."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings; raises SettingError for an address of no known engine."""
        self._make = _engine(settings)
        self._secret = settings.secret_key
        self._opening = threading.Lock()
        self._huey: Huey | None = None
        self._drain: Callable[[], Any] | None = None
        self._on_drain: Callable[[], None] = lambda: None
        self.waker = Waker(self._enqueue)

    def wake(self) -> None:
        """Tell a worker to look soon; returns at once and never raises."""
        self.waker.wake()

    def on_drain(self, action: Callable[[], None]) -> None:
        """Name what a worker does when it is told to look."""
        self._on_drain = action

    def listen(self, seconds: float) -> bool:
        """Take one wake-up out of the queue and act on it, waiting up to ``seconds``; say whether there was one."""
        with self._engine() as huey:
            if isinstance(huey.storage, PostgresStorage):
                huey.storage.blocking, huey.storage.read_timeout = seconds > 0, seconds
                return self._took(huey)
            end = time.monotonic() + seconds
            while not (took := self._took(huey)) and (left := end - time.monotonic()) > 0:
                time.sleep(min(POLL_SECONDS, left))
            return took

    def _took(self, huey: Huey) -> bool:
        task = huey.dequeue()
        if task is not None:
            huey.execute(task)
        return task is not None

    def close(self) -> None:
        """Let go of the connection; the next use opens it again, and makes the tables if they are gone."""
        with self._opening:
            if self._huey is not None:
                self._huey.storage.close()
                self._huey = None

    @contextmanager
    def _engine(self) -> Iterator[Huey]:
        try:
            yield self._opened()
        except Exception:
            # Somebody may have removed the file, which holds nothing that is worth keeping.
            self.close()
            raise

    def _opened(self) -> Huey:
        with self._opening:
            if self._huey is None:
                huey = self._make(
                    results=False, serializer=SignedSerializer(secret=self._secret, salt="webinars.queue")
                )
                self._drain = huey.task(name="drain")(lambda: self._on_drain())
                self._huey = huey
            return self._huey

    def _enqueue(self) -> None:
        with self._engine() as huey:
            if huey.storage.queue_size() == 0 and self._drain is not None:
                self._drain()


class Waker:
    """A thread that enqueues, so that a slow or broken queue costs a request nothing; wake-ups in a row become one."""

    def __init__(self, enqueue: Callable[[], None]) -> None:
        """Take what to do when somebody was woken; the thread starts with the first wake-up of a process."""
        self._enqueue = enqueue
        self._reset()

    def _reset(self) -> None:
        self._pid = os.getpid()
        self._asked = threading.Semaphore(0)
        self._pending = False
        self._busy = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Ask for a wake-up; a few microseconds, never raises."""
        if self._pid != os.getpid():
            # A forked server process has neither the thread nor a usable lock.
            self._reset()
        if self._thread is None:
            self._start()
        if not self._pending:
            self._pending = True
            self._asked.release()

    def flush(self, seconds: float = 1.0) -> None:
        """Wait until what was asked for is done, a second at most (commands that end right after their commit)."""
        rounds = int(seconds / 0.01) if self._thread is not None and self._pid == os.getpid() else 0
        for _ in range(rounds):
            if not self._pending and not self._busy:
                return
            time.sleep(0.01)

    def _start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="waker", daemon=True)
        try:
            self._thread.start()
            atexit.register(self.flush)
        except RuntimeError:
            # No thread at interpreter shutdown: the tick finds the letters.
            self._thread = None

    def _run(self) -> None:
        while True:
            # Without a time-out: timed waits on locks hang under a faked clock.
            self._asked.acquire()
            self._busy, self._pending = True, False
            for attempt in (1, 2):
                if self._tried(last=attempt == 2):
                    break
            self._busy = False

    def _tried(self, last: bool) -> bool:
        try:
            self._enqueue()
        except Exception as error:  # whatever is wrong with the queue, a request must not feel it
            # The second try is for a connection that a restart of the database has cut.
            if last:
                LOG.warning("the queue could not be told; the tick will find the letters", error=type(error).__name__)
            return False
        return True


def _engine(settings: Settings) -> Callable[..., Huey]:
    scheme, _, rest = settings.queue_url.partition("://")
    if scheme == "sqlite":
        # As Flask-SQLAlchemy does it: a relative path begins in the instance folder.
        return partial(_sqlite, settings.instance / rest.removeprefix("/").partition("?")[0])
    if scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return partial(_postgresql, f"postgresql://{rest}")
    raise SettingError("QUEUE_URL", "must begin with sqlite:/// or with postgresql://")


def _sqlite(path: Path, **options: Any) -> Huey:
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    # Nothing here has to survive a power cut.
    return SqliteHuey("webinars", filename=str(path), fsync=False, timeout=2, cache_mb=1, **options)


def _postgresql(dsn: str, **options: Any) -> Huey:
    make = partial(
        PostgresHuey, "webinars", dsn=dsn, options="-c synchronous_commit=off", connect_timeout=10, **options
    )
    try:
        return make()
    except psycopg.errors.UniqueViolation:
        # Two processes made the tables at the same instant; they are there now.
        return make()


def init_queue(app: Flask, settings: Settings) -> Queue:
    """Give the application its end of the queue."""
    queue = app.extensions["mail_queue"] = Queue(settings)
    return queue


def queue_of(app: Flask) -> Queue:
    """Give an application's end of the queue."""
    queue: Queue = app.extensions["mail_queue"]
    return queue
