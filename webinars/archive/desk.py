"""What was typed on a page of the caption editor, against captions that may have changed since it was shown."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from webinars.archive import edits
from webinars.archive.edits import Typed
from webinars.archive.lines import Line

PER_PAGE = 50
_NAME = re.compile(r"mark-(\d{1,5})", re.ASCII)


@dataclass(frozen=True)
class Row:
    """One caption in the editor."""

    number: int
    mark: str
    typed: Typed
    start_ms: int = 0
    #: by field
    problems: Mapping[str, str] = field(default_factory=dict)
    hints: Sequence[str] = ()
    #: what somebody else saved here in between
    meanwhile: Typed | None = None


@dataclass(frozen=True)
class Outcome:
    """The captions with what was typed, or the rows that stand against it."""

    lines: list[Line]
    rows: list[Row]
    #: of each row on the page, by the number it was shown with
    places: dict[int, int]

    @property
    def conflicts(self) -> bool:
        """Say whether somebody else changed what was typed over."""
        return any(row.meanwhile for row in self.rows)

    @property
    def refused(self) -> bool:
        """Say whether anything stands against it."""
        return self.conflicts or any(row.problems for row in self.rows)


def rows_of(lines: Sequence[Line], page: int) -> list[Row]:
    """Give the rows of a page, counted from 1."""
    first = (page - 1) * PER_PAGE
    return [row_of(lines, index) for index in range(first, min(first + PER_PAGE, len(lines)))]


def row_of(lines: Sequence[Line], index: int) -> Row:
    """Give the row of one caption."""
    line = lines[index]
    following = lines[index + 1] if index + 1 < len(lines) else None
    found = edits.hints(line, following)
    return Row(index, edits.mark_of(line), edits.typed_of(line), line.start_ms, hints=found)


def typed_rows(form: Mapping[str, str]) -> list[Row]:
    """Read the rows that a browser sent."""
    numbers = sorted(int(match[1]) for match in map(_NAME.fullmatch, form) if match)
    return [_typed_row(form, number) for number in numbers[: PER_PAGE + 1]]


def _typed_row(form: Mapping[str, str], number: int) -> Row:
    def value(name: str) -> str:
        return form.get(f"{name}-{number}", "").replace("\r\n", "\n")

    typed = Typed(value("start").strip(), value("end").strip(), value("voice").strip(), value("text"))
    return Row(number, value("mark")[:40], typed)


def settle(lines: Sequence[Line], rows: Sequence[Row]) -> Outcome:
    """Put what was typed in place of what was shown; what others changed in the meantime is kept or named."""
    shown: list[Row] = []
    changed: dict[int, Line] = {}
    places: dict[int, int] = {}
    for row in rows:
        index = edits.find_marked(lines, row.mark, row.number)
        if index is None:
            index = _nearest(lines, row)
            shown.append(_moved_on(lines, index, row))
        else:
            line = lines[index]
            problems: dict[str, str] = {}
            if row.typed != edits.typed_of(line):
                changed[index], problems = edits.read_typed(row.typed, line)
            shown.append(replace(row, number=index, start_ms=line.start_ms, problems=problems))
        places[row.number] = index
    after, disorder = edits.apply(lines, changed)
    settled = [
        replace(row, problems={"start": disorder[row.number]} | dict(row.problems)) if row.number in disorder else row
        for row in shown
    ]
    return Outcome(after, settled, places)


def _moved_on(lines: Sequence[Line], index: int, row: Row) -> Row:
    """Show a row whose caption somebody else changed: theirs where nothing was typed, else both."""
    current = row_of(lines, index)
    typed, problems = edits.read_typed(row.typed, replace(lines[index], settings=""))
    if not problems and row.mark == edits.mark_of(typed) or row.typed == current.typed:
        return current
    return replace(row, number=index, mark=current.mark, start_ms=current.start_ms, problems=problems,
                   meanwhile=current.typed)  # fmt: skip


def _nearest(lines: Sequence[Line], row: Row) -> int:
    read, _problems = edits.read_typed(row.typed, lines[min(row.number, len(lines) - 1)])
    return min(range(len(lines)), key=lambda index: (abs(lines[index].start_ms - read.start_ms), index))
