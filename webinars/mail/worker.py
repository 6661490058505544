"""The worker: looks when it is woken, and every tick in any case. Any number of them may run.

Why this is not huey's own consumer: docs/decisions/0001-worker-loop.md.
"""

import math
import os
import secrets
import signal
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog
from flask import Flask
from sqlalchemy.orm import Session

from config import Settings
from webinars.core.clock import utc_now
from webinars.core.database import db, spare_memory, transaction
from webinars.mail import checks
from webinars.mail.delivery import Outcome, deliver_due
from webinars.mail.faults import describe
from webinars.mail.journal import Journal
from webinars.mail.letters import Chores, Derive, Prepare
from webinars.mail.models import Heartbeat
from webinars.mail.queue import queue_of
from webinars.mail.succession import take_over
from webinars.mail.transport import Transport

LOG = structlog.get_logger("webinars.mail.worker")
#: longest time between two looks at the queue, seconds
SLICE_SECONDS = 1.0
#: least time between two derivations, so that a rush of registrations does not cause one each
DERIVE_SECONDS = 0.25
#: least time between two looks for long work of a kind, for the same reason
CHORE_SECONDS = 1.0
#: an open connection without letters is given back to the server
IDLE_SECONDS = 20.0
#: ticks without a beat after which a worker's connection is given to another
SILENT_TICKS = 3
#: least time between two comparisons of what is planned with what is there
CHECK_SECONDS = 300.0
#: rest after a fault, such as a database that is away
FAULT_SECONDS = 1.0


def run_worker(app: Flask, prepare: Prepare, derive: Derive, *chores: Chores) -> None:
    """Send what is owed until SIGINT or SIGTERM; the letter in hand is finished first."""
    worker = Worker(app, prepare, derive, *chores)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: worker.stop())
    worker.run()


