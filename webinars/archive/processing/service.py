"""Writing about the work on recordings. Whoever calls holds the transaction."""

from datetime import datetime, timedelta

from sqlalchemy import delete, select

from webinars.archive.models import Video
from webinars.archive.processing.models import AT_WORK, UNREADABLE, JobState, MediaJob, Reason, Rendition
from webinars.archive.rules import media_name
from webinars.core import leases
from webinars.core.database import db
from webinars.mail import outbox

#: a file over which so many workers were lost is left alone
MOST_ATTEMPTS = 3


def ask(video: Video, now: datetime) -> None:
    """Let a worker see to a recording, unless the same one was seen to; what is done about another one ends."""
    source = media_name(video.media_url)
    known = db.session.scalar(select(MediaJob).where(MediaJob.video_id == video.id))
    if known is not None and known.source == source:
        return
    if known is not None:
        db.session.delete(known)
        db.session.flush()
    if source:
        db.session.add(MediaJob(video_id=video.id, source=source, created_at=now))
        db.session.flush()
        outbox.look_soon()


def look_again(video: Video, now: datetime) -> None:
    """Let a worker look at a recording that was uploaded once more: it may have been broken or lost, or what was made.

    A worker that has it in hand, or will have, needs no telling.
    """
    known = db.session.scalar(select(MediaJob).where(MediaJob.video_id == video.id))
    if known is not None and known.state not in AT_WORK:
        ask_again(known, now)


def ask_again(job: MediaJob, now: datetime) -> None:
    """Let a worker try once more what failed, and make what is not in the store any more."""
    job.state, job.reason, job.progress, job.attempts = JobState.WAITING, "", 0, 0
    job.release()
    job.created_at = now
    outbox.look_soon()


def take(job_id: int, now: datetime, lease: timedelta) -> str | None:
    """Take a job in hand, so that no other worker does; gives the token of it, None when somebody was faster."""
    found = leases.find_free(MediaJob, job_id, now)
    if found is None or found.state not in AT_WORK:
        return None
    if found.attempts >= MOST_ATTEMPTS:
        fail(found, Reason.DEADLY)
        return None
    found.attempts += 1
    found.state, found.reason = JobState.WORKING, ""
    return found.hold(now + lease)


def let_go(job: MediaJob, until: datetime | None = None) -> None:
    """Leave a job to the next worker; whoever lets go was not lost over it."""
    job.state, job.attempts = JobState.WAITING, max(0, job.attempts - 1)
    job.release(until)


def put_off(job: MediaJob, until: datetime) -> None:
    """Leave a job until the media store may answer again."""
    let_go(job, until)
    job.reason = Reason.AWAY


def fail(job: MediaJob, reason: Reason) -> None:
    """Note that nothing can be made of a recording."""
    job.state, job.reason = JobState.FAILED, reason
    job.release()
    if reason in UNREADABLE:
        # It may have served as it is until now.
        itself = (Rendition.video_id == job.video_id, Rendition.name == job.source)
        db.session.execute(delete(Rendition).where(*itself))


def finish(job: MediaJob) -> None:
    """Note that all is made."""
    job.state, job.progress, job.reason, job.complete = JobState.DONE, 100, "", True
    job.release()


def forget(ids: list[int]) -> None:
    """Delete what is known of files that are deleted."""
    db.session.execute(delete(Rendition).where(Rendition.id.in_(ids)))
