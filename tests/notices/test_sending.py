"""Letters over a real SMTP connection, from the deed to the mailbox."""

from datetime import timedelta

import icalendar

from tests.factories import NOW, make_webinar
from tests.mail.conftest import post  # noqa: F401
from webinars.core.database import db, transaction
from webinars.mail.delivery import deliver_due
from webinars.notices.derive import derive_due
from webinars.notices.prepare import prepare
from webinars.registration import service
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
