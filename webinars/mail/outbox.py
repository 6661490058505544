"""Owing letters: rows written in the transaction of the deed, and what staff may do with those that wait."""

import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from webinars.core.database import db, is_sqlite
from webinars.core.http import current_settings
from webinars.mail.models import Lane, Mailing, Message, MessageState, OutboxControl

#: marks a session whose commit should wake the worker (see webinars.mail.setup)
OWED = "letters_owed"
_UNIQUE = ["notice", "subject", "occasion"]
#: puts mail on hold; a restored database gets it before anybody can use it
HOLD = sa.update(OutboxControl).values(on_hold=True)


def owe(
    *,
    notice: str,
    subject: str,
    occasion: str,
    now: datetime,
    about: str = "",
    payload: dict[str, Any] | None = None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    lane: Lane = Lane.TRANSACTIONAL,
    address_key: str | None = None,
    mailing_id: int | None = None,
) -> bool:
    """Write that a letter is owed; say whether it is new (the same one owed again changes nothing)."""
    reference = secrets.token_hex(16)
    row = {
        "notice": notice, "subject": subject, "occasion": occasion, "about": about, "mailing_id": mailing_id,
        "address_key": address_key, "payload": payload, "state": MessageState.PENDING, "lane": lane, "created_at": now,
        "next_attempt_at": not_before or now, "not_after": not_after, "reference": reference,
        "message_id": f"<{reference}@{sender_domain()}>",
    }  # fmt: skip
    return _write(insert_into(Message.__table__), row) > 0


def owe_all(
    subjects: sa.Select[Any],
    *,
    notice: str,
    about: str,
    occasion: str,
    now: datetime,
    due_at: datetime | None = None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    lane: Lane = Lane.BULK,
) -> int:
    """Write the letters of a mailing in one INSERT … SELECT; give how many are new.

    The first column of ``subjects`` is the subject of each letter. Further columns, labelled ``occasion``,
    ``not_before``, ``not_after``, ``address_key`` or ``payload``, replace the values given here row by row. The
    progress is kept under (notice, about, occasion).
    """
    mailing_id = mailing_for(notice=notice, about=about, occasion=occasion, due_at=due_at or now, now=now)
    given = {
        "occasion": occasion,
        "not_before": not_before,
        "not_after": not_after,
        "address_key": None,
        "payload": None,
    }
    # Materialised: a database may else evaluate the random reference anew wherever it is named.
    owed = _with_reference(subjects).cte("owed").prefix_with("MATERIALIZED")
    chosen = {name: owed.c[name] if name in owed.c else _literal(name, value) for name, value in given.items()}
    values = {
        "notice": sa.literal(notice), "subject": owed.c[0], "occasion": chosen["occasion"], "about": sa.literal(about),
        "mailing_id": sa.literal(mailing_id), "address_key": chosen["address_key"], "payload": chosen["payload"],
        "state": sa.literal(MessageState.PENDING.value), "lane": sa.literal(lane.value),
        "created_at": _literal("created_at", now),
        "next_attempt_at": sa.func.coalesce(chosen["not_before"], _literal("created_at", now)),
        "not_after": chosen["not_after"], "attempts": sa.literal(0), "reference": owed.c.reference,
        "message_id": sa.literal("<") + owed.c.reference + sa.literal(f"@{sender_domain()}>"),
    }  # fmt: skip
    # SQLite reads ON CONFLICT as a join's ON unless a WHERE stands between.
    rows = sa.select(*values.values()).where(sa.text("1 = 1"))
    return _write(insert_into(Message).from_select(list(values), rows))


def mailing_for(*, notice: str, about: str, occasion: str, due_at: datetime, now: datetime) -> int:
    """Give the id of a mailing, made if it is not there yet."""
    key = {"notice": notice, "about": about, "occasion": occasion}
    find = sa.select(Mailing.id).filter_by(**key)
    found = db.session.scalar(find)
    if found is None:
        row = key | {"due_at": due_at, "created_at": now}
        db.session.execute(insert_into(Mailing).values(row).on_conflict_do_nothing(index_elements=list(key)))
        found = db.session.scalars(find).one()
    return found


