from datetime import UTC, datetime, timedelta

import icalendar
import pytest

from tests.factories import make_series, make_topic, make_webinar
from tests.support.queries import count_queries
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.schedule import service as schedule
from webinars.schedule.models import Webinar


def events(response) -> list[icalendar.Event]:
    assert response.status_code == 200
    return icalendar.Calendar.from_ical(response.data).events


def soon(series=None, **fields):
    return make_webinar(series, now=utc_now(), **fields)


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


FEEDS = ["/calendar.ics", "/series/side-effects/calendar.ics", "/topics/immunotherapy/calendar.ics"]


@pytest.fixture
def topic(app):
    """Make a topic with a series that has a webinar ahead and one that was called off."""
    series = make_series(topic_id=make_topic().id, summary="All about side effects.")
    soon(series, title="Ahead; with, signs")
    soon(series, state="cancelled", sequence=1)


@pytest.mark.parametrize("address", FEEDS)
def test_feed_keeps_to_the_rules_of_subscribed_calendars(client, topic, address):
    response = client.get(address)
    whole = icalendar.Calendar.from_ical(response.data)
    assert response.content_type == "text/calendar; charset=utf-8"
    assert "Set-Cookie" not in response.headers and "Vary" not in response.headers
    assert whole["METHOD"] == "PUBLISH" and whole["NAME"] == whole["X-WR-CALNAME"]
    assert whole["DESCRIPTION"] == whole["X-WR-CALDESC"] != ""
    assert whole["REFRESH-INTERVAL"].params["VALUE"] == "DURATION" and whole["X-PUBLISHED-TTL"] == "PT4H"
    lines = response.data.decode().replace("\r\n ", "").split("\r\n")
    assert not [line for line in lines if line.startswith(("ATTENDEE", "BEGIN:VALARM", "CONFERENCE"))]
    # A zone that is named must be described; instants in UTC name none.
    assert "TZID" not in response.text and "BEGIN:VTIMEZONE" not in response.text
    assert len(whole.events) == len({str(one["UID"]) for one in whole.events}) == 2
    for one in whole.events:
        assert one["DTSTART"].to_ical().endswith(b"Z") and one["DTEND"].to_ical().endswith(b"Z")


@pytest.mark.parametrize("address", [*FEEDS, "/webinars/{slug}/calendar.ics"])
def test_feed_is_sent_once_and_then_only_when_it_changed(client, topic, address):
    webinar = db.session.query(Webinar).filter_by(state="published").one()
    address = address.format(slug=webinar.slug)
    first = client.get(address)
    for ask in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        again = client.get(address, headers=ask)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"] and again.headers["Cache-Control"]
    webinar.title, webinar.updated_at = "Another title", utc_now() + timedelta(seconds=2)
    db.session.commit()
    for ask in ({"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}):
        assert client.get(address, headers=ask).status_code == 200


@pytest.mark.parametrize("address", FEEDS)
def test_feed_tells_without_its_body_what_it_would_tell_with_it(client, topic, address):
    whole, head = client.get(address), client.head(address)
    assert head.status_code == 200 and not head.data
    for name in ("Content-Type", "ETag", "Last-Modified", "Cache-Control", "Content-Disposition"):
        assert head.headers[name] == whole.headers[name]


def test_webinar_called_off_keeps_its_place_in_the_feed_under_a_higher_number(client):
    webinar = soon()
    [before] = events(client.get("/calendar.ics"))
    with transaction():
        schedule.cancel_webinar(db.session.get(Webinar, webinar.id), "The speaker is ill.", utc_now())
    [after] = events(client.get("/calendar.ics"))
    assert after["UID"] == before["UID"] and after["SEQUENCE"] == before["SEQUENCE"] + 1
    assert after["STATUS"] == "CANCELLED" and str(after["SUMMARY"]) == f"Cancelled: {before['SUMMARY']}"


@pytest.mark.parametrize(
    ("page", "feed"),
    [
        ("/", "/calendar.ics"),
        ("/series/side-effects", "/series/side-effects/calendar.ics"),
        ("/topics/immunotherapy", "/topics/immunotherapy/calendar.ics"),
        ("/es/series/side-effects", "/es/series/side-effects/calendar.ics"),
    ],
)
def test_page_offers_to_subscribe_and_the_bare_address(client, topic, page, feed):
    links = {str(link["href"]) for link in client.page(page).find_all("a")}
    assert {f"webcal://127.0.0.1:8000{feed}", f"http://127.0.0.1:8000{feed}"} <= links
