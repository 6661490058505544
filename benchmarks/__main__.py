"""Run the benchmarks: `make bench`, or some of them with `python -m benchmarks`.

They are called pages, lists, mail, memory, imports, kills, crowd, malformed, others, numbers, desk, search and steps.
Each line is a ratio within this run; machines differ, ratios less so. PostgreSQL is measured where there is one.
"""

import os
import platform
import sys
import tempfile
from collections.abc import Callable

from benchmarks import crowd, desk, imports, kills, mail, malformed, numbers, others, pages, search, servers, steps
from tests.support import postgres


def main(wanted: list[str]) -> None:
    """Run what was asked for, by default everything but the long ones."""
    parts: dict[str, Callable[[str | None, str], list[str]]] = {
        "pages": pages.against_bare,
        "mail": lambda url, _bare: mail.rate(url),
        "lists": lambda url, bare: pages.with_much_content(_second(url, bare), url),
        "search": lambda url, bare: search.with_large_library(_second(url, bare), url),
        "numbers": lambda url, bare: numbers.with_many_registrations(_second(url, bare), url),
        "desk": desk.every_page,
        "imports": lambda url, _bare: imports.long_lists(url),
        "kills": lambda url, _bare: kills.experiment(url),
        "crowd": crowd.experiment,
        "malformed": lambda url, _bare: malformed.experiment(url),
        "others": lambda url, _bare: others.beside_others(url),
        "steps": steps.count,
        "memory": lambda url, bare: mail.memory(_second(url, bare), url),
    }
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}")
    failed = False
    for name in wanted or ["pages", "mail", "lists"]:
        for database, fresh in _databases():
            url, bare_url = fresh(name)
            print(f"\n{name} on {database}", flush=True)
            lines = parts[name](url, bare_url)
            print("\n".join(lines), flush=True)
            failed = failed or any(line.startswith("FAULT") for line in lines)
    sys.exit(failed)


def _second(url: str | None, bare: str) -> str | None:
    """Give the reference's database for ours to use, where ours is one of a server's too."""
    return url and bare.replace("+psycopg", "")


def _databases() -> list[tuple[str, Callable[[str], tuple[str | None, str]]]]:
    found: list[tuple[str, Callable[[str], tuple[str | None, str]]]] = [("SQLite", _sqlite)]
    if "--sqlite" in sys.argv:
        return found
    try:
        server = postgres.server_url(servers.KEPT)
    except postgres.Unavailable as reason:
        print(f"NOT MEASURED ON POSTGRESQL: {reason}")
        return found
    return [*found, ("PostgreSQL", lambda name: _on_server(server, name))]


def _sqlite(name: str) -> tuple[str | None, str]:
    return None, f"sqlite:///{tempfile.mkdtemp(prefix='webinars-bare-')}/bare.sqlite"


def _on_server(server: str, name: str) -> tuple[str, str]:
    ours = postgres.make_database(server, f"bench_{name}")
    bare = postgres.make_database(server, f"bare_{name}")
    return ours, bare.replace("postgresql://", "postgresql+psycopg://")


if __name__ == "__main__":
    main([argument for argument in sys.argv[1:] if not argument.startswith("-")])
