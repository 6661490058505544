"""Full registrations beside another system, in the same run: pretix, as far as it runs on this machine already.

Point ``BENCH_PRETIX_URL`` at the page of an event of a pretix served on loopback, such as
http://127.0.0.1:9377/org/event/, and ``BENCH_PRETIX_PID`` at the process of its gunicorn (``--worker-class gthread
--workers 1 --threads 4``, as ours). The event is live and has one free product in a quota without limit that asks for
nothing but an address. Each round measures ours, then the other, so that what else the machine does hits both.
"""

import os
import re
from urllib.parse import urlsplit

from benchmarks import prepare
from benchmarks.load import Rate, Visitor, measure, register
from benchmarks.servers import cpu_seconds_of, installation, serve

COUNT = int(os.environ.get("BENCH_COUNT", "300"))
ROUNDS = 3


def beside_pretix(database_url: str | None) -> list[str]:
    """Measure ours and pretix in turns, from the page of the event to the page that confirms the place."""
    url, process = os.environ.get("BENCH_PRETIX_URL"), os.environ.get("BENCH_PRETIX_PID")
    if not url or not process:
        return ["not measured: BENCH_PRETIX_URL and BENCH_PRETIX_PID say where a pretix runs"]
    lines = []
    with installation(database_url) as environment:
        page = f"/webinars/{prepare.programme(environment)}"
        with serve("wsgi:app", environment) as server:
            for _round in range(ROUNDS):
                ours = measure(server.port, server.cpu_seconds, register(page, "confirmed"), COUNT)
                lines.append(_beside(ours, _measure(url, int(process))))
    return lines


def _measure(url: str, process: int) -> Rate:
    there = urlsplit(url)
    return measure(there.port or 80, lambda: cpu_seconds_of(process), _Order(there.path).do, COUNT // 5)


def _beside(ours: Rate, theirs: Rate) -> str:
    rates, cpu = ours.per_second / theirs.per_second, theirs.cpu_ms / ours.cpu_ms
    return f"full registration    ours {ours}   pretix {theirs}   {rates:.1f} times as many, {cpu:.1f} times less CPU"


class _Order:
    """What somebody does at pretix who wants one free place."""

    def __init__(self, page: str) -> None:
        self._page = page

    def do(self, visitor: Visitor, number: int) -> None:
        """Put the product into the cart, give an address, review, order, and look at the order."""
        visitor.forget()
        _path, text = self._follow(visitor, self._page)
        product = re.search(r'name="(item_\d+)"', text)
        assert product, "there is no product on the page"
        self._send(visitor, f"{self._page}cart/add", text, {"subevent": "", product[1]: "1"})
        path, text = self._follow(visitor, f"{self._page}checkout/start")
        path, text = self._send(visitor, path, text, {"email": f"person{number}@example.org"})
        path, text = self._send(visitor, path, text, {})
        assert "/order/" in path and "Ordered items" in text, path

    def _send(self, visitor: Visitor, path: str, text: str, fields: dict[str, str]) -> tuple[str, str]:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]*)"', text)
        assert token, f"no form at {path}"
        status, location, text = visitor.ask("POST", path, {"csrfmiddlewaretoken": token[1]} | fields)
        assert status == 302, f"{path}: {status}"
        return self._follow(visitor, location)

    def _follow(self, visitor: Visitor, path: str) -> tuple[str, str]:
        status, location, text = visitor.ask("GET", path)
        if status == 302:
            return self._follow(visitor, location)
        assert status == 200, f"{path}: {status}"
        return path, text
