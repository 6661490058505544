"""Counting what is watched without knowing who watches."""

import csv
import io
from datetime import timedelta

import pytest

from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, text_of
from tests.support.queries import count_queries
from webinars.archive import counting, numbers
from webinars.archive.world_models import Count
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.pace import Pace

PAGE = "/videos/when-to-call-your-care-team"
OURS = {"Origin": "http://127.0.0.1:8000", "Sec-Fetch-Site": "same-origin"}


def tell(client: CheckedClient, what: str = "start", path: str = PAGE, **headers: str) -> int:
    name, _colon, tenth = what.partition(":")
    return client.post(path + "/played", data={"what": name, "tenth": tenth}, headers=OURS | headers).status_code


def counted() -> dict[tuple[str, str], int]:
    db.session.expire_all()
    return {(row.language, row.what): row.number for row in db.session.query(Count)}


def test_plays_minutes_and_stops_are_counted_by_language(client: CheckedClient) -> None:
    make_video()
    for what in ("start", "minute", "minute", "stop:3"):
        assert tell(client, what) == 204
    assert tell(client, "start", "/es" + PAGE) == 204
    assert counted() == {("en", "start"): 1, ("en", "minute"): 2, ("en", "stop3"): 1, ("es", "start"): 1}


def test_answer_leaves_nothing_behind(client: CheckedClient) -> None:
    make_video()
    answer = client.post(PAGE + "/played", data={"what": "start"}, headers=OURS)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert {column.name for column in Count.__table__.columns} == {"video_id", "day", "language", "what", "number"}


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_who_asks_not_to_be_followed_is_not_counted(client: CheckedClient, header: str) -> None:
    make_video()
    assert tell(client, **{header: "1"}) == 204
    assert counted() == {}


@pytest.mark.parametrize("headers", [{"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_pages_of_other_sites_count_nothing(client: CheckedClient, headers: dict[str, str]) -> None:
    make_video()
    assert tell(client, **headers) == 403
    assert client.post(PAGE + "/played", data={"what": "start"}).status_code == 403
    assert counted() == {}


@pytest.mark.parametrize("what", ["", "stop", "stop:10", "stop:x", "stop:-1", "visitor", "x" * 5000])
def test_nonsense_is_refused(client: CheckedClient, what: str) -> None:
    make_video()
    assert tell(client, what) == 400
    assert counted() == {}


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_what_is_not_public_is_not_counted(client: CheckedClient, state: str) -> None:
    make_video(state=state)
    assert tell(client) == 204
    assert tell(client, path="/videos/none") == 204
    assert counted() == {}


def test_one_process_counts_no_faster_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(counting, "_pace", Pace(3, 3600, longest=timedelta(seconds=1)))
    assert [counting.has_room(NOW) for _time in range(50)].count(True) == 3
    assert counting.has_room(NOW + timedelta(seconds=3))


def test_staff_see_plot_table_and_file(staff: CheckedClient, client: CheckedClient) -> None:
    make_video()
    for what in ("start", "minute", "stop:9"):
        tell(client, what)
    page = staff.page(f"/staff{PAGE}/numbers")
    days, stops = page.select("figure[data-plot]")
    assert [cell["data-value"] for cell in days.select("tbody tr")[-1].select("td")] == ["1", "1"]
    assert [cell["data-value"] for cell in stops.select("tbody td")] == ["0"] * 9 + ["1"]
    assert "/embed" in page.select_one("#frame-code").get_text()
    sheet = staff.get(f"/staff{PAGE}/numbers.csv")
    rows = list(csv.reader(io.StringIO(sheet.get_data(as_text=True).removeprefix("\ufeff"))))
    assert rows[0] == ["day", "language", "what", "number"]
    assert [row[1:] for row in rows[1:]] == [["en", "minute", "1"], ["en", "start", "1"], ["en", "stop9", "1"]]


def test_overview_begins_with_what_is_watched_most(staff: CheckedClient) -> None:
    now = utc_now()
    for title, minutes, ago in (("Little", 1, 0), ("Much", 9, 0), ("Long ago", 99, 200)):
        video = make_video(title=title)
        with transaction():
            for _minute in range(minutes):
                counting.count(video.id, "minute", "en", now - timedelta(days=ago))
    rows = staff.page("/staff/video-numbers").select("table.stack tbody tr")
    assert [text_of(row) for row in rows] == ["Much 0 9", "Little 0 1"]
    assert len(staff.page("/staff/video-numbers?days=365").select("table.stack tbody tr")) == 3


def test_overview_asks_as_often_for_many_videos_as_for_one(app: object) -> None:
    counts = []
    for number in range(3):
        video = make_video(title=f"Talk {number}")
        with transaction():
            counting.count(video.id, "start", "en", NOW)
        counts.append(count_queries(lambda: numbers.most_watched(NOW.date(), 1)))
    assert len(set(counts)) == 1


def test_privacy_page_says_what_is_counted(client: CheckedClient) -> None:
    assert "how many minutes each video is watched" in text_of(client.page("/privacy"))
