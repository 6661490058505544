"""What goes wrong now and then, so that a newcomer finds the delivery desk and the tray with something on them."""

import hashlib
from datetime import datetime, timedelta

import sqlalchemy as sa

from webinars.core.database import db
from webinars.core.text import random_id
from webinars.demo import content
from webinars.mail.inbound import marks
from webinars.mail.models import Inbound, InboundKind, Message, MessageState
from webinars.notices.kinds import Reason
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Webinar

_REFUSED = "550 5.1.1 <address>: Recipient address rejected: User unknown in virtual mailbox table"


def add(webinar: Webinar, now: datetime) -> None:
    """Let one mailbox of a webinar's registrants take no mail, and one of them write to the organisation."""
    seated = sa.select(Registration).filter_by(webinar_id=webinar.id, state=RegistrationState.CONFIRMED)
    bounced, asking = db.session.scalars(seated.order_by(Registration.id).limit(2))
    theirs = sa.update(Message).filter_by(subject=bounced.subject).values(state=MessageState.FAILED, sent_at=None)
    first = Message.notice == "confirmation"
    db.session.execute(theirs.where(first).values(last_error=_REFUSED, next_attempt_at=bounced.created_at))
    db.session.execute(theirs.where(~first).values(last_error=Reason.BOUNCED))
    bounced.entry_sequence = bounced.told_sequence = None
    marks.note_bounce(bounced.address_key, _REFUSED, bounced.created_at)
    db.session.add(
        Inbound(
            digest=hashlib.sha256(random_id().encode()).hexdigest(),
            received_at=now - timedelta(hours=3),
            kind=InboundKind.LETTER,
            subject=asking.subject,
            sender=asking.email or "",
            title=content.LETTER_TO_STAFF.title,
            text=content.LETTER_TO_STAFF.text,
        )
    )
