"""A new user's chores in Chromium, from the page "Today" to the finished work, with what each costs the hand.

Each begins with a person signed in at "Today", the speakers on the page of dates where the first ends, and ends with a
check that the work is done: what the public reads, what came into the mailbox, what was printed. It runs against what
`make run` starts: fresh demonstration content, worker and mailbox.
"""

import contextlib
import email
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from email import policy
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from benchmarks.hand import PATIENCE, Cost, Hand
from benchmarks.servers import PROGRAMS, ROOT, free_port
from tests.support.browser import FLAGS, chromium_path
from webinars.core.clock import utc_now
from webinars.demo.launcher import OWNER_EMAIL

CLIP = ROOT / "webinars/demo/media/a-doctor-explains-side-effects.mp4"
CAPTIONS = ROOT / "webinars/demo/media/a-doctor-explains-side-effects.en.vtt"
SERIES, ROOM = "Living with Fatigue", "https://video.example.org/room/77"
SPEAKERS = ["Grace Lindqvist", "Omar Haddad"]
CALLER = "Esperanza Yamada"
TODAY = utc_now().date()
FIRST = TODAY + timedelta(days=60)


def count(database_url: str | None, _bare: str) -> list[str]:
    """Do the chores once, in a window of a desk."""
    path = chromium_path()
    if path is None:
        return ["NOT MEASURED: no Chromium here (apt-get install chromium)"]
    with sync_playwright() as playwright, _service(database_url) as (url, folder):
        return _chores(playwright.chromium.launch(executable_path=path, args=FLAGS), url, folder)


