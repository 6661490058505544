"""Everything that is asked about the work on recordings."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, exists, func, or_, select, text
from sqlalchemy import literal as said

from webinars.archive.models import Video, VideoState
from webinars.archive.processing.models import AT_WORK, UNREADABLE, JobState, Kind, MediaJob, Reason, Rendition, Unready
from webinars.archive.processing.rules import plays_as_it_is
from webinars.archive.rules import STORED, media_name
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.leases import is_free

# Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
_AT_WORK = text("media_jobs.state IN ('waiting', 'working')")
_CURRENT = Video.media_url == said(STORED).concat(Rendition.source)


@dataclass(frozen=True)
class Made:
    """What was made of the recording a video has now."""

    #: the largest first
    films: list[Rendition] = field(default_factory=list)
    audio: list[Rendition] = field(default_factory=list)
    stream: Rendition | None = None
    thumbnails: Rendition | None = None


def made_of(video: Video) -> Made:
    """Give what was made of the recording a video has now (one query)."""
    source = media_name(video.media_url)
    if source is None:
        return Made()
    wanted = select(Rendition).where(Rendition.video_id == video.id, Rendition.source == source)
    found = db.session.scalars(wanted.order_by(Rendition.height.desc(), Rendition.name)).all()
    return Made(
        films=[one for one in found if one.kind == Kind.FILM],
        audio=[one for one in found if one.kind == Kind.AUDIO],
        stream=next((one for one in found if one.kind == Kind.STREAM), None),
        thumbnails=next((one for one in found if one.kind == Kind.THUMBNAILS), None),
    )


def playable(video_ids: Sequence[int]) -> Sequence[Rendition]:
    """List the sound and the films that were made of the recordings that videos have now."""
    wanted = select(Rendition).join(Video, Video.id == Rendition.video_id).where(_CURRENT)
    wanted = wanted.where(Rendition.kind.in_([Kind.AUDIO, Kind.FILM]), Rendition.video_id.in_(video_ids))
    return db.session.scalars(wanted).all()


def is_public_rendition(name: str) -> bool:
    """Say whether a file was made of the recording of a published video."""
    wanted = select(Rendition.id).join(Video, Video.id == Rendition.video_id)
    wanted = wanted.where(Rendition.name == name, Video.state == VideoState.PUBLISHED, _CURRENT)
    return db.session.scalar(wanted.limit(1)) is not None


def job_of(video: Video) -> MediaJob | None:
    """Find the work on the recording a video has now."""
    return db.session.scalar(select(MediaJob).where(MediaJob.video_id == video.id))


def unready(videos: Sequence[Video]) -> dict[int, Unready]:
    """Say by video why its recording cannot be played as it was taken in; those that can are left out (one query)."""
    wanted = select(MediaJob).where(MediaJob.video_id.in_([video.id for video in videos]))
    jobs = {job.video_id: job for job in db.session.scalars(wanted)}
    said = {video.id: _unready(media_name(video.media_url) or "", jobs.get(video.id)) for video in videos}
    return {number: why for number, why in said.items() if why}


def _unready(name: str, job: MediaJob | None) -> Unready | None:
    if job is None or job.source != name:
        return None if plays_as_it_is(name, {}) else Unready.PREPARED
    if job.state != JobState.FAILED:
        return None if plays_as_it_is(name, job.facts) else Unready.PREPARED
    # Without room it was not even looked at; a file that shows nothing when looked at is broken, whatever its name.
    seen = job.reason not in UNREADABLE and (job.facts or job.reason == Reason.NO_ROOM)
    return None if seen and plays_as_it_is(name, job.facts) else Unready.BROKEN


def unplayable() -> set[int]:
    """Number the public videos whose recordings nobody can play now (two queries)."""
    made = exists().where(Rendition.video_id == Video.id, Rendition.kind.in_([Kind.AUDIO, Kind.FILM]), _CURRENT)
    open_jobs = select(Video).join(MediaJob, MediaJob.video_id == Video.id).where(MediaJob.state != JobState.DONE)
    return set(unready(db.session.scalars(open_jobs.where(Video.state == VideoState.PUBLISHED, ~made)).all()))


def measured(video: Video, source: str | None) -> int | None:
    """Give the seconds that a recording of a video was found to last; None when it was not looked at yet."""
    job = job_of(video)
    seconds = job.facts.get("seconds") if job is not None and job.source == source else None
    return max(1, round(seconds)) if seconds else None


def get_ended(video: Video) -> MediaJob:
    """Give the work on a video's recording that failed or is done. Raises NotFound."""
    job = job_of(video)
    if job is None or job.state in AT_WORK:
        raise NotFound(_("There is nothing to try again here."))
    return job


