"""Reminders that have time wait for the morning of each reader."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.factories import NOW, make_webinar
from tests.notices.test_derive import derive, registered
from tests.support.queries import sent_queries
from webinars.core.database import db
from webinars.mail.models import Message


def waits_until(webinar, zones, minutes, now=None):
    """Let a reminder fall due; give when its letter goes in each zone."""
    people = {registered(webinar, zone, time_zone=zone).subject: zone for zone in zones}
    derive(now or webinar.starts_at - timedelta(minutes=minutes))
    return {people[message.subject]: message.next_attempt_at for message in db.session.query(Message)}


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_reminder_of_a_day_waits_for_the_morning_of_each_reader(app):
    # Due at 15:00 UTC on 1 December.
    webinar = make_webinar(reminders=[1440])
    assert waits_until(
        webinar, ["America/New_York", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Apia"], 1440
    ) == {
        "America/New_York": at("2026-12-01 15:00"),
        "Asia/Kathmandu": at("2026-12-01 15:00"),  # 20:45
        "Asia/Tokyo": at("2026-12-01 23:00"),  # midnight there
        "Australia/Lord_Howe": at("2026-12-01 21:00"),  # 2 in the morning
        "Pacific/Apia": at("2026-12-01 19:00"),  # 4 in the morning
    }


@pytest.mark.parametrize(("minutes", "waits"), [(721, True), (720, False), (60, False)])
def test_reminder_of_twelve_hours_or_less_never_waits(app, minutes, waits):
    starts = at("2026-12-02 14:01") - NOW
    webinar = make_webinar(reminders=[minutes], starts_in=starts)
    # 3 in the morning in Paris when the two long ones fall due.
    due = webinar.starts_at - timedelta(minutes=minutes)
    zone = "Europe/Paris" if minutes > 60 else "Asia/Tokyo"
    assert (waits_until(webinar, [zone], minutes)[zone] > due) is waits


def test_reminder_that_would_be_too_late_in_the_morning_goes_when_it_is_due(app):
    # The second falls due nine hours after the first: 23:00 and 8:00 in London.
    webinar = make_webinar(reminders=[1440, 900], starts_in=at("2026-12-02 23:00") - NOW)
    assert waits_until(webinar, ["Europe/London"], 1440) == {"Europe/London": at("2026-12-01 23:00")}


def test_reminder_with_time_in_the_morning_waits_although_another_one_follows(app):
    webinar = make_webinar(reminders=[1440, 880], starts_in=at("2026-12-02 23:00") - NOW)
    assert waits_until(webinar, ["Europe/London"], 1440) == {"Europe/London": at("2026-12-02 08:00")}


def test_worker_that_was_away_does_not_wake_anybody_when_it_comes_back(app):
    webinar = make_webinar(reminders=[2880])
    late = webinar.starts_at - timedelta(minutes=2880) + timedelta(hours=8)
    assert waits_until(webinar, ["Europe/London"], 2880, late) == {"Europe/London": at("2026-12-01 08:00")}


def test_without_quiet_hours_nobody_waits(make_app):
    with make_app(quiet_hours=None).app_context():
        webinar = make_webinar(reminders=[1440])
        assert waits_until(webinar, ["Asia/Tokyo"], 1440) == {"Asia/Tokyo": at("2026-12-01 15:00")}
        db.session.remove()


def test_quiet_hours_cost_one_query_and_leave_the_mailing_one_statement(app):
    webinar = make_webinar(reminders=[1440])
    for number, zone in enumerate(("Asia/Tokyo", "Pacific/Apia", "Europe/Paris", "America/New_York")):
        registered(webinar, f"P{number}", time_zone=zone)
    due = webinar.starts_at - timedelta(days=1)
    db.session.remove()
    with sent_queries() as sent:
        derive(due)
    assert sum("DISTINCT" in statement for statement in sent) == 1
    assert sum("INSERT INTO messages" in statement for statement in sent) == 1


def test_zone_that_this_machine_does_not_know_stops_no_mailing(app):
    webinar = make_webinar(reminders=[1440])
    assert waits_until(webinar, ["Mars/Olympus"], 1440) == {"Mars/Olympus": at("2026-12-01 15:00")}
