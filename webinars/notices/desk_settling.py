"""Letters that a later one makes good: what waits is taken back, what failed counts as failed no more.

A settled letter keeps the words of its server behind the reason why it matters no more.
"""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Text, and_, exists, func, literal, or_, text, update
from sqlalchemy.orm import aliased

from webinars.core.among import among
from webinars.core.database import db
from webinars.mail import outbox
from webinars.mail.models import Message, MessageState
from webinars.notices.desk_rules import NEEDED
from webinars.notices.kinds import TELLING, Notice, Reason

#: letters that say where somebody stands: the same once more says all that they say
_ANSWERS = frozenset({
    Notice.PROOF, Notice.CONFIRMATION, Notice.WAITLISTED, Notice.OFFER, Notice.PROMOTED, Notice.RECORDING_PLACE,
    Notice.DATES, Notice.REPEATED,
})  # fmt: skip
#: of letters that failed, those that any later one makes good; the others hold news that a reminder says nothing of
_PLAIN = _ANSWERS | {Notice.REMINDER}
# Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
_FAILED, _EXPIRED = text("messages.state = 'failed'"), text("messages.state = 'expired'")
_UNSEEN = {"synchronize_session": False}
_later = aliased(Message)
_words = literal(f"{Reason.TOLD_BY_A_LATER_ONE}; ", Text) + func.coalesce(Message.last_error, "")
_SETTLED = update(Message).values(state=MessageState.SUPERSEDED, last_error=_words, payload=None)
_ARRIVED = exists().where(
    _later.subject == Message.subject,
    _later.about == Message.about,
    _later.id > Message.id,
    _later.state == MessageState.SENT,
    _later.notice.in_(NEEDED),
    or_(Message.notice.in_(_PLAIN), _later.notice.in_(TELLING)),
)
# Written once: the worker asks it each time it marks letters.
_MADE_GOOD = _SETTLED.where(
    _FAILED,
    among(Message.subject, "subjects"),
    Message.notice.in_(NEEDED),
    _ARRIVED,
)


def make_way(subject: str, about: str) -> None:
    """Take back the letters of a place that one which leaves now says all of, and settle those of them that failed."""
    outbox.withdraw(subject=subject, about=about, notices=_ANSWERS, reason=Reason.TOLD_BY_A_LATER_ONE)
    for lost in (_FAILED, _EXPIRED):
        theirs = and_(lost, Message.subject == subject, Message.about == about, Message.notice.in_(_PLAIN))
        db.session.execute(_SETTLED.where(theirs), execution_options=_UNSEEN)


def settle(subjects: Collection[str]) -> None:
    """Settle the letters that failed, to these of the outbox's names, and were followed by one that arrived."""
    asked: Any = {"subjects": list(subjects)}
    db.session.execute(_MADE_GOOD, asked, execution_options=_UNSEEN)
