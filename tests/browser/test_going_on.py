"""Going on where a film was left: remembered by the browser alone, offered and never done by itself."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.support.browser import Watch, violations

pytestmark = pytest.mark.browser

VIDEO = "/videos/early-signs-to-report"
FILM = "document.getElementById('player')"


def _play_to(page: Page, second: float) -> None:
    page.evaluate(f"() => {{ {FILM}.muted = true; return {FILM}.play(); }}")
    page.wait_for_function(f"() => {FILM}.duration > 0")
    page.evaluate(f"(second) => {{ {FILM}.currentTime = second; }}", second)
    page.wait_for_function(f"(second) => {FILM}.currentTime > second && !{FILM}.seeking", arg=second)
    page.evaluate(f"{FILM}.pause()")


def _kept(page: Page) -> Any:
    return json.loads(page.evaluate("localStorage.getItem('watching')") or "[]")


def test_film_left_in_the_middle_is_offered_in_the_list_and_on_its_page(open_page: Open) -> None:
    page = open_page(VIDEO)
    expect(page.locator("[data-go-on]")).to_be_hidden()
    _play_to(page, 16)
    page.goto("/videos")
    section = page.get_by_role("region", name="Continue watching")
    expect(section).to_contain_text("Stopped at 00:16 of")
    expect(section).to_contain_text("Only this device remembers")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(page) == [], scheme
    section.get_by_role("link").click()
    page.wait_for_url("**t=16#player")
    page.goto(VIDEO)
    assert page.evaluate(f"{FILM}.paused"), "never by itself"
    page.get_by_role("button", name="Go on at 00:16").click()
    page.wait_for_function(f"() => {FILM}.currentTime > 16 && !{FILM}.paused")


def test_film_seen_to_its_end_is_not_offered(open_page: Open) -> None:
    page = open_page(VIDEO)
    _play_to(page, 16)
    assert [one["slug"] for one in _kept(page)] == ["early-signs-to-report"]
    page.evaluate(f"{FILM}.currentTime = {FILM}.duration - 0.2")
    page.evaluate(f"{FILM}.play()")
    page.wait_for_function(f"() => {FILM}.ended")
    assert _kept(page) == []


def test_the_six_that_were_left_last_are_kept(open_page: Open) -> None:
    page = open_page(VIDEO)
    others = [
        {"slug": f"other-{n}", "at": 60, "length": 600, "title": f"Other {n}", "language": "en"} for n in range(6)
    ]
    page.evaluate("kept => localStorage.setItem('watching', JSON.stringify(kept))", others)
    _play_to(page, 16)
    assert [one["slug"] for one in _kept(page)] == ["early-signs-to-report", *(f"other-{n}" for n in range(5))]


def test_forget_empties_it(open_page: Open) -> None:
    page = open_page(VIDEO)
    _play_to(page, 16)
    page.goto("/videos")
    page.get_by_role("button", name="Forget").click()
    expect(page.get_by_role("region", name="Continue watching")).to_be_hidden()
    assert page.evaluate("localStorage.length") == 0
    page.goto(VIDEO)
    expect(page.locator("[data-go-on]")).to_be_hidden()


def test_list_tells_nobody_what_was_watched(open_page: Open, watches: list[Watch]) -> None:
    page = open_page(VIDEO)
    _play_to(page, 16)
    watches[0].requests.clear()
    page.goto("/videos", wait_until="networkidle")
    expect(page.get_by_role("region", name="Continue watching")).to_be_visible()
    kinds = {(request.method, request.resource_type) for request in watches[0].requests}
    assert kinds <= {("GET", kind) for kind in ("document", "stylesheet", "script", "font", "image")}
    assert page.context.cookies() == []


@pytest.mark.parametrize("kept", ["{", "null", "7", '"x"', "[null]", '[{"slug": 7}]', '[{"slug": "a", "at": "b"}]'])
def test_nonsense_in_the_store_harms_nothing(open_page: Open, kept: str) -> None:
    page = open_page(VIDEO)
    page.evaluate("kept => localStorage.setItem('watching', kept)", kept)
    page.goto("/videos")
    expect(page.get_by_role("region", name="Continue watching")).to_be_hidden()
    page.goto(VIDEO)
    expect(page.locator("[data-go-on]")).to_be_hidden()


FORBIDDING = {
    "no store": "Object.defineProperty(window, 'localStorage', {get() { throw new Error('no') }})",
    "wish for privacy": "Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})",
}


@pytest.mark.parametrize("reason", FORBIDDING)
def test_nothing_is_kept_where_the_browser_forbids_it_or_asks_for_privacy(open_page: Open, reason: str) -> None:
    page = open_page(VIDEO, first=lambda page: page.add_init_script(FORBIDDING[reason]))
    _play_to(page, 16)
    page.goto("/videos")
    expect(page.get_by_role("region", name="Continue watching")).to_be_hidden()
    if reason == "wish for privacy":
        assert page.evaluate("localStorage.length") == 0


def test_without_script_nothing_is_offered(open_page: Open) -> None:
    page = open_page("/videos", java_script_enabled=False)
    expect(page.get_by_text("Continue watching")).to_be_hidden()
