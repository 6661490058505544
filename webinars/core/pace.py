"""How fast something may go out on behalf of one asker: so many at once, and the rest at a steady pace.

This is the generic cell rate algorithm (ITU-T I.371): one instant a key is all it has to remember. Nothing is refused:
the answer is when the next one has its turn.
"""

from datetime import datetime, timedelta
from threading import Lock

#: keys remembered before those whose time is over are forgotten
_MOST_KEYS = 10_000


class Pace:
    """So many at once, then so many an hour; counted in this process."""

    def __init__(self, at_once: int, an_hour: int, longest: timedelta = timedelta(days=1)) -> None:
        """Take the two numbers, and the longest wait that is ever given."""
        self._apart = timedelta(hours=1) / an_hour
        self._ahead = self._apart * at_once
        self._longest = longest
        #: for each key when all that went so far would have gone at the steady pace
        self._even: dict[str, datetime] = {}
        self._most = _MOST_KEYS
        self._lock = Lock()

    def turn(self, key: str, now: datetime, number: int = 1) -> datetime:
        """Take the next turn of a key, or a ``number`` of them, and say when it is: now, or later after many others."""
        with self._lock:
            even = max(self._even.get(key, now), now) + number * self._apart
            turn = max(now, even - self._ahead)
            if turn - now < self._longest:
                self._even[key] = even
            if len(self._even) > self._most:
                self._even = {key: even for key, even in self._even.items() if even > now}
                # Where all are still awaited, not looked through again at each turn.
                self._most = max(_MOST_KEYS, 2 * len(self._even))
        return min(turn, now + self._longest)