def withdraw(*, subject: str, reason: str, notices: Iterable[str] | None = None, about: str | None = None) -> int:
    """Take back the letters of a subject that still wait; give how many."""
    which = [Message.subject == subject, Message.state == MessageState.PENDING]
    if notices is not None:
        which.append(Message.notice.in_(list(notices)))
    if about is not None:
        which.append(Message.about == about)
    change = sa.update(Message).where(*which).values(state=MessageState.SUPERSEDED, last_error=reason, payload=None)
    return _rowcount(db.session.execute(change))


def withdraw_older(notice: str, about: str, occasion: str, reason: str) -> int:
    """Take back what still waits of earlier mailings of a kind, because this one says all of it; give how many."""
    which = (Message.about == about, Message.state == MessageState.PENDING, Message.notice == notice)
    change = sa.update(Message).where(*which, Message.occasion != occasion)
    return _rowcount(db.session.execute(change.values(state=MessageState.SUPERSEDED, last_error=reason, payload=None)))


def retry(now: datetime, ids: Iterable[int] | None = None) -> int:
    """Try again what waits for its next attempt, and, when named by id, what failed; give how many."""
    soon = {"next_attempt_at": now, "state": MessageState.PENDING, "claim_token": None, "lease_until": None}
    if ids is None:
        which = sa.and_(Message.state == MessageState.PENDING, Message.attempts > 0)
    else:
        which = sa.and_(Message.id.in_(list(ids)), Message.state.in_([MessageState.PENDING, MessageState.FAILED]))
    db.session.execute(sa.update(OutboxControl).values(paused_until=None, pause_step=0))
    count = _rowcount(db.session.execute(sa.update(Message).where(which).values(**soon)))
    db.session.info[OWED] = True
    return count


def hold() -> None:
    """Stop handing letters over until they are released; what is owed is still written."""
    db.session.execute(HOLD)


def release() -> None:
    """Hand letters over again."""
    db.session.execute(sa.update(OutboxControl).values(on_hold=False, paused_until=None, pause_step=0))
    db.session.info[OWED] = True


def look_soon() -> None:
    """Wake the worker once this transaction is committed: letters may be owed that are derived from the state."""
    db.session.info[OWED] = True


def sender_domain() -> str:
    """Give the domain of the sender's address, which every Message-ID ends with (RFC 5322 section 3.6.4)."""
    return current_settings().mail_default_sender.rpartition("@")[2].strip(" >")


def insert_into(table: Any) -> Any:
    """Begin an INSERT that may say ON CONFLICT, in the words of the database at hand."""
    return sqlite.insert(table) if is_sqlite() else postgresql.insert(table)


def _write(insert: Any, row: dict[str, Any] | None = None) -> int:
    """Write letters that are not owed yet; give how many."""
    statement = insert.on_conflict_do_nothing(index_elements=_UNIQUE)
    result: Any = db.session.execute(statement, row, execution_options={"preserve_rowcount": True})
    written = int(result.rowcount)
    if written < 0:
        # Python's SQLite driver counts no rows of a statement that begins with WITH.
        written = db.session.scalar(sa.text("SELECT changes()")) or 0
    if written:
        db.session.info[OWED] = True
    return written


def _rowcount(result: Any) -> int:
    return max(0, int(result.rowcount))


def _with_reference(subjects: sa.Select[Any]) -> sa.Select[Any]:
    if is_sqlite():
        reference = sa.func.lower(sa.func.hex(sa.func.randomblob(16)))
    else:
        reference = sa.func.replace(sa.cast(sa.func.gen_random_uuid(), sa.String), "-", "")
    return subjects.add_columns(reference.label("reference"))


def _literal(name: str, value: Any) -> Any:
    column = {"not_before": "next_attempt_at"}.get(name, name)
    kind = Message.__table__.c[column].type
    return sa.cast(sa.null(), kind) if value is None else sa.literal(value, kind)
