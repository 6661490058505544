"""The long part of an import: reading, checking, entering; by a worker, or by the command that waits for it.

Each step is kept as it is done, so that whoever comes after a killed worker goes on where that one stopped. Nothing is
read inside a transaction, since reading takes long and SQLite lets only one write.
"""

import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from webinars.core import leases
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.http import current_settings
from webinars.core.language import speaking
from webinars.core.links import address_key
from webinars.core.text import random_id
from webinars.registration import rules, seats
from webinars.registration.exchange import asked, cells, columns, entering, queries, service
from webinars.registration.exchange.comparing import compare
from webinars.registration.exchange.files import open_sheet
from webinars.registration.exchange.models import AT_WORK, Fate, Import, ImportState
from webinars.registration.exchange.sheets import LONGEST_CELL, MOST_COLUMNS, MOST_ROWS, Record, Sheet, Unreadable
from webinars.registration.questions.rules import Asking, Extras
from webinars.schedule.models import Webinar

#: rows that are kept in one transaction, and deleted in one
BATCH, CLEANED = 500, 2000
_SAMPLES = 3
_LONGEST_SAMPLE = 200


class LostTrack(Exception):
    """Say that somebody else has the import in hand by now, or put an end to it."""


def go_on(stop: Callable[[], bool]) -> bool:
    """Do what waits, one import at a time, until ``stop`` says yes; says whether there was something."""
    number = queries.over_but_kept()
    if number is not None:
        clean_up(number, stop)
        return True
    number = queries.free_to_take(utc_now())
    job = take(number) if number is not None else None
    if job is None:
        db.session.rollback()
        return False
    job.stop = stop
    job.run()
    return True


def clean_up(import_id: int, stop: Callable[[], bool] = lambda: False) -> None:
    """Delete what an import that is over holds of people, a batch at a time."""
    gone = CLEANED
    while gone == CLEANED and not stop():
        with transaction():
            gone = service.clean(import_id, CLEANED)


def take(import_id: int) -> "Job | None":
    """Take an import in hand; None when somebody else has it."""
    lease = timedelta(seconds=current_settings().worker_lease_seconds)
    with transaction():
        token = service.take(import_id, utc_now(), lease)
    return Job(import_id, token, lease) if token else None


def begin(webinar: Webinar, path: Path) -> "Job":
    """Begin an import whose file is at hand, and take it in hand before any worker can. Raises Conflict."""
    lease, now = timedelta(seconds=current_settings().worker_lease_seconds), utc_now()
    with transaction():
        number = service.begin(webinar, path.name, now).id
        token = service.take(number, now, lease) or ""
    return Job(number, token, lease, path)


