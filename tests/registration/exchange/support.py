"""Files of people, and short ways through an import."""

import io
import re
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openpyxl import Workbook

from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.registration.exchange import columns, service, work
from webinars.registration.exchange.files import open_sheet
from webinars.registration.exchange.models import Import
from webinars.registration.exchange.sheets import Record, Sheet
from webinars.schedule.models import Webinar

SHEET = "xl/worksheets/sheet1.xml"


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


def edited(content: bytes, part: str, change: Callable[[str], str], **added: str) -> bytes:
    """Change a part of a workbook."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            data = old.read(name).decode()
            new.writestr(name, change(data) if name == part else data)
        for name, text in added.items():
            new.writestr(f"xl/{name}.xml", text)
    return out.getvalue()


def as_excel_writes(content: bytes) -> bytes:
    """Move the texts of a workbook into a table that its cells point to, as spreadsheet programs do."""
    texts: dict[str, int] = {}

    def point(match: re.Match[str]) -> str:
        return f't="s"><v>{texts.setdefault(match[1], len(texts))}</v></c>'

    def moved(xml: str) -> str:
        return re.sub(r't="inlineStr"><is><t[^>]*>(.*?)</t></is></c>', point, xml)

    def named(xml: str) -> str:
        kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
        return xml.replace("</Types>", f'<Override PartName="/xl/sharedStrings.xml" ContentType="{kind}"/></Types>')

    content = edited(content, SHEET, moved)
    listed = "".join(f"<si><t>{text}</t></si>" for text in texts)
    table = f'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">{listed}</sst>'
    return edited(content, "[Content_Types].xml", named, sharedStrings=table)
