"""The demonstration content: loaded once, told of everything, one webinar always about to begin."""

from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select

from tests.factories import NOW
from webinars.archive.models import Video
from webinars.core.database import db, transaction
from webinars.demo import load
from webinars.mail.models import Message, MessageState
from webinars.notices.derive import derive_due
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar


def loaded() -> None:
    with transaction():
        load.load(NOW)
        load.ensure_soon(NOW)


def count(model: type, *conditions: object) -> int:
    return db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0  # type: ignore[arg-type]


def test_demonstration_shows_every_state(app: Flask) -> None:
    loaded()
    assert count(Webinar) >= 9
    assert {state for (state,) in db.session.execute(select(Webinar.state).distinct())} == {
        "draft",
        "published",
        "cancelled",
    }
    assert count(Webinar, Webinar.waitlisted_count > 0, Webinar.confirmed_count == Webinar.capacity) == 1
    assert count(Video) >= 4
    assert count(Video, Video.webinar_id.is_(None)) >= 1
    assert count(Registration) >= 300


def test_counters_of_the_demonstration_equal_its_rows(app: Flask) -> None:
    loaded()
    for webinar in db.session.scalars(select(Webinar)):
        for state, counted in (("confirmed", webinar.confirmed_count), ("waitlisted", webinar.waitlisted_count)):
            assert count(Registration, Registration.webinar_id == webinar.id, Registration.state == state) == counted


def test_worker_started_after_the_demonstration_sends_its_people_nothing(app: Flask) -> None:
    loaded()
    with transaction():
        derive_due(NOW + timedelta(seconds=30))
    assert count(Message, Message.state == MessageState.SENT) > 300
    assert count(Message, Message.state != MessageState.SENT) == 0


def test_one_open_webinar_begins_in_about_an_hour_at_each_start(app: Flask) -> None:
    loaded()
    with transaction():
        load.ensure_soon(NOW)
        load.ensure_soon(NOW + timedelta(hours=3))
    starts = [
        starts_at - NOW
        for (starts_at,) in db.session.execute(select(Webinar.starts_at))
        if starts_at - NOW < timedelta(hours=5)
    ]
    soon = sorted(start for start in starts if start > timedelta())
    assert len(soon) == 2
    assert timedelta(minutes=62) <= soon[0] <= timedelta(minutes=75)
