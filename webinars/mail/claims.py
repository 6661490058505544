"""Taking letters out of the outbox for one worker at a time: a claim with a lease, fenced by a token.

A worker that dies loses nothing: its lease runs out and its letters go back to those that wait. A worker that was
thought dead finds its token gone and stops.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webinars.core.among import among
from webinars.core.database import db, read_alone, transaction
from webinars.mail.models import Lane, Message, MessageState, OutboxControl

# Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
PENDING = sa.text("messages.state = 'pending'")
SENDING = sa.text("messages.state = 'sending'")
LAST_STEP = 20
#: the bare table: marks are written letter by letter, and the session's own bookkeeping would double their cost
_MESSAGES: Any = Message.__table__


@dataclass(frozen=True, slots=True)
class Survey:
    """What waits, and what stands in the way."""

    on_hold: bool
    paused_until: datetime | None
    pause_step: int
    next_bulk_at: datetime | None
    #: when the first letter of each lane may go out, and when the first lease runs out
    due: dict[Lane, datetime | None]
    lease_until: datetime | None

    def lane(self, now: datetime) -> Lane | None:
        """Choose the lane to take from: answers to a person's deed before mailings."""
        if self._due(Lane.TRANSACTIONAL, now):
            return Lane.TRANSACTIONAL
        rested = self.next_bulk_at is None or self.next_bulk_at <= now
        return Lane.BULK if self._due(Lane.BULK, now) and rested else None

    def blocked_until(self, now: datetime) -> datetime | None:
        """Give the end of a pause of the transport, if there is one."""
        return self.paused_until if self.paused_until is not None and self.paused_until > now else None

    def next_look(self, now: datetime) -> datetime | None:
        """Give the instant at which something changes by the clock alone; None if nothing will."""
        bulk = self.due[Lane.BULK]
        if bulk is not None and self.next_bulk_at is not None:
            bulk = max(bulk, self.next_bulk_at)
        moments = [moment for moment in (self.due[Lane.TRANSACTIONAL], bulk) if moment is not None]
        if self.on_hold:
            moments = []
        elif (pause := self.blocked_until(now)) is not None:
            moments = [max(moment, pause) for moment in moments]
        return min([*moments, *([self.lease_until] if self.lease_until else [])], default=None)

    def _due(self, lane: Lane, now: datetime) -> bool:
        moment = self.due[lane]
        return moment is not None and moment <= now


_FIRST = sa.select(sa.func.min(Message.next_attempt_at)).where(PENDING)
# Statements of the loop are built once: building them would cost more than asking the database.
_SURVEY = sa.select(
    OutboxControl.on_hold,
    OutboxControl.paused_until,
    OutboxControl.pause_step,
    OutboxControl.next_bulk_at,
    _FIRST.where(Message.lane == Lane.TRANSACTIONAL).scalar_subquery(),
    _FIRST.where(Message.lane == Lane.BULK).scalar_subquery(),
    sa.select(sa.func.min(Message.lease_until)).where(SENDING).scalar_subquery(),
)


def survey() -> Survey:
    """Read what waits and what stands in the way, in one statement."""
    db.session.rollback()
    read_alone()
    on_hold, paused_until, step, next_bulk_at, first_a, first_b, lease = db.session.execute(_SURVEY).one()
    db.session.rollback()
    return Survey(on_hold, paused_until, step, next_bulk_at, {Lane.TRANSACTIONAL: first_a, Lane.BULK: first_b}, lease)


def recover(now: datetime) -> int:
    """Give letters whose lease ran out back to those that wait; give how many."""
    back = {"state": MessageState.PENDING, "claim_token": None, "lease_until": None}
    with transaction(durable=False) as session:
        result: Any = session.execute(sa.update(Message).where(SENDING, Message.lease_until <= now).values(back))
    return int(result.rowcount)


_DUE = (
    sa.select(Message.id)
    .where(PENDING, Message.lane == sa.bindparam("in_lane"), Message.next_attempt_at <= sa.bindparam("now"))
    .order_by(Message.next_attempt_at, Message.id)
    .limit(sa.bindparam("most"))
    .with_for_update(skip_locked=True)
    .cte("due")
    .prefix_with("MATERIALIZED")
)
_CLAIM = (
    sa.update(Message)
    .where(Message.id.in_(sa.select(_DUE.c.id)), PENDING)
    .values(state=MessageState.SENDING, claim_token=sa.bindparam("token"), lease_until=sa.bindparam("until"))
    .returning(Message)
)


