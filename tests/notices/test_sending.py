"""Letters over a real SMTP connection, from the deed to the mailbox."""

from datetime import timedelta

import icalendar
from sqlalchemy import select

from tests.factories import NOW, make_webinar
from tests.mail.conftest import post  # noqa: F401
from webinars.core.database import db, transaction
from webinars.core.links import address_key
from webinars.mail.delivery import deliver_due
from webinars.mail.models import Address
from webinars.notices.derive import derive_due
from webinars.notices.prepare import prepare
from webinars.registration import corrections, service
from webinars.registration.models import Registration
from webinars.registration.rules import Application
from webinars.schedule.models import Webinar


def work(now):
    """Do what a worker does in one round."""
    with transaction():
        derive_due(now)
    deliver_due(prepare, clock=lambda: now)


def calendars(received) -> list[tuple[str, bytes]]:
    parts = [
        part for part in received.message.walk() if part.get_content_type() in {"text/calendar", "application/ics"}
    ]
    return [(part.get_content_type(), part.get_payload(decode=True)) for part in parts]


def test_person_gets_invitation_update_reminder_and_withdrawal_for_one_entry(app, smtp_sink, post):  # noqa: F811
    webinar_id = make_webinar().id
    with transaction():
        place_id = service.register(webinar_id, Application("Alice", "alice@example.org"), NOW).registration.id
    work(NOW)
    with transaction():
        moved = db.session.get(Webinar, webinar_id)
        moved.sequence = moved.start_sequence = 1
        moved.starts_at, moved.ends_at = moved.starts_at + timedelta(days=1), moved.ends_at + timedelta(days=1)
        moved.start_set_at = NOW + timedelta(minutes=1)
        starts_at = moved.starts_at
    work(NOW + timedelta(minutes=2))
    work(starts_at - timedelta(hours=1))
    with transaction():
        service.cancel(db.session.get(Registration, place_id), starts_at - timedelta(minutes=50))
    work(starts_at - timedelta(minutes=49))
    subjects = [received.message["Subject"] for received in smtp_sink.received]
    assert [subject.strip().split(":")[0] for subject in subjects] == [
        "Your place is saved",
        "New time",
        "Today at 10",
        "Your place is cancelled",
    ]
    entries = []
    for received in smtp_sink.received:
        found = calendars(received)
        if found:
            (first, second) = found
            assert (first[0], second[0]) == ("text/calendar", "application/ics") and first[1] == second[1]
            calendar = icalendar.Calendar.from_ical(first[1])
            entries.append((str(calendar["METHOD"]), calendar.events[0]))
            assert received.rcpt_to == ["alice@example.org"]
    assert [method for method, _ in entries] == ["REQUEST", "REQUEST", "CANCEL"]
    assert (
        len({str(entry["UID"]) for _, entry in entries}) == len({str(entry["ORGANIZER"]) for _, entry in entries}) == 1
    )
    sequences = [entry["SEQUENCE"] for _, entry in entries]
    assert sequences == sorted(set(sequences))
    assert db.session.get(Registration, place_id).told_sequence == 1


def test_refusal_of_a_mistyped_address_says_nothing_about_the_one_that_was_put_right(app, smtp_sink, post):  # noqa: F811
    """The visitor corrects the address while the server still thinks about the wrong one."""
    webinar_id = make_webinar().id
    with transaction():
        service.register(webinar_id, Application("Alice", "alice@gmial.com"), NOW)

    def refuse_slowly(address: str) -> str | None:
        if address != "alice@gmial.com":
            return None
        with app.app_context(), transaction() as session:
            place = session.scalars(select(Registration)).one()
            corrections.correct_sign_up(place, "Alice", "alice@gmial.com", "alice@gmail.com", NOW)
        return "550 5.1.1 no such user"

    smtp_sink.answer["RCPT"] = refuse_slowly
    work(NOW)
    work(NOW + timedelta(minutes=1))
    assert smtp_sink.recipients == ["alice@gmail.com"]
    [mailbox] = db.session.scalars(select(Address).where(Address.bounced_at.is_not(None)))
    assert mailbox.key == address_key("alice@gmial.com")
