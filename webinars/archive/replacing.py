"""Words put in place of others throughout captions: every place is shown first, only what stays ticked is done."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from html import escape, unescape

from webinars.archive.edits import mark_of
from webinars.archive.lines import Line

#: shown at once; when they are dealt with, the next ones come
MOST_PLACES = 300
LONGEST_WORDS = 100
_TAG = re.compile(r"(<[^<>]*>)")
_WORD = re.compile(r"\w+")
_AROUND = 40


@dataclass(frozen=True)
class Swap:
    """What is looked for and what is to stand there."""

    wrong: str
    right: str
    whole_words: bool = True
    match_case: bool = False


@dataclass(frozen=True)
class Place:
    """One place: in which caption, and the words before, within and behind, as they are and as they would be."""

    key: str
    index: int
    start_ms: int
    before: str
    wrong: str
    right: str
    behind: str


def pattern_of(swap: Swap) -> re.Pattern[str]:
    """Make the pattern of a swap: white space as it comes, letters of any script as parts of words."""
    words = r"\s+".join(re.escape(word) for word in swap.wrong.split())
    around = (r"(?<!\w)", r"(?!\w)") if swap.whole_words else ("", "")
    return re.compile(f"{around[0]}{words}{around[1]}", 0 if swap.match_case else re.IGNORECASE)


def in_case_of(found: str, right: str) -> str:
    """Write the new words in capitals where the old ones were, or with a capital at the front."""
    if len(found) > 1 and found.isupper() and right.islower():
        return right.upper()
    return right[:1].upper() + right[1:] if found[:1].isupper() else right


def places(lines: Sequence[Line], swaps: Sequence[Swap], most: int = MOST_PLACES) -> list[Place]:
    """List where something would be replaced, in the order of the talk, ``most`` at most."""
    found: list[Place] = []
    patterns = _Patterns(swaps)
    for index, line in enumerate(lines):
        if len(found) >= most:
            break
        found += _places_in(index, line, patterns)
    return found[:most]


def replace_ticked(lines: Sequence[Line], swaps: Sequence[Swap], ticked: Collection[str]) -> tuple[list[Line], int]:
    """Replace at the places whose keys are ticked and nowhere else; gives the captions and how many places it were."""
    wanted = set(ticked)
    marks = {key.partition(".")[0] for key in wanted}
    patterns = _Patterns(swaps)
    after, done = [], 0
    for line in lines:
        if mark_of(line) in marks:
            keep = {place.key: place.right for place in _places_in(0, line, patterns) if place.key in wanted}
            done += len(keep)
            line = replace(line, markup=_rewritten(line, patterns, keep)) if keep else line
        after.append(line)
    return after, done


class _Patterns:
    """Finds quickly which of many swaps a caption can hold at all: those whose first word it has."""

    def __init__(self, swaps: Sequence[Swap]) -> None:
        self._anywhere: list[tuple[re.Pattern[str], Swap]] = []
        self._by_word: dict[str, list[tuple[re.Pattern[str], Swap]]] = {}
        # Of two that begin alike the longer one is meant.
        for swap in sorted(swaps, key=lambda swap: -len(swap.wrong)):
            first = _WORD.search(swap.wrong.casefold())
            if swap.whole_words and first:
                self._by_word.setdefault(first[0], []).append((pattern_of(swap), swap))
            elif swap.wrong.split():
                self._anywhere.append((pattern_of(swap), swap))

    def matches(self, text: str) -> "list[_Match]":
        """List what is to be replaced in a text, none within another."""
        words = dict.fromkeys(_WORD.findall(text.casefold())) if self._by_word else {}
        possible = [pair for word in words for pair in self._by_word.get(word, ())] + self._anywhere
        found: list[_Match] = []
        for pattern, swap in sorted(possible, key=lambda pair: -len(pair[1].wrong)):
            for match in pattern.finditer(text):
                right = swap.right if swap.match_case else in_case_of(match[0], swap.right)
                free = all(match.end() <= other.start or match.start() >= other.end for other in found)
                if free and match.end() > match.start():
                    found.append(_Match(match.start(), match.end(), match[0], right))
        return sorted((one for one in found if one.wrong != one.right), key=lambda one: one.start)


@dataclass(frozen=True)
class _Match:
    start: int
    end: int
    wrong: str
    right: str


def _pieces(markup: str) -> list[str]:
    """Cut a caption at its tags: words stand at even places, tags at odd ones."""
    return _TAG.split(markup)


def _places_in(index: int, line: Line, patterns: _Patterns) -> list[Place]:
    found = []
    mark = ""
    for number, piece in enumerate(_pieces(line.markup)[::2]):
        text = unescape(piece)
        for match in patterns.matches(text):
            mark = mark or mark_of(line)
            around = (
                _last_words(" ".join(text[: match.start].split("\n"))),
                _first_words(" ".join(text[match.end :].split("\n"))),
            )
            key = f"{mark}.{number}.{match.start}"
            found.append(Place(key, index, line.start_ms, around[0], match.wrong, match.right, around[1]))
    return found


def _last_words(text: str) -> str:
    cut = text[-_AROUND:]
    return text if cut == text else "… " + (cut.partition(" ")[2] or cut)


def _first_words(text: str) -> str:
    cut = text[:_AROUND]
    return text if cut == text else (cut.rpartition(" ")[0] or cut) + " …"


def _rewritten(line: Line, patterns: _Patterns, keep: dict[str, str]) -> str:
    pieces = _pieces(line.markup)
    mark = mark_of(line)
    for number, piece in enumerate(pieces[::2]):
        text, at, parts = unescape(piece), 0, []
        for match in patterns.matches(text):
            if f"{mark}.{number}.{match.start}" in keep:
                parts += [text[at : match.start], match.right]
                at = match.end
        if parts:
            pieces[number * 2] = escape("".join([*parts, text[at:]]), quote=False)
    return "".join(pieces)
