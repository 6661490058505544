"""Uploads: a recording on its way here. How much of it has arrived is told by its file, not kept twice."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinars.archive.models import Video
from webinars.core.database import BigKey, Model


class MediaUpload(Model):
    """One file that somebody began to upload."""

    __tablename__ = "media_uploads"
    __table_args__ = (Index("ix_media_uploads_touched_at", "touched_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: in its address, and the name of its file
    public_id: Mapped[str] = mapped_column(String(22), unique=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    #: bytes of the whole file
    length: Mapped[int] = mapped_column(BigInteger)
    #: all of it has arrived and is the video's recording
    finished: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]
    #: when something of it arrived last
    touched_at: Mapped[datetime]

    video: Mapped[Video] = relationship()
