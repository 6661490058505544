"""Who came."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, Model


class Attendance(Model):
    """The first time a person pressed *Join* for a webinar."""

    __tablename__ = "attendances"
    __table_args__ = (Index("ix_attendances_webinar_id", "webinar_id"),)

    registration_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"))
    joined_at: Mapped[datetime]
    via: Mapped[str] = mapped_column(String(12), default="web", server_default="web")
