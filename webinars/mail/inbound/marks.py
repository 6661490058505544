"""What is remembered of an address whose letters come back."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from webinars.core.database import db
from webinars.mail.causes import Cause, cause_of, condemns_address
from webinars.mail.models import Address
from webinars.mail.outbox import insert_into

#: more are not counted: the column is small
_MOST = 30_000


def note_refusal(address_key: str, words: str, now: datetime) -> None:
    """Draw from the words with which a server refused a letter at once what they say about its address.

    Other refusals than these may be about us or about this one letter.
    """
    if condemns_address(words) or cause_of(words) is Cause.MAILBOX_FULL:
        note_bounce(address_key, words, now)


def note_bounce(address_key: str, words: str, now: datetime) -> None:
    """Mark an address that takes no mail and never will; count the bounce of any other."""
    if condemns_address(words):
        first = sa.func.coalesce(Address.bounced_at, now)
        _write(address_key, {"bounced_at": now, "bounce_words": words[:500]}, {"bounced_at": first})
        return
    counted = sa.case((Address.soft_bounces < _MOST, Address.soft_bounces + 1), else_=_MOST)
    since = sa.func.coalesce(Address.soft_since, now)
    _write(address_key, {"soft_bounces": 1, "soft_since": now}, {"soft_bounces": counted, "soft_since": since})


def forget_bounces(address_key: str) -> None:
    """Trust an address again: somebody has shown that letters reach them, or staff have mended the cause."""
    clean = {"bounced_at": None, "bounce_words": "", "soft_bounces": 0, "soft_since": None}
    db.session.execute(sa.update(Address).where(Address.key == address_key).values(clean))


def _write(address_key: str, values: dict[str, Any], changes: dict[str, Any]) -> None:
    row = insert_into(Address).values(key=address_key, **values)
    known = {name: row.excluded[name] for name in values} | changes
    db.session.execute(row.on_conflict_do_update(index_elements=[Address.key], set_=known))
