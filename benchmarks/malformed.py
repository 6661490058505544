"""Requests as no browser writes them, at every route, as a stranger, a visitor, a program and a member of staff.

No answer may be a fault of ours (5xx), the log may hold no traceback, the server must go on, and what was written
must be sound. What is not so is a line that says FAULT and names the request: ``BENCH_ONLY=<number>`` sends it again.
"""

import os
import re
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random

import sqlalchemy as sa
from wtforms import ValidationError

from benchmarks import books, prepare, targets
from benchmarks.load import VISITORS
from benchmarks.mischief import Request, Target, request_of
from benchmarks.servers import installation, run, serve
from webinars.accounts import service as accounts
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.zones import is_zone
from webinars.demo import load
from webinars.registration.forms import check_name, checked_address
from webinars.registration.models import Registration
from webinars.registration.rules import LONGEST_QUESTION
from webinars.schedule.models import Webinar

COUNT = int(os.environ.get("BENCH_MALFORMED", "15000"))
ONLY = os.environ.get("BENCH_ONLY")
SEED = int(os.environ.get("BENCH_SEED", "20261123"))
PATIENCE = 30
_LONGEST_HEAD = 200
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff]")
#: said with intent: not ready, and what HTTP has for versions and codings that nobody speaks
_MEANT = {501, 505}


@dataclass(frozen=True)
class Outcome:
    """What became of a request."""

    number: int
    request: Request
    #: None where the connection was closed without one
    status: int | None
    seconds: float

    @property
    def fault(self) -> str | None:
        """Say what is wrong with the answer."""
        if self.status is None:
            return "no answer" if self.request.whole else None
        ready = b"/readyz" in self.request.target and self.status == 503
        return f"answer {self.status}" if self.status >= 500 and not ready and self.status not in _MEANT else None


def experiment(database_url: str | None) -> list[str]:
    """Send them all, and look at the answers, at the log and at what was written."""
    with installation(database_url) as environment, prepare.inside(environment) as app, tempfile.TemporaryFile() as log:
        token = _furnish(environment)
        with serve("wsgi:app", environment, log=log) as server:
            found = targets.found(app, server.port, token)
            outcomes = _send_all(server.port, found)
            faults = [*_faults(outcomes), *_wrong_rows(), *_unreadable(found, server.port)]
        log.seek(0)
        said = log.read().decode(errors="replace")
    faults += [f"the log says: {line}" for line in said.splitlines() if "Traceback" in line or " fault " in line]
    times = sorted(outcome.seconds for outcome in outcomes)
    answers = Counter(f"{(outcome.status or 0) // 100}xx" if outcome.status else "closed" for outcome in outcomes)
    counted = ", ".join(f"{kind} {number}" for kind, number in sorted(answers.items()))
    worst = f"p95 {times[int(len(times) * 0.95)] * 1000:.0f} ms, max {times[-1] * 1000:.0f} ms"
    return [f"{len(outcomes)} requests: {counted}; {worst}; faults {len(faults)}", *(f"FAULT {one}" for one in faults)]


def _furnish(environment: Mapping[str, str]) -> str:
    """Fill the installation; give a token for programs."""
    with transaction():
        load.load(utc_now())
        accounts.add_user(targets.OWNER, "owner", targets.PASSWORD, utc_now())
    return run(["api-token", "add", "malformed"], dict(environment)).strip()


def _send_all(port: int, found: list[Target]) -> list[Outcome]:
    numbers = [int(ONLY)] if ONLY else range(COUNT)
    with ThreadPoolExecutor(VISITORS) as threads:
        return list(threads.map(lambda number: _send(port, number, found), numbers))


def _send(port: int, number: int, found: list[Target]) -> Outcome:
    """Make the request of a number, send it over a connection of its own, and read the first line of the answer."""
    chance = Random(SEED + number)
    request = request_of(chance.choice(found), f"127.0.0.1:{port}", chance)
    begun = time.monotonic()
    return Outcome(number, request, _status(port, request), time.monotonic() - begun)


def _status(port: int, request: Request) -> int | None:
    """Send a request; give the status of its answer, or None where the connection was closed without one."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        try:
            connection.sendall(request.wire())
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            # The server may have answered and hung up before it read everything.
            pass
        try:
            while piece := connection.recv(65536):
                answer = (answer + piece)[:_LONGEST_HEAD]
        except OSError:
            pass
    # Who expects to be told to go on is told so first.
    status = re.match(rb"(?:HTTP/1\.1 100 Continue\r\n\r\n)?HTTP/1\.[01] (\d{3})", answer)
    return int(status[1]) if status else None


def _faults(outcomes: list[Outcome]) -> Iterator[str]:
    for outcome in outcomes:
        if outcome.fault:
            yield f"{outcome.fault}: request {outcome.number}, {outcome.request.wire()[:600]!r}"
        if outcome.seconds > PATIENCE / 3:
            yield f"{outcome.seconds:.1f} s: request {outcome.number}, {outcome.request.wire()[:300]!r}"


def _wrong_rows() -> Iterator[str]:
    """Look through what was written for what no form and no program may leave."""
    db.session.rollback()
    for table in db.metadata.sorted_tables:
        texts = [column for column in table.columns if isinstance(column.type, sa.String | sa.JSON)]
        for row in db.session.execute(sa.select(*texts)) if texts else ():
            for column, value in zip(texts, row, strict=True):
                if _CONTROLS.search(str(value)):
                    yield f"{table.name}.{column.name} holds {str(value)[:200]!r}"
    for one in db.session.scalars(sa.select(Registration)):
        try:
            check_name(one.name)
            if one.email:
                checked_address(one.email)
        except ValidationError as problem:
            yield f"registration {one.id} holds what the form refuses: {problem}"
        if not is_zone(one.time_zone) or len(one.question) > LONGEST_QUESTION:
            yield f"registration {one.id} has the zone {one.time_zone!r} and {len(one.question)} characters of question"
    for webinar in db.session.scalars(sa.select(Webinar)).all():
        yield from books.wrong_counters(webinar.slug)


def _unreadable(found: list[Target], port: int) -> Iterator[str]:
    """Ask once more for every page, as it should be asked for."""
    for path, headers in {(target.path, tuple(target.headers)) for target in found if "GET" in target.methods}:
        request = Request(b"GET", path.encode(), [(b"Host", f"127.0.0.1:{port}".encode())])
        for name, value in headers:
            request.put(name, value)
        status = _status(port, request)
        if (status or 500) >= 500 and path != "/readyz":
            yield f"afterwards {path} answers {status}"
