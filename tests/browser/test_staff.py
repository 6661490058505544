"""Staff in a real browser: signing in, scheduling, an hour that does not exist, publishing."""

from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.support.browser import OWNER, PASSWORD
from webinars.core.clock import utc_now

pytestmark = pytest.mark.browser

DRAWN = """canvas => canvas.width > 100 &&
  canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)"""


def _second_sunday_of_march() -> str:
    """Give the day on which an hour is missing in New York."""
    first = datetime(utc_now().year + 1, 3, 1)
    return (first + timedelta(days=(6 - first.weekday()) % 7 + 7)).date().isoformat()


def test_a_wrong_password_is_refused_and_the_right_one_leads_where_one_wanted(open_page: Open) -> None:
    page = open_page("/staff/webinars")
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill("something else")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Email").fill(OWNER)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Webinars")
    page.get_by_role("button", name="Sign out").click()
    page.goto("/staff/webinars")
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()


def test_scheduling_refuses_an_hour_that_does_not_exist_and_keeps_the_rest(open_staff_page: Open) -> None:
    page, day = open_staff_page("/staff/webinars/new"), _second_sunday_of_march()
    page.get_by_label("Title").fill("Sleep, and the lack of it")
    page.get_by_label("Series", exact=True).select_option("side-effects")
    page.get_by_label("Date").fill(day)
    page.get_by_label("Start time").fill("02:30")
    page.get_by_label("Time zone").select_option("America/New_York")
    page.get_by_label("Join link").fill("https://meet.example.org/sleep")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("alert")).to_contain_text("does not exist")
    expect(page.get_by_label("Join link")).to_have_value("https://meet.example.org/sleep")
    page.get_by_label("Start time").fill("13:00")
    page.get_by_role("button", name="Save the draft").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Sleep, and the lack of it")
    page.get_by_role("link", name="Publish").first.click()
    page.get_by_role("button", name="Publish now").click()
    expect(page.get_by_role("status")).to_contain_text("People can find it")
    page.goto("/series/side-effects")
    page.get_by_role("link", name="Sleep, and the lack of it").click()
    expect(page.locator(".facts")).to_contain_text("1:00 – 2:00 pm Eastern time")


def test_chosen_series_brings_its_zone_at_once_and_never_over_what_somebody_chose(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/webinars/new")
    series, zone = page.get_by_label("Series", exact=True), page.get_by_label("Time zone")
    expect(zone).to_have_value("America/New_York")
    series.select_option("side-effects")
    expect(zone).to_have_value("America/Chicago")
    zone.select_option("America/New_York")
    series.select_option("clinical-trials")
    series.select_option("side-effects")
    page.get_by_label("Title").fill("Tired, and then?")
    page.get_by_label("Date").fill(f"{utc_now().year + 1}-06-03")
    page.get_by_label("Start time").fill("13:00")
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_role("main")).to_contain_text("Eastern time")


def test_chosen_series_brings_its_zone_and_length_to_several_webinars(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/webinars/many")
    zone, length = page.get_by_label("Time zone"), page.get_by_label("Length in minutes")
    length.fill("35")
    page.get_by_label("Series", exact=True).select_option("side-effects")
    expect(zone).to_have_value("America/Chicago")
    expect(length).to_have_value("35")


def test_speaker_who_was_added_beside_a_form_can_be_chosen_in_it_and_what_was_chosen_stays(
    open_staff_page: Open,
) -> None:
    page = open_staff_page("/staff/webinars/new")
    places = page.locator("#speakers select")
    places.first.select_option(index=1)
    chosen = places.first.input_value()
    with page.expect_popup() as beside:
        page.get_by_role("link", name="Add a speaker").click()
    added = beside.value
    added.get_by_label("Name", exact=True).fill("Dr. Newly Added")
    added.get_by_role("button", name="Save").click()
    expect(added.get_by_role("status")).to_contain_text("Lists of speakers have this name now")
    added.close()
    # A browser without windows never takes the focus from a page.
    for _time in range(2):
        with page.expect_response("**/staff/speakers/choices"):
            page.evaluate("window.dispatchEvent(new Event('focus'))")
    for place in (places.first, places.last):
        expect(place.locator("option", has_text="Dr. Newly Added")).to_have_count(1)
    places.last.select_option(label="Dr. Newly Added")
    expect(places.first).to_have_value(chosen)


def test_plot_is_drawn_and_stands_beside_its_table(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/webinars/immunotherapy-and-side-effects")
    assert page.locator("canvas").first.evaluate(DRAWN)
    page.get_by_text("As a table").first.click()
    expect(page.locator(".plot table")).to_be_visible()


def test_menu_opens_on_a_phone_without_script(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/", viewport={"width": 360, "height": 740}, java_script_enabled=False)
    mail = page.get_by_role("navigation").get_by_role("link", name="Mail")
    expect(mail).to_be_hidden()
    page.get_by_text("Menu").click()
    mail.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Mail")
