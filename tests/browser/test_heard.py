"""What a screen reader is given: names as the browser works them out."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open

pytestmark = pytest.mark.browser


def _tree(page: Page) -> list[dict[str, Any]]:
    """Give the nodes of Chromium's own accessibility tree, from which screen readers read."""
    nodes: list[dict[str, Any]] = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    return [node for node in nodes if not node["ignored"]]


def _names(page: Page, role: str) -> list[str]:
    return [node["name"]["value"] for node in _tree(page) if node["role"]["value"] == role and "name" in node]


def test_words_out_of_sight_are_apart_from_those_beside_them(open_page: Open) -> None:
    page = open_page("/videos?q=breath")
    assert "Watch from 00:26" in _names(page, "link"), "browsers drop a space that stands after words out of sight"
    assert "Length " in _names(page, "StaticText")


def test_error_of_a_field_is_a_sentence(open_page: Open) -> None:
    page = open_page("/my")
    page.locator("main form").evaluate("form => { form.noValidate = true; }")
    page.get_by_role("button", name="Send me my link again").click()
    expect(page.locator(".field-error")).to_be_visible()
    assert "Error: " in _names(page, "StaticText")
