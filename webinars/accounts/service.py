"""Everything that changes staff users: adding, roles, passwords, sign-ins."""

import hashlib
import secrets
import uuid
from datetime import datetime, timedelta

import email_validator
from flask_babel import gettext as _
from flask_security.utils import hash_password
from sqlalchemy import delete, select, update

from webinars.accounts import audit, rules
from webinars.accounts.models import Passkey, RecoveryCode, Role, RoleName, StaffSession, User
from webinars.accounts.queries import count_active_owners, find_role, find_user, hold_people, list_people
from webinars.core.audience import Audience
from webinars.core.database import db
from webinars.core.errors import Conflict, UserError
from webinars.core.language import current_language
from webinars.core.links import keyed_hash
from webinars.core.text import email_key, one_line
from webinars.mail.models import Message
from webinars.mail.outbox import owe

__all__ = ["find_user"]

#: the outbox knows all letters to staff under this notice; the payload's ``kind`` says which
NOTICE = "staff-letter"
#: where the session cookie carries the token of a sign-in
TOKEN = "staff_session"
SESSION_LIFE = timedelta(hours=12)
#: one reset letter an address in this time, however often it is asked for
RESET_EVERY = timedelta(minutes=20)
RESET_HOLDS = timedelta(hours=24)
#: names inside a house ("desk@intranet") are fine for staff, and the reserved domain .test for trying out
EMAIL_ARGS = {"check_deliverability": False, "test_environment": True, "globally_deliverable": False}


def add_user(email: str, role: str, password: str | None, now: datetime, *, name: str = "") -> User:
    """Let somebody in, or set role and password of a known address and let them in again.

    Without a password a letter invites them to choose how to sign in. Raises UserError.
    """
    address = _checked_address(email)
    known = find_user(address)
    user = known or User(email=address, fs_uniquifier=_uniquifier(), created_at=now, confirmed_at=now, active=True)
    if password is not None:
        _refuse_weak(password, address)
    if known:
        _refuse_without_owner(user, RoleName(role) is RoleName.OWNER)
    user.name = one_line(name)[:200] or user.name or ""
    user.active = True
    user.roles = [_role(role)]
    db.session.add(user)
    db.session.flush()
    audit.record(
        "user changed" if known else "user added", "user", user.id, after={"email": address, "role": role}, now=now
    )
    if password is not None:
        set_password(user, password, now)
    else:
        invite(user, now)
    return user


def invite(user: User, now: datetime) -> None:
    """Send a letter with which somebody chooses how to sign in."""
    owe_note("welcome", user, now)


def rename(user: User, name: str, now: datetime) -> None:
    """Change how somebody is called."""
    # Before the role is read, which others may change at this instant.
    hold_people()
    edit_user(user, name=name, role=rules.role_of(user), now=now)


def edit_user(user: User, *, name: str, role: str, now: datetime) -> None:
    """Change name and role.

    Raises Conflict when nobody could let people in any more.
    """
    _refuse_without_owner(user, RoleName(role) is RoleName.OWNER)
    before = {"name": user.name, "role": rules.role_of(user)}
    user.name = one_line(name)[:200]
    user.roles = [_role(role)]
    after = {"name": user.name, "role": role}
    if after != before:
        audit.record("user changed", "user", user.id, before=before, after=after, now=now)


def deactivate(user: User, now: datetime) -> None:
    """Let somebody in no more, end all their sign-ins, and forget what else would open the door.

    Raises Conflict when nobody could let people in any more.
    """
    _refuse_without_owner(user, False)
    user.active = False
    forget_second_factors(user)
    end_sessions(user, now)
    audit.record("user deactivated", "user", user.id, now=now)


def forget_second_factors(user: User) -> None:
    """Forget code app, recovery codes and passkeys of somebody."""
    user.totp_secret = None
    for kind in (RecoveryCode, Passkey):
        db.session.execute(delete(kind).where(kind.user_id == user.id))


def reactivate(user: User, now: datetime) -> None:
    """Let somebody in again."""
    user.active = True
    audit.record("user reactivated", "user", user.id, now=now)


def set_password(user: User, password: str, now: datetime) -> None:
    """Set a new password and end all sign-ins.

    Raises UserError for one that is easy to guess.
    """
    _refuse_weak(password, user.email)
    user.password = hash_password(password)
    end_sessions(user, now)
    audit.record("password set", "user", user.id, now=now)


def renew_hash(user: User, before: str, after: str) -> None:
    """Keep the same password under a newer hash, unless it was changed meanwhile."""
    unchanged = update(User).where(User.id == user.id, User.password == before)
    db.session.execute(unchanged.values(password=after))


def change_password(user: User, password: str, now: datetime) -> None:
    """Set a password somebody chose for themselves, and tell them by letter that it changed.

    Raises UserError for one that is easy to guess.
    """
    set_password(user, password, now)
    owe_note("password-changed", user, now)


