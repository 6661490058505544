"""Every page of the staff desk with a large programme: `python -m benchmarks desk`.

Each page is asked for in this process, and what the server of the database uses is added, so that all CPU is counted.
With BENCH_KEEP=folder the databases stay there: making one takes ten minutes.
"""

import gc
import gzip
import importlib
import os
import re
import statistics
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from benchmarks import desk_rows, prepare
from benchmarks.servers import all_cpu_seconds_of, installation, kept_place
from tests.staff.test_rights import staff_routes
from tests.support.pages import CheckedClient
from tests.support.routes import true_path
from tests.support.staff import PASSWORD
from webinars.accounts import service as accounts
from webinars.accounts.models import User
from webinars.archive.models import Video
from webinars.archive.terms.models import Term
from webinars.archive.world_models import Answer
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.pictures import Picture
from webinars.mail.models import Inbound
from webinars.notices.models import Announcement
from webinars.registration.exchange.models import Import
from webinars.registration.models import Registration, Wave
from webinars.registration.questions.models import Question
from webinars.schedule.models import Speaker, Topic, Webinar

ROUNDS = int(os.environ.get("BENCH_COUNT", "5"))
#: what a page may cost: CPU, and what goes over the wire to a browser that takes gzip
MOST_MS, MOST_BYTES = 50, 150_000
#: a page; or, of those which are a step of something, another one
_ANSWERS = {200, 302}
#: routes that are not asked, and why
LEFT_OUT = {
    "accounts_staff.passkey_new": "answers a browser's own question",
    "archive_staff.picture_choice": "answers the script of a text field alone",
    "security.logout": "ends the visit",
}
_CROWD = f"/staff/webinars/{desk_rows.CROWD}"
_PEOPLE = f"{_CROWD}/registrations"
#: the same pages asked for what is far in them
FURTHER = (
    *(f"{_PEOPLE}?{asked}" for asked in (
        "page=1000", "page=100000", "sort=name", "sort=name&direction=desc&page=700", "sort=email", "sort=state",
        "sort=state&page=1500", "state=waitlisted", "state=cancelled&page=50", "q=garza", "q=garza&sort=name",
        "q=zzzzzz", "q=demo-50", "q=@example.net", "q=555+01", "q=maria+garza&state=confirmed", "q=a",
    )),
    *(f"/staff/registrations?{asked}" for asked in (
        "page=20000", "page=1000", "q=garza", "q=zzzzzz", "q=yuki+garza", "q=demo-1234567@example.net", "q=demo-555",
        "q=@example.net", "q=%2B1+555+0155", "q=5550155", "q=15551234567", "q=a", "q=garza&page=500", "q=olga",
    )),
    *(f"/staff/audit?{asked}" for asked in (
        "page=6000", "page=500", "q=garza", "q=told", "q=zzzzzz", "q=crowd", "q=trial", "who=staff:3", "who=system",
        "kind=webinar", "kind=webinar&page=900", "kind=settings", "since=2026-01-01", "until=2020-01-01",
        "kind=registration&q=zzzzzz",
    )),
    *(f"/staff/webinars?{asked}" for asked in (
        "page=10", "page=100", "q=trial", "q=zzzzzz", "when=past", "state=draft",
    )),
    "/staff/calendar?month=2026-12", "/staff/mail/tray?page=50", "/staff/videos?page=20", "/staff/videos?q=trial",
    "/staff/announcements?page=10", "/staff/waves?page=5", "/staff/terms?page=10", "/staff/speakers?q=17",
    f"{_CROWD}/answers/speakers?page=50", "/staff/numbers?from=2015-01-01&to=2030-01-01",
    "/staff/numbers/series?from=2015-01-01&to=2030-01-01", "/staff/numbers/months.csv?from=2015-01-01&to=2030-01-01",
    "/staff/digests", "/staff/captions?page=10", "/staff/news?page=10", f"{_PEOPLE}/export?q=garza",
)  # fmt: skip


@dataclass(frozen=True)
class Cost:
    """What one page costs."""

    path: str
    cpu: float
    wall: float
    statements: int
    #: as written, and over the wire
    size: int
    sent: int
    status: int

    def __str__(self) -> str:
        return (f"{self.cpu:7.1f} ms CPU  p50 {self.wall:7.1f} ms  {self.statements:3} statements"
                f"  {self.sent / 1000:6.1f} of {self.size / 1000:6.1f} kB  {self.path}")  # fmt: skip

    @property
    def faults(self) -> list[str]:
        """Say what is too much of it."""
        if self.status not in _ANSWERS:
            return [f"FAULT: {self.path} answers {self.status}"]
        slow = [f"FAULT: {self.path} takes {self.cpu:.0f} ms of CPU"] if self.cpu > MOST_MS else []
        return slow + ([f"FAULT: {self.path} sends {self.sent:,} bytes"] if self.sent > MOST_BYTES else [])


