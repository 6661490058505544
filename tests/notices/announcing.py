"""Short ways to say what the tests of announcements do again and again."""

from datetime import timedelta

from tests.factories import NOW, make_registration
from tests.mail.conftest import post  # noqa: F401
from webinars.core.database import db, transaction
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message
from webinars.notices import announcement_queries as queries
from webinars.notices import announcement_rules as rules
from webinars.notices import announcement_service as service
from webinars.notices.announcement_queries import Reach, Tally
from webinars.notices.announcement_rules import Stage
from webinars.notices.derive import derive_due
from webinars.notices.prepare import prepare
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar

LONG_AGO = NOW - timedelta(days=30)
MINUTE = timedelta(minutes=1)
TEXT = {"subject_en": "News: {title}", "body_en": "{greeting}\n\nThe **slides** are at https://example.org/slides."}
OF_SERIES = {"subject_en": "News of {series}", "body_en": "{greeting}\n\nThere is more."}


def draft(about, **fields) -> int:
    texts = TEXT if isinstance(about, Webinar) else OF_SERIES
    kind, number = type(about), about.id
    with transaction():
        return service.write_announcement(db.session.get_one(kind, number), {**texts, **fields}, NOW).id


def do(deed, announcement_id, *args, **more):
    with transaction():
        return deed(queries.get_announcement(announcement_id), *args, **more)


def sent_off(about, now=NOW, **fields) -> int:
    """Write an announcement and let it go out at once."""
    announcement_id = draft(about, **fields)
    do(service.send_now, announcement_id, now)
    derive(now)
    return announcement_id


def derive(now):
    with transaction():
        derive_due(now)


def owed() -> list[str]:
    rows = db.session.query(Message).filter_by(notice="announcement").order_by(Message.id)
    return [message.subject for message in rows]


def reach(announcement_id) -> Reach:
    return queries.reach(queries.get_announcement(announcement_id))


def registered(webinar, name, **fields) -> Registration:
    return make_registration(webinar, name, now=LONG_AGO, **fields)


def stage(announcement_id) -> Stage:
    db.session.rollback()
    found = queries.get_announcement(announcement_id)
    return rules.stage(found, queries.tallies([found]).get(found.id, Tally()).open)


def letters(now=NOW) -> dict[str, Letter | NotSent]:
    """Give each person's latest announcement, made."""
    messages = db.session.query(Message).filter_by(notice="announcement").order_by(Message.id).all()
    made = dict(
        zip([message.subject for message in messages], [make() for make in prepare(messages, now)], strict=True)
    )
    db.session.rollback()
    return made
