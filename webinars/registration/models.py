"""Registrations: one person's place at one webinar."""

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, false, text
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinars.core.database import BigKey, Model
from webinars.core.links import address_key
from webinars.core.text import random_id
from webinars.schedule.models import Webinar


class RegistrationState(StrEnum):
    """Where a person stands."""

    CONFIRMED = "confirmed"
    WAITLISTED = "waitlisted"
    #: a freed seat is held for them until a deadline
    OFFERED = "offered"
    #: no seat; they get the recording
    RECORDING_ONLY = "recording-only"
    CANCELLED = "cancelled"


class Mode(StrEnum):
    """How they take part."""

    LIVE = "live"
    PHONE = "phone"
    RECORDING = "recording"


def _address_key(context: DefaultExecutionContext) -> str:
    return address_key(context.get_current_parameters()["email_key"])


class WaveKind(StrEnum):
    """What made a wave of sign-ups stand out."""

    #: all from one network
    NETWORK = "network"
    #: filled in as a machine would
    MARKED = "marked"
    #: far more than usual, from wherever
    MANY = "many"


class Wave(Model):
    """Unusually many sign-ups in a short time: people from one hospital, or somebody's program."""

    __tablename__ = "waves"
    __table_args__ = (
        Index("ix_waves_open", "kind", "key", unique=True, postgresql_where=text("settled_at IS NULL"),
              sqlite_where=text("settled_at IS NULL")),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    kind: Mapped[str] = mapped_column(String(12))
    #: keyed hash of the network, else empty
    key: Mapped[str] = mapped_column(String(32), default="", server_default="")
    #: the first and the latest sign-up that belongs to it
    began_at: Mapped[datetime]
    last_at: Mapped[datetime]
    #: how many there were when it was looked at last
    sign_ups: Mapped[int]
    noticed_at: Mapped[datetime]
    #: when staff said what it is, and whether they took it for people
    settled_at: Mapped[datetime | None]
    are_people: Mapped[bool | None]
    #: registrations that were removed
    removed: Mapped[int] = mapped_column(default=0, server_default="0")


class Registration(Model):
    """One person's place at one webinar."""

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("webinar_id", "email_key", "name_key"),
        Index("ix_registrations_webinar_id_state", "webinar_id", "state", "line_number"),
        Index("ix_registrations_email_key", "email_key"),
        # With the webinar: of all mailboxes that take no mail, who is among those of a few webinars.
        Index("ix_registrations_address", "address_key", "webinar_id"),
        Index("ix_registrations_told", "webinar_id", "told_sequence"),
        # Sign-ups per day, of one webinar and of all, are counted from these alone; so is the order of arrival.
        Index("ix_registrations_arrival", "webinar_id", "created_at"),
        Index("ix_registrations_created_at", "created_at"),
        Index(
            "ix_registrations_offered",
            "offered_until",
            postgresql_where=text("state = 'offered'"),
            sqlite_where=text("state = 'offered'"),
        ),
        Index(
            "ix_registrations_held",
            "proof_until",
            postgresql_where=text("proof_until IS NOT NULL"),
            sqlite_where=text("proof_until IS NOT NULL"),
        ),
        # What a week has to forget, and what an hour is looked through for; it holds only the latest.
        Index(
            "ix_registrations_network",
            "created_at",
            "client_key",
            postgresql_where=text("client_key IS NOT NULL"),
            sqlite_where=text("client_key IS NOT NULL"),
        ),
        Index(
            "ix_registrations_party",
            "party",
            postgresql_where=text("party IS NOT NULL"),
            sqlite_where=text("party IS NOT NULL"),
        ),
        Index(
            "ix_registrations_access",
            "webinar_id",
            postgresql_where=text("access_needs <> ''"),
            sqlite_where=text("access_needs <> ''"),
        ),
        Index(
            "ix_registrations_without_email",
            "webinar_id",
            postgresql_where=text("email IS NULL"),
            sqlite_where=text("email IS NULL"),
        ),
        Index(
            "ix_registrations_phone", "phone", postgresql_where=text("phone <> ''"), sqlite_where=text("phone <> ''")
        ),
        CheckConstraint("state IN ('confirmed', 'waitlisted', 'offered', 'recording-only', 'cancelled')", name="state"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(22), unique=True, default=random_id)
    webinar_id: Mapped[int] = mapped_column(ForeignKey("webinars.id"))
    #: as typed, NFC
    name: Mapped[str] = mapped_column(String(200))
    name_key: Mapped[str] = mapped_column(String(300))
    #: as typed; None when staff registered somebody without one
    email: Mapped[str | None] = mapped_column(String(254))
    #: folded (core.text.email_key), or "tel:<digits>" for a person without an email
    email_key: Mapped[str] = mapped_column(String(300))
    #: keyed hash of email_key, the name of the mailbox in mail
    address_key: Mapped[str] = mapped_column(String(40), default=_address_key, server_default="")
    phone: Mapped[str] = mapped_column(String(60), default="", server_default="")
    state: Mapped[str] = mapped_column(String(16))
    mode: Mapped[str] = mapped_column(String(12), default=Mode.LIVE, server_default="live")
    #: the number drawn on the waiting list; order of arrival, with gaps once others leave
    line_number: Mapped[int | None]
    #: until when an offered seat is held
    offered_until: Mapped[datetime | None]
    #: until when a place is held whose address nobody has proven yet; None = it is no such place
    proof_until: Mapped[datetime | None]
    #: IANA name; every letter speaks in it
    time_zone: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(5), default="en", server_default="en")
    #: letters and entries name neither topic nor organisation
    discreet: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: for the speakers, shown to them without the name
    question: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: who they say they are (questions.models.Role); None = not asked or not answered
    role: Mapped[str | None] = mapped_column(String(12))
    #: what they need to take part, for staff
    access_needs: Mapped[str] = mapped_column(Text, default="", server_default="")
    #: when staff noted that it is arranged
    access_met_at: Mapped[datetime | None]
    #: when they answered what is asked once it is over; their answers may be gone by then
    surveyed_at: Mapped[datetime | None]
    #: the same for the places that one form made
    party: Mapped[str | None] = mapped_column(String(22))

    #: UID of the person's calendar entry, for ever (RFC 5545 3.8.4.7)
    uid: Mapped[str] = mapped_column(String(36), default=lambda: str(uuid.uuid4()))
    #: own share of SEQUENCE: grows when this person's entry is withdrawn or given again
    sequence_offset: Mapped[int] = mapped_column(default=0, server_default="0")
    #: the webinar's sequence in the newest letter that was sent; None = told nothing yet
    told_sequence: Mapped[int | None]
    #: SEQUENCE of the newest entry that was sent to their calendar, and whether that took it away; None = none was
    entry_sequence: Mapped[int | None]
    entry_withdrawn: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: what their calendar answered last (RFC 5545 3.2.12), and the DTSTAMP of that answer
    partstat: Mapped[str] = mapped_column(String(16), default="", server_default="")
    partstat_at: Mapped[datetime | None]
    #: counts changes of state; the occasion of confirmation, promotion and own cancellation
    state_changes: Mapped[int] = mapped_column(default=0, server_default="0")
    #: since when the present state holds; a reminder is owed to who was confirmed before it fell due
    state_since: Mapped[datetime]
    #: raising it revokes every link in earlier letters
    link_version: Mapped[int] = mapped_column(default=1, server_default="1")
    #: name and choices were entered by staff, import or API, so letters may carry them
    entered_by_staff: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: hash of the number in the form that made this place: the same page sent twice is the same person
    #: when a form of this person last caused a letter; the same form within the hour causes none
    answered_at: Mapped[datetime | None]
    #: worth a look by staff (filled the trap field, or faster than a person)
    suspicious: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: keyed hash of the network that the form came from, kept for a week; None for what staff entered
    client_key: Mapped[str | None] = mapped_column(String(32))
    #: letters that a visitor's request causes wait until then, as long as nobody showed that the address is theirs
    letters_from: Mapped[datetime | None]
    created_at: Mapped[datetime]

    webinar: Mapped[Webinar] = relationship()

    @property
    def subject(self) -> str:
        """Give the key under which the outbox knows this registration."""
        return f"r{self.id}"

    @property
    def sequence(self) -> int:
        """Give the SEQUENCE of this person's entry: never goes back, since both shares only grow."""
        return self.webinar.sequence + self.sequence_offset

    @property
    def active(self) -> bool:
        """Say whether the person still takes part in any way."""
        return self.state != RegistrationState.CANCELLED

    @property
    def held(self) -> bool:
        """Say whether the place ends unless somebody proves the address; nothing but the first letter goes out."""
        return self.proof_until is not None


class AddressChange(Model):
    """Another address that somebody wants their letters at, until they press the button behind the letter to it."""

    __tablename__ = "address_changes"

    registration_id: Mapped[int] = mapped_column(
        BigKey, ForeignKey("registrations.id", ondelete="CASCADE"), primary_key=True
    )
    #: names the wish in the link; a later wish of the same place has another one
    secret: Mapped[str] = mapped_column(String(22), unique=True)
    #: as typed, and folded
    email: Mapped[str] = mapped_column(String(254))
    email_key: Mapped[str] = mapped_column(String(300))
    #: for all places of the present address that are ahead, or for this one
    everywhere: Mapped[bool]
    created_at: Mapped[datetime]

    registration: Mapped[Registration] = relationship()
