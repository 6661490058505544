"""Staff users, their roles, and the audit trail."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import JSON, BigInteger, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webinars.core.database import BigKey, Model


class RoleName(StrEnum):
    """What a staff user may do, the most first; ``core.audience`` says which pages are whose."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"
    HOST = "host"


class UserRole(Model):
    """Which roles a staff user has."""

    __tablename__ = "user_roles"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("roles.id", ondelete="CASCADE"), primary_key=True, index=True)


class Role(Model, RoleMixin):
    """A named set of rights."""

    __tablename__ = "roles"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(20), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="", server_default="")


class User(Model, UserMixin):
    """A member of staff who signs in."""

    __tablename__ = "users"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(200), default="", server_default="")
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(default=True, server_default=true())
    #: names the user in session cookies; changing it ends every session
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    #: the secret shared with a code app, enciphered (accounts.vault); None = none set up
    totp_secret: Mapped[str | None] = mapped_column(Text)
    #: the last half minute a code was taken for, counted from 1970: no code is taken twice
    totp_step: Mapped[int] = mapped_column(default=0, server_default="0")

    roles: Mapped[list[Role]] = relationship(secondary="user_roles")  # type: ignore[assignment]


class StaffSession(Model):
    """One sign-in on one device; it holds until its end, whatever a copied cookie says."""

    __tablename__ = "staff_sessions"

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: SHA-256 of the random token in the cookie
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    started_at: Mapped[datetime]
    #: at the latest; signing out brings it forward
    ends_at: Mapped[datetime] = mapped_column(index=True)
    #: the browser as it names itself, for the person to recognise
    device: Mapped[str] = mapped_column(String(200), default="", server_default="")
    #: made or confirmed with a second factor, or with a passkey, which is both
    strong: Mapped[bool] = mapped_column(default=False, server_default=false())
    #: when the person last showed that it is them
    proved_at: Mapped[datetime | None]
    #: when a page was last asked for, give or take some minutes
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class RecoveryCode(Model):
    """A code that stands in once for a code app that is lost; of it only a keyed hash is kept."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("user_id", "code_hash"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    code_hash: Mapped[str] = mapped_column(String(32))
    used_at: Mapped[datetime | None]


class Passkey(Model):
    """A key that a device keeps for somebody (WebAuthn); here is its public half."""

    __tablename__ = "passkeys"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    #: base64url, as browsers write it
    credential_id: Mapped[str] = mapped_column(String(1400), unique=True)
    #: COSE
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    #: uses as the device counts them; most say 0 for good
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    user: Mapped[User] = relationship()


class SpentMark(Model):
    """That something which counts once on the way in was used; of it only a keyed hash is kept, for minutes."""

    __tablename__ = "spent_marks"

    mark: Mapped[str] = mapped_column(String(32), primary_key=True)
    at: Mapped[datetime]


class AuditEntry(Model):
    """Who did what when; written in the transaction of the deed and never altered."""

    __tablename__ = "audit_entries"
    __table_args__ = (Index("ix_audit_entries_object", "object_kind", "object_id"),)

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    #: "staff:3", "api:2", "system", "registrant"
    actor: Mapped[str] = mapped_column(String(80))
    #: past tense: "webinar moved"
    action: Mapped[str] = mapped_column(String(80))
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[str] = mapped_column(String(40))
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    note: Mapped[str] = mapped_column(Text, default="", server_default="")
