"""Registering in a real browser: by keyboard alone, without scripts, with mistakes."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.browser.people import People
from tests.support.browser import Site, Watch, sideways, violations
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.registration.questions import service as questions
from webinars.schedule.queries import get_webinar

pytestmark = pytest.mark.browser

OPEN = "/webinars/clinical-trials-and-immunotherapy"
FULL = "/webinars/is-a-trial-right-for-me"
#: a card's title draws its ring around the whole card
OUTLINED = """() => {
  const focused = document.activeElement;
  return focused === document.body || [focused, ...focused.querySelectorAll('*')].some(one =>
    ['', '::after'].some(part => getComputedStyle(one, part || null).outlineStyle === 'solid'));
}"""


def _focused(page: Page) -> str:
    """Give the words of what has the focus."""
    return str(page.evaluate("(document.activeElement.labels?.[0] ?? document.activeElement).textContent.trim()"))


def _tab_to(page: Page, words: str) -> None:
    for _step in range(60):
        page.keyboard.press("Tab")
        if words in _focused(page):
            return
    raise AssertionError(f"the keyboard does not reach {words}")


def test_registering_needs_the_keyboard_alone(open_page: Open) -> None:
    page = open_page("/")
    page.keyboard.press("Tab")
    assert _focused(page) == "Skip to the content"
    page.keyboard.press("Enter")
    _tab_to(page, "Clinical Trials & Immunotherapy")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{OPEN}")
    _tab_to(page, "Your name")
    page.keyboard.type("Keira Board")
    page.keyboard.press("Tab")
    assert _focused(page) == "Email address"
    page.keyboard.type("keira@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Your place is confirmed")


def test_focus_is_always_seen(open_page: Open) -> None:
    page = open_page(OPEN)
    for _step in range(25):
        page.keyboard.press("Tab")
        outlined = page.evaluate(OUTLINED)
        assert outlined, _focused(page)


def test_mistakes_are_listed_take_the_focus_and_keep_what_was_typed(open_page: Open) -> None:
    page = open_page(OPEN)
    page.get_by_label("Email address").fill("nobody@nowhere")
    page.get_by_role("button", name="Register").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    expect(summary).to_contain_text("Your name")
    expect(page.get_by_label("Email address")).to_have_value("nobody@nowhere")
    summary.get_by_role("link").first.click()
    expect(page.get_by_label("Your name")).to_be_focused()
    expect(page.get_by_label("Your name")).to_have_attribute("aria-invalid", "true")


def test_registering_managing_and_cancelling_need_no_script(open_page: Open, people: People) -> None:
    page = open_page(OPEN, java_script_enabled=False)
    page.get_by_label("Your name").fill("Nora Script")
    page.get_by_label("Email address").fill("nora@example.org")
    page.get_by_role("button", name="Register").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Your place is confirmed")
    expect(page.get_by_role("link", name="Add to my calendar")).to_be_visible()

    letter = people.path("manage", "managed without script")
    page.goto(letter)
    expect(page).to_have_url(re.compile("/registrations/"))
    page.get_by_label("Keep my emails discreet").check()
    page.locator("section", has_text="My details").get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("Saved")
    page.get_by_role("button", name="Cancel my place").click()
    expect(heading).to_have_text("Your place is cancelled")
    page.get_by_role("button", name="Undo").click()
    expect(heading).to_have_text("Your place is confirmed")


def test_question_of_a_role_appears_with_the_role_and_without_a_script(open_page: Open, site: Site) -> None:
    with site.app.app_context(), transaction():
        webinar = get_webinar("what-is-new-with-immunotherapy")
        texts = {"en": {"label": "Whom do you care for?"}}
        questions.add(webinar, questions.Draft("text", texts, required=True, role="caregiver"), utc_now())
    page = open_page(
        "/webinars/what-is-new-with-immunotherapy", java_script_enabled=False, viewport={"width": 320, "height": 640}
    )
    asked = page.get_by_label("Whom do you care for?")
    expect(asked).to_be_hidden()
    page.get_by_label("Patient or survivor").check()
    expect(asked).to_be_hidden()
    page.get_by_label("Caregiver, family or friend").check()
    expect(asked).to_be_visible()
    page.get_by_label("Your name").fill("Cora Giver")
    page.get_by_label("Email address").fill("cora@example.org")
    page.get_by_role("button", name="Register").click()
    expect(page.locator("form .field-error")).to_contain_text("Please answer this question.")
    expect(page.get_by_label("Caregiver, family or friend")).to_be_checked()
    asked.fill("My mother")
    page.get_by_role("button", name="Register").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your place is confirmed")


def test_a_full_webinar_gives_a_place_in_line(open_page: Open) -> None:
    page = open_page(FULL)
    page.get_by_label("Your name").fill("Wanda Line")
    page.get_by_label("Email address").fill("wanda@example.org")
    page.get_by_role("button", name="Join the waiting list").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile(r"You are waiting, place \d+"))


def test_the_door_leads_into_the_room(open_page: Open, people: People, watches: list[Watch], site: Site) -> None:
    page = open_page(people.path("join", "door open"))
    page.context.route("https://meet.example.org/**", lambda route: route.fulfill(body="<title>Room</title>The room"))
    page.get_by_role("button", name="Join now").click()
    page.wait_for_url("https://meet.example.org/room")
    expect(page.get_by_text("The room")).to_be_visible()
    outside = [trouble for trouble in watches[0].troubles if "meet.example.org/room" in trouble]
    assert outside, "only the room itself was asked"
    watches[0].troubles = [one for one in watches[0].troubles if one not in outside]


def test_a_printed_place_is_one_sheet_with_all_that_is_needed(open_page: Open, people: People) -> None:
    page = open_page(people.path("manage", "confirmed"))
    page.emulate_media(media="print")
    for words in ("Your place is confirmed", "When", "Point the camera", "PIN"):
        expect(page.locator(".join-sheet").get_by_text(words).first).to_be_visible()
    for hidden in ("Cancel my place", "Add to my calendar"):
        expect(page.get_by_text(hidden)).to_be_hidden()
    expect(page.get_by_role("banner")).to_be_hidden()
    large = page.locator(".join-sheet dd").first.evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert large > 24, "to be read at arm's length beside the telephone"
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="Letter"))) == 1


SEVERAL = "/series/clinical-trials/register"


def test_several_dates_are_chosen_by_keyboard_alone_and_each_has_its_page(open_page: Open) -> None:
    page = open_page(SEVERAL)
    boxes = page.get_by_role("checkbox", name=re.compile("."))
    assert boxes.count() >= 2
    for _step in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "date":
            break
    expect(boxes.first).to_be_focused()
    card = "getComputedStyle(document.activeElement.closest('.pick')).outlineStyle"
    assert page.evaluate(card) == "solid", "where the keyboard is can be seen"
    page.keyboard.press("Space")
    expect(boxes.first).not_to_be_checked()
    page.keyboard.press("Space")
    _tab_to(page, "Your name")
    page.keyboard.type("Kay Several")
    page.keyboard.press("Tab")
    page.keyboard.type("kay@example.org")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("date")
    assert violations(page) == []
    for width in (320, 640):
        page.set_viewport_size({"width": width, "height": 740})
        assert sideways(page) <= 0, width
    page.locator(".item a").first.click()
    page.get_by_role("link", name="All your dates of Clinical Trials").click()
    page.wait_for_url("**/series/clinical-trials/places")


def test_the_whole_card_of_a_date_can_be_pressed(open_page: Open) -> None:
    page = open_page(SEVERAL, viewport={"width": 360, "height": 740})
    box = page.get_by_role("checkbox").first
    page.locator(".pick").first.click(position={"x": 8, "y": 8})
    expect(box).not_to_be_checked()
