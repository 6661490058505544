"""The visitor's own time without a script: chosen once, remembered, and explained where it may surprise."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask

from tests.factories import make_registration, make_series, make_topic, make_webinar
from tests.support.pages import CheckedClient, parse, text_of
from webinars.core.clock import utc_now
from webinars.registration import links

MARCH = datetime(2027, 3, 1, 15, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _clock() -> object:
    with time_machine.travel(MARCH, tick=False) as traveller:
        yield traveller


@pytest.mark.parametrize("path", ["/", "/series/side-effects", "/topics/immunotherapy", "/webinars/{slug}"])
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_choice_is_offered_wherever_times_are_and_leads_back(
    app: Flask, client: CheckedClient, path: str, prefix: str
) -> None:
    slug = make_webinar(make_series(topic_id=make_topic().id), now=utc_now()).slug
    here = prefix + path.format(slug=slug)
    page = client.page(here)
    link = page.select_one("main a[href*='/time-zone']")
    assert str(link["href"]).startswith(f"{prefix}/time-zone")
    answer = client.submit(client.get(str(link["href"])), "/time-zone", zone="Europe/Madrid")
    assert answer.request.path == here
    assert "(Madrid)" in text_of(parse(answer)), "it shows the times in it"
    assert "(Madrid)" in text_of(client.page(prefix + "/")), "and is remembered"


@pytest.mark.parametrize("page", ["my", "door"])
@pytest.mark.parametrize("prefix", ["", "/es"])
def test_choice_is_offered_on_the_pages_behind_a_link_of_a_letter(
    app: Flask, client: CheckedClient, page: str, prefix: str
) -> None:
    alice = make_registration(make_webinar(now=utc_now()), "Alice")
    link = links.my_url(alice, utc_now()) if page == "my" else links.join_url(alice)
    shown = client.get(prefix + link.removeprefix("http://127.0.0.1:8000"), follow_redirects=True)
    choice = parse(shown).select_one("main a[href*='/time-zone']")
    answer = client.submit(client.get(str(choice["href"])), "/time-zone", zone="Europe/Madrid")
    assert answer.request.path == shown.request.path
    assert "(Madrid)" in text_of(parse(answer))


def test_question_of_the_page_is_kept(app: Flask, client: CheckedClient) -> None:
    make_webinar(now=utc_now())
    link = client.page("/series/side-effects?all=1").select_one("main a[href*='/time-zone']")
    answer = client.submit(client.get(str(link["href"])), "/time-zone", zone="Europe/Madrid")
    assert answer.request.full_path == "/series/side-effects?all=1"


def test_choice_is_taken_back(app: Flask, client: CheckedClient) -> None:
    slug = make_webinar(now=utc_now()).slug
    client.post("/time-zone", data={"zone": "Europe/Madrid"})
    assert "(Madrid)" in text_of(client.page(f"/webinars/{slug}"))
    client.post("/time-zone", data={"zone": ""})
    assert "(Madrid)" not in text_of(client.page(f"/webinars/{slug}"))


@pytest.mark.parametrize(
    ("zone", "words"),
    [
        ("Asia/Tokyo", "That is Sunday for you, in the early hours."),
        ("Australia/Sydney", "That is Sunday morning for you."),
        ("America/Los_Angeles", None),
    ],
)
def test_another_day_is_explained(app: Flask, client: CheckedClient, zone: str, words: str | None) -> None:
    # Saturday at one in the afternoon in New York.
    slug = make_webinar(now=utc_now(), starts_in=timedelta(days=5, hours=3)).slug
    client.set_cookie("tz", zone)
    told = [text_of(one) for one in client.page(f"/webinars/{slug}").select(".facts .time-note")]
    assert told == ([words] if words else [])


def test_clocks_that_change_before_the_webinar_are_explained(app: Flask, client: CheckedClient) -> None:
    soon, later = (make_webinar(now=utc_now(), starts_in=timedelta(days=days)).slug for days in (5, 17))
    client.set_cookie("tz", "Europe/Berlin")
    words = "Clocks change on 14 March in New York. The difference to your time is then 5 hours, today it is 6 hours."
    assert words in text_of(client.page(f"/webinars/{later}"))
    assert "Clocks change" not in text_of(client.page(f"/webinars/{soon}"))
    with time_machine.travel(datetime(2027, 3, 15, 15, 0, tzinfo=UTC), tick=False):
        assert "Clocks change" not in text_of(client.page(f"/webinars/{later}")), "kept pages go stale"


def test_place_says_in_which_zone_its_letters_are(app: Flask, client: CheckedClient) -> None:
    slug = make_webinar(now=utc_now()).slug
    page = client.page(f"/webinars/{slug}")
    client.set_cookie("tz", "Europe/Madrid")
    answer = client.submit(page, "/register", name="Alice", email="a@example.org", time_zone="America/Chicago")
    told = text_of(parse(answer).select_one(".join-sheet"))
    assert (
        "your time (Madrid)" in told and "Your letters and your calendar entry are in Central time (Chicago)." in told
    )


def test_place_at_home_needs_no_words(app: Flask, client: CheckedClient) -> None:
    found = make_webinar(now=utc_now())
    make_registration(found)
    page = client.page(f"/webinars/{found.slug}")
    client.set_cookie("tz", "America/New_York")
    answer = client.submit(page, "/register", name="Bob", email="b@example.org", time_zone="America/New_York")
    assert not parse(answer).select(".join-sheet .time-note")
