"""Recordings that others keep: asked for only after a click that says who learns of it, by an answer of its own."""

import json
import re
from urllib.parse import urljoin

import pytest
from bs4 import BeautifulSoup
from werkzeug.test import TestResponse

from tests.archive.samples import make_captioned
from tests.factories import NOW, make_video
from tests.support.pages import CheckedClient, parse, text_of
from webinars.archive import queries, service
from webinars.core.database import transaction

PAGE = "/videos/when-to-call-your-care-team"
SHORT = "kkGMgK9ZtnKfYAgnEtQxbv"
YOUTUBE = "https://youtu.be/dQw4w9WgXcQ"
FRAMES = {
    YOUTUBE: ("YouTube (www.youtube-nocookie.com)", "https://www.youtube-nocookie.com"),
    "https://vimeo.com/76979871": ("Vimeo (player.vimeo.com)", "https://player.vimeo.com"),
    f"https://tube.example.org/w/{SHORT}": ("tube.example.org", "https://tube.example.org"),
}


def policy(answer: TestResponse) -> dict[str, str]:
    """Give the rules of a page by name, without the word that lets the data for search engines in."""
    rules = re.sub(r" 'nonce-[\w-]+'", "", answer.headers["Content-Security-Policy"])
    parts = (part.strip().partition(" ") for part in rules.split(";"))
    return {name: value for name, _space, value in parts}


def clicked(client: CheckedClient, page: BeautifulSoup, path: str) -> TestResponse:
    return client.get(urljoin(path, str(page.select_one("#player a[href*=play]")["href"]).partition("#")[0]))


@pytest.mark.parametrize("address", FRAMES)
def test_service_is_asked_only_after_a_click_that_says_who_learns_of_it(client: CheckedClient, address: str) -> None:
    make_captioned(media_url=address)
    who, origin = FRAMES[address]
    before = client.get(PAGE)
    assert origin.partition("://")[2] not in before.headers["Content-Security-Policy"]
    page = parse(before)
    assert not page.select("iframe, video")
    assert not [tag for tag in page.select("[src], link[href]") if origin in str(tag)], "not even a picture"
    assert f"When you play it, {who} learns that you watch it." in text_of(page.select_one("#player"))
    assert page.select_one("#player img")["src"].startswith("/static/img/tone-")
    after = clicked(client, page, PAGE)
    assert policy(after)["frame-src"] == origin
    frame = parse(after).select_one("iframe#player")
    assert str(frame["src"]).startswith(origin + "/")
    assert frame["title"].startswith("When to call your care team")
    assert frame["referrerpolicy"] == "strict-origin-when-cross-origin"
    assert frame["allow"] == "fullscreen; picture-in-picture"
    assert "allow-top-navigation" not in frame["sandbox"]
    assert (frame["width"], frame["height"], frame["loading"]) == ("1280", "720", "lazy")


@pytest.mark.parametrize("address", ["media:clip.mp4", "", *FRAMES, "https://films.example.org/a.m3u8"])
def test_page_that_plays_nothing_foreign_lets_nobody_in(client: CheckedClient, address: str) -> None:
    make_captioned(media_url=address)
    found = policy(client.get(PAGE))
    assert "frame-src" not in found
    assert (found["media-src"], found["connect-src"], found["script-src"]) == ("'self'", "'self'", "'self'")


def test_frame_is_asked_for_the_second_of_the_address_else_of_the_link(client: CheckedClient) -> None:
    make_captioned(media_url=f"{YOUTUBE}?t=30")
    began = parse(client.get(f"{PAGE}?play=1")).select_one("iframe")["src"]
    assert began == "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0&start=30"
    page = client.page(f"{PAGE}?t=16")
    way = page.select_one("#player a[target=_blank]")
    assert (way["href"], way["rel"]) == (
        "https://www.youtube.com/watch?v=dQw4w9WgXcQ&t=16s",
        ["noopener", "noreferrer", "nofollow"],
    )
    assert "Watch at YouTube" in text_of(way) and "opens in a new window" in text_of(way)
    assert parse(clicked(client, page, PAGE)).select_one("iframe")["src"].endswith("&start=16")


