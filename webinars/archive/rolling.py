"""Captions that roll, as YouTube and live captioning write them: each line comes two or three times, and is told once.

YouTube shows the line before above the one that is being spoken, whose words carry times; between two such captions
stands one of ten milliseconds with the finished line alone. Programs that make SubRip of it keep all of them, and some
write both lines on one row.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise

from webinars.archive.lines import Line
from webinars.archive.markup import clean_markup, plain_text

#: milliseconds; nobody can read what is shown for less
_INSTANT = 50
#: milliseconds; behind a longer pause a line that comes again was said again
_PAUSE = 100
#: so often at least a line has to be seen to roll: somebody who repeats a sentence does not make captions roll
_OFTEN = 3
#: rows or words that are carried on at most; each number of them is tried
_MOST_CARRIED = 200
_WORD_TAG = re.compile(r"</?c(?:[.\s][^<>]*)?>")


@dataclass(frozen=True)
class _Way:
    """How captions roll: what they are cut into, and how many such parts are no chance."""

    parts: Callable[[str], list[str]]
    markup: Callable[[str, int], str]
    least: int


def once(lines: Iterable[Line]) -> list[Line]:
    """Give each line of captions that roll once; others stay as they are, whatever somebody says twice in them."""
    spoken = [line for line in lines if plain_text(line.markup)]
    steady = _without_instants(spoken)
    often = 1 if len(steady) < len(spoken) else _OFTEN
    for way in (_BY_ROWS, _BY_WORDS):
        parts = [way.parts(line.markup) for line in steady]
        if _rolls(steady, parts, way.least, often):
            return _parted(_fresh(steady, parts, way))
    return steady


def _without_instants(lines: Sequence[Line]) -> list[Line]:
    """Leave out what is shown too briefly to be read and repeats the end of the caption before; that lasts on."""
    kept: list[Line] = []
    before: list[str] | None = None
    for line in lines:
        if kept and line.end_ms - line.start_ms < _INSTANT and _follows(kept[-1], line):
            # Read once, however many instants follow it.
            said, before = _words(line.markup), _words(kept[-1].markup) if before is None else before
            if before[-len(said) :] == said:
                kept[-1] = replace(kept[-1], end_ms=max(kept[-1].end_ms, line.end_ms))
                continue
        kept.append(line)
        before = None
    return kept


def _rolls(lines: Sequence[Line], parts: Sequence[list[str]], least: int, often: int) -> bool:
    """Say whether most captions begin with the end of the one before, and go on."""
    following = steps = 0
    for (line, said), (after, goes_on) in pairwise(zip(lines, parts, strict=True)):
        if _follows(line, after):
            following += 1
            steps += least <= _carried(said, goes_on) < len(goes_on)
    return steps >= often and steps * 2 > following


def _follows(line: Line, after: Line) -> bool:
    return after.start_ms - line.end_ms <= _PAUSE


def _carried(before: Sequence[str], said: Sequence[str]) -> int:
    """Count the parts at the beginning that stood at the end of the caption before.

    Something new is expected: of "yes", "yes" after "yes", "yes" the second was said again.
    """
    counts = (*range(min(len(said) - 1, _MOST_CARRIED), 0, -1), len(said))
    for count in counts if said[0] in before else ():
        if before[-count:] == said[:count]:
            return count
    return 0


def _fresh(lines: Sequence[Line], parts: Sequence[list[str]], way: _Way) -> list[Line]:
    """Keep of each caption what is new in it; one without anything new prolongs the one before."""
    kept: list[Line] = []
    before: Line | None = None
    shown: list[str] = []
    for line, said in zip(lines, parts, strict=True):
        carried = _carried(shown, said) if before and _follows(before, line) else 0
        if carried < len(said):
            kept.append(replace(line, markup=way.markup(line.markup, carried), settings=""))
        else:
            kept[-1] = replace(kept[-1], end_ms=max(kept[-1].end_ms, line.end_ms))
        before, shown = line, said
    return kept


def _parted(lines: Sequence[Line]) -> list[Line]:
    """Let each line go when the next one comes: that no longer stands above it."""
    ends = [
        after.start_ms if line.start_ms < after.start_ms < line.end_ms else line.end_ms
        for line, after in pairwise(lines)
    ]
    return [replace(line, end_ms=end) for line, end in zip(lines, [*ends, lines[-1].end_ms], strict=True)]


def _rows(markup: str) -> list[str]:
    return [plain_text(row) for row in markup.split("\n")]


def _fresh_rows(markup: str, carried: int) -> str:
    return clean_markup(_WORD_TAG.sub("", row) for row in markup.split("\n")[carried:])


def _words(markup: str) -> list[str]:
    return plain_text(markup).split()


def _fresh_words(markup: str, carried: int) -> str:
    return escape(" ".join(_words(markup)[carried:]), quote=False)


_BY_ROWS = _Way(_rows, _fresh_rows, 1)
_BY_WORDS = _Way(_words, _fresh_words, 3)
