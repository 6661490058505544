"""Letters for the tests of mail: what a room above would prepare, without the room."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import outbox, queries
from webinars.mail.letters import Letter, NotSent, Prepare, plain
from webinars.mail.models import Message, OutboxControl

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


def letter_for(message: Message, now: datetime) -> Letter:
    """Prepare a plain letter whose address is the subject's."""
    return Letter(
        to_address=f"{message.subject}@example.org",
        sender_name="Harbor",
        subject=f"Letter {message.occasion}",
        text=plain("Hello"),
    )


def each(letter: Callable[[Message, datetime], Letter | NotSent]) -> Prepare:
    """Prepare letters one by one, each when its turn comes."""
    return lambda messages, now: [partial(letter, message, now) for message in messages]


#: what delivery is handed where the letter does not matter
prepare_plain = each(letter_for)


def owe(subject: str = "alice", *, now: datetime = NOW, **fields: Any) -> Message:
    """Owe one letter and commit."""
    values = {"notice": "confirmation", "occasion": "1", "about": "w1"} | fields
    with transaction():
        outbox.owe(subject=subject, now=now, **values)
    return find(subject, values["occasion"])


def owe_many(count: int, *, now: datetime = NOW, **fields: Any) -> None:
    """Owe letters to p0, p1, … in one mailing and commit."""
    first = sa.select(sa.literal(0).label("n")).cte("people", recursive=True)
    people = first.union_all(sa.select(first.c.n + 1).where(first.c.n < count - 1))
    values = {"notice": "reminder", "about": "w1", "occasion": "0-60"} | fields
    with transaction():
        outbox.owe_all(sa.select(("p" + sa.cast(people.c.n, sa.String)).label("subject")), now=now, **values)


def find(subject: str, occasion: str = "1") -> Message:
    """Read a letter afresh."""
    db.session.expire_all()
    return db.session.scalars(sa.select(Message).filter_by(subject=subject, occasion=occasion)).one()


def states() -> dict[str, int]:
    """Count the letters by state."""
    db.session.rollback()
    rows = db.session.execute(sa.select(Message.state, sa.func.count()).group_by(Message.state)).all()
    return {row[0]: row[1] for row in rows}


def control() -> OutboxControl:
    """Read what holds for all workers."""
    db.session.expire_all()
    return db.session.scalars(sa.select(OutboxControl)).one()


def reset_control() -> None:
    """Undo what earlier tests left in the one row that stays."""
    with transaction() as session:
        session.execute(
            sa.update(OutboxControl).values(on_hold=False, paused_until=None, pause_step=0, next_bulk_at=None)
        )


class Clock:
    """A clock that stands until it is set."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **time: float) -> None:
        """Let time pass."""
        self.now += timedelta(**time)


@contextmanager
def receiving(signal: Any, action: Callable[..., None]) -> Iterator[None]:
    """Listen to a signal for a while."""
    with signal.connected_to(action):
        yield


def beating() -> bool:
    """Say whether a worker has looked."""
    return last_beat() is not None


def last_beat() -> datetime | None:
    """Tell when a worker has looked last."""
    found = queries.status(utc_now()).last_tick
    # What others write is to be seen, and our look is not to be in the way of what we write.
    db.session.rollback()
    return found
