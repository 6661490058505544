"""What the worker does for the numbers: counting anew what is missing or too old, each webinar by itself."""

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import select

from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail.models import Heartbeat
from webinars.mail.outbox import insert_into
from webinars.staff.numbers import queries, service

#: the name under which the last look is noted, and the least time between two among all workers
JOB, PAUSE = "numbers", timedelta(seconds=30)


def go_on(stop: Callable[[], bool]) -> bool:
    """Count some webinars; say whether there may be more that wait.

    Each in a transaction of its own: who registers waits for one webinar at most.
    """
    now = utc_now()
    last = db.session.scalar(select(Heartbeat.beat_at).where(Heartbeat.worker == JOB))
    if last is not None and now - last < PAUSE:
        return False
    due = queries.to_count(now)
    db.session.rollback()
    for webinar_id in due:
        if stop():
            return False
        with transaction(durable=False):
            service.recount(webinar_id, now)
    if not due:
        _rest(now)
    return bool(due)


def _rest(now: datetime) -> None:
    with transaction(durable=False):
        noted = insert_into(Heartbeat).values(worker=JOB, beat_at=now)
        db.session.execute(noted.on_conflict_do_update(index_elements=["worker"], set_={"beat_at": now}))
