"""Recordings that came before anything was made of recordings: seen to by and by, so that no new one waits for them."""

from datetime import datetime, timedelta

from webinars.archive.processing import ffmpeg, queries, service
from webinars.core.database import db
from webinars.mail.models import Heartbeat
from webinars.mail.outbox import insert_into

JOB = "earlier"
PAUSE = timedelta(minutes=5)
#: at once; a new recording waits for no more than these
FEW = 3


def ask_now_and_then(now: datetime) -> None:
    """Ask for a few of them every five minutes among all workers, while nothing else is to do."""
    last = db.session.get(Heartbeat, JOB)
    if last is not None and now - last.beat_at < PAUSE:
        return
    noted = insert_into(Heartbeat).values(worker=JOB, beat_at=now)
    db.session.execute(noted.on_conflict_do_update(index_elements=["worker"], set_={"beat_at": now}))
    ask(now)


def ask(now: datetime) -> None:
    """Ask for a few of them, unless a recording is at work or nothing can be made here."""
    if ffmpeg.missing() or queries.is_anything_at_work():
        return
    for video in queries.never_seen(FEW):
        service.ask(video, now)
