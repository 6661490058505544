"""The books of delivery: what became of each letter is written down, also while the database or a listener fails."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from webinars.core.clock import Clock
from webinars.core.database import transaction
from webinars.mail import claims
from webinars.mail.events import letters_sent
from webinars.mail.faults import describe
from webinars.mail.journal import Journal
from webinars.mail.letters import Sent
from webinars.mail.models import Message, MessageState

LOG = structlog.get_logger("webinars.mail.delivery")
#: letters noted in the journal that may wait to be marked together, and how long, seconds (docs/decisions/0003)
MARK_LETTERS, MARK_AFTER = 250, 0.2
#: how long a mark is tried again while the database is away; shorter than the time after which mailings settle
MARK_SECONDS = 240.0
Taken = list[tuple[Message, Sent]]
Announce = Callable[[Session], None]
T = TypeVar("T")


class Books:
    """What one run of delivery writes down; without a journal each letter is marked before the next one leaves."""

    def __init__(self, clock: Clock, journal: Journal | None) -> None:
        """Take the clock that dates marks, and the journal that notes what is not marked yet."""
        #: letters by what became of them
        self.counts: Counter[str] = Counter()
        self._clock, self._journal = clock, journal
        self._taken: Taken = []
        self._marked_at = time.monotonic()

    def begin(self, claim_token: str) -> None:
        """Note under which token the letters that come next are claimed; all before are marked."""
        if self._journal is not None:
            self._journal.begin(claim_token)

    def note_taken(self, message: Message, sent: Sent) -> None:
        """Note that the server took a letter."""
        self.counts["sent"] += 1
        self._taken.append((message, sent))
        if self._journal is None:
            self.settle()
            return
        self._journal.note(message.id, sent.receipt)
        if len(self._taken) >= MARK_LETTERS or time.monotonic() - self._marked_at >= MARK_AFTER:
            self.settle()

    def settle(self) -> None:
        """Mark all that was taken; when this returns it is written down."""
        taken, self._taken = self._taken, []
        self._marked_at = time.monotonic()
        if taken:
            self._mark(taken)

    def close(self, message: Message, announce: Announce | None, **values: Any) -> None:
        """Write what became of a letter that was not sent."""
        self.settle()
        state = str(values["state"])
        self.counts["retried" if state == MessageState.PENDING else state] += 1
        try:
            ours = _patiently(lambda: _settled(message, announce, values), state)
        except Exception as error:
            if announce is None or isinstance(error, (OperationalError, InterfaceError)):
                raise
            LOG.error("a listener failed", letter=message.id, state=state, fault=describe(error))
            ours = _patiently(lambda: _settled(message, None, values), state)
        if not ours:
            LOG.warning("another worker has taken the letter over", letter=message.id)

    def _mark(self, taken: Taken, announced: bool = True) -> None:
        try:
            left = _patiently(lambda: _write_sent(taken, announced, self._clock), "sent")
        except Exception as error:
            if not announced or isinstance(error, (OperationalError, InterfaceError)):
                raise
            # Better a listener that missed one than letters that are sent again and again.
            LOG.error("a listener failed", state="sent", fault=describe(error))
            for one in taken:
                self._mark([one], announced=len(taken) > 1)
            return
        if left:
            LOG.warning("another worker has taken letters over", letters=left)


def _write_sent(taken: Taken, announced: bool, clock: Clock) -> list[int]:
    """Write that letters were taken; give the ids of those that were not ours any more."""
    now = clock()
    with transaction(durable=False) as session:
        ids, token = [message.id for message, _sent in taken], str(taken[0][0].claim_token)
        ours = claims.settle_sent(session, ids, token, now)
        if announced:
            letters_sent.send([sent for message, sent in taken if message.id in ours], now=now)
    return [number for number in ids if number not in ours]


def _settled(message: Message, announce: Announce | None, values: dict[str, Any]) -> bool:
    with transaction(durable=False) as session:
        if not claims.settle(session, message, **values):
            return False
        if announce is not None:
            announce(session)
    return True


def _patiently(write: Callable[[], T], state: str) -> T:
    """Write down what has happened already: while the database is away, again and again."""
    end, wait = time.monotonic() + MARK_SECONDS, 0.1
    while True:
        try:
            return write()
        except (OperationalError, InterfaceError):
            if time.monotonic() > end:
                raise
            LOG.warning("the database cannot be reached to mark a letter", state=state)
            time.sleep(wait)
            wait = min(2.0, wait * 2)
