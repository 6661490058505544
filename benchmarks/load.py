"""A bounded load on loopback: a few visitors with kept-open connections, each repeating one task."""

import http.client
import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

VISITORS = 4
#: what a visitor does again and again, given the number of the time
Task = Callable[["Visitor", int], None]


@dataclass(frozen=True)
class Rate:
    """What a load reached."""

    per_second: float
    cpu_ms: float

    def __str__(self) -> str:
        return f"{self.per_second:7.1f}/s {self.cpu_ms:6.2f} ms CPU"


class Visitor:
    """One browser without the drawing: keeps its connection and its cookies."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._cookies: dict[str, str] = {}

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        """Send one request; give status, Location and body. The fields go as a form, unless a header says JSON."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {}) | {"Cookie": self.cookie}
        body = None
        if fields is not None:
            body = json.dumps(fields) if headers["Content-Type"] == "application/json" else urlencode(fields)
        self._connection.request(method, path, body, headers)
        answer = self._connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self._cookies[name] = value
        text = answer.read().decode(errors="replace")
        return answer.status, urlsplit(answer.headers.get("Location", "")).path, text

    @property
    def cookie(self) -> str:
        """Give what it sends back of the cookies it was given."""
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def forget(self) -> None:
        """Become somebody else."""
        self._cookies.clear()


def measure(port: int, cpu_seconds: Callable[[], float], task: Task, count: int) -> Rate:
    """Let the visitors do a task so many times; the first tenth is not counted."""
    _run(port, task, max(VISITORS, count // 10), start=10_000_000)
    cpu, begun = cpu_seconds(), time.perf_counter()
    _run(port, task, count, start=0)
    elapsed = time.perf_counter() - begun
    return Rate(count / elapsed, (cpu_seconds() - cpu) * 1000 / count)


def _run(port: int, task: Task, count: int, start: int) -> None:
    failures: list[BaseException] = []

    def visit(first: int) -> None:
        visitor = Visitor(port)
        try:
            for number in range(first, count, VISITORS):
                task(visitor, start + number)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=visit, args=(number,)) for number in range(VISITORS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def get(path: str, expected: str) -> Task:
    """Make the task of fetching a page and checking a word on it."""

    def task(visitor: Visitor, number: int) -> None:
        visitor.forget()
        status, _, text = visitor.ask("GET", path)
        if status != 200 or expected not in text:
            raise AssertionError(f"{path}: {status}")

    return task


def hidden_fields(text: str) -> dict[str, str]:
    """Give what the form on a page holds unseen."""
    return dict(re.findall(r'name="(csrf_token|nonce|opened)"[^>]*value="([^"]*)"', text))


def register(page: str, expected: str) -> Task:
    """Make the task of a full registration: form page, POST, result page."""

    def task(visitor: Visitor, number: int) -> None:
        visitor.forget()
        _, _, text = visitor.ask("GET", page)
        fields = hidden_fields(text) | {"name": f"Person {number}", "email": f"person{number}@example.org"}
        status, location, text = visitor.ask("POST", f"{page}/register", fields)
        if status not in {302, 303}:
            raise AssertionError(f"{page}: {status} {text[:2000]}")
        status, _, text = visitor.ask("GET", location)
        if status != 200 or expected not in text:
            raise AssertionError(f"{location}: {status}")

    return task
