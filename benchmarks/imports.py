"""A long list of people on its way in: reading and checking, the one transaction that enters them, and the memory."""

import multiprocessing
import os
import time
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory

from openpyxl import Workbook

from benchmarks import prepare
from benchmarks.servers import installation, peak_memory
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration.exchange import service, work
from webinars.registration.exchange.models import ImportState
from webinars.schedule.queries import find_webinar

FEW, MANY = 1000, int(os.environ.get("BENCH_IMPORTED", "50000"))


def long_lists(database_url: str | None) -> list[str]:
    """Measure a list as CSV and as XLSX, each in a process of its own, and a short one beside for the memory."""
    lines = []
    with installation(database_url) as environment, TemporaryDirectory() as folder:
        slug = prepare.programme(environment)
        for kind in ("csv", "xlsx"):
            _read, _entered, few = _measured(environment, slug, _file(Path(folder), kind, FEW))
            read, entered, many = _measured(environment, slug, _file(Path(folder), kind, MANY))
            speed = (
                f"read and checked in {read:.1f} s ({MANY / read:.0f} rows/s), entered with letters in {entered:.2f} s"
            )
            memory = f"memory {many / 1e6:.0f} MB, with {FEW} rows {few / 1e6:.0f} MB: × {many / few:.2f}"
            lines.append(f"{MANY} rows of {kind}: {speed}, {memory}")
    return lines


def _measured(environment: Mapping[str, str], slug: str, path: Path) -> tuple[float, float, int]:
    ours, theirs = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_import, args=(environment, slug, path, theirs))
    process.start()
    found: tuple[float, float, int] = ours.recv()
    process.join()
    return found


def _import(environment: Mapping[str, str], slug: str, path: Path, answer: Connection) -> None:
    with prepare.inside(environment):
        webinar = find_webinar(slug)
        if webinar is None:
            raise LookupError(slug)
        job = work.begin(webinar, path)
        begun = time.perf_counter()
        job.look()
        job.check()
        read = time.perf_counter() - begun
        with transaction():
            service.press(job.found(), letters=True, now=utc_now())
        begun = time.perf_counter()
        job.enter()
        entered = time.perf_counter() - begun
        if job.found().state != ImportState.DONE:
            raise RuntimeError("the list was not entered")
        work.clean_up(job.import_id)
        db.session.remove()
        answer.send((read, entered, peak_memory(os.getpid())))


def _file(folder: Path, kind: str, rows: int) -> Path:
    """Write a list of people who are on no other."""
    path = folder / f"{rows}.{kind}"
    people = (
        (f"{kind} person {n} of {rows}", f"{kind}.{n}.{rows}@example.net", "What about my job?") for n in range(rows)
    )
    if kind == "csv":
        path.write_text("Name,Email,Question\n" + "".join(f"{','.join(one)}\n" for one in people))
        return path
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for one in (("Name", "Email", "Question"), *people):
        sheet.append(one)
    book.save(path)
    return path
