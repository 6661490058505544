"""CSV files (RFC 4180) as spreadsheets write them: in several encodings, with several separators."""

import codecs
import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TextIO

from flask_babel import gettext as _

from webinars.registration.exchange.sheets import (
    LONGEST_CELL,
    Flaw,
    Kind,
    Record,
    Sheet,
    Unreadable,
    cut,
    ensure_few_columns,
    head_of,
    storable,
)

_PIECE = 64 * 1024
#: characters in which the separator is looked for
_HEAD = 20_000
_SEPARATORS = ",;\t"
_CODECS = {Kind.UTF_8: "utf-8-sig", Kind.UTF_16: "utf-16", Kind.WINDOWS: "cp1252"}


def open_csv(path: Path, is_known: Callable[[str], bool]) -> Sheet:
    """Open a CSV file as a sheet. Raises Unreadable, also while it is read."""
    kind, codec, lines = _recognised(path)
    records = _records(path, codec, is_known)
    head, rows = head_of(records, is_known)
    headers = cut(list(head.cells)) if head else []
    ensure_few_columns(len(headers))
    return Sheet(kind, headers, rows, max(0, lines - 1))


def _recognised(path: Path) -> tuple[Kind, str, int]:
    """Tell the encoding by reading the whole file once; gives it, its codec, and the number of lines."""
    with path.open("rb") as file:
        head = file.read(4096)
    kind, codec = Kind.UTF_8, _CODECS[Kind.UTF_8]
    if head[:2] in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
        kind, codec = Kind.UTF_16, _CODECS[Kind.UTF_16]
    elif len(head) > 3 and head[1::2].count(0) > len(head) // 3:
        # Without a mark, every second byte of text in Latin letters is zero.
        kind, codec = Kind.UTF_16, "utf-16-le"
    elif len(head) > 3 and head[0::2].count(0) > len(head) // 3:
        kind, codec = Kind.UTF_16, "utf-16-be"
    lines = _lines_in(path, codec)
    if lines is None and kind is Kind.UTF_8:
        kind, codec = Kind.WINDOWS, _CODECS[Kind.WINDOWS]
        lines = _lines_in(path, codec)
    if lines is None:
        raise Unreadable(_("The characters of this file cannot be read. Save it as “CSV UTF-8”, or as XLSX."))
    return kind, codec, lines


def _lines_in(path: Path, codec: str) -> int | None:
    """Count the lines of a file, or say None when it is in another encoding."""
    decoder, lines = codecs.getincrementaldecoder(codec)(), 0
    try:
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                lines += decoder.decode(piece).count("\n")
            decoder.decode(b"", final=True)
    except UnicodeError:
        return None
    return lines


def _records(path: Path, codec: str, is_known: Callable[[str], bool]) -> Iterator[Record]:
    with path.open(encoding=codec, newline="") as file:
        # The standard library refuses a lone CR as the end of a line, which old programs on the Mac write.
        reader = csv.reader(file, delimiter=_separator(file, is_known), strict=True)
        while True:
            line = reader.line_num + 1
            try:
                cells = next(reader, None)
            except csv.Error:
                sentence = _("Line %(number)s is not CSV. Check its quotation marks, or save as XLSX.", number=line)
                raise Unreadable(sentence) from None
            if cells is None:
                return
            if any(cell.strip() for cell in cells):
                yield _record(line, cells)


def _record(line: int, cells: list[str]) -> Record:
    flaws = {number: Flaw.LONG for number, cell in enumerate(cells) if len(cell) > LONGEST_CELL}
    return Record(line, [storable(cell[:LONGEST_CELL]) for cell in cells], flaws)


def _separator(file: TextIO, is_known: Callable[[str], bool]) -> str:
    """Find the separator that makes most known columns of a line at the beginning, or else most columns."""
    lines = file.read(_HEAD).splitlines()[:10]
    file.seek(0)

    def merit(separator: str) -> tuple[int, int]:
        split = [line.split(separator) for line in lines] or [[]]
        known = max(sum(is_known(cell.strip().strip('"')) for cell in cells) for cells in split)
        return known, max(map(len, split))

    return max(_SEPARATORS, key=merit)