@contextlib.contextmanager
def _service(database_url: str | None) -> Iterator[tuple[str, Path]]:
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="webinars-steps-") as folder:
        settings = {"INSTANCE_PATH": folder, "PORT": str(port), "SECRET_KEY": "benchmark-" * 6}
        if database_url:
            settings["DATABASE_URL"] = database_url
        started = subprocess.Popen([PROGRAMS / "flask", "start"], cwd=ROOT, env=os.environ | settings, text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # fmt: skip
        try:
            assert started.stdout
            if not any("Ctrl-C" in line for line in started.stdout):
                raise RuntimeError("the service did not start")
            yield f"http://127.0.0.1:{port}", Path(folder)
        finally:
            started.send_signal(signal.SIGINT)
            started.wait(60)


def _chores(browser: Browser, url: str, folder: Path) -> list[str]:
    context = browser.new_context(base_url=url, viewport={"width": 1280, "height": 900}, accept_downloads=True)
    page = context.new_page()
    hand = Hand(page)
    page.goto("/staff/")
    page.get_by_label("Email").fill(OWNER_EMAIL)
    page.get_by_label("Password").fill((folder / "demo-password").read_text().strip())
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/staff/")
    lines, whole = [], Cost()
    for name, chore in CHORES.items():
        if chore is not bring_in_speakers:
            page.goto("/staff/")
        hand.start()
        chore(hand, _Site(url, folder, browser))
        cost = hand.stop()
        lines.append(f"{name:34} {cost}")
        whole += cost
    context.close()
    return [*lines, f"{'all seven':34} {whole}"]


class _Site:
    """What the outside sees: public pages and letters."""

    def __init__(self, url: str, folder: Path, browser: Browser) -> None:
        self._url, self._folder, self._browser = url, folder, browser

    def reads(self, path: str, words: str) -> None:
        """Fail unless a stranger reads some words on a public page."""
        page = self._browser.new_page(base_url=self._url)
        page.goto(path)
        assert words in page.locator("main").inner_text(), f"{path} does not say “{words}”"
        page.close()

    def letters(self, words: str) -> int:
        """Count the letters in the mailbox with some words in the subject."""
        files = self._folder.glob("letters-*/*.eml")
        subjects = (email.message_from_bytes(file.read_bytes(), policy=policy.default)["Subject"] for file in files)
        return sum(words in str(subject) for subject in subjects)

    def wait_for_letters(self, words: str, more_than: int) -> None:
        """Wait until the worker has sent one more."""
        end = time.monotonic() + PATIENCE / 1000
        while self.letters(words) <= more_than:
            assert time.monotonic() < end, f"no letter with “{words}”"
            time.sleep(0.5)


def _go(hand: Hand, name: str) -> None:
    hand.click(hand.page.get_by_role("navigation").get_by_role("link", name=name, exact=True).first)


def _button(page: Page, name: str) -> Locator:
    return page.get_by_role("button", name=name, exact=True)


def _link(page: Page, name: str) -> Locator:
    return page.locator("#main").get_by_role("link", name=name).first


def schedule(hand: Hand, _site: _Site) -> None:
    """Write a series and look at the dates of its four parts; speakers are found on the page of dates."""
    page = hand.page
    _go(hand, "Series")
    hand.click(_link(page, "New series"))
    hand.type(page.locator("#title"), SERIES)
    hand.click(_button(page, "Save"))
    hand.type(page.locator("#join_url"), ROOM)
    hand.type(page.locator("#start_date"), FIRST.isoformat())
    hand.type(page.locator("#start_time"), "13:00")
    hand.click(_button(page, "Show the dates"))
    assert page.locator("main tbody tr").count() == 4


def bring_in_speakers(hand: Hand, _site: _Site) -> None:
    """Add two people who never spoke here, and name each at two of the four dates."""
    page = hand.page
    for name in SPEAKERS:
        with hand.beside(_link(page, "Add a speaker")):
            hand.type(hand.page.locator("#name"), name)
            hand.type(hand.page.locator("#role"), "Oncologist, City Hospital")
            hand.type(hand.page.locator("#interests"), "None")
            hand.click(_button(hand.page, "Save"))
        # A window without a screen does not tell that it is in front again.
        page.evaluate("dispatchEvent(new Event('focus'))")
        page.locator("#slots-0-speaker option", has_text=name).wait_for(state="attached")
    for part in range(4):
        hand.choose(page.locator(f"#slots-{part}-speaker"), SPEAKERS[part % 2])
    hand.click(_button(page, "Save as drafts"))
    assert page.locator("main tbody input:checked").count() == 4


def open_sign_up(hand: Hand, site: _Site) -> None:
    """Publish the four drafts."""
    page = hand.page
    _go(hand, "Series")
    hand.click(_link(page, SERIES))
    hand.click(_link(page, "Tick all of this page"))
    hand.click(_button(page, "Publish"))
    hand.click(_button(page, "Publish now"))
    site.reads(f"/webinars/{SERIES.lower().replace(' ', '-')}-part-4", "Save my place")


def move_a_date(hand: Hand, site: _Site) -> None:
    """Move a webinar that people registered for by a day."""
    page, before = hand.page, site.letters("")
    _go(hand, "Webinars")
    hand.click(_link(page, "Immunotherapy & Side Effects"))
    hand.click(_link(page, "Move to another time"))
    day = date.fromisoformat(page.locator("#start_date").input_value()) + timedelta(days=1)
    hand.type(page.locator("#start_date"), day.isoformat())
    hand.click(_button(page, "Continue"))
    hand.click(_button(page, "Move it"))
    site.reads("/webinars/immunotherapy-and-side-effects", f"{day.day} {day:%B %Y}")
    site.wait_for_letters("", before)


def answer_a_caller(hand: Hand, site: _Site) -> None:
    """Somebody lost the link and asks for the number: find the person, read it out, send the letter again."""
    page, before = hand.page, site.letters("")
    hand.type(page.get_by_role("searchbox", name="Find a person"), CALLER)
    hand.enter()
    hand.click(_link(page, CALLER))
    assert "Number to call" in page.locator("main").inner_text()
    hand.click(_button(page, "Send the letter again"))
    site.wait_for_letters("", before)


def publish_a_recording(hand: Hand, site: _Site) -> None:
    """Add a film and its captions to what ended, note both releases, and let everybody know."""
    page, before, today = hand.page, site.letters(""), TODAY.isoformat()
    hand.click(page.get_by_role("link", name="Add the recording").first)
    hand.click(_button(page, "Go on to the recording"))
    hand.take(page.locator("input[name=file]"), CLIP)
    hand.click(_button(page, "Save the recording"))
    page.get_by_text("The recording is saved.").wait_for()
    hand.take(page.locator("input[name=captions_file]"), CAPTIONS)
    hand.click(_button(page, "Save the captions"))
    page.get_by_text("The captions are saved.").wait_for()
    hand.click(_link(page, "Review and releases"))
    for number in range(page.get_by_role("button", name="Save the release").count()):
        hand.type(page.get_by_label("Given on").nth(number), today)
        hand.type(page.get_by_label("By which paper or letter").nth(number), "Signed form")
        hand.click(page.get_by_role("button", name="Save the release").nth(number))
        page.get_by_text("The release is noted.").wait_for()
    hand.click(_link(page, "Publish"))
    hand.click(_button(page, "Publish now"))
    site.reads("/videos/help-with-travel-and-costs", "Help with travel and costs")
    site.wait_for_letters("", before)


def print_the_report(hand: Hand, _site: _Site) -> None:
    """Get the report for a funder as a file to print."""
    page = hand.page
    _go(hand, "Numbers")
    hand.click(_link(page, "Report for a funder"))
    with page.expect_download() as download:
        hand.click(_button(page, "Get the report"))
    assert Path(download.value.path()).read_bytes().startswith(b"%PDF")


CHORES: dict[str, Callable[[Hand, _Site], None]] = {
    "schedule a four-part series": schedule,
    "bring in two new speakers": bring_in_speakers,
    "open sign-up for all four": open_sign_up,
    "move a date, tell everybody": move_a_date,
    "answer a caller": answer_a_caller,
    "publish a recording with captions": publish_a_recording,
    "print the report": print_the_report,
}
