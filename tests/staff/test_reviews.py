"""What is due of recordings stands in the month: captions to correct, talks to look at once more."""

from datetime import date, timedelta

import pytest

from tests.factories import make_series, make_video, make_webinar
from tests.support.pages import text_of
from tests.support.queries import count_queries
from tests.support.staff import sign_in
from webinars.core.clock import utc_now
from webinars.core.database import db
from webinars.staff.readiness import service
from webinars.staff.readiness.models import MarkState

YEAR, CAPTIONS = timedelta(days=365), timedelta(days=14)


def month(client, day, more=""):
    return client.page(f"/staff/calendar?month={day:%Y-%m}{more}").find("table", class_="month")


def cell(table, words):
    return next((one for one in table.select("td") if words in text_of(one)), None)


@pytest.fixture
def recorded(app):
    """Give a webinar that was three days ago, with its recording."""
    webinar = make_webinar(make_series(), now=utc_now(), title="Low energy", starts_in=timedelta(days=-3))
    make_video(webinar, state="draft", title="Low energy, recorded")
    return webinar


def test_captions_stand_on_the_day_they_are_due_until_they_are_corrected(editor, recorded):
    day = recorded.starts_at + CAPTIONS
    found = cell(month(editor, day), "Captions to correct: Low energy")
    assert f"{day.day} " in text_of(found) and not found.select("strong:not(.month-day strong)")
    link = found.find("a", string="Captions to correct: Low energy")
    assert editor.get(link["href"]).status_code == 200
    service.mark(recorded, "captions", MarkState.NOT_NEEDED, utc_now(), seen="")
    db.session.commit()
    assert not cell(month(editor, day), "Captions to correct")


def test_captions_of_what_has_no_recording_yet_are_not_asked_for(editor):
    webinar = make_webinar(make_series(), now=utc_now(), starts_in=timedelta(days=-3))
    assert not cell(month(editor, webinar.starts_at + CAPTIONS), "Captions to correct")


def test_talk_stands_a_year_after_it_was_last_looked_at_and_several_as_one(editor):
    make_series()
    make_video(title="Skin", recorded_on=date(2030, 12, 4))
    make_video(title="Bowel", recorded_on=date(2030, 12, 9))
    make_video(title="Lungs", recorded_on=date(2030, 12, 9))
    make_video(title="Kept back", recorded_on=date(2030, 12, 4), state="draft")
    table = month(editor, date(2031, 12, 1))
    assert "Thursday 4 December 2031 Review: Skin" in text_of(cell(table, "Review: Skin"))
    assert "9 December 2031 2 videos to review" in text_of(cell(table, "2 videos"))
    assert "Kept back" not in text_of(table)
    assert all(editor.get(link["href"]).status_code == 200 for link in table.select("a"))


def test_month_asks_as_often_for_three_as_for_one(editor, recorded):
    day = recorded.starts_at + CAPTIONS
    one = count_queries(lambda: month(editor, day))
    for title in ("Two", "Three"):
        make_video(make_webinar(now=utc_now(), title=title, starts_in=timedelta(days=-3)), state="draft", title=title)
    assert count_queries(lambda: month(editor, day)) == one
    assert text_of(month(editor, day)).count("Captions to correct") == 3


def test_hosts_and_searches_show_webinars_alone(client, recorded):
    day = recorded.starts_at + CAPTIONS
    editor = sign_in(client, "editor")
    assert not cell(month(editor, day, "&q=low"), "Captions to correct")
