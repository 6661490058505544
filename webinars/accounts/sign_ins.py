"""Sign-ins that hold: when they were used, who showed again that it is them, and ending them."""

from datetime import datetime, timedelta

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, update

from webinars.accounts import audit, service
from webinars.accounts.models import StaffSession, User
from webinars.core.database import db
from webinars.core.errors import NotFound

#: how exactly the last use is noted: each note is a write that a mere look would not need
USE_NOTED = timedelta(minutes=10)


def note_use(session_id: int, now: datetime) -> None:
    """Note that a page was asked for."""
    db.session.execute(update(StaffSession).where(StaffSession.id == session_id).values(used_at=now))


def is_use_noted(session: StaffSession, now: datetime) -> bool:
    """Say whether the last note of use is recent enough."""
    return session.used_at is not None and now - session.used_at < USE_NOTED


def prove(session_id: int, now: datetime, *, strong: bool) -> None:
    """Note that somebody showed again that it is them; a second factor makes the sign-in strong for good."""
    values = {"proved_at": now} | ({"strong": True} if strong else {})
    db.session.execute(update(StaffSession).where(StaffSession.id == session_id).values(values))


def end_one(user: User, session_id: int, now: datetime) -> None:
    """End one sign-in of somebody.

    Raises NotFound for one that is not theirs, or is over.
    """
    if not _end(user, StaffSession.id == session_id, now):
        raise NotFound(_("This sign-in is over already."))
    audit.record("sign-in ended", "user", user.id, now=now)


def end_others(user: User, keep_id: int, now: datetime) -> None:
    """End every sign-in of somebody but the one at hand."""
    if _end(user, StaffSession.id != keep_id, now):
        audit.record("other sign-ins ended", "user", user.id, now=now)


def end_all(user: User, now: datetime) -> None:
    """Sign somebody out everywhere, and end whatever they have begun to sign in with."""
    service.end_sessions(user, now)
    audit.record("all sign-ins ended", "user", user.id, now=now)


def _end(user: User, which: ColumnElement[bool], now: datetime) -> int:
    theirs = update(StaffSession).where(StaffSession.user_id == user.id, StaffSession.ends_at > now, which)
    ended = db.session.execute(theirs.values(ends_at=now), execution_options={"synchronize_session": False})
    return int(getattr(ended, "rowcount", 0))
