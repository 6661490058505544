"""Staff users, their roles, and the audit trail."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import JSON, ForeignKey, Index, String, Text, true
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

    user: Mapped[User] = relationship()


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
