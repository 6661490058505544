"""The search page in a small and in a large library of generated talks: `python -m benchmarks search`.

Each page is asked for in this process, and what the server of the database uses is added, so that all CPU is counted.
With BENCH_KEEP=folder the libraries stay there: making a large one takes ten minutes.
"""

import contextlib
import gc
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import text

from benchmarks import library, prepare
from benchmarks.servers import cpu_seconds_of, installation, kept_place
from webinars.core.database import db, is_sqlite

SMALL = 50
LARGE = int(os.environ.get("BENCH_VIDEOS", "5000"))
ROUNDS = int(os.environ.get("BENCH_COUNT", "30"))
QUESTIONS = {
    "word of two talks": f"q={library.RAREST}", "rare word": "q=myocarditis", "usual word": "q=colitis",
    "common word": "q=fatigue", "word of all talks": "q=treatment", "two words": "q=treatment+fatigue",
    "four words": "q=treatment+doctor+infusion+rash", "phrase": "q=%22the+doctor%22",
    "rare phrase": "q=%22rash+doctor%22",
    "mistyped rare": "q=myocardits", "mistyped": "q=colitsi", "mistyped common": "q=fatigeu", "Spanish": "q=cansancio",
    "Spanish, all talks": "q=tratamiento", "in one language": "q=fatigue&language=en",
    "in one year": "q=fatigue&year=2024", "in one series": "q=treatment&series=series-3",
    "of one length": "q=treatment&length=long", "all filters": "q=treatment&topic=topic-3&language=en&length=long",
    "nothing": "q=zzzzzz",
}  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """What the answers to one question took, in milliseconds, and how many results the page shows."""

    p50: float
    p95: float
    cpu: float
    results: int

    def __str__(self) -> str:
        return f"{self.results:2} results p50 {self.p50:5.1f} p95 {self.p95:5.1f} CPU {self.cpu:5.1f} ms"


class Library:
    """A library that can be asked, with what its answers to one question took."""

    def __init__(self, app: Flask) -> None:
        """Find out which process of a database server answers it."""
        self._client = app.test_client()
        with app.app_context():
            self._server = None if is_sqlite() else db.session.scalar(text("SELECT pg_backend_pid()"))

    def ask(self, question: str) -> tuple[float, float, int]:
        """Ask once; give seconds, seconds of CPU, and how many results the page shows."""
        used, begun = self._cpu(), time.perf_counter()
        answer = self._client.get(f"/videos?{question}")
        took, cpu = time.perf_counter() - begun, self._cpu() - used
        assert answer.status_code == 200
        return took, cpu, answer.data.count(b'class="result-body"')

    def _cpu(self) -> float:
        return time.process_time() + (cpu_seconds_of(self._server) if self._server else 0)


def with_large_library(small_url: str | None, large_url: str | None) -> list[str]:
    """Measure the first page of results with few and with many talks, each library in a database of its own."""
    with _library(SMALL, small_url) as few, _library(LARGE, large_url) as many:
        # To look through all that two installations hold takes 0.2 s, and would fall on any one question.
        gc.freeze()
        return [_compared(name, question, few, many) for name, question in QUESTIONS.items()]


@contextlib.contextmanager
def _library(videos: int, url: str | None) -> Iterator[Library]:
    with installation(kept_place(f"library_{videos}", url)) as environment:
        with prepare.inside(environment) as app:
            library.fill(videos)
        yield Library(app)


def _compared(name: str, question: str, few: Library, many: Library) -> str:
    """Ask both in turns, so that what else the machine does meets both; the first answers fill caches."""
    rounds = [(few.ask(question), many.ask(question)) for _round in range(ROUNDS + 2)][2:]
    small, large = _figures([one for one, _other in rounds]), _figures([other for _one, other in rounds])
    return f"{name:18} {SMALL}: {small}   {LARGE}: {large}   CPU × {large.cpu / small.cpu:.2f}"


def _figures(answers: Sequence[tuple[float, float, int]]) -> Figures:
    waits = sorted(1000 * wait for wait, _cpu, _results in answers)
    cpu = 1000 * sum(cpu for _wait, cpu, _results in answers) / len(answers)
    return Figures(statistics.median(waits), waits[int(len(waits) * 0.95)], cpu, answers[-1][2])
