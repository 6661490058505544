"""Files of people, and short ways through an import."""

import io
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook

from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration.exchange import columns, service, work
from webinars.registration.exchange.files import open_sheet
from webinars.registration.exchange.models import Import
from webinars.registration.exchange.sheets import Record, Sheet
from webinars.schedule.models import Webinar


def csv_file(*lines: str) -> bytes:
    return "\r\n".join((*lines, "")).encode()


def xlsx_file(*rows: Sequence[Any], before: Iterable[str] = ()) -> bytes:
    """Make a workbook of one sheet, ``before`` it empty ones with these titles."""
    book = Workbook()
    sheet = book.active
    sheet.title = "People"
    for number, title in enumerate(before):
        book.create_sheet(title, number)
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def opened(tmp_path: Any, content: bytes) -> tuple[Sheet, list[Record]]:
    """Read a file as a whole."""
    path = tmp_path / "people"
    path.write_bytes(content)
    sheet = open_sheet(path, columns.is_known)
    return sheet, list(sheet.records)


def upload(webinar: Webinar, content: bytes, name: str = "people.csv") -> int:
    """Begin an import as the page does; give its number."""
    with transaction():
        found = service.begin(webinar, name, utc_now())
        service.keep_file(found, io.BytesIO(content))
        return found.id


def work_off() -> None:
    """Let a worker do all that waits."""
    while work.go_on(lambda: False):
        pass


def import_of(number: int) -> Import:
    db.session.rollback()
    return db.session.get_one(Import, number, populate_existing=True)


def press(number: int, letters: bool = True) -> None:
    with transaction():
        service.press(import_of_now(number), letters, utc_now())


def import_of_now(number: int) -> Import:
    return db.session.get_one(Import, number)


def enter(webinar: Webinar, content: bytes, letters: bool = True) -> Import:
    """Take a file all the way."""
    number = upload(webinar, content)
    work_off()
    press(number, letters)
    work_off()
    return import_of(number)
