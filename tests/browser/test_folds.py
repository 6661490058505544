"""The long form of a webinar: folds that open where they are needed, and ticks that say what typing does."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.support.browser import sideways, violations

pytestmark = pytest.mark.browser
NEW = "/staff/webinars/new?series=side-effects"


@pytest.fixture
def page(open_staff_page: Open) -> Page:
    """A new webinar of a series that has 60 minutes."""
    return open_staff_page(NEW)


def test_typing_leaves_the_tick_and_the_tick_brings_back_what_the_series_has(page: Page) -> None:
    field, tick = (
        page.get_by_label("Length in minutes", exact=True),
        page.get_by_label("Length in minutes: As the series"),
    )
    expect(tick).to_be_checked()
    field.fill("45")
    expect(tick).not_to_be_checked()
    expect(page.locator("label", has=page.get_by_text("(of its own)"))).to_contain_text("Length in minutes")
    tick.check()
    expect(field).to_have_value("60")
    expect(page.get_by_text("(of its own)")).to_have_count(0)


def test_value_of_its_own_is_not_called_so_once_it_is_ticked_away(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/webinars/vaccines-as-treatment/edit")
    tick = page.get_by_label("Length in minutes: As the series")
    own = page.locator("label", has_text="Length in minutes: As the series").get_by_text("of its own")
    expect(own).to_be_visible()
    tick.check()
    expect(own).to_be_hidden()
    tick.uncheck()
    expect(own).to_be_visible()


def test_changed_fold_says_so_when_it_is_closed_again(page: Page) -> None:
    title, words = page.get_by_role("heading", name="Places and waiting list"), page.locator(".fold-words").nth(2)
    expect(words).to_have_text("as the series")
    title.click()
    page.get_by_label("Places").fill("30")
    title.click()
    expect(words).to_have_text("changed, not saved yet")


def test_link_to_a_field_opens_its_fold(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/series/side-effects/edit#capacity")
    expect(page.get_by_label("Places")).to_be_focused()


def test_folds_open_by_keyboard_and_without_a_script(open_staff_page: Open) -> None:
    page = open_staff_page(NEW, java_script_enabled=False)
    page.locator("summary", has_text="What the sign-up form asks").press("Enter")
    expect(page.get_by_label("Ask who somebody is")).to_be_visible()


def test_open_folds_fit_a_telephone_and_everybody_can_use_them(open_staff_page: Open) -> None:
    page = open_staff_page(NEW, viewport={"width": 360, "height": 740})
    page.evaluate("for (const fold of document.querySelectorAll('.fold')) fold.open = true")
    assert sideways(page) <= 0
    assert violations(page) == []
