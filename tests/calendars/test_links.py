from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from tests.calendars.test_entries import ENTRY
from webinars.calendars.links import LONGEST, add_to_calendar


def fields(number: int, entry=ENTRY) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(add_to_calendar(entry)[number].url).query).items()}


def test_four_services_are_offered():
    assert [link.name for link in add_to_calendar(ENTRY)] == [
        "Google Calendar",
        "Outlook.com",
        "Office 365",
        "Yahoo Calendar",
    ]


def test_google_link_has_utc_times_and_the_organisers_zone():
    assert fields(0)["dates"] == "20261203T180000Z/20261203T191500Z"
    assert fields(0)["ctz"] == "America/New_York" and fields(0)["text"] == ENTRY.title


def test_outlook_links_differ_by_host_only():
    personal, work = (urlsplit(add_to_calendar(ENTRY)[number].url) for number in (1, 2))
    assert (personal.netloc, work.netloc) == ("outlook.live.com", "outlook.office.com")
    assert personal.query == work.query and fields(1)["startdt"] == "2026-12-03T18:00:00Z"


def test_yahoo_link_says_the_end():
    assert (fields(3)["st"], fields(3)["et"]) == ("20261203T180000Z", "20261203T191500Z")


def test_spaces_are_never_plus_signs():
    assert all("+" not in link.url for link in add_to_calendar(replace(ENTRY, title="a b+c")))
    assert fields(1, replace(ENTRY, title="a b+c"))["subject"] == "a b+c"


def test_long_description_is_shortened_until_the_address_fits():
    links = add_to_calendar(replace(ENTRY, description="ñandú " * 2000))
    assert all(len(link.url) <= LONGEST for link in links)
    assert "%C3%B1and" in links[0].url
