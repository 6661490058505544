"""Registrations as CSV files (RFC 4180): read in all at once or not at all, and written out."""

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from wtforms import ValidationError

from config import LANGUAGES
from webinars.core.errors import UserError
from webinars.core.text import many_lines, one_line
from webinars.core.zones import is_zone
from webinars.registration import queries, seats, service
from webinars.registration.forms import FALSE, check_name, checked_address
from webinars.registration.models import Mode
from webinars.registration.rules import LONGEST_QUESTION, Application, modes_of, phone_digits
from webinars.schedule.models import Webinar, WebinarState

MOST_BYTES = 100_000_000
MOST_ROWS = 200_000
#: longest first line that is looked at to tell the separator
_LONGEST_HEAD = 10_000
_SEPARATORS = ",;\t"
_TRUE = ("true", "1", "yes", "y", "on", "x")
#: what a spreadsheet takes for the beginning of a formula, also in its full-width form
_FORMULA = frozenset("=+-@\t\r\n")

EXPORTED = (
    "public_id", "name", "email", "phone", "state", "position", "mode", "time_zone", "language", "discreet", "question",
    "created_at",
)  # fmt: skip


class Unreadable(UserError):
    """Refuse a file as a whole, with what to do."""


@dataclass(frozen=True)
class Row:
    """One row of a file: what it asks for, or what is wrong with it."""

    #: where it begins, counted from 1
    line: int
    application: Application | None
    problems: tuple[str, ...] = ()


@dataclass
class Tally:
    """What a file led to, or would."""

    rows: int = 0
    #: rows that cannot be entered
    bad: int = 0
    #: rows about somebody who had a place, in whatever state
    known: int = 0
    #: new places by state
    new: dict[str, int] = field(default_factory=dict)


def ensure_takes_people(webinar: Webinar) -> None:
    """Refuse a webinar that nobody can be entered for.

    Raises UserError.
    """
    if webinar.state == WebinarState.DRAFT:
        raise UserError("This webinar is a draft. Publish it first.")
    if webinar.state == WebinarState.CANCELLED:
        raise UserError("This webinar was cancelled, so it takes no more registrations.")


def read(path: Path, webinar: Webinar) -> Iterator[Row]:
    """Read a file row by row, in bounded memory; nothing is looked up and nothing written.

    Raises Unreadable.
    """
    _refuse_other_formats(path)
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            yield from _rows(file, webinar)
        except UnicodeDecodeError:
            raise Unreadable('The file is not UTF-8. Save it as "CSV UTF-8".') from None


def enter(
    rows: Iterable[Row],
    webinar: Webinar,
    now: datetime,
    *,
    letters: bool,
    report: Callable[[Row], None],
    advance: Callable[[int], None],
) -> Tally:
    """Enter the rows as staff would, inside the caller's transaction, which must not be committed if any is bad.

    Parameters: letters, whether confirmations are owed; report, told every bad row; advance, told every row.
    """
    seats.lock(webinar.id)
    tally = Tally()
    for row in rows:
        row = _entered(row, webinar, now, letters, tally)
        if row.problems:
            tally.bad += 1
            report(row)
        tally.rows += 1
        advance(1)
    return tally


def _entered(row: Row, webinar: Webinar, now: datetime, letters: bool, tally: Tally) -> Row:
    if row.application is None:
        return row
    try:
        outcome = service.register(webinar.id, replace(row.application, quiet=not letters), now, by_staff=True)
    except UserError as error:
        return replace(row, problems=(str(error),))
    if outcome.is_new:
        tally.new[outcome.registration.state] = tally.new.get(outcome.registration.state, 0) + 1
    else:
        tally.known += 1
    return row


def csv_of(webinar: Webinar) -> Iterator[bytes]:
    """Write all registrations of a webinar in order of arrival as CSV, some hundred rows at a time (UTF-8)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow("id" if name == "public_id" else name for name in EXPORTED)
    for rows in queries.exported(webinar.id).partitions():
        writer.writerows([_cell(getattr(row, name)) for name in EXPORTED] for row in rows)
        yield _taken(text)
    yield _taken(text)


def _taken(text: io.StringIO) -> bytes:
    written = text.getvalue().encode()
    text.seek(0)
    text.truncate()
    return written


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return defused(str(value))


def defused(text: str) -> str:
    """Put an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if _looks_like_formula(text) else text


def _undefused(text: str) -> str:
    return text[1:] if text.startswith("'") and _looks_like_formula(text[1:]) else text


def _looks_like_formula(text: str) -> bool:
    return bool(text) and unicodedata.normalize("NFKC", text[0]) in _FORMULA


