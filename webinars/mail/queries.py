"""Reading the outbox: its health, its failures, its mailings."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from webinars.core.database import db
from webinars.mail.claims import PENDING, SENDING
from webinars.mail.models import Heartbeat, Mailing, Message, MessageState, OutboxControl

_FAILED = sa.text("messages.state = 'failed'")
_EXPIRED = sa.text("messages.state = 'expired'")
#: a worker beats at every tick
WORKER_SILENCE = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Status:
    """How the outbox is doing."""

    #: due or planned, never tried
    waiting: int
    sending: int
    #: tried at least once, to be tried again
    retrying: int
    failed: int
    expired: int
    #: since when the oldest letter that is due has been waiting
    oldest_due: datetime | None
    #: when a worker last looked for work
    last_tick: datetime | None
    on_hold: bool
    #: until when the mail server is left alone
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a mailing is."""

    mailing: Mailing
    total: int
    sent: int
    #: waiting, sending or retrying
    open: int
    failed: int

    @property
    def settled(self) -> int:
        """Count the letters that need no more work."""
        return self.total - self.open


def status(now: datetime) -> Status:
    """Give the health of the outbox, in one statement that reads only what is open or in trouble."""
    count = sa.select(sa.func.count()).select_from(Message)
    pending = count.where(PENDING)
    row = db.session.execute(
        sa.select(
            pending.where(Message.attempts == 0).scalar_subquery().label("waiting"),
            count.where(SENDING).scalar_subquery().label("sending"),
            pending.where(Message.attempts > 0).scalar_subquery().label("retrying"),
            count.where(_FAILED).scalar_subquery().label("failed"),
            count.where(_EXPIRED).scalar_subquery().label("expired"),
            sa.select(sa.func.min(Message.next_attempt_at)).where(PENDING).scalar_subquery().label("oldest"),
            sa.select(sa.func.max(Heartbeat.beat_at)).scalar_subquery().label("tick"),
            OutboxControl.on_hold,
            OutboxControl.paused_until,
        )
    ).one()
    oldest = row.oldest if row.oldest is not None and row.oldest <= now else None
    paused = row.paused_until if row.paused_until is not None and row.paused_until > now else None
    return Status(
        row.waiting, row.sending, row.retrying, row.failed, row.expired, oldest, row.tick, row.on_hold, paused
    )


def is_worker_silent(now: datetime) -> bool:
    """Say whether no worker has been heard of for so long that long work stands still."""
    # Jobs beat here too, under a single word.
    alive = sa.exists().where(Heartbeat.worker.like("%-%-%"), Heartbeat.beat_at > now - WORKER_SILENCE)
    return not db.session.scalar(sa.select(alive))


def is_on_hold() -> bool:
    """Say whether staff have put mail on hold."""
    return bool(db.session.scalar(sa.select(OutboxControl.on_hold)))


def recent_failures(most: int = 50) -> list[Message]:
    """List the letters that failed or expired, newest first."""
    rows: list[Message] = []
    for state in (_FAILED, _EXPIRED):
        rows += db.session.scalars(sa.select(Message).where(state).order_by(Message.id.desc()).limit(most))
    return sorted(rows, key=lambda message: message.id, reverse=True)[:most]


def recent_mailings(most: int = 20) -> list[Progress]:
    """List the mailings that are due last with their progress, in two statements."""
    mailings = list(
        db.session.scalars(sa.select(Mailing).order_by(Mailing.due_at.desc(), Mailing.id.desc()).limit(most))
    )
    return _progress(mailings)


def _progress(mailings: list[Mailing]) -> list[Progress]:
    ids = [mailing.id for mailing in mailings]
    counted = sa.select(Message.mailing_id, Message.state, sa.func.count()).where(Message.mailing_id.in_(ids))
    counts: dict[int | None, dict[str, int]] = {}
    rows: Any = db.session.execute(counted.group_by(Message.mailing_id, Message.state)) if ids else ()
    for mailing_id, state, number in rows:
        counts.setdefault(mailing_id, {})[state] = number
    return [_one(mailing, counts.get(mailing.id, {})) for mailing in mailings]


def _one(mailing: Mailing, states: dict[str, int]) -> Progress:
    waiting = states.get(MessageState.PENDING, 0) + states.get(MessageState.SENDING, 0)
    failed = states.get(MessageState.FAILED, 0) + states.get(MessageState.EXPIRED, 0)
    return Progress(mailing, sum(states.values()), states.get(MessageState.SENT, 0), waiting, failed)