def claim(lane: Lane, now: datetime, lease: timedelta, most: int, rate: float = 0) -> Sequence[Message]:
    """Take up to ``most`` letters that are due, oldest first, detached from the session.

    rate: bulk letters a second over all workers; 0 = no cap.
    """
    token = secrets.token_hex(16)
    with transaction(durable=False) as session:
        if lane is Lane.BULK and rate and not _take_slot(session, now, most / rate):
            return []
        asked = {"in_lane": lane, "now": now, "most": most, "token": token, "until": now + lease}
        taken = session.scalars(_CLAIM, asked, execution_options={"synchronize_session": False})
        messages = sorted(taken, key=lambda message: (message.next_attempt_at, message.id))
        # The rows are used after the commit, when the session would read them again one by one.
        session.expunge_all()
    return messages


def _take_slot(session: Session, now: datetime, seconds: float) -> bool:
    """Reserve the time in which this worker alone may send bulk mail."""
    control = OutboxControl
    free = sa.or_(control.next_bulk_at.is_(None), control.next_bulk_at <= now)
    result: Any = session.execute(sa.update(control).where(free).values(next_bulk_at=now + timedelta(seconds=seconds)))
    return bool(result.rowcount)


def renew(message: Message, until: datetime) -> bool:
    """Lengthen one lease; say whether the letter is still ours."""
    with transaction(durable=False) as session:
        result: Any = session.execute(sa.update(_MESSAGES).where(*_ours(message)).values(lease_until=until))
    message.lease_until = until
    return bool(result.rowcount)


def hand_back(messages: Sequence[Message]) -> None:
    """Put letters that were not tried back among those that wait."""
    if not messages:
        return
    ours = sa.and_(Message.id.in_([message.id for message in messages]), Message.claim_token == messages[0].claim_token)
    with transaction(durable=False) as session:
        session.execute(
            sa.update(Message)
            .where(ours, SENDING)
            .values(state=MessageState.PENDING, claim_token=None, lease_until=None)
        )


def settle(session: Session, message: Message, **values: Any) -> bool:
    """Write what became of a claimed letter; say whether it was still ours to say."""
    result: Any = session.execute(
        sa.update(_MESSAGES).where(*_ours(message)).values(claim_token=None, lease_until=None, **values),
    )
    if not result.rowcount:
        return False
    for name, value in values.items():
        setattr(message, name, value)
    return True


_SETTLE_SENT = (
    sa.update(_MESSAGES)
    .where(
        among(_MESSAGES.c.id, "ids"),
        _MESSAGES.c.claim_token == sa.bindparam("token"),
        SENDING,
    )
    .values(
        state=MessageState.SENT, sent_at=sa.bindparam("now"), attempts=_MESSAGES.c.attempts + 1,
        last_error=sa.null(), payload=sa.null(), claim_token=sa.null(), lease_until=sa.null(),
    )
    .returning(_MESSAGES.c.id)
)  # fmt: skip


def settle_sent(session: Session, ids: Sequence[int], token: str, now: datetime) -> set[int]:
    """Write that letters of one claim were taken by the mail server; give the ids of those still ours to say it of."""
    return set(session.scalars(_SETTLE_SENT, {"ids": ids, "token": token, "now": now}))


def release(session: Session, token: str) -> int:
    """Give the rest of a claim back to those that wait; give how many."""
    back = {"state": MessageState.PENDING, "claim_token": None, "lease_until": None}
    result: Any = session.execute(sa.update(Message).where(SENDING, Message.claim_token == token).values(back))
    return int(result.rowcount)


def pause(now: datetime, seconds: float) -> bool:
    """Stop all workers from sending for a while; say whether this call began it (another may have been first)."""
    control = OutboxControl
    idle = sa.or_(control.paused_until.is_(None), control.paused_until <= now)
    step = sa.case((control.pause_step < LAST_STEP, control.pause_step + 1), else_=LAST_STEP)
    change = sa.update(control).where(idle).values(paused_until=now + timedelta(seconds=seconds), pause_step=step)
    with transaction(durable=False) as session:
        result: Any = session.execute(change)
    return bool(result.rowcount)


def resume() -> None:
    """Forget earlier trouble with the server: a letter has just been taken."""
    with transaction(durable=False) as session:
        session.execute(
            sa.update(OutboxControl).where(OutboxControl.pause_step > 0).values(paused_until=None, pause_step=0)
        )


def _ours(message: Message) -> tuple[Any, ...]:
    return _MESSAGES.c.id == message.id, _MESSAGES.c.claim_token == message.claim_token, SENDING
