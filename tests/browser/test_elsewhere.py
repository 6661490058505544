"""Recordings that others keep, in a real browser: nobody else is asked before the click, and it plays after it."""

import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.archive.processing.films import pytestmark as needs_ffmpeg
from tests.browser.test_recordings import CAPTIONS, FILM, is_playing_between, play, plays
from tests.support.browser import Site, violations
from webinars.archive import queries, service
from webinars.core.clock import utc_now
from webinars.core.database import transaction

pytestmark = pytest.mark.browser
YOUTUBE = "https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ?rel=0"
#: a browser that does not play HLS by itself, as most of them were for years
NO_STREAMS = """const known = HTMLMediaElement.prototype.canPlayType;
HTMLMediaElement.prototype.canPlayType = function (type) {
  return type.includes("mpegurl") ? "" : known.call(this, type);
};"""

#: opens a page of the site; gives it with the addresses asked of anybody else, and what it complained about
Visit = Callable[..., tuple[Page, list[str], list[str]]]


@pytest.fixture
def visit(chromium: Browser, site: Site) -> Iterator[Visit]:
    """Open a page whose service elsewhere is played by this test."""
    contexts = []

    def go(path: str, script: str = "", **options: Any) -> tuple[Page, list[str], list[str]]:
        context = chromium.new_context(base_url=site.url, **options)
        contexts.append(context)
        page, asked, complaints = context.new_page(), [], []
        page.on("request", lambda one: asked.append(one.url) if not one.url.startswith(site.url) else None)
        page.on("console", lambda one: complaints.append(one.text) if one.type in {"error", "warning"} else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        context.route(re.compile("^https://"), _service)
        if script:
            context.add_init_script(script)
        page.goto(path, wait_until="networkidle")
        return page, asked, complaints

    yield go
    for context in contexts:
        context.close()


def _service(route: Route) -> None:
    """Be the player of a service: says who sent the visitor, and opens a window when asked to."""
    words = f"<p>came from {route.request.headers.get('referer', 'nowhere')}</p>"
    route.fulfill(
        content_type="text/html", body=f"<!doctype html><title>Player</title>{words}<script>window.ran = 1</script>"
    )


def keep(site: Site, title: str, address: str) -> str:
    with site.app.app_context(), transaction():
        fields = {"title": title, "sponsor_text": "A fund.", "media_url": address, "captions": {"en": CAPTIONS}}
        video = service.create_video(fields, utc_now())
        service.publish_video(queries.get_video(video.slug), utc_now())
        return f"/videos/{video.slug}"


@pytest.fixture(scope="module")
def talk(site: Site) -> str:
    """Give a video that is kept at YouTube."""
    return keep(site, "A talk at YouTube", "https://youtu.be/dQw4w9WgXcQ")


@pytest.mark.parametrize("script", [True, False], ids=["with script", "without"])
def test_player_of_a_service_comes_with_the_click_and_from_each_sentence(visit: Visit, talk: str, script: bool) -> None:
    page, asked, complaints = visit(talk, java_script_enabled=script)
    assert asked == []
    if script:
        assert violations(page) == []
    page.get_by_role("link", name="Play it here").click()
    frame = page.frame_locator("iframe#player")
    # The service learns which site it is on, as it wants to, and not which page.
    expect(frame.locator("p")).to_have_text(f"came from {page.url.split('/videos')[0]}/")
    assert asked == [YOUTUBE]
    expect(page.locator("iframe#player")).to_be_in_viewport()
    page.locator(".cue", has_text="Sentence at 24").get_by_role("link").click()
    page.wait_for_url("**t=24**")
    expect(page.locator("iframe#player")).to_have_attribute("src", f"{YOUTUBE}&start=24")
    expect(page.locator("iframe#player")).to_be_in_viewport()
    expect(page.locator(".cue[aria-current=true]")).to_contain_text("Sentence at 24")
    assert asked == [YOUTUBE, f"{YOUTUBE}&start=24"]
    assert complaints == []
    if script:
        assert violations(page) == []


def test_address_that_was_copied_while_it_played_asks_the_next_reader_first(visit: Visit, talk: str) -> None:
    page, asked, _complaints = visit(f"{talk}?play=1&t=24")
    assert asked == []
    page.get_by_role("link", name="Play it here").click()
    expect(page.locator("iframe#player")).to_have_attribute("src", f"{YOUTUBE}&start=24")
    page.reload()
    expect(page.locator("iframe#player")).to_be_visible()


def test_nothing_moves_when_the_player_comes(visit: Visit, talk: str) -> None:
    page, _asked, _complaints = visit(talk, viewport={"width": 360, "height": 640})
    page.get_by_role("link", name="Play it here").click()
    box = page.locator("iframe#player").bounding_box()
    assert box and abs(box["width"] / box["height"] - 16 / 9) < 0.02
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_whole_picture_is_the_button(visit: Visit, talk: str) -> None:
    page, _asked, _complaints = visit(talk)
    box = page.locator(".stage").bounding_box()
    assert box
    page.mouse.click(box["x"] + 12, box["y"] + 12)
    expect(page.locator("iframe#player")).to_be_visible()


class Films(SimpleHTTPRequestHandler):
    """Somebody else's server of films, which may let other sites read them."""

    protocol_version = "HTTP/1.1"
    shared = True

    def end_headers(self) -> None:
        if self.shared:
            self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""


class Unshared(Films):
    shared = False


@pytest.fixture(scope="module")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cut a film into pieces of two sizes, as others do."""
    folder = tmp_path_factory.mktemp("pieces")
    sound = ["-f", "lavfi", "-i", "sine=frequency=440:duration=40"]
    how = ["-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p", "-g", "20", "-c:a", "aac", "-f", "hls"]
    cut = ["-hls_time", "4", "-hls_playlist_type", "vod", "-hls_segment_type", "fmp4"]
    sizes = ["#EXTM3U"]
    for width, height in ((640, 360), (320, 180)):
        sight = ["-f", "lavfi", "-i", f"testsrc2=size={width}x{height}:rate=10:duration=40"]
        name = ["-hls_fmp4_init_filename", f"{height}.mp4", folder / f"{height}.m3u8"]
        subprocess.run(["ffmpeg", "-v", "error", "-y", *sight, *sound, *how, *cut, *name], check=True)
        sizes += [f"#EXT-X-STREAM-INF:BANDWIDTH={height * 4000},RESOLUTION={width}x{height}", f"{height}.m3u8"]
    (folder / "talk.m3u8").write_text("\n".join(sizes) + "\n")
    return folder


@pytest.fixture(scope="module")
def films(pieces: Path) -> Iterator[dict[str, str]]:
    """Serve the pieces twice: for everybody, and for the server's own pages alone."""
    servers = [
        ThreadingHTTPServer(("127.0.0.1", 0), partial(kind, directory=str(pieces))) for kind in (Films, Unshared)
    ]
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    yield {
        name: f"http://127.0.0.1:{server.server_port}" for name, server in zip(("shared", "own"), servers, strict=True)
    }
    for server in servers:
        server.shutdown()
        server.server_close()


@needs_ffmpeg
class TestStream:
    @pytest.mark.parametrize("script", ["", NO_STREAMS], ids=["by the browser", "by the library"])
    def test_stream_plays_after_the_click_and_goes_to_a_sentence(
        self, visit: Visit, site: Site, films: dict[str, str], script: str
    ) -> None:
        way = keep(site, f"A stream {len(script)}", f"{films['shared']}/talk.m3u8")
        page, asked, complaints = visit(way, script)
        plays(page, 'video/mp4; codecs="avc1.640028,mp4a.40.2"')
        if not script:
            plays(page, "application/vnd.apple.mpegurl")
        assert asked == [] and "hls" not in page.content()
        page.get_by_role("link", name="Play it here").click()
        if script:
            page.wait_for_function(f"() => {FILM}.currentSrc.startsWith('blob:')")
        play(page)
        is_playing_between(page, 0.1, 10)
        page.locator(".cue", has_text="Sentence at 24").get_by_role("link").click()
        is_playing_between(page, 24, 34)
        assert page.evaluate(f"{FILM}.currentSrc.startsWith('blob:')") is bool(script)
        assert page.evaluate("'Hls' in window") is bool(script), "the library is fetched by who needs it"
        assert {url.rpartition("/")[0] for url in asked if url.startswith("http")} == {films["shared"]}
        assert complaints == []

    def test_stream_that_may_not_be_played_here_says_so(self, visit: Visit, site: Site, films: dict[str, str]) -> None:
        way = keep(site, "A stream of its own", f"{films['own']}/talk.m3u8")
        page, _asked, _complaints = visit(way, NO_STREAMS)
        page.get_by_role("link", name="Play it here").click()
        expect(page.locator("[data-cannot]")).to_have_text("This film cannot be played here. Try it where it is kept.")
        expect(page.get_by_role("link", name="Watch at 127.0.0.1")).to_be_visible()
