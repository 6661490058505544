"""How many letters visitors' requests may cause to one address, so that nobody's mailbox can be flooded through us."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from webinars.core.database import db
from webinars.core.http import current_settings
from webinars.mail.models import Address, Message, MessageState
from webinars.mail.outbox import insert_into

#: letters an hour and a day to an address nobody has shown to be theirs, and to one that somebody has
UNPROVEN = (3, 5)
PROVEN = (20, 60)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
_REACHED_NOBODY = (MessageState.EXPIRED, MessageState.SUPERSEDED)


def allowed_at(address_key: str, now: datetime) -> datetime | None:
    """Say when the next letter that a visitor's request causes may go to an address; None when its day is used up.

    Counts the messages that carry this ``address_key``; what staff, the clock or a change causes carries none.
    """
    if not current_settings().ratelimit_enabled:
        return now
    return next_place(_planned(address_key, now), now, *(PROVEN if is_proven(address_key) else UNPROVEN))


def postponed_to(address_key: str, now: datetime) -> datetime:
    """Say when the next letter about a place may go: it waits for its turn, however full the days are."""
    if not current_settings().ratelimit_enabled:
        return now
    return next_turn(_planned(address_key, now), now, *(PROVEN if is_proven(address_key) else UNPROVEN))


def next_turn(planned: list[datetime], now: datetime, an_hour: int, a_day: int) -> datetime:
    """Find the first instant after all others that keeps both limits."""
    latest = sorted(planned, reverse=True)
    waits = [latest[limit - 1] + time for limit, time in ((an_hour, HOUR), (a_day, DAY)) if len(latest) >= limit]
    return max([now, *waits])


def next_place(planned: list[datetime], now: datetime, an_hour: int, a_day: int) -> datetime | None:
    """Find the first instant that keeps both limits, given when the other letters went or will go (any order)."""
    if sum(moment > now - DAY for moment in planned) >= a_day:
        return None
    latest = sorted(planned, reverse=True)
    if len(latest) < an_hour:
        return now
    return max(now, latest[an_hour - 1] + HOUR)


def is_proven(address_key: str) -> bool:
    """Say whether somebody pressed a button behind a link from a letter sent to this address."""
    return db.session.scalar(sa.select(Address.proven_at).filter_by(key=address_key)) is not None


def note_proven(address_key: str, now: datetime) -> None:
    """Remember that somebody pressed a button behind a link from a letter sent to this address."""
    row = insert_into(Address).values(key=address_key, proven_at=now)
    first = sa.func.coalesce(Address.proven_at, row.excluded.proven_at)
    db.session.execute(row.on_conflict_do_update(index_elements=[Address.key], set_={"proven_at": first}))


def _planned(address_key: str, now: datetime) -> list[datetime]:
    rows = sa.select(sa.func.coalesce(Message.sent_at, Message.next_attempt_at)).where(
        Message.address_key == address_key,
        sa.func.coalesce(Message.sent_at, Message.next_attempt_at) > now - DAY,
        Message.state.not_in(_REACHED_NOBODY),
    )
    return list(db.session.scalars(rows))
