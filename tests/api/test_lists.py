"""Long lists: parts that follow each other, and a number of queries that does not grow."""

import pytest

from tests.api.conftest import Program, start_in
from tests.factories import make_registration, make_series, make_video, make_webinar
from tests.support.queries import sent_queries
from webinars.archive.models import CaptionTrack
from webinars.archive.world_models import Standing
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.mail import outbox

LISTS = (
    "/series", "/webinars", "/webinars/one/registrations", "/messages?webinar=one", "/mailings?webinar=one", "/videos",
)  # fmt: skip


def fill(count: int) -> None:
    """Make so many of everything below one webinar."""
    webinar = make_webinar(make_series(), slug="one")
    for number in range(count):
        make_webinar(make_series(title=f"Series {number}"), title=f"Webinar {number}")
        place = make_registration(webinar, f"Person {number}", state="waitlisted")
        video = make_video(webinar, title=f"Video {number}")
        video.tracks.append(CaptionTrack(language="en", vtt="WEBVTT\n", updated_at=utc_now()))
        video.standing = Standing(video_id=video.id, newer_id=video.id)
        db.session.commit()
        with transaction():
            outbox.owe(
                notice="confirmation", subject=place.subject, about=f"w{webinar.id}", occasion="1", now=utc_now()
            )
            outbox.mailing_for(
                notice="reminder", about=f"w{webinar.id}", occasion=str(number), due_at=utc_now(), now=utc_now()
            )


@pytest.mark.parametrize("path", LISTS)
def test_the_number_of_queries_does_not_grow_with_the_list(program: Program, path: str) -> None:
    fill(3)
    program.get(path)
    counts = []
    for limit in (1, 3):
        with sent_queries() as sent:
            shown = program.get(f"{path}{'&' if '?' in path else '?'}limit={limit}")
        assert len(shown["items"]) == limit
        counts.append(len([one for one in sent if one.startswith("SELECT")]))
    assert counts[0] == counts[1]
    assert counts[0] <= 6


@pytest.mark.parametrize("path", LISTS)
def test_parts_follow_each_other_without_gaps_and_repeats(program: Program, path: str) -> None:
    fill(4)
    whole = program.get(path)
    assert whole["next"] is None
    assert len(whole["items"]) >= 4
    assert program.all(path, limit=1) == program.all(path, limit=3) == whole["items"]


def test_who_comes_in_between_is_at_the_end(program: Program, series: str) -> None:
    webinar = make_webinar(slug="one")
    for name in ("Alice", "Bob"):
        make_registration(webinar, name)
    first = program.get("/webinars/one/registrations?limit=1")
    make_registration(webinar, "Charlie")
    rest = program.get(first["next"].partition("/api/v1")[2].replace("limit=1", "limit=9"))
    assert [one["name"] for one in first["items"] + rest["items"]] == ["Alice", "Bob", "Charlie"]


def test_the_next_part_keeps_what_was_asked(program: Program, series: str) -> None:
    for _number in range(2):
        program.post("/webinars", {"series": series, "title": "Trials", "local_start": start_in(9)}, 201)
    following = program.get(f"/webinars?series={series}&state=draft&limit=1")["next"]
    assert following.startswith("http://127.0.0.1:8000/api/v1/webinars?")
    assert {f"series={series}", "state=draft", "limit=1"} <= set(following.partition("?")[2].split("&"))


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "cursor=-1", "cursor=x", f"cursor={10**30}", "page=2"]
)
def test_a_query_that_makes_no_sense_is_refused(program: Program, query: str) -> None:
    assert list(program.get(f"/series?{query}", 422)["errors"]) == [query.partition("=")[0]]
