"""A mailing of personal letters with invitations, against letters of the same size made beforehand."""

import os
import smtplib
import socket
import subprocess
import time
from collections.abc import Callable
from typing import BinaryIO

from benchmarks import prepare
from benchmarks.servers import PROGRAMS, ROOT, installation, peak_memory
from benchmarks.sink import Sink

LETTERS = int(os.environ.get("BENCH_LETTERS", "2000"))
FEW, MANY = 1000, int(os.environ.get("BENCH_MANY_LETTERS", "100000"))
PER_CONNECTION = 100
PATIENCE_SECONDS = 1800


def rate(database_url: str | None) -> list[str]:
    """Measure letters a second of one worker beside the pre-built ceiling."""
    with Sink() as sink:
        reached, _memory, size = _send(database_url, sink, LETTERS)
        one_by_one, pipelined = _prebuilt(sink, size), _prebuilt_pipelined(sink, size)
    return [
        f"mailing of {LETTERS}: {reached:.0f}/s at {size} bytes",
        f"  pre-built over smtplib {one_by_one:.0f}/s: ratio {reached / one_by_one:.2f}",
        f"  pre-built with pipelining (RFC 2920) {pipelined:.0f}/s: ratio {reached / pipelined:.2f}",
    ]


def memory(small_url: str | None, large_url: str | None) -> list[str]:
    """Measure the worker's peak memory for a small and a large mailing, each in a database of its own."""
    with Sink() as sink:
        _rate, few, _size = _send(small_url, sink, FEW)
        sink.clear()
        reached, many, _size = _send(large_url, sink, MANY)
    small, large = f"{few / 1e6:.0f} MB for {FEW}", f"{many / 1e6:.0f} MB for {MANY} letters at {reached:.0f}/s"
    return [f"worker memory: {small}, {large}: × {many / few:.2f}"]


def _send(database_url: str | None, sink: Sink, letters: int) -> tuple[float, int, int]:
    with installation(database_url, MAIL_SERVER="127.0.0.1", MAIL_PORT=str(sink.port)) as environment:
        # People may be registered twice by chance; what counts is how many are owed the letter.
        letters = prepare.mailing(environment, letters)
        worker = subprocess.Popen([PROGRAMS / "flask", "worker"], cwd=ROOT, env=os.environ | environment)
        try:
            _wait(lambda: sink.count >= 1, worker)
            first, begun = sink.count, time.perf_counter()
            _wait(lambda: sink.count >= letters, worker)
            elapsed = time.perf_counter() - begun
            return (letters - first) / elapsed, peak_memory(worker.pid), sink.average_bytes
        finally:
            worker.terminate()
            worker.wait(20)


def _wait(done: Callable[[], bool], worker: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not done():
        if worker.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError("the worker ended, or the letters did not arrive in time")
        time.sleep(0.01)


def _prebuilt(sink: Sink, size: int) -> float:
    """Send a letter made beforehand over kept-open connections, as often as the mailing had letters."""
    letter, begun = _letter(size), time.perf_counter()
    for start in range(0, LETTERS, PER_CONNECTION):
        with smtplib.SMTP("127.0.0.1", sink.port, timeout=30) as connection:
            connection.ehlo()
            for number in range(start, min(start + PER_CONNECTION, LETTERS)):
                connection.sendmail("from@example.org", [f"to{number}@example.org"], letter)
    return LETTERS / (time.perf_counter() - begun)


def _prebuilt_pipelined(sink: Sink, size: int) -> float:
    """The same with the next envelope behind each letter, as our own transport sends."""
    body, begun = _letter(size) + b".\r\n", time.perf_counter()
    for start in range(0, LETTERS, PER_CONNECTION):
        with socket.create_connection(("127.0.0.1", sink.port), 30) as connection, connection.makefile("rb") as answers:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            _read(answers, 1)
            connection.sendall(b"EHLO [127.0.0.1]\r\n")
            _read(answers, 4)
            numbers = range(start, min(start + PER_CONNECTION, LETTERS))
            connection.sendall(_envelope(numbers[0]))
            for number in numbers:
                _read(answers, 3)
                connection.sendall(body + (_envelope(number + 1) if number + 1 in numbers else b"QUIT\r\n"))
                _read(answers, 1)
    return LETTERS / (time.perf_counter() - begun)


def _letter(size: int) -> bytes:
    line = b"x" * 74 + b"\r\n"
    return b"Subject: Made beforehand\r\n\r\n" + line * (size // len(line))


def _envelope(number: int) -> bytes:
    return b"MAIL FROM:<from@example.org>\r\nRCPT TO:<to%d@example.org>\r\nDATA\r\n" % number


def _read(answers: BinaryIO, lines: int) -> None:
    for _line in range(lines):
        if answers.readline()[:1] not in {b"2", b"3"}:
            raise RuntimeError("the sink refused a letter")
