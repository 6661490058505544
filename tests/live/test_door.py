"""The door to the room: who gets in, when, and what a link alone can do."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from flask import Flask

from tests.factories import NOW, make_registration, make_webinar
from tests.support.pages import CheckedClient, text_of
from webinars.core.database import db
from webinars.live.models import Attendance
from webinars.live.rules import Door, door
from webinars.registration import links
from webinars.registration.models import Registration


def door_of(registration: Registration) -> str:
    return links.join_url(registration).removeprefix("http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("minutes", "found"),
    [(-31, Door.EARLY), (-30, Door.OPEN), (0, Door.OPEN), (89, Door.OPEN), (91, Door.OVER)],
)
def test_door_opens_half_an_hour_before_and_closes_half_an_hour_after(app: Flask, minutes: int, found: Door) -> None:
    webinar = make_webinar(duration_minutes=60)
    alice = make_registration(webinar, "Alice")
    assert door(alice, webinar.starts_at + timedelta(minutes=minutes)) is found


@pytest.mark.parametrize(
    ("fields", "found"),
    [
        ({"state": "waitlisted"}, Door.WAITING),
        ({"state": "cancelled"}, Door.PLACE_CANCELLED),
        ({"state": "recording-only"}, Door.RECORDING_ONLY),
    ],
)
def test_door_stays_closed_without_a_seat(app: Flask, fields: dict[str, str], found: Door) -> None:
    webinar = make_webinar()
    assert door(make_registration(webinar, "Alice", **fields), webinar.starts_at) is found


def test_opening_the_link_counts_nobody_and_shows_no_room(app: Flask, client: CheckedClient) -> None:
    webinar = make_webinar()
    path = door_of(make_registration(webinar, "Alice"))
    with time_machine.travel(webinar.starts_at, tick=False):
        page = client.get(path)
    assert webinar.join_url not in page.get_data(as_text=True)
    assert page.headers["Cache-Control"] == "no-store"
    assert db.session.query(Attendance).count() == 0


def test_door_that_is_still_shut_says_when_it_opens_in_both_times(app: Flask, client: CheckedClient) -> None:
    starts_in = datetime(2026, 11, 26, 20, 0, tzinfo=ZoneInfo("America/New_York")) - NOW
    path = door_of(make_registration(make_webinar(starts_in=starts_in), "Alice"))
    client.set_cookie("tz", "Europe/Berlin")
    with time_machine.travel(NOW, tick=False):
        words = text_of(client.page(path).select_one(".notice"))
    assert "It opens on Thursday 26 November 2026 at 7:30 pm Eastern time, in 4 days." in words
    assert "Friday 1:30 am your time (Berlin)" in words and "Come back with the same link." in words


@pytest.mark.parametrize(("recorded", "promised"), [(True, True), (False, False)])
def test_door_afterwards_promises_only_a_recording_that_is_made(
    app: Flask, client: CheckedClient, recorded: bool, promised: bool
) -> None:
    webinar = make_webinar(recorded=recorded)
    ends_at, path = webinar.ends_at, door_of(make_registration(webinar, "Alice"))
    with time_machine.travel(ends_at + timedelta(days=1), tick=False):
        words = text_of(client.page(path).select_one(".notice"))
    assert "This webinar is over" in words and ("when the recording is there" in words) is promised


def test_pressing_join_leads_to_the_room_and_counts_once(app: Flask, client: CheckedClient) -> None:
    webinar = make_webinar()
    room, starts_at, path = webinar.join_url, webinar.starts_at, door_of(make_registration(webinar, "Alice"))
    with time_machine.travel(starts_at, tick=False):
        for _ in range(2):
            answer = client.submit(client.page(path), "/join", "Join now")
    assert room in answer.headers["Refresh"]
    assert db.session.query(Attendance).count() == 1


def test_link_for_managing_opens_no_door(app: Flask, client: CheckedClient) -> None:
    alice = make_registration(make_webinar(), "Alice")
    manage = links.token_for(links.MANAGE, alice)
    assert "not valid" in text_of(client.page(f"/r/{manage}/join", 404))


def test_refused_link_is_as_private_as_a_good_one(app: Flask) -> None:
    answer = app.test_client().get("/r/nonsense/join")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (404, "no-store")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer.headers["X-Robots-Tag"]


def test_room_address_beyond_ascii_opens_the_door_too(app: Flask, client: CheckedClient) -> None:
    webinar = make_webinar(join_url="https://meet.example.org/räume/→?a=1")
    alice = make_registration(webinar, "Alice")
    with time_machine.travel(webinar.starts_at, tick=False):
        answer = client.submit(client.page(door_of(alice)), "/join")
    assert answer.status_code == 200
    assert answer.headers["Refresh"].isascii()
