"""Every look at staff users and the audit trail, each in a bounded number of queries."""

from collections.abc import Iterable
from datetime import datetime

from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, or_, select
from sqlalchemy.orm import contains_eager, selectinload

from webinars.accounts import rules
from webinars.accounts.models import AuditEntry, Passkey, RecoveryCode, Role, RoleName, StaffSession, User
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.text import email_key

_ROLES = selectinload(User.roles)


def current_staff() -> User | None:
    """Give the member of staff who is signed in, if any; asks the database at most once a request."""
    if not current_user or not current_user.is_authenticated:
        return None
    user: User = current_user._get_current_object()
    return user


def host_id() -> int | None:
    """Give the id of the host who is signed in, whose pages show what is theirs; None for everybody else."""
    user = current_staff()
    return user.id if user and rules.is_host(user) else None


def called(name: str, email: str) -> str:
    """Give what a member of staff is called on a page; hosts read nobody's address."""
    user = current_staff()
    if name or user is None or not rules.is_host(user):
        return name or email
    return _("you") if email == user.email else _("a colleague")


def find_user(email: str) -> User | None:
    """Find a member of staff by address, in whatever case it is written."""
    return db.session.scalar(select(User).where(User.email == email_key(email)).options(_ROLES))


def find_user_by_id(user_id: int) -> User | None:
    """Find a member of staff with roles."""
    return db.session.scalar(select(User).where(User.id == user_id).options(_ROLES))


def find_any_session(token_hash: str) -> StaffSession | None:
    """Find a sign-in, also one that is over, with its user and roles (two queries)."""
    wanted = select(StaffSession).join(StaffSession.user).options(contains_eager(StaffSession.user).options(_ROLES))
    return db.session.scalar(wanted.where(StaffSession.token_hash == token_hash))


def get_user(user_id: int) -> User:
    """Give a member of staff with roles.

    Raises NotFound.
    """
    found = find_user_by_id(user_id)
    if found is None:
        raise NotFound(_("There is nobody with this number."))
    return found


def find_session(token_hash: str, now: datetime) -> StaffSession | None:
    """Find a sign-in that still holds, with its active user and roles (two queries)."""
    wanted = select(StaffSession).join(StaffSession.user).options(contains_eager(StaffSession.user).options(_ROLES))
    return db.session.scalar(
        wanted.where(StaffSession.token_hash == token_hash, StaffSession.ends_at > now, User.active.is_(True))
    )


def find_user_by_uniquifier(uniquifier: str) -> User | None:
    """Find who may sign in and is named so in session cookies, with roles."""
    wanted = select(User).where(User.fs_uniquifier == uniquifier, User.active.is_(True))
    return db.session.scalar(wanted.options(_ROLES))


def sessions_of(user_id: int, now: datetime) -> list[StaffSession]:
    """List the sign-ins of somebody that hold, the newest first."""
    theirs = select(StaffSession).where(StaffSession.user_id == user_id, StaffSession.ends_at > now)
    return list(db.session.scalars(theirs.order_by(StaffSession.id.desc())))


def passkeys_of(user_id: int) -> list[Passkey]:
    """List the passkeys of somebody, the oldest first."""
    return list(db.session.scalars(select(Passkey).where(Passkey.user_id == user_id).order_by(Passkey.id)))


def find_passkey(credential_id: str) -> Passkey | None:
    """Find a passkey of somebody who may sign in."""
    wanted = select(Passkey).join(Passkey.user).options(contains_eager(Passkey.user).options(_ROLES))
    return db.session.scalar(wanted.where(Passkey.credential_id == credential_id, User.active.is_(True)))


def owners_of_passkeys() -> set[int]:
    """Give the ids of all who have a passkey (one query)."""
    return set(db.session.scalars(select(Passkey.user_id).distinct()))


def count_recovery_codes(user_id: int) -> int:
    """Count the recovery codes somebody has left."""
    left = select(func.count()).where(RecoveryCode.user_id == user_id, RecoveryCode.used_at.is_(None))
    return db.session.scalar(left) or 0


def list_people() -> list[User]:
    """List everybody with roles: those who may sign in first, then by address (two queries)."""
    return list(db.session.scalars(select(User).options(_ROLES).order_by(User.active.desc(), User.email)))


def hold_people() -> None:
    """Hold the rows of everybody until the transaction ends, with their present values: others decide on them too."""
    everybody = select(User).options(_ROLES).order_by(User.id).with_for_update(of=User)
    db.session.scalars(everybody.execution_options(populate_existing=True)).all()


def last_sign_ins() -> dict[int, datetime]:
    """Give when each member of staff signed in last, as far as it is still known (one query)."""
    latest = select(StaffSession.user_id, func.max(StaffSession.started_at)).group_by(StaffSession.user_id)
    return {user_id: started_at for user_id, started_at in db.session.execute(latest)}  # noqa: C416


def count_active_owners() -> int:
    """Count those who may let others in."""
    owners = select(func.count(User.id.distinct())).join(User.roles)
    return db.session.scalar(owners.where(Role.name == RoleName.OWNER, User.active.is_(True))) or 0


def find_role(name: str) -> Role | None:
    """Find a role."""
    return db.session.scalar(select(Role).where(Role.name == name))


def staff_named(words: str) -> list[str]:
    """Give the actors whose name or address holds some words, as the audit trail has them (one query)."""
    named = or_(User.email.icontains(words, autoescape=True), User.name.icontains(words, autoescape=True))
    return [f"staff:{user_id}" for user_id in db.session.scalars(select(User.id).where(named).limit(50))]


def find_last_deed(kind: str, number: str) -> AuditEntry | None:
    """Find what the trail tells last of a thing."""
    of_it = select(AuditEntry).where(AuditEntry.object_kind == kind, AuditEntry.object_id == number)
    return db.session.scalar(of_it.order_by(AuditEntry.id.desc()).limit(1))


def actor_names(entries: Iterable[AuditEntry]) -> dict[str, str]:
    """Give the names or addresses of the staff who acted, by actor (one query)."""
    ids = {int(entry.actor[6:]) for entry in entries if entry.actor.startswith("staff:")}
    if not ids:
        return {}
    people = db.session.execute(select(User.id, User.name, User.email).where(User.id.in_(ids)))
    return {f"staff:{user_id}": name or email for user_id, name, email in people}
