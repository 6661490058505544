"""The staff's numbers and lists with many registrations against few: `python -m benchmarks numbers`.

Each page is asked for in this process, and what the server of the database uses is added, so that all CPU is counted.
What the worker does for the numbers is counted apart.
"""

import contextlib
import gc
import os
import time
from collections.abc import Iterator

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from benchmarks import prepare
from benchmarks.servers import cpu_seconds_of, installation
from tests.support.pages import CheckedClient
from tests.support.staff import PASSWORD
from webinars.accounts import service as accounts
from webinars.core.clock import utc_now
from webinars.core.database import db, is_sqlite, transaction
from webinars.demo.large import Amounts
from webinars.registration.models import Registration
from webinars.staff.numbers import service, work

WEBINARS = 200
FEW = 1000
MANY = int(os.environ.get("BENCH_REGISTRATIONS", "100000"))
ROUNDS = int(os.environ.get("BENCH_COUNT", "8"))
_PERIOD = "from=2015-01-01&to=2030-01-01"
PAGES = {
    "numbers, 12 months": "/staff/numbers", "numbers, all years": f"/staff/numbers?{_PERIOD}",
    "series side by side": f"/staff/numbers/series?{_PERIOD}", "one webinar": "/staff/webinars/{slug}/numbers",
    "a picture as CSV": f"/staff/numbers/regions.csv?{_PERIOD}", "form of the report": "/staff/numbers/report",
    "today": "/staff/", "page of a webinar": "/staff/webinars/{slug}",
    "its registrations": "/staff/webinars/{slug}/registrations", "all registrations": "/staff/registrations",
    "a person looked for": "/staff/registrations?q=garcia",
}  # fmt: skip


class Desk:
    """A staff area that can be asked, by somebody signed in."""

    def __init__(self, app: Flask, slug: str) -> None:
        """Sign in, and find out which process of a database server answers."""
        app.test_client_class = CheckedClient
        self._slug = slug
        with transaction():
            accounts.add_user("bench@harbor.example", "owner", PASSWORD, utc_now())
        client = app.test_client()
        client.submit(client.page("/staff/sign-in"), "sign-in", email="bench@harbor.example", password=PASSWORD)
        self._client = FlaskClient(app, use_cookies=True)
        self._client.set_cookie("session", client.get_cookie("session").value)
        self._server = None if is_sqlite() else db.session.scalar(text("SELECT pg_backend_pid()"))
        db.session.rollback()

    def cpu(self) -> float:
        """Give the CPU used so far, in seconds."""
        return time.process_time() + (cpu_seconds_of(self._server) if self._server else 0)

    def ask(self, path: str) -> float:
        """Ask for a page once; give the CPU it took, in seconds."""
        used = self.cpu()
        answer = self._client.get(path.format(slug=self._slug))
        assert answer.status_code == 200, (path, answer.status)
        return self.cpu() - used

    def measure(self, path: str) -> float:
        """Give the CPU of a page in milliseconds, over some rounds after one that fills caches."""
        self.ask(path)
        return 1000 * sum(self.ask(path) for _round in range(ROUNDS)) / ROUNDS


def with_many_registrations(small_url: str | None, large_url: str | None) -> list[str]:
    """Measure each page with few and with many registrations, each in a database of its own."""
    few, counted_few = _measured(FEW, small_url)
    many, counted_many = _measured(MANY, large_url)
    lines = [
        f"{name:22} {FEW}: {few[name]:6.1f} ms   {MANY}: {many[name]:6.1f} ms   CPU × {many[name] / few[name]:.2f}"
        for name in PAGES
    ]
    slow = [f"FAULT: {name} takes {many[name]:.0f} ms of CPU" for name in PAGES if many[name] > 100]
    return [*lines, *counted_few, *counted_many, *slow]


def _measured(registrations: int, url: str | None) -> tuple[dict[str, float], list[str]]:
    with _desk(registrations, url) as (desk, counting):
        return {name: desk.measure(path) for name, path in PAGES.items()}, counting


@contextlib.contextmanager
def _desk(registrations: int, url: str | None) -> Iterator[tuple[Desk, list[str]]]:
    with installation(url) as environment:
        prepare.programme(environment, Amounts(WEBINARS, registrations))
        with prepare.inside(environment) as app:
            webinar_id, slug = _largest(registrations)
            desk = Desk(app, slug)
            # To look through all that an installation holds takes long, and would fall on any one page.
            gc.freeze()
            begun = desk.cpu()
            while work.go_on(lambda: False):
                pass
            whole = desk.cpu() - begun
            begun = desk.cpu()
            with transaction():
                service.recount(webinar_id, utc_now())
            one = desk.cpu() - begun
            yield (
                desk,
                [f"counting {registrations}: all {whole:.2f} s, one webinar with half of them {one:.3f} s of CPU"],
            )


def _largest(registrations: int) -> tuple[int, str]:
    """Give half of all people to one webinar, the worst that is to be counted at once; say which."""
    with transaction() as session:
        webinar = session.execute(text("SELECT id, slug FROM webinars ORDER BY starts_at DESC LIMIT 1")).one()
        moved = session.query(Registration.id).order_by(Registration.id.desc()).limit(registrations // 2)
        session.query(Registration).filter(Registration.id.in_(moved)).update(
            {"webinar_id": webinar.id}, synchronize_session=False
        )
        return int(webinar.id), str(webinar.slug)
