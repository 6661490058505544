"""Short ways to speak of places that are held until their address is proven."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from tests.factories import NOW, make_series
from tests.registration.deeds import registration_of
from tests.registration.test_questions import make_asking, switch
from webinars.core.database import db, transaction
from webinars.core.links import address_key
from webinars.mail.limits import note_proven
from webinars.mail.models import Message
from webinars.registration import proofs, service
from webinars.schedule.models import Series, Webinar


def make_proving(series: Series | None = None, **fields: Any) -> Webinar:
    """Make a webinar of a series that holds places until their address is proven."""
    series = series or make_series(title="Proven")
    switch(series, require_proof=True)
    return make_asking(series, **fields)


def prove(name: str, now: datetime = NOW) -> None:
    """Press some button behind the link from a letter to somebody's place."""
    with transaction():
        service.note_proof(registration_of(name), now)


def proved_before(name: str) -> None:
    """Let an address have been proven at another time."""
    with transaction():
        note_proven(address_key(f"{name.lower()}@example.org"), NOW)


def pass_on(now: datetime) -> int:
    with transaction():
        return proofs.pass_on(now)


def letters_to(name: str) -> list[str]:
    """List the kinds of the letters that were written for somebody, in order."""
    wanted = select(Message.notice).where(Message.subject == registration_of(name).subject).order_by(Message.id)
    return list(db.session.scalars(wanted))


def mail_leaves(now: datetime = NOW) -> None:
    """Let every letter that waits have left."""
    with transaction() as session:
        waiting: Sequence[Message] = session.scalars(select(Message).where(Message.state == "pending")).all()
        for letter in waiting:
            letter.state, letter.sent_at = "sent", now
