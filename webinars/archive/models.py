"""Videos with captions, cues, chapters."""

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    false,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinars.archive.world_models import Standing
from webinars.core.database import BigKey, Model
from webinars.schedule.models import Series, Speaker, Topic, Webinar


class VideoState(StrEnum):
    """What staff decided."""

    DRAFT = "draft"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"


class CaptionState(StrEnum):
    """How far a caption text can be trusted."""

    AUTOMATIC = "automatic"
    CORRECTED = "corrected"
    REVIEWED = "reviewed"


class Video(Model):
    """A recording or a stand-alone clip."""

    __tablename__ = "videos"
    __table_args__ = (
        CheckConstraint("state IN ('draft', 'published', 'withdrawn')", name="state"),
        Index("ix_videos_state_recorded_on", "state", "recorded_on", "id"),
        Index("ix_videos_webinar_id", "webinar_id"),
        Index("ix_videos_topic_id", "topic_id", "recorded_on"),
        Index("ix_videos_series_id", "series_id", "recorded_on"),
        Index("ix_videos_published_at", "published_at"),
        # Every request for a piece of a video asks whose file it is.
        Index("ix_videos_media_url", "media_url"),
        Index("ix_videos_poster_url", "poster_url"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(90), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: Markdown
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"))
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    #: the webinar it records; None for a clip that stands on its own
    webinar_id: Mapped[int | None] = mapped_column(ForeignKey("webinars.id"))
    language: Mapped[str] = mapped_column(String(5), default="en", server_default="en")
    recorded_on: Mapped[date] = mapped_column(Date)
    #: an https address, or "media:<name>" for a file in the media store
    media_url: Mapped[str] = mapped_column(String(500), default="", server_default="")
    #: "media:<name>" or empty: a placeholder is drawn
    poster_url: Mapped[str] = mapped_column(String(500), default="", server_default="")
    duration_seconds: Mapped[int | None] = mapped_column(Integer)
    #: its own; empty = the series'
    sponsor_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: an answer too: nobody paid for it
    unsponsored: Mapped[bool] = mapped_column(default=False, server_default=false())
    state: Mapped[str] = mapped_column(String(12), default=VideoState.DRAFT, server_default="draft")
    #: the first time; a later one makes no second letter
    published_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    topic: Mapped[Topic | None] = relationship()
    series: Mapped[Series | None] = relationship()
    webinar: Mapped[Webinar | None] = relationship()
    standing: Mapped[Standing | None] = relationship(
        foreign_keys=[Standing.video_id], cascade="all, delete-orphan", passive_deletes=True
    )
    speaker_places: Mapped[list["VideoSpeaker"]] = relationship(
        order_by="VideoSpeaker.position", cascade="all, delete-orphan"
    )
    chapters: Mapped[list["Chapter"]] = relationship(order_by="Chapter.start_seconds", cascade="all, delete-orphan")
    tracks: Mapped[list["CaptionTrack"]] = relationship(
        order_by="CaptionTrack.language", cascade="all, delete-orphan", back_populates="video"
    )

    @property
    def speakers(self) -> list[Speaker]:
        """List the speakers in their order."""
        return [place.speaker for place in self.speaker_places]


class VideoSpeaker(Model):
    """Who speaks in a video, in order."""

    __tablename__ = "video_speakers"

    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True)
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speakers.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    #: when they were asked to let the recording be shown, when they agreed, and the paper or letter that says so
    release_asked_on: Mapped[date | None] = mapped_column(Date)
    release_given_on: Mapped[date | None] = mapped_column(Date)
    release_proof: Mapped[str] = mapped_column(String(300), default="", server_default="")

    speaker: Mapped[Speaker] = relationship()


class Chapter(Model):
    """A named part of a video."""

    __tablename__ = "chapters"
    __table_args__ = (UniqueConstraint("video_id", "start_seconds"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    start_seconds: Mapped[int] = mapped_column(Integer)
    title: Mapped[str] = mapped_column(String(200))


class CaptionTrack(Model):
    """The captions of a video in one language."""

    __tablename__ = "caption_tracks"
    __table_args__ = (UniqueConstraint("video_id", "language"), Index("ix_caption_tracks_state", "state", "updated_at"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    state: Mapped[str] = mapped_column(String(12), default=CaptionState.AUTOMATIC, server_default="automatic")
    #: WebVTT, as checked and normalised
    vtt: Mapped[str] = mapped_column(Text)
    updated_at: Mapped[datetime]
    #: counts what was saved, so that nobody writes over what somebody else just did
    version: Mapped[int] = mapped_column(Integer, default=1, server_default="1")
    #: who checked it, as viewers read it, and when; kept only while it is reviewed
    reviewed_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    reviewed_at: Mapped[datetime | None]

    video: Mapped[Video] = relationship(back_populates="tracks")
    cues: Mapped[list["Cue"]] = relationship(
        order_by="Cue.start_ms", cascade="all, delete-orphan", passive_deletes=True
    )


class Cue(Model):
    """One caption line; the unit that search finds."""

    __tablename__ = "cues"
    __table_args__ = (Index("ix_cues_track_id_start_ms", "track_id", "start_ms"), Index("ix_cues_video_id", "video_id"))

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    track_id: Mapped[int] = mapped_column(ForeignKey("caption_tracks.id", ondelete="CASCADE"))
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"))
    language: Mapped[str] = mapped_column(String(5))
    start_ms: Mapped[int] = mapped_column(Integer)
    end_ms: Mapped[int] = mapped_column(Integer)
    text: Mapped[str] = mapped_column(Text)
