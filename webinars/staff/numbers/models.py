"""What was counted of webinars: sums without names, which outlive the rows they were counted from."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, false
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import Model


class Counting(Model):
    """When a webinar was counted last; whoever counts it, or deletes what was counted, holds this row first."""

    __tablename__ = "webinar_countings"

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"), primary_key=True)
    counted_at: Mapped[datetime | None]
    #: since when only plays are counted anew: the rows of people are deleted from here on
    frozen_at: Mapped[datetime | None]
    #: people were deleted before anything was counted; of them only the seats are known
    partial: Mapped[bool] = mapped_column(default=False, server_default=false())


class Number(Model):
    """How many there are of something at one webinar."""

    __tablename__ = "webinar_numbers"

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"), primary_key=True)
    #: of which kind (rules.What)
    what: Mapped[str] = mapped_column(String(12), primary_key=True)
    #: a state, a mode, a language, a notice, a day of the webinar's zone as YYYY-MM-DD …; empty where there is but one
    key: Mapped[str] = mapped_column(String(20), primary_key=True)
    #: all of them, the deleted among them
    number: Mapped[int]
    #: of these, those whose rows were deleted while others were still counted
    gone: Mapped[int] = mapped_column(default=0, server_default="0")
