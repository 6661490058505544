"""Registration and public pages: against the bare reference, and with much content against little."""

import os

from benchmarks import prepare
from benchmarks.load import Rate, Task, get, measure, register
from benchmarks.servers import Server, bare_reference, installation, serve
from webinars.demo.large import Amounts

COUNT = int(os.environ.get("BENCH_COUNT", "1500"))
LARGE = Amounts(
    webinars=int(os.environ.get("BENCH_WEBINARS", "10000")),
    registrations=int(os.environ.get("BENCH_REGISTRATIONS", "1000000")),
    videos=int(os.environ.get("BENCH_VIDEOS", "5000")),
)
SMALL = Amounts(webinars=100, registrations=10_000, videos=50)
LISTS = {"home": ("/", "Coming up"), "series": ("/series/side-effects", "Coming up"), "videos": ("/videos", "Videos"),
         "topic": ("/topics/immunotherapy", "Coming up")}  # fmt: skip


def against_bare(database_url: str | None, bare_url: str) -> list[str]:
    """Measure a full registration and the webinar page beside the bare reference."""
    with installation(database_url) as environment:
        page = f"/webinars/{prepare.programme(environment)}"
        with serve("wsgi:app", environment) as ours, bare_reference(bare_url) as bare:
            return [
                _pair("webinar page", ours, get(page, "Save my place"), bare, get("/things/1", "thing")),
                _pair("full registration", ours, register(page, "confirmed"), bare, register("/things/1", "Person")),
            ]


def with_much_content(small_url: str | None, large_url: str | None) -> list[str]:
    """Measure home and lists with little and with much content, each in a database of its own."""
    rates: dict[str, list[Rate]] = {name: [] for name in LISTS}
    for amounts, url in ((SMALL, small_url), (LARGE, large_url)):
        with installation(url) as environment:
            prepare.programme(environment, amounts)
            with serve("wsgi:app", environment) as ours:
                for name, (path, expected) in LISTS.items():
                    rates[name].append(_measure(ours, get(path, expected)))
    return [
        f"{name:20} small {few}   large {many}   cost × {many.cpu_ms / few.cpu_ms:.2f}"
        for name, (few, many) in rates.items()
    ]


def _measure(server: Server, task: Task) -> Rate:
    return measure(server.port, server.cpu_seconds, task, COUNT)


def _pair(what: str, ours: Server, our_task: Task, bare: Server, bare_task: Task) -> str:
    mine, reference = _measure(ours, our_task), _measure(bare, bare_task)
    return f"{what:20} ours {mine}   bare {reference}   ratio {mine.per_second / reference.per_second:.2f}"