def request_reset(email: str, now: datetime) -> None:
    """Owe a letter with which the password can be chosen anew.

    It does the same for every address: whether anybody is behind it is found out when the letter's turn comes.
    """
    window = int(now.timestamp() // RESET_EVERY.total_seconds())
    owe_letter("reset", email, now, occasion=str(window))


def letter_subject(email: str) -> str:
    """Give the outbox's name of a member of staff."""
    return "a" + keyed_hash("staff", email_key(email))


def owe_letter(kind: str, email: str, now: datetime, *, occasion: str, **payload: str) -> None:
    """Owe a letter to a member of staff (see accounts.letters and staff.readiness.digests for the kinds)."""
    key = email_key(email)
    owe(
        notice=NOTICE,
        subject=letter_subject(email),
        occasion=f"{kind}-{occasion}",
        now=now,
        payload={"kind": kind, "email": key, "language": current_language(), **payload},
        not_after=now + RESET_HOLDS,
    )


def owe_test_letter(email: str, now: datetime) -> None:
    """Owe a member of staff a letter that shows whether letters arrive."""
    owe_letter("test", email, now, occasion=f"{now.timestamp():.3f}")


def find_test_letter(email: str) -> Message | None:
    """Find the newest test letter of somebody."""
    subject = "a" + keyed_hash("staff", email_key(email))
    theirs = select(Message).where(Message.notice == NOTICE, Message.subject == subject)
    newest = theirs.where(Message.occasion.startswith("test-")).order_by(Message.id.desc()).limit(1)
    return db.session.scalar(newest)


def alarm(kind: str, about: str, now: datetime) -> None:
    """Tell everybody who may act on it that something cannot wait until they look at the desk."""
    for user in list_people():
        if user.active and Audience.EDITOR.admits(rules.roles_of(user)):
            owe_letter(kind, user.email, now, occasion=about, about=about)


def owe_note(kind: str, user: User, now: datetime, *, codes_too: bool = False) -> None:
    """Owe a letter that tells somebody what was done to the way they sign in, and that recovery codes went with it."""
    owe_letter(kind, user.email, now, occasion=secrets.token_hex(8), **{"codes": "gone"} if codes_too else {})


def start_session(user: User, device: str, now: datetime, *, strong: bool = False) -> str:
    """Note a sign-in and give the token its cookie carries; nothing stored gives it back.

    ``strong``: it was made with a second factor, or with a passkey.
    """
    token = secrets.token_urlsafe(32)
    db.session.add(
        StaffSession(
            user_id=user.id,
            token_hash=token_hash(token),
            started_at=now,
            ends_at=now + SESSION_LIFE,
            device=one_line(device)[:200],
            strong=strong,
            proved_at=now,
            used_at=now,
        )
    )
    audit.record("signed in", "user", user.id, now=now)
    return token


def end_session(token: str, now: datetime) -> None:
    """End the sign-in that a token belongs to."""
    mine = update(StaffSession).where(StaffSession.token_hash == token_hash(token), StaffSession.ends_at > now)
    db.session.execute(mine.values(ends_at=now))


def end_sessions(user: User, now: datetime) -> None:
    """End every sign-in of somebody, and whatever else a cookie of theirs may open."""
    user.fs_uniquifier = _uniquifier()
    if user.id is not None:
        theirs = update(StaffSession).where(StaffSession.user_id == user.id, StaffSession.ends_at > now)
        db.session.execute(theirs.values(ends_at=now))


def token_hash(token: str) -> str:
    """Give what is stored of a session token; it is random, so a plain hash does."""
    return hashlib.sha256(token.encode()).hexdigest()


def _role(name: str) -> Role:
    """Give the row of a role, made when it is needed first."""
    known = find_role(RoleName(name))
    return known or Role(name=RoleName(name).value)


def _refuse_without_owner(user: User, stays_owner: bool) -> None:
    # Of two owners who go at the same instant, each would count the other.
    hold_people()
    is_owner = user.active and rules.role_of(user) == RoleName.OWNER
    if rules.loses_last_owner(is_owner, count_active_owners(), stays_owner=stays_owner):
        raise Conflict(_("This is the only owner. Make somebody else an owner first."))


def _refuse_weak(password: str, email: str) -> None:
    problem = rules.password_problem(password, email)
    if problem:
        raise UserError(problem)


def _checked_address(email: str) -> str:
    try:
        found = email_validator.validate_email(email.strip(), **EMAIL_ARGS)  # type: ignore[arg-type]
    except email_validator.EmailNotValidError:
        raise UserError(_("“%(address)s” is not an email address.", address=email.strip()[:100])) from None
    return email_key(found.normalized)


def _uniquifier() -> str:
    return uuid.uuid4().hex
