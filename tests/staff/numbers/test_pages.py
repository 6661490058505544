"""The pages of the numbers: what they show, from sums alone, at the same cost for any number of rows."""

from datetime import timedelta

import pytest
from flask import Flask

from tests.factories import make_registration, make_series, make_webinar
from tests.support.pages import CheckedClient, text_of
from tests.support.queries import count_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import outbox
from webinars.schedule.models import Webinar
from webinars.staff.numbers import service
from webinars.staff.numbers.rules import Curve, forecast, region_of


def count(*webinars: Webinar) -> None:
    for webinar in webinars:
        with transaction():
            service.recount(webinar.id, utc_now())


def over(title: str = "Past", people: int = 3, **fields: object) -> Webinar:
    webinar = make_webinar(starts_in=timedelta(days=-5), now=utc_now(), title=title, **fields)  # type: ignore[arg-type]
    for number in range(people):
        make_registration(webinar, f"Person {number}", now=utc_now() - timedelta(days=6))
    count(webinar)
    return webinar


def rows_of(page: object, heading: str) -> list[list[str]]:
    [figure] = [one for one in page.select("figure.plot") if text_of(one.h2) == heading]  # type: ignore[attr-defined]
    return [[text_of(cell) for cell in row.select("th, td")] for row in figure.select("tbody tr")]


def test_programme_shows_the_sums_of_its_webinars(editor: CheckedClient) -> None:
    over(people=3)
    over("Other", people=2)
    page = editor.page("/staff/numbers")
    assert [text_of(one) for one in page.select(".tile-value")][:2] == ["2", "5"]
    assert rows_of(page, "From signing up to watching")[:2] == [["Signed up", "5"], ["With a place", "5"]]
    assert rows_of(page, "Where people live, by their time zone") == [["USA and Canada, Eastern time", "5"]]


def test_period_and_series_leave_out_the_others(editor: CheckedClient) -> None:
    first, other = make_series(title="First"), make_series(title="Other", slug="other")
    over(people=3, series=first)
    over("Two", people=2, series=other)
    page = editor.page("/staff/numbers?series=other")
    assert [text_of(one) for one in page.select(".tile-value")][:2] == ["1", "2"]
    page = editor.page("/staff/numbers?from=2001-01-01&to=2001-12-31")
    assert [text_of(one) for one in page.select(".tile-value")][:2] == ["0", "0"]


@pytest.mark.parametrize("nonsense", ["from=x", "to=9999-99-99", "from=0001-01-01", "to=9999-12-31", "series=none"])
def test_nonsense_in_the_address_is_taken_for_nothing(editor: CheckedClient, nonsense: str) -> None:
    assert editor.page(f"/staff/numbers?{nonsense}")


def test_without_numbers_there_are_words_and_no_pictures(editor: CheckedClient) -> None:
    page = editor.page("/staff/numbers")
    assert page.select("[data-plot]") == []
    assert "No webinar took place in this time." in text_of(page.main)
    make_webinar(starts_in=timedelta(days=-5), now=utc_now())
    page = editor.page("/staff/numbers")
    assert page.select("[data-plot]") == []
    assert "Nobody has signed up." in text_of(page.main)


def test_series_stand_side_by_side_the_one_with_most_sign_ups_first(editor: CheckedClient) -> None:
    first, other = make_series(title="First"), make_series(title="Other", slug="other")
    over(people=1, series=first)
    over("Two", people=2, series=other)
    page = editor.page("/staff/numbers/series")
    assert [text_of(one) for one in page.select("table.stack tbody th")] == ["Other", "First"]


def test_each_picture_is_to_be_had_as_a_file(editor: CheckedClient) -> None:
    webinar = over(people=2)
    for path in ("/staff/numbers", "/staff/numbers/series", f"/staff/webinars/{webinar.slug}/numbers"):
        links = [one["href"] for one in editor.page(path).select(".plot a[href*='.csv']")]
        assert links
        for link in links:
            assert editor.get(link).status_code == 200, link
    table = editor.get("/staff/numbers/regions.csv").data.decode("utf-8-sig")
    assert table.splitlines() == ["Region,People", '"USA and Canada, Eastern time",2']
    assert editor.get("/staff/numbers/nothing.csv").status_code == 404


