"""Is the service well: the process by itself, and what it depends on."""

from datetime import datetime, timedelta

from sqlalchemy import func, inspect, select

from webinars.archive.store import current_store
from webinars.core.database import db
from webinars.core.migrations import pending_migrations
from webinars.mail.models import Heartbeat
from webinars.site.retention import JOB

#: a worker beats at every tick, at most every hour by configuration; two minutes is what the default allows
WORKER_SILENCE = timedelta(minutes=2)


def problems(now: datetime) -> list[str]:
    """List what keeps the service from working as a whole, in words without personal data."""
    found = []
    if pending_migrations():
        found.append("the database is behind the code: run flask db upgrade")
    if not _beats(now):
        found.append("no worker has been seen for two minutes: start flask worker")
    if amiss := current_store().problem():
        found.append(amiss)
    return found


def worker_was_seen(now: datetime) -> bool:
    """Say whether a worker may be running; also asked of an empty database."""
    with db.engine.connect() as connection:
        exists = inspect(connection).has_table(Heartbeat.__tablename__)
    return exists and _beats(now)


def _beats(now: datetime) -> bool:
    newest = db.session.scalar(select(func.max(Heartbeat.beat_at)).where(Heartbeat.worker != JOB))
    return newest is not None and now - newest <= WORKER_SILENCE
