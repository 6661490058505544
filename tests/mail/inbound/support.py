"""A person with a place whose invitation the samples answer, and what the mailbox then holds."""

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from tests.factories import NOW, make_registration
from tests.mail.inbound.samples import REFERENCE, UID
from tests.mail.support import owe
from webinars.core.database import db, transaction
from webinars.core.links import keyed_hash
from webinars.core.text import email_key
from webinars.mail.inbound import service
from webinars.mail.inbound.understanding import understand
from webinars.mail.models import Address, Inbound, InboundKind, Message
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar

#: when the samples are read: after all of them were written
LATER = NOW + timedelta(hours=6)


def invite(webinar: Webinar, name: str = "Alice", **fields: Any) -> Registration:
    """Give somebody the place whose entry the samples answer."""
    return make_registration(webinar, name, **({"uid": UID} | fields))


def send_letter(
    place: Registration | str, *, state: str = "sent", reference: str = REFERENCE, **fields: Any
) -> Message:
    """Send the letter that the samples bring back."""
    subject = place if isinstance(place, str) else place.subject
    message = owe(subject, **fields)
    with transaction() as session:
        change = {"state": state, "sent_at": NOW, "reference": reference, "message_id": f"<{reference}@harbor.example>"}
        session.execute(sa.update(Message).where(Message.id == message.id).values(**change))
    db.session.expire_all()
    return db.session.get_one(Message, message.id)


def arrives(raw: bytes, now: datetime = LATER) -> InboundKind | None:
    """Let a message be read; give its kind, None for one that was read before."""
    found = understand(raw)
    with transaction():
        kind = service.record(found, now)
    db.session.expire_all()
    return kind


def came_back() -> list[Inbound]:
    """List all that came back."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(Inbound).order_by(Inbound.id)))


def mailbox_of(address: str) -> Address | None:
    """Give what is known of an address."""
    db.session.rollback()
    return db.session.get(Address, keyed_hash("address", email_key(address)))
