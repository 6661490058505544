"""A hand at a page: it does in Chromium what a person does, and counts what that costs.

The time is that of the keystroke-level model (Card, Moran and Newell, "The Keystroke-Level Model for User Performance
Time with Interactive Systems", Communications of the ACM 23(7), 1980): a key 0.28 s (average typist), pointing 1.1 s, a
button of the mouse 0.1 s down or up, a hand from mouse to keys or back 0.4 s, and 1.35 s of thought before each deed.
Reading, scrolling and waiting for the server are not in it; the latter is counted by itself.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from pathlib import Path

from playwright.sync_api import Locator, Page, Request

KEY, POINT, BUTTON, HOMING, THOUGHT = 0.28, 1.1, 0.1, 0.4, 1.35
#: longer than any page takes on a busy machine (milliseconds)
PATIENCE = 60_000


@dataclass
class Cost:
    """What a chore took."""

    pages: int = 0
    clicks: int = 0
    fields: int = 0
    keys: int = 0
    #: seconds from asking to the first byte, of all documents
    server: float = 0.0
    #: seconds by the keystroke-level model
    model: float = 0.0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def __str__(self) -> str:
        counts = f"{self.pages:3} pages {self.clicks:3} clicks {self.fields:3} fields {self.keys:4} keys"
        return f"{counts}  server {self.server:5.2f} s  {self.model / 60:4.1f} min"


class Hand:
    """Clicks, types and chooses, one thought before each."""

    def __init__(self, page: Page) -> None:
        self.page, self.cost, self._at_keys = page, Cost(), False
        self.watch(page)

    def watch(self, page: Page) -> None:
        """Count the documents of a page."""
        page.set_default_timeout(PATIENCE)
        page.set_default_navigation_timeout(PATIENCE)
        page.on("requestfinished", self._count)

    def start(self) -> None:
        """Begin a chore: from here on it is counted anew."""
        self.stop()
        self.cost, self._at_keys = Cost(), False

    def stop(self) -> Cost:
        """Let what was asked for until now be counted, and give the cost."""
        self.page.wait_for_timeout(500)
        return self.cost

    def click(self, what: Locator) -> None:
        """Press a button or link, or tick a box, and wait for the page that follows."""
        self._press(1)
        what.click()
        self.page.wait_for_load_state()

    @contextmanager
    def beside(self, link: Locator) -> Iterator[None]:
        """Follow a link that opens a tab, work there, and close it."""
        self._press(1)
        before = self.page
        with before.context.expect_page() as opened:
            link.click()
        self.page = opened.value
        self.watch(self.page)
        self.cost.pages += 1
        yield
        self._press(1)
        self.page.close()
        self.page = before

    def type(self, where: Locator, words: str) -> None:
        """Write into a field, over what stands there. Dates and times take eight and six keys whatever the field."""
        kind = where.get_attribute("type")
        keys = {"date": 8, "time": 6}.get(kind or "", len(words))
        self._press(1)
        where.fill(words)
        self.cost.model += HOMING + keys * KEY
        self.cost.fields, self.cost.keys, self._at_keys = self.cost.fields + 1, self.cost.keys + keys, True

    def choose(self, where: Locator, label: str) -> None:
        """Open a list and press a line of it."""
        self._press(2)
        where.select_option(label=label)
        self.cost.fields += 1

    def take(self, where: Locator, file: Path) -> None:
        """Choose a file: open the dialogue, press the file, press "Open"."""
        self._press(3)
        where.set_input_files(file)
        self.cost.fields += 1

    def enter(self) -> None:
        """Press Enter in the field that was written into, and wait for the page that follows."""
        self.cost.model += KEY
        self.cost.keys += 1
        with self.page.expect_navigation():
            self.page.keyboard.press("Enter")

    def _press(self, times: int) -> None:
        self.cost.clicks += times
        self.cost.model += THOUGHT + (HOMING if self._at_keys else 0) + times * (POINT + 2 * BUTTON)
        self._at_keys = False

    def _count(self, request: Request) -> None:
        if not request.is_navigation_request() or request.frame.parent_frame is not None:
            return
        answer = request.response()
        redirected = answer is not None and 300 <= answer.status < 400
        self.cost.pages += not redirected
        self.cost.server += max(0.0, request.timing["responseStart"] - request.timing["requestStart"]) / 1000
