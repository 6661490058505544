"""Workbooks (XLSX, ISO/IEC 29500) as people see them: values, never formulas, row by row in bounded memory."""

import math
import re
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import IO, Any, cast
from warnings import catch_warnings, simplefilter
from xml.etree.ElementTree import Element

from defusedxml.ElementTree import iterparse
from flask_babel import gettext as _
from openpyxl.cell.text import Text
from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._reader import WorkSheetParser
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from webinars.registration.exchange.sheets import (
    LONGEST_CELL,
    Flaw,
    Kind,
    Record,
    Sheet,
    Unreadable,
    count_known,
    cut,
    ensure_few_columns,
    head_of,
    storable,
)

#: what a workbook may unpack to: all of it, one part that is held in memory, and how many times its packed size
_MOST_BYTES, _MOST_IN_MEMORY, _MOST_RATIO, _SMALL = 200_000_000, 10_000_000, 100, 1_000_000
_MOST_PARTS, _MOST_SHEETS = 2000, 50
#: columns a spreadsheet has
_WIDEST = 16_384
#: a spreadsheet keeps 15 digits of a number
_EXACT = 10**15
_ROW, _CELL, _DATA, _STRING = (f"{{{SHEET_MAIN_NS}}}{tag}" for tag in ("row", "c", "sheetData", "si"))
_FORMULA, _VALUE = f"{{{SHEET_MAIN_NS}}}f", f"{{{SHEET_MAIN_NS}}}v"
#: what a part that is no workbook, or a broken one, makes the libraries raise
_BROKEN = (
    zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, KeyError, IndexError, TypeError, AttributeError,
    SyntaxError, ArithmeticError, NotImplementedError, RuntimeError, struct.error, re.error,
)  # fmt: skip


def open_workbook(path: Path, is_known: Callable[[str], bool]) -> Sheet:
    """Open the first sheet of a workbook that has a head. Raises Unreadable, also while it is read."""
    with _readable():
        _ensure_harmless(path)
        book = _Book(path)
        chosen, best = None, 0
        for number, title in enumerate(book.sheets):
            head, _rows = head_of(book.records(title), is_known)
            known = count_known(head, is_known)
            if head is not None and (chosen is None or known > 0):
                chosen, best = number, known
            if best:
                break
        if chosen is None:
            raise Unreadable(_("There is nothing in this workbook."))
        title = book.sheets[chosen]
        head, rows = head_of(book.records(title), is_known)
        headers = cut(list(head.cells)) if head else []
        ensure_few_columns(len(headers))
        return Sheet(Kind.WORKBOOK, headers, _guarded(rows), book.length(title))


@contextmanager
def _readable() -> Iterator[None]:
    try:
        with catch_warnings():
            # About parts that are not read here: styles, macros, printing.
            simplefilter("ignore")
            yield
    except Unreadable:
        raise
    except _BROKEN:
        raise Unreadable(
            _("This workbook cannot be read: the file is damaged or incomplete. Open it and save it again as XLSX.")
        ) from None


def _guarded(rows: Iterator[Record]) -> Iterator[Record]:
    while True:
        with _readable():
            row = next(rows, None)
        if row is None:
            return
        yield row


def _ensure_harmless(path: Path) -> None:
    """Look at the directory of the archive before anything is unpacked; the library unpacks no more than it says."""
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
    names = {part.filename for part in parts}
    if "[Content_Types].xml" not in names:
        raise Unreadable(_("This is no Excel workbook. Save the table as XLSX or as “CSV UTF-8”."))
    if any(part.flag_bits & 1 for part in parts):
        raise Unreadable(locked())
    packed_well = (part for part in parts if part.file_size > _SMALL)
    heavy = any(part.file_size > _MOST_RATIO * max(1, part.compress_size) for part in packed_well)
    held = any(part.file_size > _MOST_IN_MEMORY for part in parts if not _is_streamed(part.filename))
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_BYTES or heavy or held:
        raise Unreadable(
            _("This workbook unpacks to more than we can read. Copy the people into a new one, or save as “CSV UTF-8”.")
        )


def locked() -> str:
    """Say what to do with a file that needs a password."""
    return str(_("This workbook is protected by a password. Save it without one."))


def _is_streamed(part: str) -> bool:
    return part.lower().startswith("xl/worksheets/") or part.lower().endswith("sharedstrings.xml")


class _Strings:
    """The texts of a workbook, kept in files: only where each one begins and ends is looked up."""

    def __init__(self) -> None:
        # Closed, and so gone, with the last who holds them.
        self._texts: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._ends: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115
        self._count = self._end = 0

    def add(self, text: str) -> None:
        written = storable(text)[: LONGEST_CELL + 1].encode()
        self._texts.write(written)
        self._end += len(written)
        self._ends.write(struct.pack("<Q", self._end))
        self._count += 1

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < self._count:
            raise IndexError(number)
        self._ends.seek(8 * max(0, number - 1))
        found = self._ends.read(16 if number else 8)
        begin, end = struct.unpack("<QQ", found) if number else (0, *struct.unpack("<Q", found))
        self._texts.seek(begin)
        return self._texts.read(end - begin).decode()