class Worker:
    """One worker: this thread sends, a second one beats and derives, so that a hanging mail server delays neither.

    A further one for each kind does the long work of other rooms, which is to delay neither letters nor beats, nor
    work of another kind.
    """

    def __init__(self, app: Flask, prepare: Prepare, derive: Derive, *chores: Chores) -> None:
        """Take the application, the maker of letters, what writes the letters that fall due, and the long work."""
        self.name = f"{socket.gethostname()[:40]}-{os.getpid()}-{secrets.token_hex(3)}"
        self._app, self._prepare, self._derive, self._chores = app, prepare, derive, chores
        self._settings: Settings = app.extensions["settings"]
        self._queue = queue_of(app)
        self._transport = Transport()
        self._journal: Journal | None = None
        self._stopping = False
        #: somebody committed something: what is due may have changed
        self._woken = True
        #: the kinds of long work of which there may be some
        self._awaited = set(chores)
        self._derived_at = 0.0
        self._busy_since = self._sent_at = time.monotonic()
        self._called = False
        #: whether this one is among the workers that may hold a connection
        self._has_turn = self._settings.mail_connections == 0
        # Not at once: what a standing worker left behind needs some minutes to be dealt with.
        self._checked_at = time.monotonic()

    def stop(self) -> None:
        """Ask it to end; safe in a signal handler."""
        self._stopping = True

    def run(self) -> None:
        """Work until stopped."""
        LOG.info("the worker has started", worker=self.name)
        self._queue.on_drain(self._wake)
        helpers = [threading.Thread(target=self._tick, name="ticker", daemon=True)]
        helpers += [
            threading.Thread(target=self._do_chores, args=[chores], name="chores", daemon=True)
            for chores in self._chores
        ]
        with self._app.app_context():
            spare_memory()
            self._open_journal()
            for helper in helpers:
                helper.start()
            while not self._stopping:
                if not self._guarded(self._look):
                    self._renew_journal()
            self._transport.close()
            self._queue.close()
            if self._journal is not None:
                self._journal.close()
        for helper in helpers:
            helper.join()
        LOG.info("the worker has stopped", worker=self.name)

    def _wake(self) -> None:
        self._woken = True
        self._awaited.update(self._chores)

    def _look(self) -> None:
        if self._woken and time.monotonic() - self._derived_at >= DERIVE_SECONDS:
            self._woken = False
            self._derive_now()
        if not self._has_turn:
            self._transport.close()
            self._queue.listen(SLICE_SECONDS)
            return
        outcome = deliver_due(
            self._prepare, stop=lambda: self._stopping, transport=self._transport, seconds=SLICE_SECONDS,
            journal=self._journal,
        )  # fmt: skip
        self._rest(outcome)

    def _rest(self, outcome: Outcome) -> None:
        """Wait for a wake-up or for what changes by the clock; while there is work, see whether somebody called."""
        now = utc_now()
        if outcome.counts:
            self._sent_at = time.monotonic()
        if outcome.next_look is not None and outcome.next_look <= now:
            self._call_colleague()
            self._listen(0)
            return
        self._called = False
        if time.monotonic() - self._sent_at > IDLE_SECONDS:
            self._transport.close()
        seconds = DERIVE_SECONDS / 5 if self._woken else SLICE_SECONDS
        if outcome.next_look is not None:
            seconds = min(seconds, max(0.001, (outcome.next_look - now) / timedelta(seconds=1)))
        self._listen(seconds)

    def _call_colleague(self) -> None:
        """Wake another worker, once, when there is more to do than one slice holds."""
        if not self._called and not self._stopping:
            self._called = True
            self._queue.wake()

    def _listen(self, seconds: float) -> None:
        if seconds < 0.05 and seconds > 0:
            time.sleep(seconds)
        else:
            self._queue.listen(seconds)

    def _tick(self) -> None:
        """Beat and derive every tick, in a thread of its own."""
        with self._app.app_context():
            due = 0.0
            while not self._stopping:
                if time.monotonic() >= due:
                    due = time.monotonic() + self._settings.worker_tick_seconds
                    self._guarded(self._beat)
                    self._guarded(lambda: take_over(self._settings.journals, utc_now()))
                    self._guarded(self._derive_now)
                    self._guarded(self._check_now)
                # Not Event.wait: timed waits on locks hang under a faked clock.
                time.sleep(0.1)

    def _do_chores(self, chores: Chores) -> None:
        """Do long work of a kind when somebody called and at every tick, in a thread of its own."""
        with self._app.app_context():
            looked_at, tick = -math.inf, self._settings.worker_tick_seconds
            while not self._stopping:
                if time.monotonic() - looked_at >= (min(CHORE_SECONDS, tick) if chores in self._awaited else tick):
                    self._awaited.discard(chores)
                    self._guarded(lambda: self._do_all(chores))
                    looked_at = time.monotonic()
                time.sleep(0.1)

    def _do_all(self, chores: Chores) -> None:
        # Where there was something there may be another.
        while not self._stopping and chores(lambda: self._stopping):
            db.session.remove()
        db.session.remove()

    def _beat(self) -> None:
        now = utc_now()
        with transaction(durable=False) as session:
            session.merge(Heartbeat(worker=self.name, beat_at=now))
            session.query(Heartbeat).filter(Heartbeat.beat_at < now - timedelta(days=1)).delete()
            self._has_turn = self._is_among_the_first(session, now)

    def _is_among_the_first(self, session: Session, now: datetime) -> bool:
        """Say whether this worker may send: where connections are fewer than workers, the first names have them."""
        most = self._settings.mail_connections
        if most == 0:
            return True
        alive = Heartbeat.beat_at > now - timedelta(seconds=SILENT_TICKS * self._settings.worker_tick_seconds)
        # Jobs beat here too, under a single word.
        workers = Heartbeat.worker.like("%-%-%")
        first = sa.select(Heartbeat.worker).where(alive, workers).order_by(Heartbeat.worker).limit(most)
        return self.name in set(session.scalars(first))

    def _derive_now(self) -> None:
        self._derived_at = time.monotonic()
        with transaction():
            self._derive(utc_now())

    def _open_journal(self) -> None:
        try:
            self._journal = Journal(self._settings.journals, self.name)
        except OSError as error:
            LOG.warning("no journal can be kept, so each letter is marked by itself", fault=describe(error))

    def _renew_journal(self) -> None:
        """Leave to the next tick what could not be marked."""
        if self._journal is not None:
            self._journal.abandon()
            self._journal = None
        self._open_journal()

    def _check_now(self) -> None:
        """Log what is planned and missing, or stuck; numbers only, now and then."""
        if time.monotonic() - self._checked_at < CHECK_SECONDS:
            return
        self._checked_at = time.monotonic()
        amiss = {name: number for name, number in checks.findings(utc_now()).figures.items() if number}
        db.session.rollback()
        if amiss:
            LOG.warning("what is planned and what is there differ", worker=self.name, **amiss)

    def _guarded(self, action: Callable[[], None]) -> bool:
        """Outlive every fault: the next round finds what this one left; say whether there was none."""
        try:
            action()
        except Exception as error:
            LOG.error("a round of the worker failed", worker=self.name, fault=describe(error))
            self._recover()
            return False
        return True

    def _recover(self) -> None:
        try:
            db.session.rollback()
        except Exception:
            LOG.warning("the session could not be rolled back")
            db.session.remove()
        if not self._stopping:
            time.sleep(FAULT_SECONDS)
