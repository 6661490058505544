"""What the session keeps of somebody on the way in: signed, dated, and gone when they are signed in or out.

A browser can send an old cookie once more, with all it kept. What may count only once carries a mark that the database
takes once, whichever process is asked.
"""

from datetime import datetime, timedelta
from typing import Any

from flask import session
from sqlalchemy import delete

from webinars.accounts.models import SpentMark
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.core.links import keyed_hash
from webinars.mail.outbox import insert_into

_KEY = "on_the_way_in"
#: for so long what is kept holds
HOLDS = timedelta(minutes=15)


def keep(name: str, **values: Any) -> None:
    """Keep something under a name, in place of what was there."""
    session[_KEY] = session.get(_KEY, {}) | {name: values | {"at": utc_now().timestamp()}}


def find(name: str, within: timedelta = HOLDS) -> dict[str, Any]:
    """Give what is kept under a name; nothing when there is none, or it is too old."""
    found: dict[str, Any] = session.get(_KEY, {}).get(name, {})
    return found if found and utc_now().timestamp() - found["at"] < within.total_seconds() else {}


def take(name: str) -> dict[str, Any]:
    """Give what is kept under a name, and keep it no more."""
    found = find(name)
    session[_KEY] = {kept: values for kept, values in session.get(_KEY, {}).items() if kept != name}
    return found


def forget() -> None:
    """Keep nothing more of the way in."""
    session.pop(_KEY, None)


def spend(mark: str, now: datetime) -> bool:
    """Say whether a mark is used for the first time, and note that it is."""
    # What is older than anything a cookie keeps opens nothing any more.
    db.session.execute(delete(SpentMark).where(SpentMark.at < now - 2 * HOLDS))
    noted = insert_into(SpentMark).values(mark=keyed_hash("spent", mark), at=now).on_conflict_do_nothing()
    return bool(db.session.scalar(noted.returning(SpentMark.mark)))
