"""What people decide about mail, each with its entry in the audit trail. Whoever calls holds the transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from flask import current_app

from webinars.mail import outbox


def hold(now: datetime) -> None:
    """Stop handing letters over until they are released."""
    outbox.hold()
    note("mail held", "mail", "outbox", now)


def release(now: datetime) -> None:
    """Send again, and at once."""
    outbox.release()
    note("mail released", "mail", "outbox", now)


def try_again(now: datetime, numbers: Sequence[int] = ()) -> int:
    """Try letters again now, also failed ones; without numbers all that wait for their next attempt; give how many."""
    if numbers:
        again = [number for number in numbers if outbox.retry(now, [number])]
        for number in again:
            note("letter tried again", "message", number, now)
        return len(again)
    count = outbox.retry(now)
    if count:
        note("waiting letters tried again", "mail", "outbox", now, after={"letters": count})
    return count


def note(action: str, kind: str, object_id: int | str, now: datetime, after: Mapping[str, int] | None = None) -> None:
    """Write a deed down in the audit trail, which a later room keeps (accounts.audit.record)."""
    current_app.extensions["audit_record"](action, kind, object_id, after=after, now=now)
