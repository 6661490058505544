"""Watching: the film plays, the transcript follows and jumps, the search leads to the second."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.archive.samples import make_captioned
from tests.browser.conftest import Open
from tests.support.browser import Site
from webinars.core.database import db

pytestmark = pytest.mark.browser

VIDEO = "/videos/early-signs-to-report"
SECOND = "document.getElementById('player').currentTime"


def _is_playing_after(page: Page, seconds: float) -> None:
    page.wait_for_function(f"(s) => {SECOND} > s && !document.getElementById('player').paused", arg=seconds)


def _play(page: Page) -> None:
    page.evaluate("() => { const film = document.getElementById('player'); film.muted = true; return film.play(); }")


def test_film_plays_with_captions_and_the_transcript_follows(open_page: Open) -> None:
    page = open_page(VIDEO)
    assert page.evaluate("document.getElementById('player').readyState") == 0, "nothing is loaded before it is wanted"
    _play(page)
    _is_playing_after(page, 1.2)
    expect(page.locator(".cue[aria-current=true]")).to_contain_text("Immunotherapy helps your immune system")
    tracks = page.evaluate(
        "[...document.getElementById('player').textTracks].map(one => [one.kind, one.language, one.mode])"
    )
    assert ["captions", "en", "showing"] in tracks and ["captions", "es", "disabled"] in tracks
    page.evaluate(f"{SECOND} = 16")
    expect(page.locator(".cue[aria-current=true]")).to_contain_text("Watch your skin")


def test_a_sentence_and_a_chapter_jump_without_a_new_page(open_page: Open) -> None:
    page = open_page(VIDEO)
    page.evaluate("document.getElementById('player').muted = true; window.stays = true")
    page.locator(".cue", has_text="Watch your breath").get_by_role("link").click()
    _is_playing_after(page, 25.5)
    page.locator(".chapters").get_by_role("link", name="00:15").click()
    page.wait_for_function(f"{SECOND} >= 15 && {SECOND} < 25")
    assert page.evaluate("window.stays") is True
    assert "t=15" in page.url


def test_keys_go_through_the_transcript_and_past_it(open_page: Open) -> None:
    page = open_page(f"{VIDEO}?t=15")
    page.evaluate("document.getElementById('player').muted = true")
    page.locator(".find button").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("region", name="Transcript")).to_be_focused()
    page.keyboard.press("Tab")
    spoken = page.locator(".cue", has_text="Watch your skin").get_by_role("link")
    expect(spoken).to_be_focused()
    expect(spoken).to_have_accessible_description("Watch your skin. Report a rash that spreads, hurts, or blisters.")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator(".cue", has_text="Watch your breath").get_by_role("link")).to_be_focused()
    page.keyboard.press("Enter")
    _is_playing_after(page, 25.5)
    page.keyboard.press("Tab")
    assert page.evaluate("!document.activeElement.closest('.cues')"), "one stop for the transcript, however long"


def test_keys_stop_at_found_lines_only(open_page: Open) -> None:
    page = open_page(VIDEO)
    page.get_by_label("Find a word in this talk").fill("watch your")
    expect(page.locator(".cue:visible")).to_have_count(3)
    page.keyboard.press("Enter")
    for words in ("Watch your skin", "Watch your bowel", "Watch your breath"):
        expect(page.locator(".cue", has_text=words).get_by_role("link")).to_be_focused()
        page.keyboard.press("ArrowDown")
    page.locator(".cues").focus()
    page.keyboard.press("Tab")
    expect(page.locator(".cue", has_text="Watch your breath").get_by_role("link")).to_be_focused()


def test_words_are_found_in_the_transcript_as_they_are_typed(open_page: Open) -> None:
    page = open_page(VIDEO)
    page.get_by_label("Find a word in this talk").fill("rash")
    expect(page.locator(".find [role=status]")).to_have_text("1 place")
    expect(page.locator(".cue:visible")).to_have_count(1)
    expect(page.locator(".cue:visible mark")).to_have_text("rash")


def test_search_leads_to_the_second_and_the_film_begins_there(open_page: Open) -> None:
    page = open_page("/videos")
    page.get_by_role("searchbox").fill("stomach OR breath")
    page.get_by_role("searchbox").press("Enter")
    page.locator(".sentences li", has_text="Watch your breath").get_by_role("link").click()
    page.wait_for_url("**t=26**")
    _play(page)
    _is_playing_after(page, 25.5)


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_found_sentence_is_highlighted_with_its_word_marked_among_all_others(open_page: Open, script: bool) -> None:
    page = open_page("/videos?q=rash", java_script_enabled=script)
    page.locator(".sentences a").first.click()
    expect(page.locator(".cue[aria-current=true]")).to_contain_text("Report a rash")
    expect(page.locator(".cue mark")).to_have_text("rash")
    expect(page.get_by_label("Find a word in this talk")).to_have_value("rash")
    expect(page.locator(".cue:visible")).to_have_count(page.locator(".cue").count())
    if script:
        expect(page.locator(".cue[aria-current=true]")).to_be_in_viewport()
        page.wait_for_function(f"{SECOND} > 15.1 && {SECOND} < 15.2")


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (360, 640)])
@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
@pytest.mark.parametrize(
    ("way", "time", "words"),
    [("/videos?q=breath", "00:26", "Watch your breath"), (f"{VIDEO}/transcript", "00:31", "Call on the day")],
)
def test_every_way_to_a_second_shows_the_film(
    open_page: Open, way: str, time: str, words: str, script: bool, width: int, height: int
) -> None:
    page = open_page(way, viewport={"width": width, "height": height}, java_script_enabled=script)
    page.locator("a.timecode", has_text=time).first.click()
    expect(page.locator(".cue[aria-current=true]")).to_contain_text(words)
    expect(page.locator("video#player")).to_be_in_viewport(ratio=0.9)


def test_title_and_transcript_follow_the_film_directly_on_a_phone(open_page: Open) -> None:
    page = open_page(VIDEO, viewport={"width": 360, "height": 800})
    film, title, words, speaker = (
        page.locator(one).bounding_box() for one in ("#player", "h1", ".transcript", ".speaker")
    )
    assert film and title and words and speaker
    assert film["y"] < title["y"] < words["y"] < speaker["y"]
    assert title["y"] < 400


def test_fields_beside_the_film_are_wide_enough_on_a_phone(open_page: Open) -> None:
    page = open_page(VIDEO, viewport={"width": 320, "height": 640})
    for name in ("#find", "#share"):
        box = page.locator(name).bounding_box()
        assert box and box["width"] > 200, name


def test_transcript_and_search_need_no_script(open_page: Open) -> None:
    page = open_page(f"{VIDEO}?find=rash", java_script_enabled=False)
    expect(page.locator(".find [role=status]")).to_have_text("1 place")
    page.locator(".cue", has_text="Watch your breath").get_by_role("link").click()
    start = page.locator(".cue", has_text="Watch your breath").get_attribute("data-start", timeout=1000)
    assert start and start.startswith("26")
    expect(page.locator("video")).to_have_attribute("data-start", start)
    assert page.locator("source").get_attribute("src", timeout=1000).endswith(f"#t={start}")  # type: ignore[union-attr]


def test_spanish_words_of_the_talk_are_a_click_away(open_page: Open) -> None:
    page = open_page(VIDEO)
    page.locator(".transcript").get_by_role("link", name="Español").click()
    expect(page.locator(".cues")).to_have_attribute("lang", "es")
    expect(page.locator(".cue").first).to_contain_text("inmun")


def test_a_play_is_told_once_and_where_it_stopped_without_a_cookie(open_page: Open) -> None:
    told: list[str] = []
    page = open_page(VIDEO)
    page.on("request", lambda one: told.append(one.post_data or "") if one.url.endswith("/played") else None)
    with page.expect_request("**/played") as first:
        _play(page)
    assert "cookie" not in first.value.all_headers()
    _is_playing_after(page, 1.2)
    with page.expect_request("**/played"):
        page.evaluate(
            "() => { const film = document.getElementById('player'); film.currentTime = film.duration - 0.5; }"
        )
    assert told == ["what=start", "what=stop&tenth=9"]


def test_nothing_is_told_of_those_who_ask_not_to_be_counted(open_page: Open) -> None:
    told: list[str] = []
    ask = "Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })"
    page = open_page(VIDEO, first=lambda page: page.add_init_script(ask))
    page.on("request", lambda one: told.append(one.url) if one.url.endswith("/played") else None)
    _play(page)
    _is_playing_after(page, 1.2)
    page.goto("/videos")
    assert told == []


def test_link_to_the_second_is_copied(open_page: Open) -> None:
    page = open_page(VIDEO, permissions=["clipboard-read", "clipboard-write"])
    page.evaluate(f"() => {{ {SECOND} = 16.4; }}")
    page.get_by_role("button", name="Copy link at this second").click()
    expect(page.locator("[data-share] [role=status]")).to_contain_text("00:16")
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"{VIDEO}?t=16")


@pytest.fixture
def long_words(site: Site) -> Iterator[str]:
    """Publish a talk whose words are wider than a phone; gives one of them."""
    word = "immuncheckpointinhibitornebenwirkungsmanagement"
    text = f"WEBVTT\n\n00:01.000 --> 00:04.000\nToday we speak about {word} and a little more.\n"
    with site.app.app_context():
        video = make_captioned(text, title=word * 2, summary=word * 2, slug="long-words")
        yield word
        db.session.delete(db.session.merge(video))
        db.session.commit()


@pytest.mark.parametrize("path", ["/videos", "/videos?q={}", "/videos/long-words", "/videos/long-words/transcript"])
def test_long_words_are_broken_and_never_cut_off(open_page: Open, long_words: str, path: str) -> None:
    page = open_page(path.format(long_words), viewport={"width": 320, "height": 640})
    outside = page.evaluate(
        """word => [...document.querySelectorAll("main :is(h1, h2, p, span, a)")]
            .filter(one => one.textContent.includes(word) && !one.closest(".visually-hidden"))
            .filter(one => one.getBoundingClientRect().right > one.closest(".card, main").getBoundingClientRect().right)
            .map(one => one.outerHTML.slice(0, 80))""",
        long_words,
    )
    assert outside == []


def test_what_is_chosen_is_seen_without_colours_of_ours(open_staff_page: Open) -> None:
    page = open_staff_page("/staff/videos", forced_colors="active")
    outlines = page.locator(".choices a").evaluate_all("all => all.map(one => getComputedStyle(one).outlineStyle)")
    assert outlines[0] == "solid" and set(outlines[1:]) == {"none"}
