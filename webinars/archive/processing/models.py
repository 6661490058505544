"""The work on a recording, and what came out of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Float, ForeignKey, Index, SmallInteger, String, UniqueConstraint, false, text
from sqlalchemy import BigInteger as Bytes
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, Model
from webinars.core.leases import Leased


class JobState(StrEnum):
    """How far the work on a recording is."""

    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    #: ``reason`` says why
    FAILED = "failed"


#: a worker goes on with these by itself
AT_WORK = (JobState.WAITING, JobState.WORKING)


class Reason(StrEnum):
    """Why nothing can be made of a file."""

    EMPTY = "empty"
    #: no film and no sound, whatever its name says
    NO_MEDIA = "no_media"
    #: it stops before the end that it names
    CUT_OFF = "cut_off"
    TOO_LONG = "too_long"
    #: more points than any screen shows
    TOO_WIDE = "too_wide"
    #: it is not in the media store any more
    GONE = "gone"
    #: the media store does not answer; tried again by itself
    AWAY = "away"
    SLOW = "slow"
    NO_ROOM = "no_room"
    #: ffmpeg gave up
    BROKEN = "broken"
    #: workers were lost over it time and again
    DEADLY = "deadly"


#: the file itself is not what it should be, whatever was found in it before
UNREADABLE = frozenset({Reason.EMPTY, Reason.NO_MEDIA, Reason.CUT_OFF, Reason.TOO_LONG, Reason.TOO_WIDE, Reason.GONE})


class Kind(StrEnum):
    """What was made."""

    FILM = "film"
    AUDIO = "audio"
    #: the address of a film in pieces
    STREAM = "stream"
    #: what such an address leads to
    STREAM_PART = "stream_part"
    POSTER = "poster"
    #: small pictures of the whole film in one
    SPRITE = "sprite"
    #: which of them shows which second, as WebVTT
    THUMBNAILS = "thumbnails"


class Unready(StrEnum):
    """Why a recording cannot be played."""

    #: something is being made of it that can
    PREPARED = "prepared"
    BROKEN = "broken"


class MediaJob(Leased, Model):
    """The work on one recording; a worker has it in hand for as long as its lease."""

    __tablename__ = "media_jobs"
    __table_args__ = (
        UniqueConstraint("video_id"),
        Index("ix_media_jobs_at_work", "id",
              postgresql_where=text("state IN ('waiting', 'working')"),
              sqlite_where=text("state IN ('waiting', 'working')")),
        {"sqlite_autoincrement": True},
    )  # fmt: skip

    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    #: name of the recording in the media store
    source: Mapped[str] = mapped_column(String(190))
    state: Mapped[str] = mapped_column(String(12), default=JobState.WAITING, server_default="waiting")
    #: hundredths of the work that are done
    progress: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    #: a word of ``Reason``; empty unless it failed or waits for the media store
    reason: Mapped[str] = mapped_column(String(12), default="", server_default="")
    #: what the recording is: container, codecs, width, height, seconds
    facts: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, server_default="{}")
    #: how many workers took it in hand and were not heard of again
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    #: all was made once; a later look that fails takes none of it away
    complete: Mapped[bool] = mapped_column(default=False, server_default=false())
    created_at: Mapped[datetime]


class Rendition(Model):
    """One file that was made of a recording."""

    __tablename__ = "renditions"
    __table_args__ = (
        UniqueConstraint("video_id", "name"),
        # Every request for a piece of a film asks whose file it is.
        Index("ix_renditions_name", "name"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    #: the recording it was made of; it counts only while that is the video's
    source: Mapped[str] = mapped_column(String(190))
    kind: Mapped[str] = mapped_column(String(12))
    #: of films: lines of the picture
    height: Mapped[int | None] = mapped_column(SmallInteger)
    #: in the media store; the recording's own when it serves as it is
    name: Mapped[str] = mapped_column(String(190))
    bytes: Mapped[int] = mapped_column(Bytes)
    seconds: Mapped[float | None] = mapped_column(Float)
