"""Announcements: whom they reach, and when they go out."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import NOW, make_series, make_webinar
from tests.mail.conftest import post  # noqa: F401
from tests.notices.announcing import (
    LONG_AGO,
    MINUTE,
    derive,
    do,
    draft,
    owed,
    reach,
    registered,
    sent_off,
    stage,
)
from tests.support.queries import count_queries, sent_queries
from webinars.core.database import db, transaction
from webinars.core.text import email_key
from webinars.mail.classes import EVERYWHERE, MailClass, leave, list_of
from webinars.mail.models import Address, Mailing, Message
from webinars.notices import announcement_service as service
from webinars.notices.announcement_queries import Reach
from webinars.notices.announcement_rules import Stage
from webinars.notices.derive import derive_due
from webinars.notices.facts import address_key
from webinars.notices.prepare import prepare
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar


@pytest.fixture
def webinar(app):
    return make_webinar(make_series())


def test_announcement_reaches_everybody_who_still_takes_part_in_any_way(webinar):
    states = ("confirmed", "waitlisted", "offered", "recording-only")
    people = [registered(webinar, f"P{number}", state=state) for number, state in enumerate(states)]
    registered(webinar, "Gone", state="cancelled")
    registered(webinar, "Caller", email=None)
    registered(make_webinar(title="Another"), "Elsewhere")
    announcement = draft(webinar)
    assert reach(announcement) == Reach(people=4, without_address=1, left=0, bounced=0)
    do(service.send_now, announcement, NOW)
    derive(NOW)
    assert sorted(owed()) == sorted(person.subject for person in people)


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ({}, ["Ann", "Ben", "Cleo", "Dora", "Eva"]),
        ({"states": ["confirmed"]}, ["Ann", "Ben"]),
        ({"states": ["waitlisted"]}, ["Cleo", "Dora"]),
        ({"states": ["confirmed", "recording-only"]}, ["Ann", "Ben", "Eva"]),
        ({"modes": ["phone"]}, ["Ben"]),
        ({"languages": ["es"]}, ["Ann", "Dora"]),
        ({"states": ["waitlisted"], "languages": ["es"]}, ["Dora"]),
        ({"states": ["confirmed", "waitlisted", "recording-only"]}, ["Ann", "Ben", "Cleo", "Dora", "Eva"]),
        (
            {"states": ["cancelled", "nonsense"], "modes": [], "languages": ["fr"]},
            ["Ann", "Ben", "Cleo", "Dora", "Eva"],
        ),
    ],
)
def test_filter_chooses_by_state_mode_and_language(webinar, chosen, names):
    registered(webinar, "Ann", language="es")
    registered(webinar, "Ben", mode="phone")
    registered(webinar, "Cleo", state="waitlisted")
    registered(webinar, "Dora", state="offered", language="es")
    registered(webinar, "Eva", state="recording-only", mode="recording")
    announcement = sent_off(webinar, **chosen)
    found = db.session.query(Registration.name).filter(Registration.id.in_([int(one[1:]) for one in owed()]))
    assert sorted(name for (name,) in found) == names
    assert len(names) == reach(announcement).people


def test_series_gives_each_address_one_letter_at_its_newest_place(webinar):
    other = make_webinar(webinar.series, title="Earlier")
    draft_webinar = make_webinar(webinar.series, title="Not public", state="draft", published_at=None)
    registered(webinar, "Alice", email="Alice@Example.org")
    newest = registered(other, "Alice", email="alice@example.org")
    registered(other, "Gone", email="gone@example.org", state="cancelled")
    still = registered(webinar, "Gone", email="gone@example.org")
    registered(draft_webinar, "Early")
    registered(make_webinar(make_series(title="Other series")), "Elsewhere")
    announcement = sent_off(webinar.series)
    assert sorted(owed()) == sorted([newest.subject, still.subject])
    assert reach(announcement).people == 2
    [mailing] = db.session.query(Mailing).filter_by(notice="announcement")
    assert (mailing.about, mailing.occasion) == (f"s{webinar.series.id}", str(announcement))


def test_count_leaves_out_who_left_this_class_and_whose_mailbox_is_dead(webinar):
    people = [registered(webinar, f"P{number}") for number in range(6)]
    keys = [address_key(email_key(person.email)) for person in people]
    with transaction() as session:
        leave(keys[0], MailClass.NEWS, list_of(webinar.series_id), NOW)
        leave(keys[1], MailClass.NEWS, EVERYWHERE, NOW)
        leave(keys[2], MailClass.FOLLOW_UP, EVERYWHERE, NOW)
        leave(keys[3], MailClass.NEWS, list_of(webinar.series_id + 1), NOW)
        session.add_all([Address(key=keys[4], bounced_at=NOW), Address(key=keys[0], bounced_at=NOW)])
    assert reach(draft(webinar)) == Reach(people=3, without_address=0, left=2, bounced=1)


def test_nothing_is_written_before_its_moment_and_once_only(webinar):
    alice = registered(webinar, "Alice")
    announcement = draft(webinar)
    derive(NOW + timedelta(days=1))
    assert owed() == [] and stage(announcement) is Stage.DRAFT
    do(service.send_later, announcement, "2026-11-23T13:00", NOW)
    moment = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)
    derive(moment - timedelta(seconds=1))
    assert owed() == [] and stage(announcement) is Stage.WAITING
    derive(moment)
    registered(webinar, "Late")
    for later in (0, 1, 6, 600):
        derive(moment + later * MINUTE)
    assert owed() == [alice.subject] and stage(announcement) is Stage.GOING_OUT
    [message] = db.session.query(Message).filter_by(notice="announcement")
    assert (message.lane, message.about, message.occasion) == ("b", f"w{webinar.id}", str(announcement))


def test_two_announcements_are_two_letters(webinar):
    alice = registered(webinar, "Alice")
    sent_off(webinar)
    sent_off(webinar)
    assert owed() == [alice.subject] * 2


def test_workers_that_look_at_the_same_instant_write_each_letter_once(app, webinar):
    for number in range(40):
        registered(webinar, f"P{number}")
    announcement = draft(webinar)
    do(service.send_now, announcement, NOW)
    ready, written = threading.Barrier(4), []

    def look():
        with app.app_context():
            ready.wait()
            with transaction():
                written.append(derive_due(NOW))
            db.session.remove()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(written) == [0, 0, 0, 40]
    assert len(owed()) == len(set(owed())) == 40


def test_ten_thousand_letters_are_one_insert_and_as_many_queries_as_ten(app, webinar):
    webinar_id, counts = webinar.id, []
    for people in (10, 10_000):
        many(webinar_id, people)
        announcement = draft(db.session.get(Webinar, webinar_id))
        do(service.send_now, announcement, NOW)
        with sent_queries() as sent:
            derive(NOW)
        counts.append(len(sent))
        assert len([one for one in sent if "INSERT INTO messages" in one]) == 1
    assert counts[0] == counts[1]
    assert len(owed()) == 10 + 10_010
    ids = [row.id for row in db.session.query(Message).filter_by(occasion=str(announcement)).limit(200)]
    messages = db.session.query(Message).filter(Message.id.in_(ids)).all()
    for message in messages:
        db.session.expunge(message)

    def made(some):
        db.session.rollback()
        return count_queries(lambda: [make() for make in prepare(some, NOW)])

    assert made(messages[:1]) == made(messages)


def many(webinar_id, people):
    """Register many people in one statement."""
    start = db.session.scalar(sa.select(sa.func.count()).select_from(Registration))
    rows = [
        {"public_id": f"p{number:021}", "webinar_id": webinar_id, "name": "P", "name_key": "p",
         "email": f"p{number}@example.org", "email_key": f"p{number}@example.org", "state": "confirmed", "mode": "live",
         "time_zone": "America/New_York", "language": "en", "uid": f"{number}", "state_since": LONG_AGO,
         "created_at": LONG_AGO, "state_changes": 1}
        for number in range(start, start + people)
    ]  # fmt: skip
    with transaction() as session:
        session.execute(sa.insert(Registration), rows)