def _refuse_other_formats(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4)
    if start in {b"PK\x03\x04", b"\xd0\xcf\x11\xe0"}:
        raise Unreadable('Only CSV is read in this version: save the workbook as "CSV UTF-8" and import that.')
    if start[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        raise Unreadable('The file is UTF-16. Save it as "CSV UTF-8".')
    if path.stat().st_size > MOST_BYTES:
        raise Unreadable(f"The file is larger than {MOST_BYTES // 1_000_000} MB. Split it.")


def _rows(file: TextIO, webinar: Webinar) -> Iterator[Row]:
    records = _records(file, _separator(file))
    columns = _columns(next(records, (1, []))[1])
    for number, (line, cells) in enumerate(records, 1):
        if number > MOST_ROWS:
            raise Unreadable(f"The file has more than {MOST_ROWS} rows. Split it.")
        yield _row(line, columns, cells, webinar)


def _separator(file: TextIO) -> str:
    """Find the separator that makes most known columns of the first line that is not empty."""
    head = ""
    while not head.strip() and (text := file.readline(_LONGEST_HEAD)):
        head = text
    file.seek(0)
    return max(_SEPARATORS, key=lambda separator: sum(_column(cell) in _READERS for cell in head.split(separator)))


def _records(file: TextIO, separator: str) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(file, delimiter=separator, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            raise Unreadable(f"Line {line} is not CSV ({error}). Check its quotation marks.") from None
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def _columns(cells: list[str]) -> list[str]:
    columns = [_column(cell) for cell in cells]
    while columns and not columns[-1]:
        columns.pop()
    unknown = [f'"{one_line(cells[number])[:40]}"' for number, name in enumerate(columns) if name not in _READERS]
    known = ", ".join(_READERS)
    if len(unknown) == len(columns):
        raise Unreadable(f"The first line must name the columns. They can be: {known}.")
    if unknown:
        raise Unreadable(f"Unknown column {', '.join(unknown)}. Columns can be: {known}.")
    if len(set(columns)) < len(columns):
        raise Unreadable("A column is named twice in the first line.")
    if "name" not in columns or not {"email", "phone"} & set(columns):
        raise Unreadable("The columns name and email are needed.")
    return columns


def _column(cell: str) -> str:
    name = re.sub(r"[\s_-]+", "_", one_line(cell.replace('"', "")).casefold())
    return "email" if name == "e_mail" else name


def _row(line: int, columns: list[str], cells: list[str], webinar: Webinar) -> Row:
    given = dict(zip(columns, cells, strict=False))
    values, problems = {}, []
    if any(cell.strip() for cell in cells[len(columns) :]):
        problems.append("there are more cells than columns")
    for name, reader in _READERS.items():
        try:
            values[name] = reader(_undefused(given.get(name, "")), webinar)
        except ValidationError as error:
            problems.append(f"{name}: {error}")
    if not problems and not values["email"] and len(phone_digits(values["phone"])) < 5:
        problems.append("email: without an address, a telephone number is needed to know the person by")
    return Row(line, None if problems else Application(**values), tuple(problems))


def _name(text: str, webinar: Webinar) -> str:
    name = one_line(text)
    check_name(name)
    return name


def _email(text: str, webinar: Webinar) -> str | None:
    return checked_address(text) if text.strip() else None


def _phone(text: str, webinar: Webinar) -> str:
    phone = one_line(text)
    if len(phone) > 60:
        raise ValidationError("at most 60 characters")
    return phone


def _time_zone(text: str, webinar: Webinar) -> str:
    zone = one_line(text) or webinar.time_zone
    if not is_zone(zone):
        raise ValidationError(f'"{zone[:60]}" is no time zone; write for example America/New_York')
    return zone


def _mode(text: str, webinar: Webinar) -> str:
    mode = one_line(text).casefold() or Mode.LIVE
    offered = [str(one) for one in modes_of(webinar)]
    if mode not in offered:
        raise ValidationError(f'"{mode[:30]}" is not offered; write one of: {", ".join(offered)}')
    return mode


def _language(text: str, webinar: Webinar) -> str:
    language = one_line(text).casefold() or webinar.language
    if language not in LANGUAGES:
        raise ValidationError(f'"{language[:30]}" is no language of the letters; write one of: {", ".join(LANGUAGES)}')
    return language


def _discreet(text: str, webinar: Webinar) -> bool:
    said = one_line(text).casefold()
    if said not in (*_TRUE, *FALSE):
        raise ValidationError(f'"{said[:30]}" is neither yes nor no')
    return said in _TRUE


def _question(text: str, webinar: Webinar) -> str:
    question = many_lines(text)
    if len(question) > LONGEST_QUESTION:
        raise ValidationError(f"at most {LONGEST_QUESTION} characters")
    return question


#: the columns, each with what reads its cells; an empty cell reads as what the form starts with
_READERS: dict[str, Callable[[str, Webinar], Any]] = {
    "name": _name,
    "email": _email,
    "phone": _phone,
    "mode": _mode,
    "time_zone": _time_zone,
    "language": _language,
    "discreet": _discreet,
    "question": _question,
}
