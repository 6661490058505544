"""The outbox: letters owed and the lasting record of what happened to each.

Nothing here knows a webinar. A letter's ``subject`` says whom it is for ("r12" is registration 12, "a…" a keyed hash of
an address), ``about`` what it is about ("w5" is webinar 5). Bodies are made when a letter is sent and are never stored.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Index, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, Model


class MessageState(StrEnum):
    """Where a letter stands."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    #: the server refused it for good, or it was tried until its deadline
    FAILED = "failed"
    #: its time passed before it could be sent
    EXPIRED = "expired"
    #: no longer true when its turn came; ``last_error`` holds the named reason
    SUPERSEDED = "superseded"


class Lane(StrEnum):
    """Which queue a letter waits in: answers to a person's deed overtake mailings."""

    TRANSACTIONAL = "a"
    BULK = "b"


class Message(Model):
    """One letter to one address."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("notice", "subject", "occasion"),
        # The state stands in each: SQLite counts from a partial index alone only when it holds all that is asked.
        Index("ix_messages_due", "lane", "next_attempt_at", "id", "attempts", "state",
              postgresql_where=text("state = 'pending'"), sqlite_where=text("state = 'pending'")),
        Index("ix_messages_lease", "state", "lease_until", postgresql_where=text("state = 'sending'"),
              sqlite_where=text("state = 'sending'")),
        Index("ix_messages_failed", "state", "id", postgresql_where=text("state = 'failed'"),
              sqlite_where=text("state = 'failed'")),
        Index("ix_messages_expired", "state", "id", postgresql_where=text("state = 'expired'"),
              sqlite_where=text("state = 'expired'")),
        Index("ix_messages_subject", "subject"),
        Index("ix_messages_about", "about", "state", "notice", "mailing_id"),
        Index("ix_messages_mailing", "mailing_id", "state"),
        Index("ix_messages_address", "address_key", "created_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    notice: Mapped[str] = mapped_column(String(40))
    #: whom it is for: "r<registration id>", or "a<keyed hash>" for a letter without a registration
    subject: Mapped[str] = mapped_column(String(64))
    #: which time this notice is given to this subject; with notice and subject it makes the letter unique for ever
    occasion: Mapped[str] = mapped_column(String(64))
    #: what it is about: "w<webinar id>", or empty
    about: Mapped[str] = mapped_column(String(40), default="", server_default="")
    mailing_id: Mapped[int | None] = mapped_column(ForeignKey("mailings.id"))
    #: keyed hash of the address, known when a visitor's request caused the letter; for the limits per address
    address_key: Mapped[str | None] = mapped_column(String(40))
    #: what the letter needs and no table holds (an address without a registration); emptied once sent
    payload: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    state: Mapped[str] = mapped_column(String(12), default=MessageState.PENDING, server_default="pending")
    lane: Mapped[str] = mapped_column(String(1), default=Lane.TRANSACTIONAL, server_default="a")
    created_at: Mapped[datetime]
    #: when it may go out first, and after a failure when it is tried next
    next_attempt_at: Mapped[datetime]
    #: after this instant it is not sent any more (a reminder: when the next one falls due, or the start)
    not_after: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    claim_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    #: fixed when the row is written, so that a repeat after a crash carries the same one
    message_id: Mapped[str] = mapped_column(String(120))
    #: opaque reference that a bounce or a calendar reply brings back
    reference: Mapped[str] = mapped_column(String(40), unique=True)
    #: what the server or the named reason said last, without addresses
    last_error: Mapped[str | None] = mapped_column(Text)


class Mailing(Model):
    """One notice going to all who are owed it for one webinar."""

    __tablename__ = "mailings"
    __table_args__ = (
        UniqueConstraint("notice", "about", "occasion"),
        Index("ix_mailings_about", "about"),
        Index("ix_mailings_due_at", "due_at"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    notice: Mapped[str] = mapped_column(String(40))
    about: Mapped[str] = mapped_column(String(40))
    occasion: Mapped[str] = mapped_column(String(64))
    due_at: Mapped[datetime]
    created_at: Mapped[datetime]
    #: from this instant on nobody new can be owed it, so that it need not be derived again
    settled_at: Mapped[datetime | None]
    #: when staff stopped it: what waits of it is taken back, and nobody new is owed it
    stopped_at: Mapped[datetime | None]


class OutboxControl(Model):
    """The one row that says whether mail is on hold."""

    __tablename__ = "outbox_control"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    on_hold: Mapped[bool] = mapped_column(Boolean, default=False, server_default=text("false"))
    #: until when nothing is handed over after the server could not be reached
    paused_until: Mapped[datetime | None]
    #: how often in a row it could not be reached; the pause grows with it
    pause_step: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    #: when bulk mail may go out next, under the rate cap
    next_bulk_at: Mapped[datetime | None]


class Heartbeat(Model):
    """When each worker last looked for work."""

    __tablename__ = "heartbeats"

    worker: Mapped[str] = mapped_column(String(80), primary_key=True)
    beat_at: Mapped[datetime]


class Address(Model):
    """What is known of a mailbox, under a keyed hash of its address."""

    __tablename__ = "addresses"
    __table_args__ = (
        Index("ix_addresses_bounced", "key", postgresql_where=text("bounced_at IS NOT NULL"),
              sqlite_where=text("bounced_at IS NOT NULL")),
    )  # fmt: skip

    key: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: when somebody pressed a button behind a link from a letter sent there
    proven_at: Mapped[datetime | None]
    #: when a server said for good that the mailbox does not take mail
    bounced_at: Mapped[datetime | None]
    #: what it said, without addresses
    bounce_words: Mapped[str] = mapped_column(String(500), default="", server_default="")
    #: letters that came back although the mailbox may be good, and since when; forgotten once it is proven anew
    soft_bounces: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")
    soft_since: Mapped[datetime | None]
    #: version of the secret of the person's own calendar feed; 0 = none was asked for, raising it revokes earlier ones
    feed_version: Mapped[int] = mapped_column(default=0, server_default="0")


class Unsubscription(Model):
    """An address that left a class of mail."""

    __tablename__ = "unsubscriptions"

    address_key: Mapped[str] = mapped_column(String(40), primary_key=True)
    mail_class: Mapped[str] = mapped_column(String(12), primary_key=True)
    #: the list that was left: "s<series id>"; empty = all of the class
    about: Mapped[str] = mapped_column(String(40), primary_key=True, default="", server_default="")
    at: Mapped[datetime]


class InboundKind(StrEnum):
    """What a message that came back is."""

    CALENDAR_REPLY = "calendar-reply"
    BOUNCE = "bounce"
    #: the server is still trying
    DELAY = "delay"
    COMPLAINT = "complaint"
    UNSUBSCRIBE = "unsubscribe"
    #: out of office and the like
    AUTOMATIC = "automatic"
    #: written by a person, or not understood: for staff to read
    LETTER = "letter"


class Inbound(Model):
    """A message that came back, and what was made of it; its text is kept only where staff have to read it."""

    __tablename__ = "inbound"
    __table_args__ = (
        Index("ix_inbound_received_at", "received_at"),
        Index("ix_inbound_tray", "id", postgresql_where=text("handled_at IS NULL"),
              sqlite_where=text("handled_at IS NULL")),
        Index("ix_inbound_subject", "subject"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: SHA-256 of the message as it came, so that the same one read twice counts once
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    received_at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(16))
    #: what followed from it, a short name
    outcome: Mapped[str] = mapped_column(String(60), default="", server_default="")
    #: the outbox's name of whom it is from, where that is known: "r<registration id>" or "a<keyed hash>"
    subject: Mapped[str | None] = mapped_column(String(64))
    #: of a message for staff: who wrote, the subject line, the beginning of its text
    sender: Mapped[str] = mapped_column(String(254), default="", server_default="")
    title: Mapped[str] = mapped_column(String(300), default="", server_default="")
    text: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: None = waits in the staff's tray
    handled_at: Mapped[datetime | None]
