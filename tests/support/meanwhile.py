"""What another connection does between the read and the write of a transaction."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from sqlalchemy import delete, text

from webinars.core.database import db, is_sqlite, reading, transaction


@contextmanager
def deleted_after_reading(thing: Any) -> Iterator[Any]:
    """Open a transaction that read a thing just before another connection deleted it.

    SQLite lets nobody write beside a transaction, so it is read and deleted first and given to the transaction as read.
    """
    kind, number = type(thing), thing.id
    db.session.remove()
    with reading() as session:
        known = session.get_one(kind, number)
    with db.engine.begin() as other:
        other.execute(delete(kind).where(kind.id == number))
    with transaction() as session:
        yield session.merge(known, load=False)


def overtaken(ours: Callable[[], object], theirs: Callable[[], Any]) -> Any:
    """Do our deed, commit it once theirs waits for a row that ours holds, and give what theirs came to.

    On SQLite theirs waits for the whole transaction, which is nowhere to be seen.
    """
    with ThreadPoolExecutor(1) as threads:
        with transaction():
            ours()
            answer = threads.submit(theirs)
            end = time.monotonic() + 10
            while not (is_sqlite() or _somebody_waits()):
                assert not answer.done() and time.monotonic() < end, "nobody waits for us"
                time.sleep(0.02)
        return answer.result(10)


def _somebody_waits() -> bool:
    with db.engine.connect() as other:
        waiting = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(other.scalar(text(waiting)))