@dataclass
class Job:
    """An import in hand."""

    import_id: int
    token: str
    lease: timedelta
    #: where its file is, if not in the database
    path: Path | None = None
    #: told how many rows were read
    advance: Callable[[int], None] = lambda _rows: None
    stop: Callable[[], bool] = lambda: False

    def run(self) -> None:
        """Do what can be done without staff, then let go."""
        steps = {
            ImportState.READING: self.look,
            ImportState.CHECKING: self.check,
            ImportState.ENTERING: self.enter,
        }
        try:
            while not self.stop() and (state := self._state()) in AT_WORK:
                steps[ImportState(state)]()
            with self._writing() as found:
                found.release()
        except LostTrack:
            db.session.rollback()

    def look(self) -> None:
        """See what the file is and which columns it has; what cannot be read ends the import, with the sentence why."""
        try:
            self._look()
        except Unreadable as reason:
            self._refuse(str(reason))

    def check(self) -> None:
        """Read the rows that are not kept yet, then compare them with who is registered; else as above."""
        try:
            self._check()
        except Unreadable as reason:
            self._refuse(str(reason))

    def enter(self) -> None:
        """Enter everybody in one transaction, or nobody."""
        with self._writing(with_webinar=True) as found:
            entering.enter(found, utc_now())

    def _look(self) -> None:
        with self._sheet() as sheet:
            samples = [
                [cell[:_LONGEST_SAMPLE] for cell in record.cells[: len(sheet.headers)]]
                for record in islice(sheet.records, _SAMPLES)
            ]
        asking = asked.asked_by(self.found().webinar, utc_now())
        names = asked.names(asking)
        fields = columns.recognised(sheet.headers, names, queries.remembered(columns.memory_key(sheet.headers)))
        known = [field or "" for field in fields]
        sure = None not in fields and columns.mistake_in(known, asked.labels(asking)) is None
        with self._writing(ImportState.READING) as found:
            found.kind, found.expected = sheet.kind, sheet.expected
            found.headers = [header[: columns.LONGEST_HEADER] for header in sheet.headers]
            found.samples, found.columns = samples, known
            found.state = ImportState.CHECKING if sure else ImportState.COLUMNS

    def _check(self) -> None:
        done = self.found().rows
        with self._sheet() as sheet:
            records = islice(sheet.records, done, None)
            while not self.stop():
                batch = list(islice(records, BATCH))
                if done + len(batch) > MOST_ROWS:
                    raise Unreadable(_("The file has more than %(number)s rows. Split it.", number=MOST_ROWS))
                if not batch:
                    self._compare()
                    return
                self._keep(batch, done)
                done += len(batch)
                self.advance(len(batch))

    def _keep(self, batch: list[Record], done: int) -> None:
        found = self.found()
        fields, webinar = list(found.columns), found.webinar
        asking = asked.asked_by(webinar, utc_now())
        first = done + 1
        rows = [_row(found.id, number, one, fields, webinar, asking) for number, one in enumerate(batch, first)]
        with self._writing(ImportState.CHECKING) as found:
            if found.rows != done or found.columns != fields:
                raise LostTrack
            service.add_rows(found, rows)

    def _compare(self) -> None:
        with self._writing(ImportState.CHECKING) as found:
            if not found.rows:
                raise Unreadable(_("There are no people in this file, only the first line."))
            compare(found, found.webinar, utc_now())
            found.state = ImportState.CHECKED

    @contextmanager
    def _sheet(self) -> Iterator[Sheet]:
        """Open the file, and speak the language of whoever sent it. Raises Unreadable."""
        with speaking(self.found().language), self._file() as path:
            sheet = open_sheet(path, columns.is_known)
            if not sheet.headers or columns.is_person(sheet.headers):
                raise Unreadable(_("The first line must name the columns, such as Name and Email."))
            yield sheet

    @contextmanager
    def _file(self) -> Iterator[Path]:
        if self.path is not None:
            yield self.path
            return
        with tempfile.NamedTemporaryFile() as copy:
            for piece in queries.pieces(self.import_id):
                copy.write(piece)
            copy.flush()
            db.session.rollback()
            if not copy.tell():
                raise Unreadable(_("This import was interrupted. Please begin again."))
            yield Path(copy.name)

    def _refuse(self, reason: str) -> None:
        with self._writing() as found:
            if found.state in AT_WORK:
                service.end(found, ImportState.REFUSED, reason)

    def _state(self) -> str:
        return self.found().state

    def found(self) -> Import:
        """Give the import as it is now. Raises LostTrack when it is not ours any more."""
        found = db.session.get(Import, self.import_id, populate_existing=True)
        if found is None or found.claim_token != self.token:
            raise LostTrack
        return found

    @contextmanager
    def _writing(self, state: ImportState | None = None, with_webinar: bool = False) -> Iterator[Import]:
        """Write while the import is still ours and as far as it was, and keep it ours for another while.

        Raises LostTrack when somebody put an end to it meanwhile: it must not come back to life.
        """
        with transaction():
            if with_webinar:
                # First, as whoever erases somebody does.
                seats.lock(self.found().webinar_id)
            found = leases.find_held(Import, self.import_id, self.token)
            if found is None or (state is not None and found.state != state):
                raise LostTrack
            found.lease_until = utc_now() + self.lease
            db.session.flush()
            yield found


def _row(
    import_id: int, number: int, record: Record, fields: list[str], webinar: Webinar, asking: Asking
) -> dict[str, Any]:
    """Read a row, and give what is kept of it."""
    reading = cells.read_row(record.cells, record.flaws, fields, webinar, asking)
    written = [cell[:LONGEST_CELL] for cell in record.cells[: MOST_COLUMNS + 1]]
    flaws = {str(place): flaw.value for place, flaw in record.flaws.items() if place <= MOST_COLUMNS}
    kept: dict[str, Any] = {
        "import_id": import_id, "number": number, "line": record.line, "written": {"cells": written, "flaws": flaws},
        "fate": Fate.BAD, "public_id": None, "uid": None, "name": None, "name_key": None, "email": None,
        "email_key": None, "address_key": None, "phone": None, "mode": None, "time_zone": None, "language": None,
        "discreet": None, "question": None,
    }  # fmt: skip
    if reading.application is None:
        # Whoever asks to be forgotten is found by it, however the address was written.
        return kept | {"email_key": cells.key_in(record.cells, fields)}
    wanted = rules.tidy(reading.application, webinar.time_zone, bool(webinar.phone_number))
    key = wanted.email_key
    if wanted.extras != Extras():
        kept["written"] |= {"extras": asdict(wanted.extras)}
    return kept | {
        "fate": Fate.GOOD, "public_id": random_id(), "uid": str(uuid.uuid4()), "name": wanted.name,
        "name_key": wanted.name_key, "email": wanted.email, "email_key": key, "address_key": address_key(key),
        "phone": wanted.phone, "mode": wanted.mode, "time_zone": wanted.time_zone, "language": wanted.language,
        "discreet": wanted.discreet, "question": wanted.question,
    }  # fmt: skip
