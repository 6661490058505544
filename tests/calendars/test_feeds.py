from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from sqlalchemy import event

from tests.factories import make_series, make_topic, make_webinar
from webinars.core.clock import utc_now
from webinars.core.database import db


def events(response) -> list[icalendar.Event]:
    assert response.status_code == 200
    return icalendar.Calendar.from_ical(response.data).events


def soon(series=None, **fields):
    return make_webinar(series, now=utc_now(), **fields)


def count_queries(deed) -> int:
    statements: list[str] = []

    def listen(*args):
        statements.append(args[2])

    event.listen(db.engine, "before_cursor_execute", listen)
    deed()
    event.remove(db.engine, "before_cursor_execute", listen)
    return len(statements)


def test_webinar_file_is_a_public_entry_without_the_way_in(client):
    webinar = soon(capacity=10)
    response = client.get(f"/webinars/{webinar.slug}/calendar.ics")
    [entry] = events(response)
    assert response.content_type == "text/calendar; charset=utf-8" and "Set-Cookie" not in response.headers
    assert entry["UID"] == webinar.uid and entry["SUMMARY"] == webinar.title
    assert entry["URL"] == f"http://127.0.0.1:8000/webinars/{webinar.slug}"
    for secret in ("meet.example.org", "1-800-555-0142", "4471", "/r/", "ATTENDEE", "CONFERENCE"):
        assert secret not in response.text.replace("\r\n ", "")


def test_webinar_file_of_a_draft_or_of_nothing_is_not_found(client):
    draft = soon(state="draft", published_at=None)
    never_seen = soon(state="cancelled", published_at=None)
    for slug in (draft.slug, never_seen.slug, "nothing"):
        assert client.get(f"/webinars/{slug}/calendar.ics").status_code == 404


def test_feed_keeps_a_cancelled_webinar_and_says_so(client):
    webinar = soon(state="cancelled", sequence=3)
    [entry] = events(client.get("/calendar.ics"))
    assert entry["STATUS"] == "CANCELLED" and entry["SEQUENCE"] == 3
    assert entry["SUMMARY"] == f"Cancelled: {webinar.title}" and entry["UID"] == webinar.uid


def test_feed_leaves_out_drafts_and_what_is_long_over(client):
    make_webinar(now=utc_now(), starts_in=timedelta(days=-90))
    soon(state="draft", published_at=None)
    recent = make_webinar(now=utc_now(), starts_in=timedelta(days=-9))
    ahead = soon()
    assert [str(entry["UID"]) for entry in events(client.get("/calendar.ics"))] == [recent.uid, ahead.uid]


def test_series_and_topic_feeds_hold_their_own_webinars_only(client):
    topic = make_topic()
    mine, other = make_series(title="Mine", topic_id=topic.id), make_series(title="Other")
    webinar = soon(mine)
    soon(other)
    for address in ("/series/mine/calendar.ics", f"/topics/{topic.slug}/calendar.ics"):
        response = client.get(address)
        assert [str(entry["UID"]) for entry in events(response)] == [webinar.uid]
    assert icalendar.Calendar.from_ical(client.get("/series/mine/calendar.ics").data)["X-WR-CALNAME"].startswith(
        "Mine – "
    )
    assert client.get("/series/none/calendar.ics").status_code == 404
    assert client.get("/topics/none/calendar.ics").status_code == 404


def test_feed_answers_304_until_something_changes(client):
    webinar = soon()
    first = client.get("/calendar.ics")
    etag = first.headers["ETag"]
    assert "max-age" in first.headers["Cache-Control"]
    again = client.get("/calendar.ics", headers={"If-None-Match": etag})
    assert again.status_code == 304 and not again.data
    webinar.title, webinar.sequence, webinar.updated_at = "Another title", 1, datetime(2026, 11, 23, tzinfo=UTC)
    db.session.commit()
    changed = client.get("/calendar.ics", headers={"If-None-Match": etag})
    assert changed.status_code == 200 and changed.headers["ETag"] != etag


def test_feed_speaks_the_language_of_its_address(client):
    soon()
    [entry] = events(client.get("/es/calendar.ics"))
    assert "/es/webinars/" in entry["URL"]


@pytest.mark.parametrize("address", ["/calendar.ics", "/series/side-effects/calendar.ics"])
def test_feed_asks_the_same_number_of_queries_for_any_number_of_webinars(client, address):
    counts = []
    for more in (1, 2):
        for _ in range(more):
            soon()
        db.session.remove()
        counts.append(count_queries(lambda: client.get(address)))
    assert counts[0] == counts[1] > 0