def failed(limit: int) -> Sequence[Video]:
    """List videos of whose recordings nothing could be made, those that are public first, then the newest."""
    wanted = select(Video).join(MediaJob, MediaJob.video_id == Video.id).where(MediaJob.state == JobState.FAILED)
    order = ((Video.state != VideoState.PUBLISHED), Video.id.desc())
    return db.session.scalars(wanted.order_by(*order).limit(limit)).all()


def free_to_take(now: datetime) -> int | None:
    """Find a job that nobody has in hand."""
    return db.session.scalar(select(MediaJob.id).where(_AT_WORK, is_free(MediaJob, now)).order_by(MediaJob.id).limit(1))


def is_anything_at_work() -> bool:
    """Say whether any recording waits for a worker or is in hand."""
    return db.session.scalar(select(MediaJob.id).where(_AT_WORK).limit(1)) is not None


def is_shared(video: Video) -> bool:
    """Say whether another video has the same file, and what was made of it."""
    wanted = select(MediaJob.id).where(MediaJob.source == media_name(video.media_url), MediaJob.video_id != video.id)
    return db.session.scalar(wanted.limit(1)) is not None


def never_seen(limit: int) -> Sequence[Video]:
    """Take hold of some videos whose recordings nobody was ever asked to see to, the newest first."""
    each = select(func.max(Video.id)).where(_never_seen()).group_by(Video.media_url)
    wanted = select(Video).where(Video.id.in_(each)).order_by(Video.id.desc()).limit(limit)
    # Whoever has one in hand just now asks for it by saving it.
    return db.session.scalars(wanted.with_for_update(of=Video, skip_locked=True)).all()


def count_never_seen() -> int:
    """Count the recordings that nobody was ever asked to see to."""
    return db.session.scalar(select(func.count(Video.media_url.distinct())).where(_never_seen())) or 0


def _never_seen() -> ColumnElement[bool]:
    source = func.substr(Video.media_url, len(STORED) + 1)
    # Of a file that several videos share the first one has what was made.
    asked = or_(Video.id.in_(select(MediaJob.video_id)), source.in_(select(MediaJob.source)))
    return and_(Video.media_url.startswith(STORED), ~asked)


def names_made(job: MediaJob) -> Sequence[str]:
    """List the files that were made for a job."""
    wanted = select(Rendition.name).where(Rendition.video_id == job.video_id, Rendition.source == job.source)
    return db.session.scalars(wanted).all()


def outdated(limit: int = 100) -> Sequence[Rendition]:
    """List what nobody needs: made of a recording that the video does not have any more, or that failed half-way."""
    half = (MediaJob.state == JobState.FAILED, ~MediaJob.complete)
    failed = exists().where(MediaJob.video_id == Video.id, MediaJob.source == Rendition.source, *half)
    shown = Video.poster_url == said(STORED).concat(Rendition.name)
    wanted = select(Rendition).join(Video, Video.id == Rendition.video_id).where(or_(~_CURRENT, failed), ~shown)
    return db.session.scalars(wanted.order_by(Rendition.id).limit(limit)).all()


def is_made_still(poster_url: str) -> bool:
    """Say whether a still picture was made of a recording, and not chosen by staff."""
    name = media_name(poster_url) or ""
    return db.session.scalar(select(Rendition.id).where(Rendition.name == name)) is not None
