"""The demonstration content: loaded once, told of everything, one webinar always about to begin."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests.factories import NOW, make_registration
from webinars.accounts import service as accounts
from webinars.archive.models import Video
from webinars.archive.world_models import Count
from webinars.core.database import db, transaction
from webinars.demo import commands, launcher, load
from webinars.live.models import Attendance
from webinars.mail.models import Inbound, Message, MessageState
from webinars.notices.derive import derive_due
from webinars.registration.models import Registration
from webinars.registration.questions.models import Answer, Question
from webinars.schedule.models import NewsItem, Series, TeamPlace, Webinar


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
    assert count(Message, Message.state.not_in([MessageState.SENT, MessageState.FAILED])) == 0
    lost = db.session.scalars(select(Message).where(Message.state == MessageState.FAILED)).all()
    assert len({letter.subject for letter in lost}) == 1, "one person for the delivery desk"
    assert count(Inbound, Inbound.handled_at.is_(None)) == 1, "one for the tray"


def test_one_series_asks_who_somebody_is_and_nothing_that_has_to_be_answered(app: Flask) -> None:
    loaded()
    assert count(Series, Series.asks_role) == 1
    assert count(Question) == 1 and count(Question, Question.required) == 0
    assert count(Answer) > 20 and count(Webinar, Webinar.asks > 0) >= 1


def soon() -> list[Webinar]:
    return list(
        db.session.scalars(select(Webinar).where(Webinar.slug.startswith("ask-the-nurse")).order_by(Webinar.id))
    )


@pytest.mark.parametrize("minutes", range(0, 10, 3))
def test_one_open_webinar_begins_in_about_an_hour_at_each_start(app: Flask, minutes: int) -> None:
    loaded()
    for now in (NOW + timedelta(minutes=minutes), NOW + timedelta(hours=3, minutes=minutes, seconds=59)):
        with transaction():
            load.ensure_soon(now)
        assert len(soon()) == 1, "what nobody registered for is moved"
        assert timedelta(minutes=62) <= soon()[0].starts_at - now <= timedelta(minutes=75)
    assert soon()[0].ends_at - soon()[0].starts_at == timedelta(minutes=soon()[0].duration_minutes)


def test_restart_soon_after_leaves_the_webinar_where_it_is(app: Flask) -> None:
    loaded()
    before = soon()[0].starts_at
    assert before - NOW >= timedelta(minutes=70)
    with transaction():
        load.ensure_soon(NOW + timedelta(minutes=8))
    assert [webinar.starts_at for webinar in soon()] == [before]


def test_webinar_somebody_registered_for_stays_when_the_next_start_makes_another(app: Flask) -> None:
    loaded()
    before = soon()[0].starts_at
    make_registration(soon()[0], "Alice")
    with transaction():
        load.ensure_soon(NOW + timedelta(hours=3))
    assert [webinar.starts_at for webinar in soon()][0] == before and len(soon()) == 2


@pytest.mark.parametrize("minutes", range(0, 180, 60))
def test_start_in_the_night_the_clocks_change_has_its_webinar_too(app: Flask, minutes: int) -> None:
    loaded()
    for night in (datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2027, 3, 14, 5, tzinfo=UTC)):
        now = night + timedelta(minutes=minutes)
        with transaction():
            load.ensure_soon(now)
        assert timedelta(minutes=62) <= soon()[0].starts_at - now <= timedelta(minutes=75)


def test_spanish_reader_finds_series_news_and_two_english_webinars_in_spanish(app: Flask) -> None:
    loaded()
    told = [webinar for webinar in db.session.scalars(select(Webinar)) if "es" in webinar.translations]
    assert len(told) >= 2 and all(webinar.language == "en" for webinar in told)
    assert all(set(webinar.translations["es"]) >= {"title", "summary", "description"} for webinar in told)
    for thing in (*db.session.scalars(select(Series)), *db.session.scalars(select(NewsItem))):
        assert thing.translations["es"]["title"] != thing.title


@pytest.mark.parametrize("known", [False, True])
def test_both_whom_the_banner_names_are_let_in_and_have_their_webinars(app: Flask, known: bool) -> None:
    """Also where the owner was added by hand, or by an earlier version, and has webinars in hand."""
    with transaction():
        load.load(NOW)
        if known:
            owner = accounts.add_user(launcher.OWNER_EMAIL, "owner", "a long and harmless sentence", NOW)
            first = db.session.query(Webinar).filter_by(state="published").first()
            db.session.add(TeamPlace(webinar_id=first.id, user_id=owner.id, part="responsible"))
    for _start in range(2):
        with transaction():
            commands.ensure_staff(NOW)
    assert count(TeamPlace, TeamPlace.part == "responsible") == count(Webinar, Webinar.state == "published")
    host = accounts.find_user(launcher.HOST_EMAIL)
    assert host and count(TeamPlace, TeamPlace.user_id == host.id, TeamPlace.part == "moderator") == 2


def test_demonstration_has_people_who_came_and_plays(app: Flask) -> None:
    loaded()
    over = select(Webinar.id).where(Webinar.ends_at < NOW, Webinar.state == "published")
    assert count(Attendance, Attendance.webinar_id.in_(over)) == count(Attendance) > 50
    assert 0 < count(Video, Video.id.in_(select(Count.video_id).where(Count.what == "start"))) <= count(Video)
