"""Captions that a program of the organisation is asked to write."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, SmallInteger, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinars.archive.models import Video
from webinars.core.database import Model
from webinars.core.leases import Leased


class WorkState(StrEnum):
    """How far it is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


_AT_WORK = text("state IN ('waiting', 'working')")


class Transcription(Leased, Model):
    """One run of the program over the recording of a video."""

    __tablename__ = "transcriptions"
    __table_args__ = (
        Index("ix_transcriptions_video_id", "video_id"),
        Index("ix_transcriptions_at_work", "id", postgresql_where=_AT_WORK, sqlite_where=_AT_WORK),
        {"sqlite_autoincrement": True},
    )

    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(8), default=WorkState.WAITING, server_default="waiting")
    #: as the audit trail names who asked for it
    asked_by: Mapped[str] = mapped_column(String(40))
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: as the program tells it; None = it does not
    percent: Mapped[int | None] = mapped_column(SmallInteger)
    #: why it failed, in words for staff
    reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: a recording that ends the program each time is given up
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")

    video: Mapped[Video] = relationship()
