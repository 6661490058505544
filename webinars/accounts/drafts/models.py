"""The table of drafts."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, Model


class Draft(Model):
    """What one person typed into one form and has not saved yet."""

    __tablename__ = "drafts"
    __table_args__ = (UniqueConstraint("user_id", "place"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    #: path of the form, without the language
    place: Mapped[str] = mapped_column(String(300))
    #: names and values as the form sends them, with what it was filled from
    fields: Mapped[list[list[str]]] = mapped_column(JSON)
    kept_at: Mapped[datetime]