def test_webinar_shows_what_went_out_above_its_day(editor: CheckedClient) -> None:
    now = utc_now()
    webinar = make_webinar(starts_in=timedelta(days=5), now=now)
    for days in (20, 12, 1):
        make_registration(webinar, f"Person {days}", now=now - timedelta(days=days))
    with transaction():
        outbox.mailing_for(
            notice="reminder", about=f"w{webinar.id}", occasion="0-10080", due_at=now - timedelta(days=12), now=now
        )
    count(webinar)
    page = editor.page(f"/staff/webinars/{webinar.slug}/numbers")
    marked = page.select_one("tr[data-mark]")
    assert marked is not None and marked["data-mark"] == "Reminder, 1 week before"
    assert len(rows_of(page, "Sign-ups by day")) == 21


def test_page_says_that_a_webinar_is_not_counted_yet(editor: CheckedClient) -> None:
    webinar = make_webinar(starts_in=timedelta(days=-5), now=utc_now())
    assert "Not counted yet" in text_of(editor.page(f"/staff/webinars/{webinar.slug}/numbers").main)
    assert "1 webinar is not counted yet" in text_of(editor.page("/staff/numbers").main)


def test_forecast_comes_from_the_webinars_of_the_same_series_that_are_over(editor: CheckedClient) -> None:
    now = utc_now()
    for number in range(3):
        past = make_webinar(starts_in=timedelta(days=-30 * (number + 1)), now=now, title=f"Past {number}")
        for person in range(20):
            days = 20 if person < 10 - number else 2
            make_registration(past, f"Person {person}", now=past.starts_at - timedelta(days=days))
        count(past)
    ahead = make_webinar(starts_in=timedelta(days=10), now=now, capacity=45)
    for person in range(20):
        make_registration(ahead, f"Person {person}", now=now - timedelta(days=1))
    count(ahead)
    text = text_of(editor.page(f"/staff/webinars/{ahead.slug}/numbers").main)
    assert "Between 40 and 50 sign-ups" in text
    assert "45 places: they may not be enough" in text
    assert "the last 3 webinars of this series" in text and "between 40 % and 50 %" in text


@pytest.mark.parametrize(
    ("so_far", "others"),
    [
        (19, [Curve({10: 50})] * 3),
        (20, [Curve({10: 50})] * 2),
        (20, [Curve({10: 19})] * 3),
        (20, [Curve({0: 99, 10: 1})] * 3),
        (20, []),
    ],
)
def test_no_forecast_where_there_is_too_little_to_go_by(so_far: int, others: list[Curve]) -> None:
    assert forecast(so_far, 5, others) is None


def test_forecast_is_the_range_of_what_others_had_by_then() -> None:
    found = forecast(30, 5, [Curve({9: 50, 1: 50}), Curve({9: 60, 1: 40}), Curve({9: 30, 1: 70})])
    assert found is not None
    assert (found.low, found.high, found.alike) == (50, 100, 3)


@pytest.mark.parametrize(
    ("zone", "region"),
    [
        ("America/New_York", "eastern"),
        ("America/Toronto", "eastern"),
        ("America/Chicago", "central"),
        ("America/Phoenix", "mountain"),
        ("America/Los_Angeles", "pacific"),
        ("Pacific/Honolulu", "north-america"),
        ("America/St_Johns", "north-america"),
        ("America/Bogota", "latin-america"),
        ("Europe/Madrid", "europe"),
        ("Australia/Sydney", "oceania"),
        ("UTC", "elsewhere"),
        ("nonsense", "elsewhere"),
    ],
)
def test_region_is_a_part_of_the_world(zone: str, region: str) -> None:
    assert region_of(zone) == region


@pytest.mark.parametrize("path", ["/staff/numbers", "/staff/numbers/series", "/staff/webinars/past-1/numbers"])
def test_pages_cost_the_same_for_any_number_of_webinars_and_people(editor: CheckedClient, path: str) -> None:
    over(people=1)
    editor.page(path)
    db.session.remove()
    few = count_queries(lambda: editor.page(path))
    for number in range(3):
        over(f"More {number}", people=3, series=make_series(title=f"Series {number}"))
    db.session.remove()
    assert count_queries(lambda: editor.page(path)) == few


def test_counting_costs_the_same_for_any_number_of_people(app: Flask) -> None:
    webinar = make_webinar()
    make_registration(webinar)
    count(webinar)
    few = count_queries(lambda: count(webinar))
    for number in range(5):
        make_registration(webinar, f"Person {number}", time_zone="Europe/Madrid", language="es")
    count(webinar)
    assert count_queries(lambda: count(webinar)) == few
