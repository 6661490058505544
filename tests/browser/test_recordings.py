"""Real recordings in a real browser: uploaded, worked on, played in every size, as sound, by words, by pictures."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, StorageState, expect

from tests.archive.processing.films import pytestmark as needs_ffmpeg
from tests.archive.processing.films import work_off
from tests.archive.test_real_players import make_film
from tests.browser.conftest import Open
from tests.support.browser import Site, violations
from tests.support.counting_line import Line
from webinars.archive import queries, service
from webinars.archive.processing import rules
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.http import current_settings

pytestmark = [pytest.mark.browser, needs_ffmpeg]

SECONDS = 40
CAPTIONS = "WEBVTT\n" + "".join(
    f"\n00:00:{second:02}.000 --> 00:00:{second + 4:02}.000\nSentence at {second}.\n" for second in range(0, 36, 4)
)
FILM = "document.getElementById('player')"


def plays(browser_page: Page, kind: str) -> None:
    """Skip, in words, where this Chromium was built without a codec."""
    if not browser_page.evaluate("kind => document.createElement('video').canPlayType(kind)", kind):
        pytest.skip(f"THIS CHROMIUM CANNOT PLAY {kind}")


def play(page: Page) -> None:
    page.evaluate(f"() => {{ {FILM}.muted = true; return {FILM}.play(); }}")


def is_playing_between(page: Page, first: float, last: float) -> None:
    """Wait until the film plays within some seconds, and goes on."""
    page.wait_for_function(f"([a, b]) => !{FILM}.paused && {FILM}.currentTime >= a && {FILM}.currentTime <= b && "
                           f"{FILM}.readyState >= 2", arg=[first, last])  # fmt: skip
    before = page.evaluate(f"{FILM}.currentTime")
    page.wait_for_function(f"before => {FILM}.currentTime > before", arg=before)


def playing(page: Page) -> str:
    return str(page.evaluate(f"{FILM}.currentSrc"))


def without_streams(route: Route) -> None:
    """Give the page to a browser that knows no HLS: of a type that nobody knows it takes the next source."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text().replace("application/vnd.apple.mpegurl", "video/unknown"))


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a film in VP9, which every Chromium plays as it is."""
    path = tmp_path_factory.mktemp("film") / "talk.webm"
    sight = ["-f", "lavfi", "-i", f"testsrc2=size=1280x720:rate=10:duration={SECONDS}"]
    sound = ["-f", "lavfi", "-i", f"sine=frequency=440:duration={SECONDS}"]
    how = [
        "-c:v",
        "libvpx-vp9",
        "-deadline",
        "realtime",
        "-cpu-used",
        "8",
        "-b:v",
        "300k",
        "-g",
        "20",
        "-c:a",
        "libopus",
    ]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *sight, *sound, *how, path], check=True)
    return path


def upload(site: Site, chromium: Browser, staff_state: StorageState, film: Path, title: str) -> str:
    """Take a film in through the page, as staff do; gives the address of its public page."""
    with site.app.app_context(), transaction():
        fields = {"title": title, "sponsor_text": "Paid by a fund.", "captions": {"en": CAPTIONS}}
        slug = service.create_video(fields, utc_now()).slug
    context = chromium.new_context(base_url=site.url, storage_state=staff_state)
    page = context.new_page()
    page.goto(f"/staff/videos/{slug}")
    page.get_by_label("Recording from your computer").set_input_files(film)
    page.get_by_role("button", name="Save the recording").click()
    expect(page.locator("#recording")).to_contain_text(f"The file {slug}-")
    context.close()
    with site.app.app_context(), transaction():
        service.publish_video(queries.get_video(slug), utc_now())
    return f"/videos/{slug}"


@pytest.fixture(scope="module")
def fresh(site: Site, chromium: Browser, staff_state: StorageState, film: Path) -> str:
    """Give a recording that no worker has seen."""
    return upload(site, chromium, staff_state, film, "A talk as it was filmed")


@pytest.fixture(scope="module")
def talk(site: Site, chromium: Browser, staff_state: StorageState, film: Path) -> Iterator[str]:
    """Give a recording of which all was made that is made of long ones."""
    address = upload(site, chromium, staff_state, film, "A talk in all sizes")
    with pytest.MonkeyPatch.context() as patch, site.app.app_context():
        patch.setattr(rules, "LONG_SECONDS", SECONDS / 2)
        work_off()
    yield address


def test_recording_plays_as_it_is_before_a_worker_has_seen_it(open_page: Open, fresh: str) -> None:
    page = open_page(fresh)
    plays(page, 'video/webm; codecs="vp9,opus"')
    play(page)
    is_playing_between(page, 0.1, 8)
    page.locator(".cue", has_text="Sentence at 24").get_by_role("link").click()
    is_playing_between(page, 24, 32)
    assert playing(page).endswith(".webm")


def test_size_and_sound_are_changed_while_it_plays_and_the_second_stays(open_page: Open, talk: str) -> None:
    page = open_page(talk)
    plays(page, 'video/mp4; codecs="avc1.640028,mp4a.40.2"')
    sizes = page.get_by_role("navigation", name="Picture and sound")
    page.evaluate(f"{FILM}.playbackRate = 1.25; window.stays = true")
    play(page)
    is_playing_between(page, 0.1, 8)
    page.evaluate(f"{FILM}.currentTime = 20")
    for name, ending, height in [
        ("Picture 360p", ".mp4", 360),
        ("Picture 720p", ".mp4", 720),
        ("Listen only", ".m4a", 0),
    ]:
        sizes.get_by_role("link", name=name).click()
        is_playing_between(page, 20, 38)
        assert playing(page).endswith(ending)
        assert page.evaluate(f"[{FILM}.videoHeight, {FILM}.playbackRate]") == [height, 1.25]
        expect(sizes.locator("[aria-current=true]")).to_have_text(name)
        expect(page.locator("[role=status][data-chosen]")).to_have_text(f"Chosen: {name}")
    tracks = page.evaluate(f"[...{FILM}.textTracks].map(one => [one.kind, one.mode])")
    assert ["captions", "showing"] in tracks
    page.wait_for_function(f"() => [...{FILM}.textTracks].find(one => one.kind == 'captions').activeCues.length > 0")
    assert page.evaluate("window.stays") is True


def test_long_film_follows_the_line_where_the_browser_can(open_page: Open, talk: str) -> None:
    page = open_page(talk)
    plays(page, "application/vnd.apple.mpegurl")
    play(page)
    is_playing_between(page, 0.1, 8)
    assert playing(page).endswith(".m3u8")
    page.locator(".cue", has_text="Sentence at 24").get_by_role("link").click()
    is_playing_between(page, 24, 32)
    expect(page.locator(".sizes [aria-current=true]")).to_have_text("Automatic")


def test_browser_that_cannot_follow_the_line_takes_the_usual_size_and_is_told_so(open_page: Open, talk: str) -> None:
    page = open_page(talk, first=lambda page: page.route(f"**{talk}", without_streams))
    plays(page, 'video/mp4; codecs="avc1.640028,mp4a.40.2"')
    expect(page.locator(".sizes a").first).to_be_hidden()
    expect(page.locator(".sizes [aria-current=true]")).to_have_text("Picture 720p")
    play(page)
    is_playing_between(page, 0.1, 8)
    assert page.evaluate(f"{FILM}.videoHeight") == 720


def test_seeking_near_the_end_fetches_the_end_and_not_what_lies_between(chromium: Browser, site: Site) -> None:
    with site.app.app_context():
        path = Path(current_settings().media_root) / "long-way.mp4"
        make_film(path, first=True)
        with transaction():
            fields = {"title": "A long way", "sponsor_text": "A fund.", "media_url": "media:long-way.mp4"}
            service.publish_video(service.create_video(fields, utc_now()), utc_now())
    size = path.stat().st_size
    with Line(int(site.url.rpartition(":")[2])) as line:
        page = chromium.new_page()
        page.goto(f"http://127.0.0.1:{line.port}/videos/a-long-way", wait_until="networkidle")
        plays(page, 'video/mp4; codecs="avc1.640028,mp4a.40.2"')
        line.forget()
        page.evaluate(f"{FILM}.currentTime = 285")
        play(page)
        is_playing_between(page, 285, 300)
        ranges = [wanted for path, wanted in line.asked if path.endswith("long-way.mp4")]
        starts = [int(wanted.removeprefix("bytes=").partition("-")[0]) for wanted in ranges]
        # A busy Chromium asks for the same bytes again.
        assert len(set(ranges)) <= 4 and max(starts) > size * 0.8, ranges
        assert line.carried < size / 2, (line.carried, size, ranges)
        page.close()


class TestPictures:
    def test_pictures_are_fetched_when_they_are_looked_for(self, open_page: Open, talk: str) -> None:
        asked: list[str] = []
        page = open_page(talk, first=lambda page: page.on("request", lambda one: asked.append(one.url)))
        expect(page.get_by_role("slider", name="Find a moment by its picture")).to_be_visible()
        assert not [url for url in asked if "pictures" in url]
        page.get_by_role("slider", name="Find a moment").hover()
        expect(page.locator(".peek-picture img")).to_have_count(0)
        assert len([url for url in asked if "pictures" in url]) == 2

    def test_keys_show_the_picture_and_the_time_and_go_there(self, open_page: Open, talk: str) -> None:
        page = open_page(talk)
        slider = page.get_by_role("slider", name="Find a moment")
        slider.focus()
        expect(page.locator(".peek-picture img")).to_have_count(0)
        first = page.locator(".peek-picture").get_attribute("style")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        expect(slider).to_have_attribute("aria-valuetext", "00:10")
        assert page.locator(".peek-picture").get_attribute("style") != first
        assert page.evaluate(f"{FILM}.currentTime") == 10
        page.keyboard.press("End")
        expect(slider).to_have_attribute("aria-valuetext", f"00:{SECONDS}")
        page.keyboard.press("Home")
        assert page.evaluate(f"{FILM}.currentTime") == 0
        assert violations(page) == []

    def test_while_keys_are_used_the_slider_stays_and_begins_at_what_plays(self, open_page: Open, talk: str) -> None:
        page = open_page(talk)
        plays(page, 'video/mp4; codecs="avc1.640028,mp4a.40.2"')
        slider = page.get_by_role("slider", name="Find a moment")
        play(page)
        is_playing_between(page, 0.1, 8)
        page.evaluate(f"{FILM}.currentTime = 20")
        page.wait_for_function("() => document.getElementById('peek').value >= 20")
        slider.focus()
        page.keyboard.press("ArrowLeft")
        is_playing_between(page, 15, 19.9)
        expect(slider).to_have_attribute("aria-valuetext", "00:15")

    def test_without_a_script_there_is_none(self, open_page: Open, talk: str) -> None:
        page = open_page(talk, java_script_enabled=False)
        expect(page.locator(".peek")).to_be_hidden()
        page.get_by_role("link", name="Picture 360p").click()
        expect(page.locator(".sizes [aria-current=true]")).to_have_text("Picture 360p")
