"""What staff ask on the form of a series or a webinar, and what people answered."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, SmallInteger, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, Model


class Kind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    LONG = "long"
    CHOICE = "choice"
    SEVERAL = "several"
    YES_NO = "yes_no"


class Moment(StrEnum):
    """When a question is asked."""

    #: on the form with which people register
    FORM = "form"
    #: on the page of their place, once the webinar is over
    AFTER = "after"


class Role(StrEnum):
    """Who somebody is, in their own words' place."""

    PATIENT = "patient"
    CAREGIVER = "caregiver"
    PROFESSIONAL = "professional"
    UNSAID = "unsaid"


class Question(Model):
    """One question on the form of all webinars of a series, or of one webinar."""

    __tablename__ = "questions"
    __table_args__ = (
        CheckConstraint("(series_id IS NULL) <> (webinar_id IS NULL)", name="owner"),
        CheckConstraint("kind IN ('text', 'long', 'choice', 'several', 'yes_no')", name="kind"),
        Index("ix_questions_series_id", "series_id"),
        Index("ix_questions_webinar_id", "webinar_id"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    webinar_id: Mapped[int | None] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(8))
    moment: Mapped[str] = mapped_column(String(8), default=Moment.FORM, server_default="form")
    #: by language: {"en": {"label": "…", "help": "…"}}; a language may be missing, not all
    texts: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON)
    #: of a choice: [{"key": "1", "en": "…", "es": "…"}]; what was chosen before and is offered no more has "gone"
    options: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    required: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: asked of who says to be that alone; None = of everybody
    role: Mapped[str | None] = mapped_column(String(12))
    #: answers tell of somebody's health, and go earlier
    health: Mapped[bool] = mapped_column(default=False, server_default=false())
    position: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    created_at: Mapped[datetime]
    #: asked no more; the row stays for the answers it has
    retired_at: Mapped[datetime | None]

    def label(self, language: str) -> str:
        """Give the words of the question, in another language where this one has none."""
        return self._words(language).get("label", "")

    def help(self, language: str) -> str:
        """Give what stands below them."""
        return self._words(language).get("help", "")

    def spoken(self, language: str) -> str:
        """Give the language that people of one read it in."""
        own = (self.texts.get(language) or {}).get("label")
        return language if own else next((name for name, one in self.texts.items() if one.get("label")), language)

    def choices(self, language: str) -> list[tuple[str, str]]:
        """List key and words of what can be chosen."""
        return [(option["key"], option_words(option, language)) for option in self.options if not option.get("gone")]

    def _words(self, language: str) -> dict[str, str]:
        return self.texts.get(self.spoken(language)) or {}

    @property
    def field(self) -> str:
        """Name its field of the form."""
        return f"answer_{self.id}"

    @property
    def what(self) -> str:
        """Name it in the counts."""
        return f"q{self.id}"


def option_words(option: Mapping[str, Any], language: str) -> str:
    """Give the words of an option, in another language where this one has none."""
    others = (words for name, words in option.items() if name not in {"key", "gone"} and words)
    return str(option.get(language) or next(others, ""))


class Answer(Model):
    """What one person answered to one question."""

    __tablename__ = "answers"
    __table_args__ = (Index("ix_answers_registration_id", "registration_id"),)

    question_id: Mapped[int] = mapped_column(ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True)
    registration_id: Mapped[int] = mapped_column(ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True)
    #: the words, the key of the option, several keys with a space between, or "yes" or "no"
    value: Mapped[str] = mapped_column(Text)


class Tally(Model):
    """How many answered something at one webinar and were deleted since."""

    __tablename__ = "tallies"

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"), primary_key=True)
    #: "q" and the number of the question; "role"; "access"
    what: Mapped[str] = mapped_column(String(24), primary_key=True)
    #: the key of the option, "yes" or "no", a role; empty counts the people who answered at all
    choice: Mapped[str] = mapped_column(String(16), primary_key=True)
    number: Mapped[int]
