"""What staff ticked, which steps they added, and which letters about their webinars they want."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, String, true
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, Model


class MarkState(StrEnum):
    """What staff say of a step."""

    DONE = "done"
    NOT_NEEDED = "not needed"


class Mark(Model):
    """What staff said of one step of one webinar; a step without one is as the service finds it."""

    __tablename__ = "readiness_marks"
    __table_args__ = (CheckConstraint("state IN ('done', 'not needed')", name="state"),)

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"), primary_key=True)
    #: a step of rules.STEPS, or "own-" and the number of one that staff added
    step: Mapped[str] = mapped_column(String(30), primary_key=True)
    state: Mapped[str] = mapped_column(String(12))
    #: fingerprint of what was looked at, such as the join link; another one there makes the step open again
    seen: Mapped[str] = mapped_column(String(16), default="", server_default="")
    #: who said so, as the audit trail names them
    by: Mapped[str] = mapped_column(String(80))
    at: Mapped[datetime]


class OwnStep(Model):
    """A step that staff added, to one webinar or to all that come in a series."""

    __tablename__ = "readiness_steps"
    __table_args__ = (
        CheckConstraint("(series_id IS NULL) <> (webinar_id IS NULL)", name="owner"),
        CheckConstraint("days BETWEEN -365 AND 365", name="days"),
        Index("ix_readiness_steps_series_id", "series_id"),
        Index("ix_readiness_steps_webinar_id", "webinar_id"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    webinar_id: Mapped[int | None] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(120))
    #: when it is due, counted from the start; before it below zero
    days: Mapped[int] = mapped_column(SmallInteger)
    #: a series' step belongs to the webinars that were not over by then
    created_at: Mapped[datetime]
    #: belongs to no webinar any more; the row stays, so that it can be brought back with its ticks
    removed_at: Mapped[datetime | None]


class DigestChoice(Model):
    """Which letters about their webinars a member of staff wants, in which language and zone; no row: both."""

    __tablename__ = "digest_choices"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    weekly: Mapped[bool] = mapped_column(default=True, server_default=true())
    day_before: Mapped[bool] = mapped_column(default=True, server_default=true())
    language: Mapped[str] = mapped_column(String(5))
    #: IANA name: whose morning the letters come in
    time_zone: Mapped[str] = mapped_column(String(64))
