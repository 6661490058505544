"""How fast letters go out, and by whom.

There is no index on when a letter was sent, and a page that is fetched every few seconds must not read all letters. Two
short stretches of the table are looked at instead, by their ids: the newest letters, where answers to people's deeds
stand, and those just before the first that a running mailing still owes, since a mailing goes out in the order of its
ids. Where a whole stretch left within minutes, more left than is seen: then its pace is told.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil
from typing import Any, NamedTuple

import sqlalchemy as sa

from webinars.core.database import db
from webinars.core.http import current_settings
from webinars.mail.claims import PENDING
from webinars.mail.models import Heartbeat, Lane, Message
from webinars.mail.queries import Progress

#: letters in one stretch
STRETCH = 5000
MINUTE, LATELY = timedelta(minutes=1), timedelta(minutes=5)
#: a worker that has not been heard of for longer is not counted; it beats at every tick
SILENCE = timedelta(minutes=2)
#: of a stretch that left nearly as a whole, more left than is seen
_FULL = 0.9


class Sample(NamedTuple):
    """The letters of one mailing (None: of none) that left lately, within one stretch."""

    stretch: int
    #: how many letters the stretch can hold
    size: int
    mailing_id: int | None
    #: in the last five minutes, and in the last one
    lately: int
    minute: int
    first_at: datetime


@dataclass(frozen=True, slots=True)
class Flow:
    """How fast letters go out."""

    last_minute: int = 0
    last_five: int = 0
    #: letters a second of the mailings that go out, by id
    pace: dict[int, float] = field(default_factory=dict)
    workers: int = 0

    def ends_at(self, row: Progress, now: datetime) -> datetime | None:
        """Reckon when a mailing will have gone out; None when it does not move."""
        pace = self.pace.get(row.mailing.id)
        return now + timedelta(seconds=ceil(row.open / pace)) if pace and row.open else None


def flow(now: datetime) -> Flow:
    """Say how fast letters go out (three short statements)."""
    return reckoned(_samples(now), now, _workers(now))


def reckoned(samples: Iterable[Sample], now: datetime, workers: int = 0) -> Flow:
    """Make figures of samples."""
    minute, lately = 0, 0
    pace: defaultdict[int, float] = defaultdict(float)
    for stretch in _by_stretch(samples):
        seconds = max(1.0, (now - min(one.first_at for one in stretch)).total_seconds())
        seen, in_minute = sum(one.lately for one in stretch), sum(one.minute for one in stretch)
        if seen >= _FULL * stretch[0].size:
            in_minute = max(in_minute, round(seen * 60 / seconds))
            seen = max(seen, in_minute)
        minute, lately = minute + in_minute, lately + seen
        for one in stretch:
            if one.mailing_id is not None:
                pace[one.mailing_id] += one.lately / max(1.0, (now - one.first_at).total_seconds())
    return Flow(minute, lately, dict(pace), workers)


def _by_stretch(samples: Iterable[Sample]) -> list[list[Sample]]:
    found: defaultdict[int, list[Sample]] = defaultdict(list)
    for one in samples:
        found[one.stretch].append(one)
    return list(found.values())


def _samples(now: datetime) -> list[Sample]:
    stretches = [
        sa.select(
            sa.literal(number).label("stretch"),
            sa.literal(upto - after),
            Message.mailing_id,
            sa.func.count(),
            sa.func.count().filter(Message.sent_at > now - MINUTE),
            sa.func.min(Message.sent_at),
        )
        .where(Message.id > after, Message.id <= upto, Message.sent_at > now - LATELY)
        .group_by(Message.mailing_id)
        for number, (after, upto) in enumerate(_stretches())
    ]
    rows: Any = db.session.execute(sa.union_all(*stretches)) if stretches else ()
    return [Sample(*row) for row in rows]


def _stretches() -> list[tuple[int, int]]:
    """Give the stretches of ids (after, up to) in which letters that left lately are to be found."""
    first = (
        sa.select(Message.id)
        .where(PENDING, Message.lane == Lane.BULK, Message.attempts == 0)
        .order_by(Message.next_attempt_at, Message.id)
        .limit(1)
    )
    newest, owed = db.session.execute(
        sa.select(sa.select(sa.func.max(Message.id)).scalar_subquery(), first.scalar_subquery())
    ).one()
    if newest is None:
        return []
    found = [(max(0, newest - STRETCH), newest)]
    if owed is not None:
        found.append((max(0, owed - 1 - STRETCH), min(owed - 1, newest - STRETCH)))
    return [(after, upto) for after, upto in found if upto > after]


def _workers(now: datetime) -> int:
    silence = max(SILENCE, timedelta(seconds=3 * current_settings().worker_tick_seconds))
    # Other notes stand there under names of one word.
    alive = sa.select(sa.func.count()).where(Heartbeat.beat_at > now - silence, Heartbeat.worker.like("%-%-%"))
    return db.session.scalar(alive) or 0
