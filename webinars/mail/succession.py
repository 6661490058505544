"""Taking over from workers of this machine that died: what they handed over is marked, the rest waits again."""

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlalchemy.exc import InterfaceError, OperationalError

from webinars.core.database import transaction
from webinars.mail import claims
from webinars.mail.events import letters_sent
from webinars.mail.faults import describe
from webinars.mail.journal import Estate, estates
from webinars.mail.letters import Sent
from webinars.mail.models import Message

LOG = structlog.get_logger("webinars.mail.succession")


def take_over(folder: Path, now: datetime, *, living: bool = False) -> None:
    """Settle what dead workers left, without waiting for their leases to run out; then also what ``living`` ones noted.

    Who was stopped for longer than a lease has its letters sent by others: not those that it noted as handed over.
    """
    with estates(folder, living=living) as left:
        for estate in left:
            try:
                _settle(estate, now, announced=True)
            except (OperationalError, InterfaceError):
                raise
            except Exception as error:
                # Better a listener that missed one than letters that are sent again and again.
                LOG.error("a listener failed", state="sent", fault=describe(error))
                _settle(estate, now, announced=False)


def _settle(estate: Estate, now: datetime, *, announced: bool) -> None:
    with transaction(durable=False) as session:
        receipts = dict(estate.taken)
        marked = claims.settle_sent(session, list(receipts), estate.claim_token, now)
        subjects = session.execute(sa.select(Message.id, Message.subject).where(Message.id.in_(marked))).all()
        if announced:
            letters_sent.send([Sent(subject, receipts[number]) for number, subject in subjects], now=now)
        again = 0 if estate.living else claims.release(session, estate.claim_token)
    if marked or again:
        LOG.warning("took over from a lost worker", sent=len(marked), again=again)
