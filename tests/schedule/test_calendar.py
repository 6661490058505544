"""The month of webinars, and the filters that it shares with the list."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.factories import NOW, make_series, make_webinar
from tests.support.pages import CheckedClient, text_of
from tests.support.queries import count_queries
from tests.support.staff import sign_in
from webinars.accounts.queries import find_user
from webinars.core.database import db, transaction
from webinars.notices.models import Announcement
from webinars.schedule import team
from webinars.schedule.models import Speaker, Webinar, WebinarSpeaker
from webinars.schedule.month import month_of, read_month

MONTH = "/staff/calendar?month=2031-12"


def on(day: int, title: str, *, hour: int = 18, **fields: Any) -> Webinar:
    return make_webinar(title=title, now=datetime(2031, 12, day, hour, tzinfo=UTC), starts_in=timedelta(), **fields)


def cell(page: Any, words: str) -> Any:
    return next(one for one in page.find("table", class_="month").find_all("td") if words in text_of(one))


def test_webinar_stands_on_its_day_with_time_and_state_in_words(editor: CheckedClient) -> None:
    make_series()
    on(4, "Open one")
    on(4, "Kept back", hour=20, state="draft", published_at=None)
    on(11, "Called off", state="cancelled")
    page = editor.page(MONTH)
    day = text_of(cell(page, "Open one"))
    assert "Thursday 4 December 2031" in day and "1:00 pm" in day
    assert "3:00 pm Kept back Draft" in day
    assert "Called off Cancelled" in text_of(cell(page, "Called off"))
    assert "Christmas Day" in text_of(cell(page, "25 December"))


def test_time_is_that_of_whoever_looks_with_the_webinars_own_beside(editor: CheckedClient) -> None:
    make_series()
    on(4, "Late one", hour=23)
    editor.set_cookie("tz", "Europe/Madrid")
    day = text_of(cell(editor.page(MONTH), "Late one"))
    assert "Friday 5 December 2031" in day and "12:00 am Late one 6:00 pm Eastern time" in day


def test_months_lead_to_each_other_and_odd_ones_to_today(editor: CheckedClient) -> None:
    page = editor.page(MONTH + "&q=x&state=draft")
    assert "month=2031-11" in page.find("a", rel="prev")["href"] and "q=x" in page.find("a", rel="prev")["href"]
    assert "month=2032-01" in page.find("a", rel="next")["href"]
    for odd in ("2031-13", "soon", "0000-01", "9999-12"):
        assert editor.get(f"/staff/calendar?month={odd}").status_code == 200
    assert read_month("2031-13", date(2026, 5, 7)) == date(2026, 5, 1)
    assert [len(week) for week in month_of(date(2031, 12, 1), ["US"]).weeks] == [7] * 5


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("q=ames", {"Spanish one"}),
        ("q=side+effects", {"English one", "Spanish one"}),
        ("q=english", {"English one"}),
        ("language=es", {"Spanish one"}),
        ("since=2031-12-05", {"Spanish one"}),
        ("until=2031-12-04", {"English one"}),
        ("since=2031-12-04&until=2031-12-04", {"English one"}),
        ("since=yesterday", {"English one", "Spanish one"}),
        ("mine=1", set()),
        ("state=draft", {"Spanish one"}),
    ],
)
@pytest.mark.parametrize("address", ["/staff/webinars?", MONTH + "&"])
def test_list_and_month_take_the_same_filters(editor: CheckedClient, address: str, asked: str, found: set[str]) -> None:
    make_series()
    on(4, "English one")
    spanish = on(11, "Spanish one", language="es", state="draft", published_at=None)
    spanish.speaker_places = [WebinarSpeaker(speaker=Speaker(name="Alice Ames"))]
    db.session.commit()
    words = text_of(editor.page(address + asked).main)
    assert {title for title in ("English one", "Spanish one") if title in words} == found


def test_mine_are_those_in_whose_team_i_am(editor: CheckedClient) -> None:
    make_series()
    mine, other = on(4, "Led by me"), on(5, "Of somebody else")
    with transaction():
        team.set_team(db.session.merge(mine), {find_user("editor@harbor.example").id: ["responsible"]}, NOW)
    words = text_of(editor.page("/staff/webinars?mine=1").main)
    assert "Led by me" in words and other.title not in words


def test_announcement_stands_on_its_day_unless_something_is_looked_for(editor: CheckedClient) -> None:
    webinar = on(4, "Open one", series=make_series())
    planned = Announcement(
        webinar_id=webinar.id, texts={"en": {"subject": "Slides are there", "body": "Text."}}, audience={},
        state="scheduled", send_at=datetime(2031, 12, 6, 15, tzinfo=UTC), created_at=NOW, updated_at=NOW,
    )  # fmt: skip
    db.session.add(planned)
    db.session.commit()
    day = cell(editor.page(MONTH), "6 December")
    assert "10:00 am Announcement: Slides are there" in text_of(day)
    assert editor.get(day.find("a")["href"]).status_code == 200
    assert "Slides are there" not in text_of(editor.page(MONTH + "&q=open"))


def test_viewer_sees_the_month_and_no_deeds(client: CheckedClient) -> None:
    viewer = sign_in(client, "viewer")
    make_series()
    on(4, "Open one")
    assert "New webinar" not in text_of(viewer.page(MONTH)) and "Open one" in text_of(viewer.page(MONTH))
    assert viewer.page("/staff/webinars").find("input", type="checkbox", attrs={"name": "webinars"}) is None


@pytest.mark.parametrize("address", ["/staff/webinars", MONTH])
def test_number_of_statements_does_not_grow_with_the_webinars(editor: CheckedClient, address: str) -> None:
    series = make_series()
    on(4, "One", series=series)
    editor.page(address)
    few = count_queries(lambda: editor.page(address))
    for day in (5, 6):
        on(day, f"More {day}", series=series)
    assert count_queries(lambda: editor.page(address)) == few
