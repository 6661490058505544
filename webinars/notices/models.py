"""What staff write of letters: texts of their own in place of the usual ones, and announcements."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinars.core.database import BigKey, Model
from webinars.schedule.models import Series, Webinar


class LetterText(Model):
    """The words of one kind of letter in one series and language, instead of the usual ones."""

    __tablename__ = "letter_texts"

    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), primary_key=True)
    notice: Mapped[str] = mapped_column(String(40), primary_key=True)
    language: Mapped[str] = mapped_column(String(5), primary_key=True)
    #: with placeholders; empty = the usual one
    subject: Mapped[str] = mapped_column(String(300), default="", server_default="")
    #: the opening paragraphs, with placeholders; empty = the usual ones
    body: Mapped[str] = mapped_column(Text, default="", server_default="")
    updated_at: Mapped[datetime]


class AnnouncementState(StrEnum):
    """What staff decided about an announcement; waiting, going out and done follow from the clock and the outbox."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    STOPPED = "stopped"


class Announcement(Model):
    """A letter that staff write to the registrants of a webinar or of a series."""

    __tablename__ = "announcements"
    __table_args__ = (
        CheckConstraint("(webinar_id IS NULL) <> (series_id IS NULL)", name="one_audience"),
        CheckConstraint("state IN ('draft', 'scheduled', 'stopped')", name="state"),
        Index("ix_announcements_state_send_at", "state", "send_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    webinar_id: Mapped[int | None] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"), index=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"), index=True)
    #: {"en": {"subject": …, "body": …}, …}; who reads another language gets the first there is
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    #: {"states": […], "modes": […], "languages": […]}; a name that is absent or empty leaves everybody in
    audience: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    state: Mapped[str] = mapped_column(String(12), default=AnnouncementState.DRAFT, server_default="draft")
    #: when it may go out
    send_at: Mapped[datetime | None]
    #: when its letters were written
    written_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    webinar: Mapped[Webinar | None] = relationship()
    series: Mapped[Series | None] = relationship()