def test_who_pressed_play_once_goes_on_from_any_sentence_chapter_and_language(client: CheckedClient) -> None:
    video = make_captioned(media_url=YOUTUBE)
    with transaction():
        service.set_captions(video, "es", "WEBVTT\n\n00:01.000 --> 00:02.000\nHola.\n", "corrected", NOW)
        service.set_chapters(video, "00:00 Skin\n00:16 Call", NOW)
    still, playing = client.page(f"{PAGE}?find=rash"), client.page(f"{PAGE}?play=1&find=rash")
    for chosen in (".cue a", ".chapters a", ".transcript-head a[hreflang]"):
        assert not [link for link in still.select(chosen) if "play=1" in link["href"]]
        links = playing.select(chosen)
        assert links and all("play=1" in link["href"] and "find=rash" in link["href"] for link in links)
    there = urljoin(PAGE, str(playing.select(".cue a")[2]["href"]).partition("#")[0])
    assert client.page(there).select_one("iframe")["src"].endswith("&start=16")
    assert playing.select_one(".find input[name=play]") and not still.select(".find input[name=play]")
    document = client.page(f"{PAGE}/transcript?play=1")
    assert document.select_one("iframe") and "play=1" in document.select_one(".document a.timecode")["href"]


def test_what_was_chosen_on_the_page_is_kept_by_the_click(client: CheckedClient) -> None:
    make_captioned(media_url=YOUTUBE)
    page = client.page(f"{PAGE}?transcript=en&find=rash+%26+more&t=16&list=series&other=x")
    href = page.select_one("#player a[href*=play]")["href"]
    assert href == "?t=16&transcript=en&find=rash+%26+more&list=series&play=1#player"
    assert client.get(f"{PAGE}?find=%ED%A0%80%00&t=%00").status_code == 200


@pytest.mark.parametrize(("site", "asks"), [("same-origin", True), ("none", False), ("cross-site", False)])
def test_address_that_was_sent_to_somebody_is_no_click_of_theirs(client: CheckedClient, site: str, asks: bool) -> None:
    make_captioned(media_url=YOUTUBE)
    answer = client.get(f"{PAGE}?play=1", headers={"Sec-Fetch-Site": site})
    assert ("frame-src" in policy(answer), bool(parse(answer).select("iframe"))) == (asks, asks)


@pytest.mark.parametrize("path", ["/transcript", "/embed"])
def test_document_and_frame_for_other_sites_ask_in_the_same_way(client: CheckedClient, path: str) -> None:
    make_captioned(media_url=YOUTUBE)
    page = client.page(PAGE + path)
    assert not page.select("iframe") and "YouTube (www.youtube-nocookie.com)" in text_of(page)
    after = clicked(client, page, PAGE + path)
    assert policy(after)["frame-src"] == "https://www.youtube-nocookie.com"
    assert parse(after).select_one("iframe#player")


class TestStream:
    ADDRESS = "https://films.example.org/talk/master.m3u8"

    def test_stream_of_others_is_asked_only_after_a_click_and_the_library_with_it(self, client: CheckedClient) -> None:
        make_captioned(media_url=self.ADDRESS + "#t=30")
        page = client.page(PAGE)
        assert "stream.js" not in str(page) and "hls" not in str(page.select("script"))
        after = clicked(client, page, PAGE)
        found = policy(after)
        assert found["media-src"] == "'self' blob: https://films.example.org"
        assert found["connect-src"] == "'self' https://films.example.org"
        assert (found["script-src"], "worker-src" in found) == ("'self'", False)
        film = parse(after).select_one("video#player")
        source = film.select_one("source")
        assert (source["src"], source["type"]) == (self.ADDRESS + "#t=30", "application/vnd.apple.mpegurl")
        assert film["data-pieces"].startswith("/static/vendor/hls.light.min.js") and film["data-start"] == "30"
        assert not [tag for tag in parse(after).select("script[src]") if "hls" in tag["src"]], "the script decides"

    def test_search_engines_are_told_the_address(self, client: CheckedClient) -> None:
        make_captioned(media_url=self.ADDRESS)
        page = client.page(PAGE)
        assert page.select_one('meta[property="og:video"]')["content"] == self.ADDRESS
        assert page.select_one('meta[property="og:video:type"]')["content"] == "application/vnd.apple.mpegurl"


