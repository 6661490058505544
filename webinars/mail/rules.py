"""When a letter is tried again, and when no more; how long an absent server is left alone."""

from datetime import datetime, timedelta

#: longest wait between two tries of a letter
LONGEST_DELAY = timedelta(hours=1)
#: how long a letter without a deadline of its own is tried
PATIENCE = timedelta(days=3)
#: how often a letter that cannot be made is tried
MAKING_ATTEMPTS = 5
#: first and longest pause after the server could not be reached, seconds
PAUSE_SECONDS = (5.0, 300.0)


def deadline(created_at: datetime, not_after: datetime | None) -> datetime:
    """Give the instant after which a letter is not tried any more."""
    return not_after or created_at + PATIENCE


def next_attempt(now: datetime, attempts: int, base_seconds: float, until: datetime, luck: float) -> datetime | None:
    """Choose when to try again after a failure; None when it is of no use any more.

    attempts: failures before this one. luck: 0 to 1, spreads the tries over the whole delay (full jitter), so that
    letters which failed together do not come back together.
    """
    ceiling = min(LONGEST_DELAY.total_seconds(), base_seconds * 2 ** min(attempts, 40))
    left = (until - now).total_seconds()
    if left <= min(base_seconds, ceiling):
        return None
    return now + timedelta(seconds=luck * min(ceiling, left))


def pause_seconds(step: int, luck: float) -> float:
    """Choose how long to leave an absent server alone: doubling from 5 seconds to 5 minutes, spread by luck 0 to 1."""
    first, longest = PAUSE_SECONDS
    growing: float = first * 2 ** min(step, 10)
    return min(longest, growing) * (0.8 + 0.2 * luck)