class _Reader(ExcelReader):
    """The library's reader of workbooks, but for the texts, which it would hold in memory."""

    def read_strings(self) -> None:
        strings = _Strings()
        # Only ever asked for its items.
        self.shared_strings = cast(list[str], strings)
        part = self.package.find(SHARED_STRINGS)
        if part is None:
            return
        with self.archive.open(part.PartName[1:]) as source:
            root: Element | None = None
            for event, node in iterparse(source, events=("start", "end"), forbid_dtd=True):
                if root is None:
                    root = node
                elif event == "end" and node.tag == _STRING:
                    text: Any = Text.from_tree(node)
                    strings.add(text.content or "")
                    root.clear()


class _Book:
    """An open workbook."""

    def __init__(self, path: Path) -> None:
        # A file, not a name: by the end of a name the library judges what is inside.
        file = cast(Any, path.open("rb"))
        self._reader = _Reader(file, read_only=True, data_only=True, keep_links=False)
        self._reader.read()
        #: its styles and addresses are in attributes that the library keeps for itself
        self._book: Any = self._reader.wb
        visible = [sheet for sheet in self._book.worksheets if sheet.sheet_state == "visible"]
        self._by_title: dict[str, Any] = {sheet.title: sheet for sheet in visible[:_MOST_SHEETS]}
        self.sheets = list(self._by_title)

    def length(self, title: str) -> int | None:
        """Give the number of rows that a sheet says to have, its head not counted."""
        last = self._by_title[title]._max_row
        return max(0, last - 1) if last else None

    def records(self, title: str) -> Iterator[Record]:
        """Read a sheet cell by cell, each forgotten at once: a hostile row may have millions."""
        parser = self._parser()
        cells: dict[int, str] = {}
        flaws: dict[int, Flaw] = {}
        data = row = None
        with self._reader.archive.open(self._by_title[title]._worksheet_path) as source:
            for event, node in iterparse(source, events=("start", "end"), forbid_dtd=True):
                if event == "start":
                    if node.tag == _DATA:
                        data = node
                    elif node.tag == _ROW:
                        row, cells, flaws = node, {}, {}
                        parser.parse_row(Element(_ROW, node.attrib))
                elif node.tag == _CELL and row is not None:
                    self._take(parser, node, cells, flaws)
                    del row[:]
                elif node.tag == _ROW:
                    record = _record(parser.row_counter, cells, flaws)
                    row = None
                    if data is not None:
                        data.clear()
                    if record.filled:
                        yield record
                elif node.tag == _DATA:
                    return

    def _parser(self) -> Any:
        """Make what turns an element into a value; it is handed the elements one by one."""
        make: Any = WorkSheetParser
        dates = {"date_formats": self._book._date_formats, "timedelta_formats": self._book._timedelta_formats}
        return make(None, self._reader.shared_strings, data_only=True, epoch=self._book.epoch, **dates)

    def _take(self, parser: Any, node: Element, cells: dict[int, str], flaws: dict[int, Flaw]) -> None:
        cell = parser.parse_cell(node)
        column = cell["column"] - 1
        if not 0 <= column < _WIDEST:
            raise ValueError("a cell stands beyond the last column")
        if cell["value"] is None:
            if node.find(_FORMULA) is not None and node.find(_VALUE) is None:
                flaws[column] = Flaw.FORMULA
            return
        shown = _shown(cell["value"], self._format_of(cell["style_id"]))
        if cell["data_type"] == "e":
            flaws[column] = Flaw.ERROR
        elif isinstance(cell["value"], int | float) and abs(cell["value"]) >= _EXACT:
            flaws[column] = Flaw.DIGITS
        elif len(shown) > LONGEST_CELL:
            flaws[column] = Flaw.LONG
        cells[column] = shown[:LONGEST_CELL]

    def _format_of(self, style: int) -> str:
        number = self._book._cell_styles[style].numFmtId if style else 0
        own = number - 164
        return str(self._book._number_formats[own]) if 0 <= own < len(self._book._number_formats) else ""


def _record(line: int, cells: dict[int, str], flaws: dict[int, Flaw]) -> Record:
    # What stands far to the right is told by its number alone: it makes a row too wide, not too long to hold.
    width = max([*cells, *flaws], default=-1) + 1
    return Record(line, [cells.get(column, "") for column in range(width)], flaws)


def _shown(value: Any, pattern: str) -> str:
    """Say a value as the sheet shows it: whole numbers without a point, dates as YYYY-MM-DD, leading zeros kept."""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value, pattern)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.isoformat("minutes")
    if isinstance(value, timedelta):
        return str(value)
    return storable(str(value))


def _number(value: float, pattern: str) -> str:
    if isinstance(value, float) and (not math.isfinite(value) or not value.is_integer()):
        return repr(value)
    if abs(value) >= 10**60:
        return repr(value)
    text = str(int(value))
    return text.zfill(len(pattern)) if pattern and set(pattern) == {"0"} else text