def test_search_engines_are_told_the_player_of_the_service(client: CheckedClient) -> None:
    make_captioned(media_url=YOUTUBE)
    data = json.loads(client.page(PAGE).select_one('script[type="application/ld+json"]').string)
    assert data["embedUrl"] == "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"
    assert "contentUrl" not in data


def test_sound_elsewhere_is_played_as_sound(client: CheckedClient) -> None:
    make_captioned(media_url="https://films.example.org/talk.mp3")
    assert client.page(f"{PAGE}?play=1").select_one("source")["type"] == "audio/mpeg"


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (YOUTUBE, "This is a YouTube video."),
        ("https://vimeo.com/76979871", "This is a Vimeo video."),
        (f"https://tube.example.org/w/{SHORT}", "This looks like a PeerTube video at tube.example.org."),
        ("https://films.example.org/a.m3u8", "This is a stream at films.example.org."),
        ("https://films.example.org/a.webm", "This is a file at films.example.org."),
        ("https://www.example.org/talk", "This is a page at www.example.org. Nothing plays here"),
    ],
)
def test_staff_read_what_a_link_was_taken_for(staff: CheckedClient, address: str, words: str) -> None:
    video = make_video(state="draft", media_url="")
    answer = staff.submit(staff.page(f"/staff/videos/{video.slug}"), "/media", media_url=f"  {address} ")
    assert words in text_of(parse(answer))
    assert queries.get_video(video.slug).media_url == address


def test_staff_page_and_caption_editor_ask_in_the_same_way_and_keep_their_place(staff: CheckedClient) -> None:
    lines = "".join(
        f"\n00:{n // 60:02}:{n % 60:02}.000 --> 00:{n // 60:02}:{n % 60:02}.900\nLine.\n" for n in range(60)
    )
    video = make_captioned(f"WEBVTT\n{lines}", media_url=YOUTUBE)
    for path in (f"/staff/videos/{video.slug}", f"/staff/videos/{video.slug}/captions/en?page=2"):
        page = staff.page(path)
        assert not page.select("iframe")
        after = clicked(staff, page, path)
        assert policy(after)["frame-src"] == "https://www.youtube-nocookie.com"
        assert parse(after).select_one("iframe#player")
        assert len(parse(after).select(".cue-row")) == len(page.select(".cue-row"))


def test_form_that_was_refused_offers_no_click_that_would_lose_what_was_typed(staff: CheckedClient) -> None:
    video = make_video(state="draft", media_url=YOUTUBE)
    page = staff.page(f"/staff/videos/{video.slug}")
    answer = staff.submit(page, "/media", media_url="not an address")
    assert answer.status_code == 422
    assert not parse(answer).select("#player a[href*=play]") and parse(answer).select("#player a[target=_blank]")


@pytest.mark.parametrize("host", ["a;script-src *", "a b", "a'", "a\nb", "a,b", "x@y", '"'])
def test_no_address_can_write_into_the_rules_of_the_page(staff: CheckedClient, host: str) -> None:
    video = make_video(state="draft", media_url="")
    answer = staff.submit(staff.page(f"/staff/videos/{video.slug}"), "/media", media_url=f"https://{host}/w/{SHORT}")
    kept = queries.get_video(video.slug).media_url
    assert answer.status_code == 422 and kept == "" or re.fullmatch(r"https://[A-Za-z0-9.:-]+/\S*", kept)
