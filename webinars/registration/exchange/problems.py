"""What stands against a row, said to whoever looks in their language; nothing of it is kept."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from webinars.core.clock import utc_now
from webinars.registration.exchange.asked import asked_by, labels
from webinars.registration.exchange.cells import read_row
from webinars.registration.exchange.models import Fate, Import, ImportRow
from webinars.registration.questions.rules import Asking

_LONGEST_SHOWN = 120


@dataclass(frozen=True)
class Shown:
    """One problem as staff see it."""

    #: what stands above the column; empty = the whole row
    header: str
    field: str
    written: str
    sentence: str


def explained(rows: Iterable[ImportRow], found: Import) -> Iterator[tuple[ImportRow, list[Shown]]]:
    """Say of each row what is wrong in it: where, what was written, what to do."""
    asking = asked_by(found.webinar, utc_now())
    words = labels(asking)
    for row in rows:
        yield row, _problems_of(row, found, asking, words)


def _problems_of(row: ImportRow, found: Import, asking: Asking, words: Mapping[str, str]) -> list[Shown]:
    cells: list[str] = row.written["cells"]
    if row.fate == Fate.FULL:
        return [
            Shown("", "", row.name or "", _("All places are taken, and nobody may wait. Raise the capacity first."))
        ]
    if row.fate == Fate.SHUT:
        return [Shown("", "", row.name or "", _("This webinar does not take this way of taking part any more."))]
    flaws = {int(place): flaw for place, flaw in row.written["flaws"].items()}
    reading = read_row(cells, flaws, found.columns, found.webinar, asking)
    return [
        Shown("", "", _short(" | ".join(cells)), problem.sentence)
        if problem.column is None
        else Shown(
            _header(found, problem.column),
            words.get(found.columns[problem.column], ""),
            _short(cells[problem.column]) if problem.column < len(cells) else "",
            problem.sentence,
        )
        for problem in reading.problems
    ]


def in_a_line(problems: Iterable[Shown]) -> str:
    """Say the same shortly: "email: Check the address …"."""
    return "; ".join(f"{one.header}: {one.sentence}" if one.header else one.sentence for one in problems)


def to_mend(rows: Iterable[ImportRow], found: Import) -> Iterator[Sequence[str]]:
    """Give the rows as they were written, each with what to mend in a column of its own."""
    width = len(found.headers)
    for row, problems in explained(rows, found):
        cells: list[str] = row.written["cells"]
        # A row that is too long keeps its cells, after the words.
        yield [*(cells + [""] * width)[:width], in_a_line(problems), *cells[width:]]


def _header(found: Import, column: int) -> str:
    return found.headers[column] or str(column + 1)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]} …"
