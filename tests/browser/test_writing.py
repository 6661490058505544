"""Staff write texts: the toolbar, its keys, undo, and how it will look."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.support.browser import Watch, sideways, violations

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}}


@pytest.fixture
def page(open_staff_page: Open) -> Page:
    """A new topic."""
    return open_staff_page("/staff/topics/new")


def write(page: Page, text: str, chosen: str = "") -> None:
    """Type a text and choose a part of it."""
    field = page.locator("#body")
    field.fill(text)
    at = text.find(chosen) if chosen else len(text)
    field.evaluate("(area, [from, to]) => { area.focus(); area.setSelectionRange(from, to); }", [at, at + len(chosen)])


def chosen(page: Page) -> str:
    """Give what is chosen in the field."""
    script = "area => area.value.slice(area.selectionStart, area.selectionEnd)"
    found: str = page.locator("#body").evaluate(script)
    return found


@pytest.mark.parametrize(("button", "made", "then"), [
    ("Bold", "One **two** three", "two"),
    ("Italic", "One *two* three", "two"),
    ("Heading", "## One two three", "## One two three"),
    ("List", "- One two three", "- One two three"),
    ("Numbered list", "1. One two three", "1. One two three"),
    ("Quotation", "> One two three", "> One two three"),
    ("Link", "One [two](https://) three", "https://"),
])  # fmt: skip
def test_button_formats_what_is_chosen_and_the_browser_takes_it_back(page: Page, button, made, then) -> None:
    field = page.locator("#body")
    write(page, "One two three", "two")
    page.get_by_role("toolbar").get_by_role("button", name=button, exact=True).click()
    expect(field).to_have_value(made)
    assert chosen(page) == then
    field.press("Control+z")
    expect(field).to_have_value("One two three")


def test_pressed_twice_it_is_as_before(page: Page) -> None:
    write(page, "One two three", "two")
    bar = page.get_by_role("toolbar")
    for button in ("Bold", "Bold", "List", "List"):
        bar.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("#body")).to_have_value("One two three")


def test_lines_become_a_list_below_what_stands_above(page: Page) -> None:
    write(page, "Above\none\ntwo", "one\ntwo")
    page.get_by_role("button", name="Numbered list").click()
    expect(page.locator("#body")).to_have_value("Above\n\n1. one\n2. two")


def test_keys_do_the_same(page: Page) -> None:
    field = page.locator("#body")
    for key, made in (("b", "**two**"), ("i", "*two*"), ("k", "[two](https://)")):
        write(page, "two", "two")
        field.press(f"Control+{key}")
        expect(field).to_have_value(made)


def test_toolbar_is_one_stop_and_arrows_go_on(page: Page) -> None:
    page.get_by_label("Summary").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Bold", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Italic")).to_be_focused()
    page.keyboard.press("End")
    expect(page.get_by_role("button", name="Picture", exact=True)).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("button", name="Bold", exact=True)).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("#body")).to_be_focused()
    page.keyboard.press("Shift+Tab")
    expect(page.get_by_role("button", name="Bold", exact=True)).to_be_focused()


def test_it_is_shown_how_it_will_look_before_anything_is_saved(page: Page) -> None:
    write(page, "# What helps\n\n- **Rest**\n\n<script>alert(1)</script>")
    page.get_by_text("How to write it").click()
    page.get_by_role("button", name="Show how it will look").click()
    looks = page.locator(".looks")
    expect(looks.get_by_role("heading", name="What helps", level=2)).to_be_visible()
    expect(looks.locator("li strong")).to_have_text("Rest")
    expect(looks).to_contain_text("<script>alert(1)</script>")


def test_without_a_script_the_signs_are_explained_and_no_dead_button_is_shown(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/topics/new", java_script_enabled=False)
    expect(page.get_by_role("toolbar")).to_be_hidden()
    page.get_by_text("How to write it").click()
    expect(page.get_by_text("## Heading")).to_be_visible()
    expect(page.get_by_role("button", name="Show how it will look")).to_be_hidden()


def test_toolbar_fits_a_telephone_and_everybody_can_use_it(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/topics/new", **PHONE)
    page.get_by_text("How to write it").click()
    assert sideways(page) <= 0
    assert violations(page) == []


def test_what_is_typed_is_kept_by_itself_and_found_again(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/topics/new")
    page.locator("#body").press_sequentially("Half a tho")
    expect(page.get_by_text("Kept for later at")).to_be_visible()
    again = open_staff_page("/staff/topics/new")
    again.get_by_role("link", name="Go on with it").click()
    expect(again.locator("#body")).to_have_value("Half a tho")
    again.get_by_role("button", name="Throw it away").click()
    expect(again.get_by_role("status")).to_contain_text("thrown away")
    expect(again.locator("#body")).to_have_value("")


def test_line_that_breaks_is_said_and_what_was_typed_is_kept_once_it_is_back(
    open_staff_page: Open, watches: list[Watch]
) -> None:
    page = open_staff_page("/staff/news/new")
    page.route("**/staff/drafts", lambda route: route.abort())
    page.locator("#body").press_sequentially("On a train")
    expect(page.get_by_role("alert")).to_contain_text("no connection")
    # The browser's word on the line that was cut.
    watches[0].troubles.clear()
    page.unroute("**/staff/drafts")
    page.evaluate("window.dispatchEvent(new Event('online'))")
    expect(page.get_by_text("Kept for later at")).to_be_visible()
    page.reload()
    page.get_by_role("button", name="Throw it away").click()
    expect(page.get_by_text("You began to change this")).to_have_count(0)


def test_draft_is_kept_without_a_script(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/speakers/new", java_script_enabled=False)
    page.locator("#bio").fill("A nurse since")
    page.get_by_role("button", name="Keep for later").click()
    expect(page.locator("#bio")).to_have_value("A nurse since")
    page.get_by_role("button", name="Throw it away").click()
    expect(page.locator("#bio")).to_have_value("")
