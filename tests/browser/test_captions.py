"""Correcting captions beside the film: by keys, one at a time, and without losing what was typed."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Open
from tests.support.browser import Watch

pytestmark = pytest.mark.browser

EDITOR = "/staff/videos/a-doctor-explains-side-effects/captions/en"
FILM = "document.getElementById('player')"


def _words(page: Page, number: int) -> str:
    return f"#text-{number - 1}"


def _stop_at(page: Page, second: float) -> None:
    """Play the film a little, so that it is loaded, and stand still at a second."""
    page.evaluate(f"() => {{ {FILM}.muted = true; return {FILM}.play(); }}")
    page.wait_for_function(f"() => {FILM}.currentTime > 0.2")
    page.evaluate(f"(s) => {{ {FILM}.pause(); {FILM}.currentTime = s; }}", second)
    page.wait_for_function(f"() => !{FILM}.seeking")


def test_end_of_a_caption_is_taken_from_the_film_and_saved_without_the_mouse(open_staff_page: Open) -> None:
    page = open_staff_page(EDITOR)
    _stop_at(page, 4.25)
    page.locator(_words(page, 1)).focus()
    page.keyboard.press("Alt+e")
    expect(page.locator("#end-0")).to_have_value("00:00:04.250")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#cue-0 .cue-said")).to_contain_text("Saved")
    expect(page.locator("[data-heard]")).to_have_text("Saved.")
    page.reload()
    expect(page.locator("#end-0")).to_have_value("00:00:04.250")


def test_film_plays_jumps_and_marks_the_caption_that_is_spoken(open_staff_page: Open) -> None:
    page = open_staff_page(EDITOR)
    _stop_at(page, 8)
    page.locator(_words(page, 1)).focus()
    page.keyboard.press("Alt+l")
    page.wait_for_function(f"() => {FILM}.currentTime >= 9.9 && {FILM}.currentTime < 10.2")
    page.keyboard.press("Alt+k")
    page.wait_for_function(f"() => !{FILM}.paused")
    page.keyboard.press("Alt+k")
    page.wait_for_function(f"() => {FILM}.paused")
    expect(page.locator(".cue-row[aria-current=true]")).to_have_count(1)
    page.get_by_role("link", name="Caption 3", exact=True).click()
    page.wait_for_function(f"() => !{FILM}.paused")
    assert page.evaluate(f"{FILM}.currentTime") >= float(page.locator("#cue-2").get_attribute("data-start") or 0)


def test_wrong_times_are_told_beside_the_caption_and_the_words_stay(open_staff_page: Open) -> None:
    page = open_staff_page(EDITOR)
    page.locator(_words(page, 2)).fill("They often come from defences that are too active.")
    page.locator("#end-1").fill("a while later")
    page.locator(_words(page, 2)).focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#cue-1 .field-error")).to_be_visible()
    expect(page.locator(_words(page, 2))).to_have_value("They often come from defences that are too active.")


def test_what_was_typed_and_not_saved_is_there_when_one_comes_back(open_staff_page: Open) -> None:
    page = open_staff_page(EDITOR)
    page.locator(_words(page, 4)).fill("Many are mild and need only watching.")
    page.goto("/staff/videos")
    page.goto(EDITOR)
    expect(page.locator(_words(page, 4))).to_have_value("Many are mild and need only watching.")
    expect(page.locator(".editor-rows > .notice")).to_contain_text("did not save")
    page.get_by_role("button", name="Save all on this page").first.click()
    page.goto(EDITOR)
    expect(page.locator(_words(page, 4))).to_have_value("Many are mild and need only watching.")
    expect(page.locator(".editor-rows > .notice")).to_have_count(0)


@pytest.mark.parametrize("width", [768, 1280])
def test_film_stays_in_sight_and_covers_nothing_that_is_typed_in(open_staff_page: Open, width: int) -> None:
    page = open_staff_page(EDITOR, viewport={"width": width, "height": 900})
    page.locator(_words(page, 8)).focus()
    expect(page.locator("video#player")).to_be_in_viewport(ratio=0.9)
    film, words = (page.locator(one).bounding_box() for one in ("#player", _words(page, 8)))
    assert film and words
    assert width > 1000 or film["y"] + film["height"] <= words["y"]


def test_keys_stay_where_they_were_after_saving_and_go_from_caption_to_caption(open_staff_page: Open) -> None:
    page = open_staff_page(EDITOR)
    page.locator("#save-5").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[data-heard]")).to_have_text("Saved.")
    expect(page.locator("#save-5")).to_be_focused()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#text-6")).to_be_focused()
    page.keyboard.press("Alt+ArrowUp")
    expect(page.locator("#text-5")).to_be_focused()


@pytest.mark.parametrize("fault", ["signed out", "offline"])
def test_caption_that_was_not_saved_says_so_and_keeps_what_was_typed(
    open_staff_page: Open, watches: list[Watch], fault: str
) -> None:
    page = open_staff_page(EDITOR)
    page.locator("#text-7").fill("Show it to every doctor and dentist.")
    if fault == "signed out":
        page.context.clear_cookies()
    else:
        page.route("**/one/*", lambda route: route.abort())
    page.locator("#save-7").click()
    expect(page.locator("#cue-7 .cue-said")).to_contain_text("Not saved")
    expect(page.locator("[data-heard]")).to_contain_text("Not saved")
    expect(page.locator("#text-7")).to_have_value("Show it to every doctor and dentist.")
    (watch,) = watches
    # The browser and htmx note the fault on the console, as they should.
    watch.troubles[:] = [trouble for trouble in watch.troubles if not trouble.startswith("console:")]


def test_times_stand_beside_their_labels_without_a_script(open_staff_page: Open) -> None:
    page = open_staff_page(EDITOR, java_script_enabled=False, viewport={"width": 360, "height": 780})
    for name in ("start", "end"):
        label, box = (page.locator(one).bounding_box() for one in (f"label[for={name}-0]", f"#{name}-0"))
        assert label and box
        assert abs(label["y"] + label["height"] / 2 - box["y"] - box["height"] / 2) < 4
        assert box["width"] > 120
