"""Registrations written out: CSV (RFC 4180) and XLSX, some hundred rows at a time."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

from flask import Response, send_file
from sqlalchemy import Result
from xlsxwriter import Workbook

from webinars.core.http import private
from webinars.core.language import current_language
from webinars.core.text import slugify
from webinars.registration.exchange.asked import NEEDS, ROLE
from webinars.registration.exchange.cells import defused
from webinars.registration.questions.models import Kind, Question
from webinars.registration.questions.queries import answers_of
from webinars.registration.questions.words import answer_words, role_words

#: columns that can be written, as they are called in the file, and what they are of a row
COLUMNS = {
    "id": "public_id",
    "webinar": "webinar",
    "name": "name",
    "email": "email",
    "phone": "phone",
    "state": "state",
    "position": "position",
    "mode": "mode",
    "time_zone": "time_zone",
    "language": "language",
    "discreet": "discreet",
    "question": "question",
    "created_at": "created_at",
}
#: what people told beyond that, written only where it is asked for: it is about health
TOLD = (ROLE, NEEDS)
#: the webinar stands only in the lists of a series
OF_ONE_WEBINAR = tuple(name for name in COLUMNS if name != "webinar")
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: of a workbook: what people typed stays what it is, neither a formula nor a link, and rows are not held in memory
PLAIN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_PIECE = 64 * 1024
#: longest text a cell of a workbook takes
_LONGEST_CELL = 32_767


def csv_of(heads: Sequence[str], rows: Iterable[Iterable[Any]], *, mark: bool = False) -> Iterator[bytes]:
    """Write rows as CSV in UTF-8; ``mark`` puts the byte order mark in front by which Excel knows it."""
    text = io.StringIO()
    writer = csv.writer(text)
    text.write("\ufeff" if mark else "")
    writer.writerow(map(defused, heads))
    for row in rows:
        writer.writerow([defused(_text(value)) for value in row])
        if text.tell() >= _PIECE:
            yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def xlsx_of(heads: Sequence[str], rows: Iterable[Iterable[Any]], title: str) -> Iterator[bytes]:
    """Write rows as a workbook; every cell is text, so that nothing in it is worked out."""
    with tempfile.TemporaryFile() as file:
        with Workbook(file, PLAIN) as book:
            sheet = book.add_worksheet(slugify(title, 31))
            for number, row in enumerate(chain([heads], rows)):
                for column, value in enumerate(row):
                    sheet.write_string(number, column, _storable(_text(value)))
        file.seek(0)
        while piece := file.read(_PIECE):
            yield piece


def _storable(text: str) -> str:
    """Leave out the characters that XML 1.0 has no place for."""
    return (
        "".join(c for c in text if c >= " " or c in "\t\n\r")
        .replace("\ufffe", "")
        .replace("\uffff", "")[:_LONGEST_CELL]
    )


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return str(value)


def written(form: str, heads: Sequence[str], rows: Iterable[Iterable[Any]], title: str) -> Iterator[bytes]:
    """Write rows in the form that was asked for: csv or xlsx."""
    return xlsx_of(heads, rows, title) if form == "xlsx" else csv_of(heads, rows, mark=True)


def heads_of(names: Sequence[str], questions: Iterable[Question] = ()) -> list[str]:
    """Give what stands above the chosen columns: their names, and of answers the words of the question."""
    labels = {one.field: one.label(current_language()) for one in questions}
    return [labels.get(name, name) for name in names]


def values_of(rows: Result[Any], names: Sequence[str], questions: Iterable[Question] = ()) -> Iterator[list[Any]]:
    """Give the chosen columns of each row; those named as the field of a question hold the answers in words."""
    asked, language = {one.field: one for one in questions}, current_language()

    def value(row: Any, name: str, answers: Mapping[int, str]) -> Any:
        if name in asked:
            said = answers.get(asked[name].id, "")
            # As a list is read in again: an option may hold a comma.
            parts = said.split() if asked[name].kind == Kind.SEVERAL else [said]
            return "; ".join(answer_words(asked[name], part, language) for part in parts if part)
        return role_words(row.role or "") if name == ROLE else getattr(row, COLUMNS.get(name, name))

    for part in rows.partitions():
        answers = answers_of([row.id for row in part]) if set(asked) & set(names) else {}
        for row in part:
            yield [value(row, name, answers.get(row.id, {})) for name in names]


def download(parts: Iterable[bytes], title: str, form: str) -> Response:
    """Answer with a file. It is written before it is sent: a slow reader must not keep the database waiting."""
    file = tempfile.TemporaryFile()  # noqa: SIM115
    for part in parts:
        file.write(part)
    file.seek(0)
    answer = send_file(file, TYPES[form], as_attachment=True, download_name=f"{slugify(title)}.{form}")
    return private(answer)
