"""Every look at the work of the program that writes captions."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webinars.archive.models import Video
from webinars.archive.speech.models import Transcription, WorkState
from webinars.core.database import db
from webinars.core.leases import is_free

_AT_WORK = Transcription.state.in_([WorkState.WAITING, WorkState.WORKING])


def latest_of(video: Video, limit: int = 3) -> list[Transcription]:
    """List the last runs over a video, the latest first."""
    wanted = select(Transcription).where(Transcription.video_id == video.id)
    return list(db.session.scalars(wanted.order_by(Transcription.id.desc()).limit(limit)))


def at_work(video: Video, language: str) -> bool:
    """Say whether a run for a language waits or is under way."""
    wanted = select(Transcription.id).where(
        Transcription.video_id == video.id, Transcription.language == language, _AT_WORK
    )
    return db.session.scalar(wanted.limit(1)) is not None


def free_to_take(now: datetime) -> int | None:
    """Find the oldest run that nobody has in hand."""
    return db.session.scalar(
        select(Transcription.id).where(_AT_WORK, is_free(Transcription, now)).order_by(Transcription.id).limit(1)
    )


def find_run(number: int) -> Transcription | None:
    """Find a run with its video."""
    wanted = select(Transcription).where(Transcription.id == number).options(joinedload(Transcription.video))
    return db.session.scalar(wanted.execution_options(populate_existing=True))
