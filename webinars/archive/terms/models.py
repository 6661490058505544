"""Medical terms: how they are written, how they are misheard, what they mean."""

from datetime import datetime

from sqlalchemy import JSON, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, Model


class Term(Model):
    """A word or a few that captions get wrong and readers may not know."""

    __tablename__ = "terms"
    __table_args__ = (UniqueConstraint("language", "spelling"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    language: Mapped[str] = mapped_column(String(5))
    #: as it is to be written
    spelling: Mapped[str] = mapped_column(String(100))
    #: wrong spellings, as machines and hurried people write them
    misheard: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")
    #: one sentence in plain words; empty = it is only for putting captions right
    explanation: Mapped[str] = mapped_column(String(500), default="", server_default="")
    #: what it is called in another language; "" = the same, or nobody said
    elsewhere: Mapped[str] = mapped_column(String(100), default="", server_default="")
    updated_at: Mapped[datetime]
