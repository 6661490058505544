"""Topics, news, series, webinars, speakers."""

import uuid
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKey,
    Index,
    SmallInteger,
    String,
    Text,
    false,
    true,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from config import DEFAULT_REMINDERS
from webinars.core.database import BigKey, Model


class WebinarState(StrEnum):
    """What staff decided; upcoming, open, live and ended follow from the clock (see rules)."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"


class Part(StrEnum):
    """What somebody of the staff has to do with a webinar."""

    #: gets its digests and is asked when something is late
    RESPONSIBLE = "responsible"
    MODERATOR = "moderator"
    SPEAKER = "speaker"


class DeclineMeans(StrEnum):
    """What follows when the calendar of somebody who has a seat declines."""

    #: the seat goes to the next in line, and they get the recording
    RECORDING = "recording"
    #: the place is given up
    CANCEL = "cancel"
    #: it is noted, and nothing follows
    NOTE = "note"


class Topic(Model):
    """A subject page."""

    __tablename__ = "topics"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(90), unique=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: Markdown
    body: Mapped[str] = mapped_column(Text, default="", server_default="")
    reviewed_on: Mapped[date | None] = mapped_column(Date)
    #: its texts in further languages: {"es": {"title": …}, …}; see languages
    translations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict, server_default="{}")


class NewsItem(Model):
    """A short dated text that points to a topic."""

    __tablename__ = "news_items"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(90), unique=True)
    topic_id: Mapped[int] = mapped_column(ForeignKey("topics.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    #: Markdown
    body: Mapped[str] = mapped_column(Text)
    published_on: Mapped[date] = mapped_column(Date)
    #: its texts in further languages: {"es": {"title": …}, …}; see languages
    translations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict, server_default="{}")

    topic: Mapped[Topic] = relationship()


class Series(Model):
    """A named run of webinars with its defaults."""

    __tablename__ = "series"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(90), unique=True)
    topic_id: Mapped[int | None] = mapped_column(ForeignKey("topics.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: IANA name; the zone new webinars start in
    time_zone: Mapped[str] = mapped_column(String(64), default="America/New_York")
    #: minutes before the start
    reminders: Mapped[list[int]] = mapped_column(JSON, default=lambda: list(DEFAULT_REMINDERS))
    #: who pays and what they have no say in; shown on every webinar and video page
    sponsor_text: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: how long a freed seat is held for the next in line, hours; 0 = it is theirs at once
    offer_hours: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    #: what follows when somebody's calendar declines
    decline_means: Mapped[str] = mapped_column(String(12), default="recording", server_default="recording")
    #: whether the form asks who somebody is, and what they need to take part
    asks_role: Mapped[bool] = mapped_column(default=False, server_default=false())
    asks_access: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: days before the start by which what somebody needs can be arranged
    access_days: Mapped[int] = mapped_column(SmallInteger, default=14, server_default="14")
    #: how many others somebody may register with the same form
    companions: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    #: whether a place is only held until somebody presses the button behind the first letter
    require_proof: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: what is spoken at new webinars
    language: Mapped[str] = mapped_column(String(5), default="en", server_default="en")
    #: the values of the webinars that follow the series in these (Webinar.follows), as their columns of these names
    duration_minutes: Mapped[int] = mapped_column(SmallInteger, default=60, server_default="60")
    capacity: Mapped[int | None]
    waiting_list: Mapped[bool] = mapped_column(default=True, server_default=true())
    access_text: Mapped[str] = mapped_column(String(200), default="", server_default="")
    phone_number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    phone_pin: Mapped[str] = mapped_column(String(30), default="", server_default="")
    #: its texts in further languages: {"es": {"title": …}, …}; see languages
    translations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict, server_default="{}")
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    topic: Mapped[Topic | None] = relationship()


class Speaker(Model):
    """A person who speaks, with the interests they declared."""

    __tablename__ = "speakers"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    name: Mapped[str] = mapped_column(String(200))
    #: letters after the name, such as "RN, OCN"
    credentials: Mapped[str] = mapped_column(String(120), default="", server_default="")
    role: Mapped[str] = mapped_column(String(200), default="", server_default="")
    bio: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: what they declared; an empty text means that nothing was declared yet, not that there is nothing
    interests: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: names the files of their portrait (core.pictures); empty = the letters of the name are shown
    portrait: Mapped[str] = mapped_column(String(16), default="", server_default="", index=True)
    #: read out instead of it, by language, where the name does not do
    portrait_words: Mapped[dict[str, str]] = mapped_column(JSON, default=dict, server_default="{}")


class WebinarSpeaker(Model):
    """Who speaks at a webinar, in order."""

    __tablename__ = "webinar_speakers"

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"), primary_key=True)
    speaker_id: Mapped[int] = mapped_column(ForeignKey("speakers.id", ondelete="CASCADE"), primary_key=True, index=True)
    position: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")

    speaker: Mapped[Speaker] = relationship()


class Webinar(Model):
    """One live event of a series."""

    __tablename__ = "webinars"
    __table_args__ = (
        # The backstop of the seat counters: whatever code does, a place is never given twice.
        CheckConstraint("capacity IS NULL OR confirmed_count + offered_count <= capacity", name="seats"),
        CheckConstraint("confirmed_count >= 0 AND offered_count >= 0 AND waitlisted_count >= 0", name="counters"),
        CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name="duration"),
        CheckConstraint("state IN ('draft', 'published', 'cancelled')", name="state"),
        Index("ix_webinars_starts_at", "starts_at"),
        Index("ix_webinars_state_starts_at", "state", "starts_at"),
        Index("ix_webinars_state_ends_at", "state", "ends_at"),
        Index("ix_webinars_series_id_starts_at", "series_id", "starts_at"),
        Index("ix_webinars_series_id_state_ends_at", "series_id", "state", "ends_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    slug: Mapped[str] = mapped_column(String(90), unique=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id"))
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: Markdown
    description: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: spoken at it, and that of its main texts
    language: Mapped[str] = mapped_column(String(5), default="en", server_default="en")
    #: how people can follow, in words: "Live captions in English · Spanish interpretation"
    access_text: Mapped[str] = mapped_column(String(200), default="", server_default="")
    #: its texts in further languages: {"es": {"title": …}, …}; see languages
    translations: Mapped[dict[str, dict[str, str]]] = mapped_column(JSON, default=dict, server_default="{}")
    #: whether there will be a recording; nothing promises one otherwise
    recorded: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: the columns (rules.FOLLOWED) that hold what the series says, and change with it until this is over
    follows: Mapped[list[str]] = mapped_column(JSON, default=list, server_default="[]")

    #: the truth: a wall-clock time without zone, and the zone it is meant in
    local_start: Mapped[datetime] = mapped_column(DateTime(timezone=False))
    time_zone: Mapped[str] = mapped_column(String(64))
    #: which of two equal local times, when the clocks go back (PEP 495)
    fold: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    duration_minutes: Mapped[int] = mapped_column(SmallInteger, default=60)
    #: derived from local_start, time_zone and fold, for querying
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    #: places; None = as many as come
    capacity: Mapped[int | None]
    waiting_list: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: as the series' offer_hours; None = what the series says
    offer_hours: Mapped[int | None] = mapped_column(SmallInteger)
    #: as the series' columns of these names; None = what the series says
    asks_role: Mapped[bool | None]
    asks_access: Mapped[bool | None]
    companions: Mapped[int | None] = mapped_column(SmallInteger)
    require_proof: Mapped[bool | None]
    #: 0: the form asks nothing beyond the usual; else drawn anew whenever what it asks changes
    asks: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")
    #: something is asked when it is over; settled together with ``asks``
    surveys: Mapped[bool] = mapped_column(default=False, server_default=false())
    confirmed_count: Mapped[int] = mapped_column(default=0, server_default="0")
    #: freed seats held for somebody until a deadline
    offered_count: Mapped[int] = mapped_column(default=0, server_default="0")
    waitlisted_count: Mapped[int] = mapped_column(default=0, server_default="0")
    #: the next number to draw on the waiting list; only ever grows
    next_in_line: Mapped[int] = mapped_column(default=1, server_default="1")

    join_url: Mapped[str] = mapped_column(String(500), default="", server_default="")
    phone_number: Mapped[str] = mapped_column(String(60), default="", server_default="")
    phone_pin: Mapped[str] = mapped_column(String(30), default="", server_default="")
    #: minutes before the start; None = the series' defaults, [] = none
    reminders: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))

    state: Mapped[str] = mapped_column(String(12), default=WebinarState.DRAFT, server_default="draft")
    cancel_reason: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: UID of the public entry (RFC 5545 3.8.4.7); every registration has one of its own
    uid: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    #: SEQUENCE (RFC 5545 3.8.7.4): grows with each change of time, length, title or joining, and with the cancellation
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    #: the sequence at which the start or the zone last changed: who was told less than this holds an old time
    start_sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    #: since when the present start has been known; a reminder is owed only for a start set before it fell due
    start_set_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]

    series: Mapped[Series] = relationship()
    speaker_places: Mapped[list[WebinarSpeaker]] = relationship(
        order_by=WebinarSpeaker.position, cascade="all, delete-orphan"
    )

    @property
    def speakers(self) -> list[Speaker]:
        """List the speakers in their order."""
        return [place.speaker for place in self.speaker_places]

    @property
    def reminder_minutes(self) -> list[int]:
        """List the reminders in force: the webinar's own, else the series'."""
        return self.series.reminders if self.reminders is None else self.reminders

    @property
    def offer_hours_in_force(self) -> int:
        """Give for how many hours a freed seat is held; 0 = it is given at once."""
        return self.series.offer_hours if self.offer_hours is None else self.offer_hours

    @property
    def requires_proof(self) -> bool:
        """Say whether a place is only held until its address is proven; sign-ups ask ``questions.queries`` instead."""
        return self.series.require_proof if self.require_proof is None else self.require_proof

    @property
    def places_left(self) -> int | None:
        """Count the free places; None = as many as come."""
        if self.capacity is None:
            return None
        return max(0, self.capacity - self.confirmed_count - self.offered_count)


class TeamPlace(Model):
    """The part a member of staff has in a webinar; hosts see the webinars in which they have one, and no others."""

    __tablename__ = "team_places"

    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True)
    part: Mapped[str] = mapped_column(String(12), primary_key=True)


class Batch(Model):
    """Webinars that one form made together: the same form sent again makes no more of them."""

    __tablename__ = "webinar_batches"

    #: drawn with the form
    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    series_id: Mapped[int] = mapped_column(ForeignKey("series.id", ondelete="CASCADE"))
    created_at: Mapped[datetime]
