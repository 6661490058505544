"""Delivery: claim, make, hand over, mark. It knows no webinar: what a letter says is asked of ``prepare``."""

import random
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import structlog
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from config import Settings
from webinars.core.clock import Clock, utc_now
from webinars.core.database import db
from webinars.core.http import current_settings
from webinars.core.links import address_key
from webinars.core.text import email_key
from webinars.mail import claims, rules, succession
from webinars.mail.books import Books
from webinars.mail.events import letter_failed, letter_withheld
from webinars.mail.faults import describe
from webinars.mail.journal import Journal
from webinars.mail.letters import Letter, NotSent, Prepare, Sent
from webinars.mail.mime import OutboxMessage, UnsafeLetter
from webinars.mail.models import Lane, Message, MessageState
from webinars.mail.smtp import Refused, Unreachable
from webinars.mail.transport import Transport, Verdict

LOG = structlog.get_logger("webinars.mail.delivery")
#: letters claimed at once: at first, and at most by a worker whose server is fast
BATCH, MOST = 20, 500
#: how long a batch should take, and after what time its rest goes back, so that answers to a person's deed overtake a
#: slow mailing and no letter speaks of facts older than that
BATCH_SECONDS, LATE_SECONDS = 0.2, 1.0
#: refusals for good in a row, of different letters, that are believed to be about their addresses
MOST_REFUSALS = 10
#: what a message remembers after the server went away in the middle of it
LOST = "the connection was lost: "
Maker = Callable[[], Letter | NotSent]


@dataclass
class Outcome:
    """What one call of ``deliver_due`` did, by state of the letters ("sent", "retried", …), and when to look again."""

    counts: Counter[str] = field(default_factory=Counter)
    next_look: datetime | None = None

    @property
    def sent(self) -> int:
        """Count the letters handed over."""
        return self.counts["sent"]


def deliver_due(
    prepare: Prepare,
    *,
    clock: Clock = utc_now,
    stop: Callable[[], bool] = lambda: False,
    transport: Transport | None = None,
    seconds: float | None = None,
    journal: Journal | None = None,
) -> Outcome:
    """Send what is due, until nothing is, ``stop`` says so, or the seconds are over.

    Works in the application context of its caller; opens its own transactions. A transport handed in stays open.
    Without a journal each letter is marked before the next one leaves.
    """
    delivery = _Delivery(prepare, clock, stop, transport or Transport(), journal)
    try:
        return delivery.run(seconds)
    finally:
        if transport is None:
            delivery.transport.close()


