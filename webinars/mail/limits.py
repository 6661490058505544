"""How many letters visitors' requests may cause to one address, so that nobody's mailbox can be flooded through us.

What exceeds the limit waits for its turn (docs/decisions/0007). Two kinds may go before: a letter that would else come
too late for what it is about, and the first letter of links within an hour. Neither does once the address had
``MOST_A_DAY`` letters within a day, so that whoever floods it through webinars that begin soon gets no further.
"""

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
#: letters within a day after which none goes before its turn
MOST_A_DAY = 12
#: how long before the start of what it is about a letter must have its turn, to be of use
IN_TIME = timedelta(minutes=30)
#: what starts within this time is written about at once
SOON = timedelta(hours=2)
_MOMENT = sa.func.coalesce(Message.sent_at, Message.next_attempt_at)
_REACHED_NOBODY = (MessageState.EXPIRED, MessageState.SUPERSEDED)


def allowed_at(address_key: str, now: datetime, starts_at: datetime | None = None) -> datetime | None:
    """Say when the next letter that a visitor's request causes may go to an address; None when its day is used up.

    Counts the messages that carry this ``address_key``; what staff, the clock or a change causes carries none.
    ``starts_at``: of what the letter is about and would come too late for, if anything.
    """
    if not current_settings().ratelimit_enabled:
        return now
    planned, limits = _planned(address_key, now - DAY), _limits(address_key)
    return now if turn_of(planned, now, starts_at, limits) == now else next_place(planned, now, *limits)


def postponed_to(address_key: str, now: datetime, starts_at: datetime | None = None) -> datetime:
    """Say when the next letter about a place may go: it waits for its turn, however full the days are.

    ``starts_at``: of what the letter is about and would come too late for, if anything.
    """
    if not current_settings().ratelimit_enabled:
        return now
    return turn_of(_planned(address_key, now - DAY), now, starts_at, _limits(address_key))


def links_at(address_key: str, notice: str, now: datetime) -> datetime | None:
    """Say when a letter of this kind may go to who asks for their links; None when the day of the address is used up.

    The first within an hour goes at once: who has lost a letter is not made to wait for having got several.
    """
    turn = allowed_at(address_key, now)
    if turn == now or _planned(address_key, now - HOUR, notice):
        return turn
    return now if _may_go_ahead(_planned(address_key, now - DAY), now) else turn


def turn_of(
    planned: list[datetime], now: datetime, starts_at: datetime | None, limits: tuple[int, int] = UNPROVEN
) -> datetime:
    """Say when a letter about a place goes, given when the others to its address went or will go (any order)."""
    turn = next_turn(planned, now, *limits)
    ahead = starts_at is not None and _is_too_late(turn, now, starts_at) and _may_go_ahead(planned, now)
    return now if ahead else turn


def _is_too_late(turn: datetime, now: datetime, starts_at: datetime) -> bool:
    """Say whether a letter that waits for its turn is of little use for what starts then."""
    return turn > now and (starts_at <= now + SOON or turn > starts_at - IN_TIME)


def _may_go_ahead(planned: list[datetime], now: datetime) -> bool:
    """Say whether a letter may go before its turn: only to an address that had few within the last day."""
    return sum(now - DAY < moment <= now for moment in planned) < MOST_A_DAY


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


def _limits(address_key: str) -> tuple[int, int]:
    return PROVEN if is_proven(address_key) else UNPROVEN


def _planned(address_key: str, since: datetime, notice: str | None = None) -> list[datetime]:
    """List when letters that visitors caused went since an instant or will go; of all kinds unless one is named."""
    rows = sa.select(_MOMENT).where(
        Message.address_key == address_key, since < _MOMENT, Message.state.not_in(_REACHED_NOBODY)
    )
    return list(db.session.scalars(rows if notice is None else rows.where(Message.notice == notice)))
