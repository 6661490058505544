"""What a video carries besides itself: where it stands, papers, written answers, counts."""

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinars.core.database import BigKey, Model

if TYPE_CHECKING:
    from webinars.archive.models import Video


class Standing(Model):
    """How far a video can still be relied on, and why it was withdrawn."""

    __tablename__ = "video_standings"

    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True)
    reviewed_on: Mapped[date | None] = mapped_column(Date)
    #: a name as it is shown
    reviewed_by: Mapped[str] = mapped_column(String(200), default="", server_default="")
    #: treatment has moved on since
    advice_aged: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: the talk to watch in its place
    newer_id: Mapped[int | None] = mapped_column(ForeignKey("videos.id", ondelete="SET NULL"), index=True)
    #: shown to whoever follows an old link
    withdrawn_because: Mapped[str] = mapped_column(Text, default="", server_default="")

    newer: Mapped["Video | None"] = relationship(foreign_keys=[newer_id])


class PaperKind(StrEnum):
    """What a paper is."""

    SLIDES = "slides"
    HANDOUT = "handout"
    LINK = "link"


class Paper(Model):
    """Slides, a handout or a link that belong to a video."""

    __tablename__ = "video_papers"
    __table_args__ = (
        CheckConstraint("kind IN ('slides', 'handout', 'link')", name="kind"),
        # Every request for a file of the media store asks whose it is.
        Index("ix_video_papers_url", "url"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(8))
    title: Mapped[str] = mapped_column(String(200))
    #: "media:<name>", or the address of a link
    url: Mapped[str] = mapped_column(String(500))
    #: of a file
    bytes: Mapped[int | None] = mapped_column(BigInteger)
    #: where the talk speaks of it
    start_seconds: Mapped[int | None] = mapped_column(Integer)


class Answer(Model):
    """A question that was not reached, answered in writing."""

    __tablename__ = "video_answers"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), index=True)
    question: Mapped[str] = mapped_column(Text)
    #: Markdown
    answer: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str] = mapped_column(String(200))
    start_seconds: Mapped[int | None] = mapped_column(Integer)


class Count(Model):
    """How often something happened to a video on a day (UTC) on pages of a language; nobody's name is with it."""

    __tablename__ = "video_counts"

    video_id: Mapped[int] = mapped_column(ForeignKey("videos.id", ondelete="CASCADE"), primary_key=True)
    day: Mapped[date] = mapped_column(Date, primary_key=True, index=True)
    language: Mapped[str] = mapped_column(String(5), primary_key=True)
    #: "start", "minute", or "stop0" to "stop9": the tenth of the film that was reached
    what: Mapped[str] = mapped_column(String(8), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
