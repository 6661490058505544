from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from tests.calendars.test_entries import ENTRY
from webinars.calendars.links import LONGEST, add_to_calendar, webcal


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


def test_address_in_a_description_is_whole_or_left_out():
    address = "https://w.example/r/" + "t" * 200 + "/join"
    for before in range(0, 2000, 90):
        links = add_to_calendar(replace(ENTRY, description=f"{'word ' * (before // 5)}Join: {address} and more " * 2))
        body = fields(1, replace(ENTRY, description=f"{'word ' * (before // 5)}Join: {address} and more " * 2))["body"]
        assert all(len(link.url) <= LONGEST for link in links)
        assert [word for word in body.split() if word.startswith("http")] in ([], [address], [address, address])


def test_long_title_is_shortened_when_there_is_nothing_else_to_leave_out():
    links = add_to_calendar(replace(ENTRY, title="免疫療法 " * 60, description=""))
    assert all(len(link.url) <= LONGEST for link in links)
    assert fields(0, replace(ENTRY, title="免疫療法 " * 60))["text"].startswith("免疫療法")


def test_times_zone_and_path_are_written_as_each_service_reads_them():
    google, outlook, office, yahoo = (link.url for link in add_to_calendar(ENTRY))
    assert google.startswith("https://calendar.google.com/calendar/render?action=TEMPLATE&text=")
    assert "&dates=20261203T180000Z%2F20261203T191500Z&" in google and "&ctz=America%2FNew_York" in google
    for url, host in ((outlook, "outlook.live.com"), (office, "outlook.office.com")):
        assert url.startswith(
            f"https://{host}/calendar/deeplink/compose?path=%2Fcalendar%2Faction%2Fcompose&rru=addevent"
        )
        assert "&startdt=2026-12-03T18%3A00%3A00Z&enddt=2026-12-03T19%3A15%3A00Z&subject=" in url
    assert yahoo.startswith("https://calendar.yahoo.com/?v=60&title=") and "&et=20261203T191500Z&desc=" in yahoo


def test_subscribing_has_its_own_scheme():
    assert webcal("https://w.example/calendar.ics") == "webcal://w.example/calendar.ics"
    assert webcal("http://127.0.0.1:8000/calendar.ics") == "webcal://127.0.0.1:8000/calendar.ics"