class _Delivery:
    """One run of the loop."""

    def __init__(
        self, prepare: Prepare, clock: Clock, stop: Callable[[], bool], transport: Transport, journal: Journal | None
    ) -> None:
        self.prepare, self.clock, self.stop, self.transport = prepare, clock, stop, transport
        self.books = Books(clock, journal)
        self.settings: Settings = current_settings()
        self.lease = timedelta(seconds=self.settings.worker_lease_seconds)
        self.outcome = Outcome(self.books.counts)
        #: failures to reach the server in a row, as the books of all workers have it
        self.step = 0
        self.paused = False
        #: how many letters to claim next: as many as lately went out in BATCH_SECONDS
        self.batch = BATCH
        #: writes what became of letters that are not sent
        self.unsent: list[Callable[[], None]] = []

    def run(self, seconds: float | None) -> Outcome:
        end = None if seconds is None else time.monotonic() + seconds
        while not self.stop():
            now = self.clock()
            self.outcome.next_look = now
            if end is not None and time.monotonic() >= end:
                break
            messages = self._take(now)
            if messages is None:
                break
            self._batch(messages)
        return self.outcome

    def _take(self, now: datetime) -> Sequence[Message] | None:
        """Claim the next letters; None when there is nothing to do now."""
        found = claims.survey()
        self.step, self.paused = found.pause_step, False
        if found.lease_until is not None and found.lease_until <= now:
            succession.take_over(self.settings.journals, now, living=True)
            LOG.warning("letters of a lost worker wait again", letters=claims.recover(now))
            return []
        lane = found.lane(now)
        if found.on_hold or found.blocked_until(now) or lane is None:
            self.outcome.next_look = found.next_look(now)
            return None
        rate = self.settings.mail_rate
        # At a low rate one letter a slot, so that no second sees more letters than the rate.
        most = max(1, min(self.batch, int(rate / 50))) if rate and lane is Lane.BULK else self.batch
        return claims.claim(lane, now, self.lease, most, rate)

    def _batch(self, messages: Sequence[Message]) -> None:
        """Send what was claimed; what was not tried when something stops us goes back."""
        begun = time.monotonic()
        if messages:
            self.books.begin(str(messages[0].claim_token))
        # One letter a person: what the first tells may make the second superfluous, and its facts are read afterwards.
        first = {message.subject: message for message in reversed(messages)}
        untried = {message.id: message for message in messages if first[message.subject] is message}
        papers = self._papers(untried, begun)
        try:
            limit = self.settings.message_seconds
            for paper, verdict in self.transport.hand_over(papers, limit, meanwhile=self.books.settle):
                del untried[paper.row.id]
                self._judge(paper, verdict)
                self._close_unsent()
                if self.paused or self.stop() or _is_late(begun):
                    break
        finally:
            self.books.settle()
            self._close_unsent()
        claims.hand_back(
            [message for message in messages if message.id in untried or first[message.subject] is not message]
        )
        self._fit_batch(len(first) - len(untried), time.monotonic() - begun)

    def _fit_batch(self, done: int, seconds: float) -> None:
        """Claim as many next time as went out in BATCH_SECONDS, for a slow server one by one."""
        if done:
            self.batch = max(1, min(MOST, self.batch * 2, int(done * BATCH_SECONDS / max(seconds, 0.001))))

    def _papers(self, untried: dict[int, Message], begun: float) -> Iterator[OutboxMessage]:
        """Make letters one by one, as the transport asks for them."""
        messages = list(untried.values())
        for index, (message, make) in enumerate(zip(messages, self._makers(messages, self.clock()), strict=True)):
            if self.paused or (index > 0 and _is_late(begun)) or self.stop():
                return
            paper = self._paper(message, make)
            if paper is None:
                del untried[message.id]
            else:
                yield paper

    def _makers(self, messages: Sequence[Message], now: datetime) -> Sequence[Maker]:
        """Ask for letters as things stand now; no transaction stays open behind it, and one bad row spoils no other."""
        try:
            return self.prepare(messages, now)
        except (OperationalError, InterfaceError):
            # The database is away: nobody's fault, and nothing could be written down. The lease brings letters back.
            raise
        except Exception as error:
            if len(messages) == 1:
                return [partial(_raise, error)]
        finally:
            db.session.rollback()
        return [maker for message in messages for maker in self._makers([message], now)]

    def _safe(self, message: Message) -> bool:
        """Make sure that the lease outlasts the time one letter may take (SECURITY.md rule 5)."""
        now = self.clock()
        left = (message.lease_until - now).total_seconds() if message.lease_until else 0
        return left > self.settings.message_seconds or claims.renew(message, now + self.lease)

    def _paper(self, message: Message, make: Maker) -> OutboxMessage | None:
        """Put one letter on paper; None when it is not to be sent, which is then written down."""
        now = self.clock()
        if not self._safe(message):
            return None
        if message.not_after is not None and message.not_after <= now:
            self.unsent.append(partial(self._too_late, message, now))
            return None
        try:
            letter = make()
        except Exception as error:
            LOG.error("a letter could not be made", letter=message.id, fault=describe(error))
            self.unsent.append(partial(self._unmade, message, now, error))
            return None
        if isinstance(letter, Letter):
            try:
                return OutboxMessage(letter, message, self.settings.mail_default_sender, now)
            except UnsafeLetter as problem:
                letter = NotSent(str(problem), MessageState.FAILED)
        self.unsent.append(partial(self._finish, message, now, letter.state, letter.reason))
        return None

    def _close_unsent(self) -> None:
        """Write down what is not sent: not while another letter is under way, whose time it would use up."""
        while self.unsent:
            self.unsent.pop(0)()

    def _judge(self, paper: OutboxMessage, verdict: Verdict) -> None:
        if isinstance(verdict, Refused):
            self._refused(paper, verdict)
        elif isinstance(verdict, Unreachable):
            self._unreachable(paper.row, verdict)
        else:
            self.transport.refusals = 0
            self._resume()
            self.books.note_taken(paper.row, Sent(paper.row.subject, paper.letter.receipt))

    def _resume(self) -> None:
        """Forget that the server could not be reached: it has just taken a letter."""
        if self.step:
            claims.resume()
            self.step = 0

    def _refused(self, paper: OutboxMessage, answer: Refused) -> None:
        # The address of this very letter: the person's may have been put right while the server thought.
        message, refused = paper.row, address_key(email_key(paper.letter.to_address))
        if answer.for_good:
            self.transport.refusals += 1
        if answer.for_good and self.transport.refusals <= MOST_REFUSALS:
            state, tried = MessageState.FAILED, message.attempts + 1
            self._finish(message, self.clock(), state, str(answer), refused=refused, attempts=tried)
            return
        self._again(message, str(answer), refused)
        if answer.for_good:
            # Not everybody's address can be wrong: it is us that the server does not like.
            self._pause(message, str(answer))

    def _unreachable(self, message: Message, trouble: Unreachable) -> None:
        """Leave the server alone for a while; a letter pays only if it breaks connections that others survive."""
        now = self.clock()
        if trouble.in_letter and self.step == 0 and (message.last_error or "").startswith(LOST):
            self._again(message, f"{LOST}{trouble}")
            return
        wait = self._pause(message, str(trouble))
        # Behind the others that are due, or one that the server chokes on would always come first.
        later = now + timedelta(seconds=wait) if trouble.in_letter else message.next_attempt_at
        words = f"{LOST}{trouble}" if trouble.in_letter else str(trouble)
        self.books.close(message, None, state=MessageState.PENDING, next_attempt_at=later, last_error=words)

    def _pause(self, message: Message, words: str) -> float:
        """Hand nothing over for a while, longer each time in a row; give the seconds."""
        wait = rules.pause_seconds(self.step, random.random())
        self.paused = True
        claims.pause(self.clock(), wait)
        LOG.warning("mail rests: the server takes nothing", letter=message.id, error=words, seconds=round(wait, 1))
        return wait

    def _unmade(self, message: Message, now: datetime, error: Exception) -> None:
        words = f"the letter could not be made: {type(error).__name__}"
        if message.attempts + 1 >= rules.MAKING_ATTEMPTS:
            self._finish(message, now, MessageState.FAILED, words, attempts=message.attempts + 1)
        else:
            self._again(message, words)

    def _again(self, message: Message, words: str, refused: str | None = None) -> None:
        now = self.clock()
        until = rules.deadline(message.created_at, message.not_after)
        base = self.settings.mail_retry_base_seconds
        moment = rules.next_attempt(now, message.attempts, base, until, random.random())
        tried = message.attempts + 1
        if moment is None:
            self._finish(message, now, MessageState.FAILED, words, refused=refused, attempts=tried)
            return
        again = {"state": MessageState.PENDING, "next_attempt_at": moment, "attempts": tried, "last_error": words}
        self.books.close(message, None, **again)

    def _too_late(self, message: Message, now: datetime) -> None:
        """Close a letter whose time is over: failed if it was tried, else expired."""
        state = MessageState.FAILED if message.attempts else MessageState.EXPIRED
        self._finish(message, now, state, message.last_error or "its time had passed")

    def _finish(
        self,
        message: Message,
        now: datetime,
        state: MessageState,
        words: str,
        refused: str | None = None,
        **values: Any,
    ) -> None:
        def announce(_session: Session) -> None:
            if state is MessageState.FAILED:
                letter_failed.send(message, refused=refused, now=now)
            elif state is MessageState.SUPERSEDED:
                letter_withheld.send(message, now=now)

        # A failed letter keeps what it was made of: staff may correct the cause and try again.
        kept = {} if state is MessageState.FAILED else {"payload": None}
        self.books.close(message, announce, state=state, last_error=words[:500], **kept, **values)


def _is_late(begun: float) -> bool:
    return time.monotonic() - begun > LATE_SECONDS


def _raise(error: Exception) -> Letter | NotSent:
    raise error
