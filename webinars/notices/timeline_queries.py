"""What somebody's timeline depends on, in a bounded number of queries."""

from sqlalchemy import select

from webinars.core.database import db
from webinars.mail.classes import MailClass, has_left, list_of
from webinars.mail.models import Message
from webinars.notices.facts import facts_of
from webinars.notices.owed import about
from webinars.notices.queries import reminders_written
from webinars.notices.timeline import Prospect
from webinars.registration.models import Registration


def find_prospect(place: Registration, quiet: tuple[int, int] | None) -> Prospect:
    """Read what a registration has received and what it will depends on."""
    written = reminders_written([about(place.webinar_id)])
    series, key = list_of(place.webinar.series_id), place.address_key
    letters = select(Message).where(Message.subject == place.subject).order_by(Message.created_at, Message.id)
    return Prospect(
        facts_of(place),
        quiet,
        letters=db.session.scalars(letters).all(),
        closed=frozenset(occasion for (_about, occasion), (_at, closed) in written.items() if closed),
        left=bool(has_left(db.session(), [key], MailClass.FOLLOW_UP, series)),
    )
