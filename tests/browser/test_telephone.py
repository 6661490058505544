"""Ten minutes before the start, alone, with a telephone: by touch at 360 pixels, with a script and without."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Open
from tests.factories import make_registration, make_webinar
from tests.support.browser import AXE_COLOURS, AXE_RULES, Site, sideways, violations
from webinars.core.clock import utc_now

pytestmark = pytest.mark.browser

TELEPHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
BOTH = pytest.mark.parametrize("script", [True, False], ids=["with-script", "without-script"])
#: of what is at hand, each wide and high enough for a thumb
SMALLEST = """() => Math.min(...[...document.querySelectorAll('.next-up :is(.btn, input:not([type=hidden]))')]
  .map(one => one.getBoundingClientRect()).flatMap(box => [box.width, box.height]))"""


@pytest.fixture(scope="session")
def soon(site: Site) -> str:
    """Make a webinar that begins in a moment, with people who may call; give the path of its page."""
    with site.app.app_context():
        webinar = make_webinar(now=utc_now(), starts_in=timedelta(minutes=3), title="Fatigue and sleep")
        for name in ("Vera Voss", "Walter Voss", "Zenobia Ruiz"):
            make_registration(webinar, name, now=utc_now())
        return f"/staff/webinars/{webinar.slug}"


@BOTH
def test_room_is_changed_with_one_short_form(open_staff_page: Open, soon: str, script: bool) -> None:
    page = open_staff_page(soon, java_script_enabled=script, **TELEPHONE)
    page.get_by_role("link", name="Change how to join").tap()
    page.get_by_label("Join link").fill(f"https://meet.example.org/other-{script}")
    page.get_by_role("button", name="Save").tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Fatigue and sleep")
    expect(page.locator("main")).to_contain_text("everybody who has a place is told")


@BOTH
def test_caller_is_found_and_told_how_to_come_in(open_staff_page: Open, soon: str, script: bool) -> None:
    page = open_staff_page(soon, java_script_enabled=script, **TELEPHONE)
    page.get_by_label("Somebody calls?").fill("zenob")
    page.get_by_role("button", name="Find", exact=True).last.tap()
    expect(page.get_by_role("heading", level=1)).to_have_text("Zenobia Ruiz")
    expect(page.get_by_label("Tell them now")).to_contain_text("4471")
    text = page.get_by_role("link", name="Send it as a text message")
    assert (text.get_attribute("href") or "").startswith("sms:?&body=")


def test_of_several_callers_the_list_is_in_sight(open_staff_page: Open, soon: str) -> None:
    page = open_staff_page(soon, **TELEPHONE)
    page.get_by_label("Somebody calls?").fill("voss")
    page.get_by_role("button", name="Find", exact=True).last.tap()
    expect(page.get_by_role("link", name="Vera Voss")).to_be_in_viewport()


@BOTH
def test_everybody_is_written_to_with_ready_words(open_staff_page: Open, soon: str, script: bool) -> None:
    page = open_staff_page(soon, java_script_enabled=script, **TELEPHONE)
    page.get_by_role("link", name="Write to everybody").tap()
    page.get_by_role("link", name="We begin later").tap()
    expect(page.get_by_label("Subject in English")).to_have_value("We begin 10 minutes later")
    page.get_by_role("button", name="Save the draft").tap()
    expect(page.get_by_label("Date")).to_be_hidden()
    page.get_by_role("button", name="Send to 3 people").tap()
    expect(page.locator("main")).to_contain_text("It is on its way.")


def test_day_and_time_of_a_letter_show_once_it_goes_later(open_staff_page: Open, soon: str) -> None:
    page = open_staff_page(f"{soon}/announcements/new?ready=thanks", **TELEPHONE)
    page.get_by_role("button", name="Save the draft").tap()
    page.get_by_label("Later").check()
    expect(page.get_by_label("Date")).to_be_visible()


def test_what_is_at_hand_is_large_enough_and_nothing_runs_sideways(open_staff_page: Open, soon: str) -> None:
    page = open_staff_page(soon, **TELEPHONE)
    assert page.evaluate(SMALLEST) >= 44
    for path in (soon, f"{soon}/joining", f"{soon}/announcements/new?ready=later", f"{soon}/registrations?q=v"):
        for width in (320, 360):
            page.set_viewport_size({"width": width, "height": 740})
            page.goto(path)
            assert sideways(page) <= 0, (path, width)
    page.goto(soon)
    for scheme, asked in (("light", AXE_RULES), ("dark", AXE_COLOURS)):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        assert violations(page, asked) == [], scheme


def test_number_of_who_came_is_asked_for_again(open_staff_page: Open, soon: str) -> None:
    page = open_staff_page(soon, **TELEPHONE)
    expect(page.locator(".came")).to_contain_text("0 of 3 came in")
    with page.expect_response(re.compile("/came$")):
        page.locator(".came").evaluate(
            "line => htmx.ajax('GET', line.dataset.hxGet, {target: line, swap: 'outerHTML'})"
        )
    expect(page.locator(".came")).to_have_count(1)


def test_step_is_ticked_by_keyboard_and_the_focus_stays(open_staff_page: Open, soon: str) -> None:
    page = open_staff_page(soon)
    page.locator("#tick-letters").focus()
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Open again: Letters looked at")).to_be_focused()
    # What htmx put there listens once it has settled; until then a button sends its form by itself.
    expect(page.locator(".htmx-settling")).to_have_count(0)
    page.keyboard.press("Space")
    expect(page.get_by_role("button", name="Tick: Letters looked at")).to_be_focused()


def test_headings_that_sort_show_when_the_focus_reaches_them_on_a_narrow_screen(
    open_staff_page: Open, soon: str
) -> None:
    page = open_staff_page(f"{soon}/registrations?q=v", **TELEPHONE)
    heading = page.locator("thead a").first
    assert (page.locator("thead").bounding_box() or {"height": 0})["height"] <= 1
    heading.focus()
    box = heading.bounding_box()
    assert box and box["width"] > 20 and box["height"] >= 24
