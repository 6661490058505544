"""What a browser does at the door of a webinar, and a tally of many that do so at the same time."""

import asyncio
import re
from collections.abc import Awaitable, Iterable, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import TypeVar

from benchmarks.browsers import Answer, Browser
from benchmarks.servers import Server

_HEADLINE = re.compile(r"<h1>(?:Your place is (confirmed)|You are waiting, place (\d+))</h1>")
#: as many faults as anybody reads
_MOST_SHOWN = 20
T = TypeVar("T")


@dataclass(frozen=True)
class Told:
    """What a browser was told, and when (seconds of the monotonic clock)."""

    #: 0 for a seat, else the place in line
    place: int
    #: where it is shown
    path: str
    asked: float
    #: when the form was answered, and when the page with the result was there
    answered: float
    seen: float


@dataclass
class Tally:
    """What one part of a benchmark counted."""

    server: Server
    #: seconds from pressing the button until the page with the result
    waits: list[float] = field(default_factory=list)
    seconds: float = 0
    cpu: float = 0
    faults: list[str] = field(default_factory=list)

    async def together(self, deeds: Iterable[Awaitable[T]]) -> list[T]:
        """Do all at the same time; give what succeeded, and note what did not as a fault."""
        cpu, begun = self.server.cpu_seconds(), monotonic()
        done = await asyncio.gather(*deeds, return_exceptions=True)
        self.seconds += monotonic() - begun
        self.cpu += self.server.cpu_seconds() - cpu
        self.faults += [f"{type(one).__name__}: {one}" for one in done if isinstance(one, BaseException)]
        return [one for one in done if not isinstance(one, BaseException)]

    @property
    def rate(self) -> float:
        """Give how many succeeded in a second."""
        return len(self.waits) / self.seconds

    def lines(self, what: str) -> list[str]:
        """Say rate, CPU and waiting times, and what went wrong."""
        faults = [f"FAULT {fault}" for fault in self.faults[:_MOST_SHOWN]]
        if not self.waits:
            return [f"{what}: nobody got in", *faults]
        waits, count = sorted(self.waits), len(self.waits)
        middle, most, longest = (waits[min(count - 1, int(count * share))] for share in (0.5, 0.95, 1))
        figures = f"{self.rate:6.1f}/s {self.cpu * 1000 / count:6.2f} ms CPU"
        times = f"wait p50 {middle:.2f}, p95 {most:.2f}, max {longest:.2f} s"
        return [f"{what:46} {figures}   {times}   faults {len(self.faults)}", *faults]


def place_told(text: str) -> int:
    """Read the result page: 0 for a seat, else the place in line; raises AssertionError for any other page."""
    found = _HEADLINE.search(text)
    assert found, f"no place on the page: {text[:500]}"
    return int(found[2] or 0)


def ensure(answer: Answer, *statuses: int) -> Answer:
    """Give back an answer of a status that was to come; raises AssertionError for any other."""
    assert answer.status in statuses, f"{answer.status} instead of {statuses}: {answer.text[:500]}"
    return answer


async def send(browser: Browser, action: str, fields: Sequence[tuple[str, str]], ours: bool = True) -> Told:
    """Send a form and go where its answer leads."""
    answer = ensure(await browser.ask("POST", action, fields), 302, 303)
    result = ensure(await browser.ask("GET", answer.location), 200)
    place = place_told(result.text) if ours else 0
    return Told(place, answer.location, answer.asked, answer.answered, result.answered)
