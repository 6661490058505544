"""A picture gets into a text by the button above it, and by hand where there is no script."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.archive.pictures import file_of, plain
from tests.browser.conftest import Open
from tests.support.browser import sideways, violations

pytestmark = pytest.mark.browser
PHONE = {"viewport": {"width": 360, "height": 740}}


def upload() -> Any:
    return {"name": "chart.png", "mimeType": "image/png", "buffer": file_of(plain((900, 500))).getvalue()}


def test_new_picture_is_described_and_stands_in_the_text(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/topics/new")
    page.locator("#body").fill("First.")
    page.get_by_role("button", name="Picture").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_text("A new picture").click()
    dialog.locator("[name=file]").set_input_files(upload())
    dialog.get_by_label("What the picture shows, in English").fill("A chart of calls")
    dialog.get_by_role("button", name="Save it and put it into the text").click()
    expect(dialog.get_by_text("This picture has arrived.")).to_be_visible()
    dialog.get_by_label("What the picture shows, in Spanish").fill("Un gráfico")
    dialog.get_by_role("button", name="Save it and put it into the text").click()
    expect(dialog).to_have_count(0)
    expect(page.locator("#body")).to_be_focused()
    assert page.locator("#body").input_value().startswith("First.\n\n![A chart of calls](picture:")
    page.get_by_role("button", name="Picture").click()
    dialog.get_by_role("button", name="A chart of calls").click()
    assert page.locator("#body").input_value().count("![A chart of calls](picture:") == 2
    page.locator("#body").press("Control+z")
    assert page.locator("#body").input_value().count("![A chart of calls](picture:") == 1
    page.get_by_text("How to write it").click()
    page.get_by_role("button", name="Show how it will look").click()
    expect(page.get_by_role("img", name="A chart of calls")).to_be_visible()


def test_who_changes_their_mind_is_back_in_the_text(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/topics/new", **PHONE)
    page.get_by_role("button", name="Picture").click()
    expect(page.get_by_role("heading", name="Put a picture into the text")).to_be_visible()
    assert sideways(page) <= 0
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#body")).to_be_focused()


def test_without_a_script_the_line_is_copied_from_the_page_of_the_picture(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/pictures/new", java_script_enabled=False)
    page.get_by_label("Picture", exact=True).set_input_files(upload())
    page.get_by_label("It only decorates").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("code.to-copy")).to_contain_text("![](picture:")
