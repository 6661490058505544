"""Series, topics, news and speakers: writing them, and looking them up."""

from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask

from tests.factories import NOW, make_series, make_topic, make_webinar
from tests.support.queries import sent_queries
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict, NotFound
from webinars.schedule import catalogue, queries, service
from webinars.schedule.models import NewsItem, Speaker
from webinars.schedule.queries import WebinarFilter
from webinars.schedule.service import Problems

DAY = timedelta(days=1)


def refused(deed: Any) -> set[str]:
    with pytest.raises(Problems) as refusal:
        deed()
    return set(refusal.value.fields)


def test_series_begins_with_good_defaults(app: Flask) -> None:
    with transaction():
        series = service.create_series({"title": "What’s New"}, NOW)
    assert (series.slug, series.time_zone, series.reminders) == ("whats-new", "America/New_York", [10080, 1440, 60])
    assert series.topic is None


def test_series_takes_topic_and_reminders_as_people_write_them(app: Flask) -> None:
    make_topic()
    with transaction():
        series = service.create_series(
            {"title": "Trials", "topic": "immunotherapy", "reminders": "2 hours, 1 day"}, NOW
        )
    assert series.topic and series.topic.title == "Immunotherapy"
    assert series.reminders == [1440, 120]
    with transaction():
        service.edit_series(
            queries.get_series("trials"), {"topic": "", "reminders": [], "slug": "clinical-trials"}, NOW
        )
    assert (queries.get_series("clinical-trials").topic, series.reminders) == (None, [])


def test_series_problems_come_together(app: Flask) -> None:
    with transaction():
        wrong = {"title": "", "time_zone": "x", "reminders": "soon", "topic": "nowhere", "colour": 1}
        assert refused(lambda: service.create_series(wrong, NOW)) == set(wrong)


def test_address_of_a_series_stays_its_own_when_edited(app: Flask) -> None:
    make_series()
    make_series(title="Trials")
    with transaction():
        series = queries.get_series("trials")
        assert service.edit_series(series, {"slug": "trials"}, NOW).slug == "trials"
        assert refused(lambda: service.edit_series(series, {"slug": "side-effects"}, NOW)) == {"slug"}


def test_outdated_form_of_a_series_is_a_conflict(app: Flask) -> None:
    series = make_series()
    seen = catalogue.version(series)
    with transaction():
        service.edit_series(series, {"summary": "First"}, NOW, seen=seen)
    with pytest.raises(Conflict), transaction():
        service.edit_series(series, {"summary": "Second"}, NOW, seen=seen)
    assert queries.get_series("side-effects").summary == "First"


def test_topic_and_news_are_written_and_edited(app: Flask) -> None:
    with transaction():
        topic = service.create_topic({"title": "Immunotherapy", "body": "## How", "reviewed_on": "2026-10-01"}, NOW)
        item = service.create_news_item(
            {"topic": "immunotherapy", "title": "New page", "body": "Read it.", "published_on": date(2026, 11, 1)}, NOW
        )
    assert topic.reviewed_on == date(2026, 10, 1)
    with transaction():
        service.edit_topic(topic, {"reviewed_on": ""}, NOW)
        service.edit_news_item(item, {"published_on": "2026-11-02"}, NOW)
    assert queries.get_topic("immunotherapy").reviewed_on is None
    assert queries.get_news_item("new-page").published_on == date(2026, 11, 2)


def test_news_without_topic_text_or_day_names_all_three(app: Flask) -> None:
    with transaction():
        assert refused(lambda: service.create_news_item({"title": "x"}, NOW)) == {"topic", "body", "published_on"}


def test_speaker_needs_a_name_only(app: Flask) -> None:
    with transaction():
        assert refused(lambda: service.create_speaker({"name": " "}, NOW)) == {"name"}
        speaker = service.create_speaker({"name": "Alice Ames"}, NOW)
    with transaction():
        service.edit_speaker(queries.get_speaker(speaker.id), {"interests": "None"}, NOW)
    assert queries.get_speaker(speaker.id).interests == "None"


def test_getting_what_is_not_there_raises_not_found(app: Flask) -> None:
    for get in (queries.get_webinar, queries.get_series, queries.get_topic, queries.get_news_item):
        with pytest.raises(NotFound):
            get("nowhere")
    with pytest.raises(NotFound):
        queries.get_speaker(1)


