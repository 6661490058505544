"""Starting what is measured: gunicorn on loopback, the same way for ours and for the reference."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tests.support import postgres

ROOT = Path(__file__).parent.parent
PROGRAMS = Path(sys.executable).parent
CLOCK_TICKS = os.sysconf("SC_CLK_TCK")
#: where large databases stay for the next run
KEPT = Path(os.environ["BENCH_KEEP"]).absolute() if os.environ.get("BENCH_KEEP") else None


@dataclass
class Server:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    def cpu_seconds(self) -> float:
        """Give the CPU time its processes have used so far."""
        return cpu_seconds_of(self.process.pid)


def free_port() -> int:
    """Find a port nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def serve(
    application: str, environment: dict[str, str], workers: int = 1, log: IO[bytes] | None = None
) -> Iterator[Server]:
    """Run gunicorn with workers of four threads each until the block ends; ``log``: what it says goes there."""
    port = free_port()
    command = [PROGRAMS / "gunicorn", application, "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread",
               "--workers", str(workers), "--threads", "4", "--log-level", "warning", "--keep-alive", "30"]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment, stderr=log)
    try:
        _wait_for(port)
        yield Server(port, process)
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def bare_reference(database_url: str, workers: int = 1) -> Iterator[Server]:
    """Run the bare reference until the block ends, on a database made for it."""
    environment = {"BARE_DATABASE_URL": database_url}
    making = [sys.executable, "-c", "import benchmarks.bare"]
    subprocess.run(making, cwd=ROOT, env=os.environ | environment | {"BARE_CREATE": "1"}, check=True)
    with serve("benchmarks.bare:app", environment, workers) as server:
        yield server


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise TimeoutError(f"nothing answers on port {port}")


def kept_place(name: str, url: str | None) -> str | None:
    """Say where a large database is, or will be: where it stays for the next run, if anywhere does."""
    if KEPT is None:
        return url
    if url is None:
        KEPT.mkdir(parents=True, exist_ok=True)
        return f"sqlite:///{KEPT / name}.sqlite"
    return postgres.ensure_database(url, name)


@contextlib.contextmanager
def installation(database_url: str | None, **environment: str) -> Iterator[dict[str, str]]:
    """Make a migrated installation in a temporary folder; give the environment it runs in."""
    with tempfile.TemporaryDirectory(prefix="webinars-bench-") as folder:
        settings = {"INSTANCE_PATH": folder, "RATELIMIT_ENABLED": "0", "SECRET_KEY": "benchmark-" * 6, **environment}
        if database_url:
            settings["DATABASE_URL"] = database_url
        run(["db", "upgrade"], settings)
        yield settings


def run(arguments: list[str], environment: dict[str, str]) -> str:
    """Run a flask command and give what it printed."""
    done = subprocess.run([PROGRAMS / "flask", *arguments], cwd=ROOT, env=os.environ | environment, check=True,
                          stdout=subprocess.PIPE, text=True)  # fmt: skip
    return done.stdout


def cpu_seconds_of(pid: int) -> float:
    """Give the CPU time that a process and its children have used so far."""
    return sum(_cpu(one) for one in [pid, *_children(pid)])


def all_cpu_seconds_of(pid: int) -> float:
    """Give the same with that of children that are gone: a query may have helpers of its own."""
    return cpu_seconds_of(pid) + _cpu(pid, first=13)


def _cpu(pid: int, first: int = 11) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[first]) + int(fields[first + 1])) / CLOCK_TICKS


def _children(pid: int) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def peak_memory(pid: int) -> int:
    """Give the most memory a process ever held, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0
