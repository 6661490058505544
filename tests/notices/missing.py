"""Short ways to say what the tests of the delivery desk do again and again."""

from datetime import datetime, timedelta

from tests.factories import NOW, make_registration
from tests.support.pages import parse
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.core.links import address_key
from webinars.mail.models import Address, Message
from webinars.notices import desk
from webinars.notices.desk_rules import Trouble
from webinars.registration.models import Registration

GONE = "550 5.1.1 <address>: Recipient address rejected: User unknown"


def letter(place: Registration, notice: str = "confirmation", state: str = "sent", **fields: object) -> int:
    """Write a letter as the outbox has it; give its id."""
    count = db.session.query(Message).count()
    values = {
        "notice": notice, "subject": place.subject, "occasion": str(count), "about": f"w{place.webinar_id}",
        "state": state, "created_at": NOW, "next_attempt_at": NOW, "message_id": f"<{count}@x>",
        "reference": f"{count:032}", "lane": "b" if notice in {"reminder", "moved", "cancelled"} else "a",
        "last_error": GONE if state == "failed" else None, "sent_at": NOW if state == "sent" else None,
    } | fields  # fmt: skip
    row = Message(**values)
    db.session.add(row)
    db.session.commit()
    return row.id


def names(now: datetime = NOW) -> list[str]:
    db.session.expire_all()
    return [one.registration.name for miss in desk.overview(now) for one in miss.people]


def troubles(now: datetime = NOW) -> dict[str, Trouble]:
    db.session.expire_all()
    return {one.registration.name: one.trouble for miss in desk.overview(now) for one in miss.people}


def person(name: str) -> Registration:
    db.session.expire_all()
    return db.session.query(Registration).filter_by(name=name).one()


def bounce(address: str, at: datetime = NOW, words: str = GONE) -> None:
    db.session.add(Address(key=address_key(address), bounced_at=at, bounce_words=words))
    db.session.commit()


def refused(webinar, name="Alice", words=GONE, notice="confirmation", **fields):
    before = utc_now() - timedelta(hours=1)
    place = make_registration(webinar, name, now=before, **fields)
    letter(place, notice, "failed", last_error=words, created_at=before, next_attempt_at=before)
    return place


def token(page):
    return {"csrf_token": parse(page).find("input", attrs={"name": "csrf_token"})["value"]}