def test_latest_news_hides_what_is_dated_ahead(app: Flask) -> None:
    topic = make_topic()
    for number in range(3):
        day = NOW.date() + (number - 1) * DAY
        db.session.add(NewsItem(slug=f"n{number}", title=f"N{number}", body="x", topic_id=topic.id, published_on=day))
    db.session.commit()
    assert [item.slug for item in queries.latest_news(NOW.date())] == ["n1", "n0"]
    assert [item.slug for item in queries.latest_news(NOW.date(), topic_id=topic.id + 1)] == []
    assert queries.staff_news().total == 3


def test_upcoming_and_past_follow_the_end_and_hide_what_is_not_published(app: Flask) -> None:
    topic = make_topic()
    series, other = make_series(topic_id=topic.id), make_series(title="Trials")
    make_webinar(series, title="Later", starts_in=3 * DAY)
    make_webinar(series, title="Live", starts_in=-timedelta(minutes=59))
    make_webinar(other, title="Other", starts_in=DAY)
    make_webinar(series, title="Draft", state="draft")
    make_webinar(series, title="Called off", state="cancelled")
    make_webinar(series, title="Just over", starts_in=-timedelta(minutes=60))
    make_webinar(series, title="Long over", starts_in=-9 * DAY)
    assert [one.title for one in queries.upcoming_webinars(NOW)] == ["Live", "Other", "Later"]
    assert [one.title for one in queries.upcoming_webinars(NOW, 1, series_id=series.id)] == ["Live"]
    assert [one.title for one in queries.upcoming_webinars(NOW, topic_id=topic.id)] == ["Live", "Later"]
    past = queries.past_webinars(NOW, per_page=1)
    assert ([one.title for one in past.items], past.total, past.pages) == (["Just over"], 2, 2)
    assert [one.title for one in queries.past_webinars(NOW, 2, 1).items] == ["Long over"]
    since = NOW - 2 * DAY
    assert [one.title for one in queries.public_webinars(since, 9)] == [
        "Just over",
        "Live",
        "Other",
        "Later",
        "Called off",
    ]


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({}, ["Zebra", "apple 100%"]),
        ({"sort": "title"}, ["apple 100%", "Zebra"]),
        ({"sort": "title", "direction": "desc"}, ["Zebra", "apple 100%"]),
        ({"sort": "places", "direction": "desc"}, ["apple 100%", "Zebra"]),
        ({"state": "past"}, ["Over"]),
        ({"state": "draft"}, ["Zebra"]),
        ({"state": "all", "text": "E"}, ["Over", "Zebra", "apple 100%"]),
        ({"state": "all", "text": "0%"}, ["apple 100%"]),
        ({"state": "all", "text": "_"}, []),
        ({"state": "all", "series": "trials"}, ["apple 100%"]),
        ({"sort": "drop table", "page": 99}, ["Zebra", "apple 100%"]),
        ({"page": -1, "per_page": 1}, ["Zebra"]),
        ({"page": 2, "per_page": 1}, ["apple 100%"]),
    ],
)
def test_staff_list_filters_sorts_and_pages(app: Flask, asked: dict[str, Any], titles: list[str]) -> None:
    series, trials = make_series(), make_series(title="Trials")
    make_webinar(series, title="Zebra", state="draft", starts_in=DAY)
    make_webinar(trials, title="apple 100%", starts_in=2 * DAY, confirmed_count=4)
    make_webinar(series, title="Over", starts_in=-DAY)
    found = queries.staff_webinars(WebinarFilter(**asked), NOW)
    assert [one.title for one in found.items] == titles


def test_lists_take_the_same_number_of_queries_for_one_and_three_webinars(app: Flask) -> None:
    counts = []
    for number in (1, 2):
        for _turn in range(number):
            webinar = make_webinar(make_series(title=f"S{db.session.query(Speaker).count()}"))
            db.session.add(Speaker(name="Alice"))
            db.session.commit()
        slug = webinar.slug
        db.session.expire_all()
        counts.append(_queries_of(slug))
    assert counts[0] == counts[1] <= 8


def _queries_of(slug: str) -> int:
    with sent_queries() as sent:
        for webinar in [*queries.upcoming_webinars(NOW), *queries.staff_webinars(WebinarFilter(), NOW).items]:
            assert webinar.series.title and webinar.reminder_minutes
        assert queries.get_webinar(slug).speakers == []
    return len(sent)