class Browser:
    """Asks pages of an application in this process, each in a context of its own."""

    def __init__(self, client: FlaskClient, engine: sa.Engine) -> None:
        """Find out which server answers for the database, and hear what it is asked."""
        self._client, self._statements = client, 0
        with engine.connect() as connection:
            asked = sa.text("SELECT pg_backend_pid()")
            self._server = None if engine.dialect.name == "sqlite" else _parent(connection.scalar(asked) or 0)
        sa.event.listen(engine, "before_cursor_execute", self._hear)

    def _hear(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        self._statements += not statement.startswith("BEGIN")

    def _cpu(self) -> float:
        return time.process_time() + (all_cpu_seconds_of(self._server) if self._server else 0)

    def ask(self, path: str) -> TestResponse:
        """Ask for a page once, to the end."""
        answer = self._client.get(path, headers={"Accept-Encoding": "gzip"})
        answer.get_data()
        return answer

    def cost(self, path: str) -> Cost:
        """Ask for a page in some rounds, after one that fills caches."""
        self._statements, walls = 0, []
        answer = self.ask(path)
        statements, used, body = self._statements, self._cpu(), answer.get_data()
        for _round in range(ROUNDS):
            begun = time.perf_counter()
            self.ask(path)
            walls.append(1000 * (time.perf_counter() - begun))
        cpu = 1000 * (self._cpu() - used) / ROUNDS
        whole = len(gzip.decompress(body)) if answer.headers.get("Content-Encoding") == "gzip" else len(body)
        return Cost(path, cpu, statistics.median(walls), statements, whole, len(body), answer.status_code)


def every_page(url: str | None, bare_url: str) -> list[str]:
    """Measure every page of the desk, the dearest first, beside the bare reference; name what is too much."""
    with installation(kept_place("desk", url)) as environment:
        with prepare.inside(environment) as app:
            desk_rows.fill(desk_rows.Sizes())
            _let_in()
            paths = [path for path in (*_paths(app), *FURTHER) if os.environ.get("BENCH_ONLY", "") in path]
            engine = db.engine
        browser = Browser(_signed_in(app), engine)
        # To look through all that an installation holds takes long, and would fall on any one page.
        gc.freeze()
        bare = _bare(bare_url)
        memory = [_memory()]
        costs = sorted((browser.cost(path) for path in paths), key=lambda one: -one.cpu)
        memory.append(_memory())
        for path in paths:
            browser.ask(path)
        memory.append(_memory())
    ratio = statistics.median(one.cpu for one in costs) / bare.cpu
    return [
        f"bare reference: {bare}",
        *map(str, costs),
        f"{len(costs)} pages, median × {ratio:.1f} of the bare reference, dearest × {costs[0].cpu / bare.cpu:.1f}",
        f"memory before, after one walk, after another: {' '.join(f'{one / 2**20:.0f}' for one in memory)} MB",
        *(fault for one in costs for fault in one.faults),
    ]


def _paths(app: Flask) -> Iterator[str]:
    """Give the address of every page of the desk, each with a true number or name in it."""
    world = _world()
    for rule, method, _asked in staff_routes(app):
        if method == "GET" and rule.endpoint not in LEFT_OUT:
            yield true_path(rule, world)


def _world() -> dict[str, str]:
    """Say what stands behind each part of an address; the crowd's webinar wherever there is a choice."""
    webinar = db.session.scalars(sa.select(Webinar).where(Webinar.slug == desk_rows.CROWD)).one()
    spoken = Video.id == sa.select(sa.func.min(Answer.video_id)).scalar_subquery()
    answered = Question.webinar_id == webinar.id, Question.kind == "long"
    return {
        "webinars": webinar.slug, "series": webinar.series.slug, "topics": _first(Topic.slug), "news": "news-1",
        "videos": _first(Video.slug, spoken), "waves": _first(Wave.id), "tray": _first(Inbound.id),
        "terms": _first(Term.id), "public_id": _first(Registration.public_id, Registration.webinar_id == webinar.id),
        "speaker_id": _first(Speaker.id), "user_id": _first(User.id), "announcement_id": _first(Announcement.id),
        "pictures": _first(Picture.id),
        "question_id": _first(Question.id, *answered), "import_id": _first(Import.id), "answer": _first(Answer.id),
    }  # fmt: skip


def _first(column: Any, *where: Any) -> str:
    return str(db.session.scalars(sa.select(column).where(*where).order_by(column).limit(1)).one())


def _let_in() -> None:
    with transaction():
        if not accounts.find_user("bench@harbor.example"):
            accounts.add_user("bench@harbor.example", "owner", PASSWORD, utc_now())


def _signed_in(app: Flask) -> FlaskClient:
    client = CheckedClient(app, use_cookies=True)
    client.submit(client.page("/staff/sign-in"), "sign-in", email="bench@harbor.example", password=PASSWORD)
    plain, cookie = FlaskClient(app, use_cookies=True), client.get_cookie("session")
    assert cookie is not None
    plain.set_cookie("session", cookie.value)
    return plain


def _bare(url: str) -> Cost:
    """Ask the bare reference for its page, in this process too."""
    os.environ |= {"BARE_DATABASE_URL": url, "BARE_CREATE": "1"}
    bare = importlib.import_module("benchmarks.bare")
    with bare.app.app_context():
        engine = bare.db.engine
    return Browser(bare.app.test_client(), engine).cost("/things/1")


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def _memory() -> int:
    found = re.search(r"VmRSS:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(found[1]) * 1024 if found else 0
