"""The visitor's own time, told by the browser or chosen by hand."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser

#: at one o'clock in New York
WEBINAR = "/webinars/clinical-trials-and-immunotherapy"


def test_the_browsers_own_time_appears_on_the_first_visit_and_the_next(open_page: Open) -> None:
    page = open_page(WEBINAR, timezone_id="America/Los_Angeles")
    expect(page.locator(".facts").get_by_text("10:00 am your time (Los Angeles)")).to_be_visible()
    page.reload()
    expect(page.locator(".facts").get_by_text("10:00 am your time (Los Angeles)")).to_be_visible()
    page.goto("/")
    expect(page.get_by_text("10:00 am your time (Los Angeles)").first).to_be_visible()
    assert page.context.cookies() == [], "who only reads gets no cookie"


def test_another_day_over_there_is_named(open_page: Open) -> None:
    page = open_page(WEBINAR, timezone_id="Asia/Tokyo")
    told = page.locator(".facts .your-time")
    expect(told).to_contain_text("3:00 am your time (Tokyo)")
    first = told.text_content() or ""
    assert first.strip()[:3] in {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}


def test_the_same_time_is_not_said_twice(open_page: Open) -> None:
    page = open_page(WEBINAR, timezone_id="America/New_York")
    expect(page.locator(".facts")).not_to_contain_text("your time")


def test_a_visitor_in_the_organisers_zone_reads_that_it_is_theirs(open_page: Open) -> None:
    page = open_page(WEBINAR, timezone_id="America/New_York")
    for _visit in ("first", "second"):
        expect(page.locator(".facts .your-time")).to_be_visible()
        expect(page.locator(".facts .your-time")).to_have_text("Your clock shows the same.")
        page.reload()


def test_without_script_no_line_is_left_blank(open_page: Open) -> None:
    page = open_page(WEBINAR, java_script_enabled=False)
    expect(page.locator(".facts .your-time")).to_be_hidden()


def test_registration_carries_the_browsers_zone_into_page_and_letter(open_page: Open) -> None:
    page = open_page(WEBINAR, timezone_id="America/Denver")
    page.get_by_label("Your name").fill("Denny Mountain")
    page.get_by_label("Email address").fill("denny@example.org")
    page.get_by_role("button", name="Register").click()
    expect(page.locator(".join-sheet")).to_contain_text("11:00 am – 12:15 pm Mountain time")


def test_a_zone_is_chosen_by_hand_without_script(open_page: Open) -> None:
    page = open_page(WEBINAR, java_script_enabled=False, timezone_id="America/New_York")
    expect(page.locator(".facts")).not_to_contain_text("Madrid")
    page.get_by_role("link", name="Times in another zone?").click()
    page.get_by_label("Time zone").select_option("Europe/Madrid")
    page.get_by_role("button", name="Use this zone").click()
    expect(page).to_have_url(f"{page.url.partition('/webinars')[0]}{WEBINAR}")
    expect(page.locator(".facts")).to_contain_text("7:00 pm your time (Madrid)")
    page.get_by_role("link", name="Times in another zone?").click()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Madrid")
