"""Writing down what came back and what follows from it. Whoever calls holds the transaction."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from webinars.core.database import db, lock
from webinars.mail.causes import condemns_address
from webinars.mail.classes import MailClass, leave
from webinars.mail.events import calendar_answered, complained, left_by_mail, letter_bounced
from webinars.mail.inbound import queries
from webinars.mail.inbound.replies import Followed
from webinars.mail.inbound.understanding import LONGEST_TEXT, Note, Understood
from webinars.mail.leaving import open_leaving
from webinars.mail.models import Inbound, InboundKind, Message, MessageState
from webinars.mail.outbox import insert_into

#: so long words wait for somebody who reads them
INBOUND_DAYS = 30
#: kept with a letter whose server gives no reason
NO_WORDS = "returned without a reason"


class StillSending(Exception):
    """The letter that came back is not marked as sent yet: the message is to be read again later."""


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is kept of a message."""

    found: Understood
    subject: str | None = None
    #: words for staff to read; None = nobody has to read it
    text: str | None = None


def record(found: Understood, now: datetime) -> InboundKind | None:
    """Write down a message and let follow what follows; None when the very same one was read before.

    Raises StillSending.
    """
    number = _first_time(found, now)
    if number is None:
        return None
    outcome = _follow(found, queries.find_letter(found.references), now)
    kept = db.session.get_one(Inbound, number)
    kept.kind, kept.outcome, kept.subject = outcome.found.kind, outcome.found.note[:60], outcome.subject
    if outcome.text is None:
        kept.handled_at = now
    else:
        kept.sender, kept.title, kept.text = found.sender, found.title, outcome.text
    db.session.flush()
    return outcome.found.kind


def mark_done(inbound_id: int, now: datetime) -> bool:
    """Note that staff have dealt with a message; say whether it still waited."""
    waiting = sa.update(Inbound).where(Inbound.id == inbound_id, Inbound.handled_at.is_(None))
    result: Any = db.session.execute(waiting.values(handled_at=now))
    return bool(result.rowcount)


def _first_time(found: Understood, now: datetime) -> int | None:
    """Claim a message; of two readers of the same one the second waits, and gets None."""
    row = insert_into(Inbound).values(digest=found.digest, received_at=now, kind=found.kind)
    claimed = row.on_conflict_do_nothing(index_elements=[Inbound.digest]).returning(Inbound.id)
    return db.session.scalar(claimed)


def _follow(found: Understood, letter: Message | None, now: datetime) -> _Outcome:
    if found.kind is InboundKind.CALENDAR_REPLY:
        return _answered(found, letter, now)
    if found.kind is InboundKind.BOUNCE:
        return _bounced(found, letter, now)
    if found.kind is InboundKind.UNSUBSCRIBE:
        return _left(found, letter, now)
    if found.kind is InboundKind.COMPLAINT:
        return _complained(found, letter, now)
    if found.kind is InboundKind.LETTER:
        return _for_staff(found, letter)
    return _Outcome(found, _subject(letter))


def _for_staff(found: Understood, letter: Message | None, note: str | None = None) -> _Outcome:
    """Leave a message to staff; ``note``: why, if it was more than a letter."""
    return _Outcome(found if note is None else found.for_staff(note), _subject(letter), found.text)


def _answered(found: Understood, letter: Message | None, now: datetime) -> _Outcome:
    answer = found.answer
    followed: list[Followed] = [made for _who, made in calendar_answered.send(answer, now=now) if made is not None]
    if answer is None or not followed:
        return _for_staff(found, letter, Note.CALENDAR_UNKNOWN)
    comment = answer.comment[:LONGEST_TEXT] or None
    return _Outcome(replace(found, note=followed[0].outcome), followed[0].subject, comment)


def _bounced(found: Understood, letter: Message | None, now: datetime) -> _Outcome:
    """Note with a letter that it came back; only who knows its reference can say so."""
    if letter is None or found.report is None:
        return _for_staff(found, letter, Note.BOUNCE_UNKNOWN)
    lock(letter)
    if letter.state == MessageState.SENDING:
        raise StillSending
    words = found.report.words or NO_WORDS
    if letter.state == MessageState.SENT:
        letter.state, letter.last_error = MessageState.FAILED, words
        db.session.flush()
    hard = condemns_address(words)
    letter_bounced.send(letter, hard=hard, words=words, recipients=found.report.recipients, now=now)
    note = Note.ADDRESS_DEAD if hard else Note.REFUSED
    return _Outcome(replace(found, note=note), letter.subject)


def _left(found: Understood, letter: Message | None, now: datetime) -> _Outcome:
    named = open_leaving(found.leaving)
    if named is not None:
        # It says all by itself: the place that the letter was about may be deleted, and the letter with it.
        leave(named.address_key, MailClass(named.mail_class), named.about, now)
        return _Outcome(replace(found, note=Note.LEFT), _subject(letter))
    if letter is None:
        return _for_staff(found, letter, Note.UNSUBSCRIBE_UNKNOWN)
    if not any(ended for _who, ended in left_by_mail.send(letter, now=now)):
        return _for_staff(found, letter, Note.NOTHING_LEFT)
    return _Outcome(replace(found, note=Note.LEFT), letter.subject)


def _complained(found: Understood, letter: Message | None, now: datetime) -> _Outcome:
    if letter is None:
        return _for_staff(found, letter, Note.COMPLAINT_UNKNOWN)
    complained.send(letter, now=now)
    return _Outcome(found, letter.subject)


def _subject(letter: Message | None) -> str | None:
    return letter.subject if letter is not None else None
