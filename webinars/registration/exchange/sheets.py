"""What a file of people is, whatever it was written by: rows of text, read one by one in bounded memory."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain, islice

from flask_babel import gettext as _

from webinars.core.errors import UserError

#: of the table that is read, and of one cell; a spreadsheet takes no longer one either
MOST_ROWS, MOST_COLUMNS, LONGEST_CELL = 200_000, 100, 32_767
#: rows above the names of the columns: a title, a date
_MOST_ABOVE = 10
#: NUL and halves of characters, which PostgreSQL takes in no text
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class Unreadable(UserError):
    """Refuse a file as a whole, with what to do."""


class Kind(StrEnum):
    """What a file turned out to be, as its import remembers it."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    WINDOWS = "windows-1252"
    WORKBOOK = "xlsx"


class Flaw(StrEnum):
    """Why a cell has no value."""

    #: a formula that was never worked out
    FORMULA = "formula"
    #: the worked-out value is an error, such as #REF!
    ERROR = "error"
    #: a number of so many digits that the spreadsheet has lost the last ones
    DIGITS = "digits"
    LONG = "long"


@dataclass(frozen=True)
class Record:
    """One row of a file."""

    #: where it begins, counted from 1
    line: int
    cells: list[str]
    #: of cells without a value, by their place in the row
    flaws: dict[int, Flaw] = field(default_factory=dict)

    @property
    def filled(self) -> int:
        """Count the cells that hold something."""
        return len({number for number, cell in enumerate(self.cells) if cell.strip()} | set(self.flaws))


@dataclass(frozen=True)
class Sheet:
    """A table with names above its columns."""

    kind: Kind
    headers: list[str]
    #: the rows below, empty ones left out
    records: Iterator[Record]
    #: about how many there are; None = nobody knows
    expected: int | None = None


def storable(text: str) -> str:
    """Leave out what no database can keep."""
    return _UNSTORABLE.sub("", text) if not text.isascii() or "\0" in text else text


def head_of(records: Iterator[Record], is_known: Callable[[str], bool]) -> tuple[Record | None, Iterator[Record]]:
    """Find the row that names the columns, the one with most known names of the first ones; gives it and what follows.

    Where no name is known it is the first row that is no title: one with several cells. None for a table without rows.
    """
    first = list(islice(records, _MOST_ABOVE))
    if not first:
        return None, records
    known = [sum(is_known(cell) for cell in record.cells) for record in first]
    several = (number for number, record in enumerate(first) if record.filled > 1)
    place = known.index(max(known)) if any(known) else next(several, 0)
    return first[place], chain(first[place + 1 :], records)


def count_known(record: Record | None, is_known: Callable[[str], bool]) -> int:
    """Count the known names of a row."""
    return sum(is_known(cell) for cell in record.cells) if record else 0


def cut(cells: list[str]) -> list[str]:
    """Leave out the empty cells at the end."""
    while cells and not cells[-1].strip():
        cells.pop()
    return cells


def ensure_few_columns(number: int) -> None:
    """Refuse a table that is too wide to be a list of people. Raises Unreadable."""
    if number > MOST_COLUMNS:
        raise Unreadable(
            _("The table has more than %(number)s columns. Leave in only those about the people.", number=MOST_COLUMNS)
        )
