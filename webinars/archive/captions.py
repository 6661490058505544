"""Caption files: WebVTT and SubRip read, checked line by line, and written again as clean WebVTT.

Sources: W3C WebVTT sections 3 and 4, HTML section 4.8.11 (chapter tracks).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from html import escape

from flask_babel import gettext as _
from webvtt import WebVTT
from webvtt.errors import MalformedCaptionError, MalformedFileError
from webvtt.models import Caption

from webinars.archive.lines import Line
from webinars.archive.markup import clean_markup, plain_text, voice_of
from webinars.archive.rolling import once
from webinars.core.text import one_line
from webinars.schedule.cleaning import Problems

MOST_BYTES = 2_000_000
MOST_CUES = 20_000
#: more would help nobody: the first ones are mended, the file is tried again
MOST_PROBLEMS = 20
#: a day; what lies beyond is a mistyped hour
LATEST_MS = 24 * 3600 * 1000

_ARROW = "-->"
_STRICT = re.compile(r"(?:(\d{2,}):)?(\d{2}):(\d{2})\.(\d{3})", re.ASCII)
_SUBRIP = re.compile(r"(?:(\d{1,4}):)?(\d{1,2}):(\d{1,2})[,.](\d{1,3})", re.ASCII)
#: where words stand and how they look, as programs for SubRip write it among the words: {\an8}
_OVERRIDE = re.compile(r"\{\\[^{}]*\}")
_ASIDE = re.compile(r"(?:NOTE|STYLE|REGION)(?:[ \t].*)?|X-TIMESTAMP-MAP.*")
_TIMED = re.compile(r"[\s\d:]+[.,]\d+\s*-->", re.ASCII)
_PERCENT = r"(?:100(?:\.0+)?|\d{1,2}(?:\.\d+)?)%"
#: where a caption stands, as WebVTT section 3.4 allows it; a region names what we do not keep
_SETTING = re.compile(
    rf"(vertical):(?:rl|lr)|(line):(?:-?\d{{1,3}}|{_PERCENT})(?:,(?:start|center|end))?|"
    rf"(position):{_PERCENT}(?:,(?:line-left|center|line-right))?|(size):{_PERCENT}|(align):(?:start|center|end|left|right)",
    re.ASCII,
)


@dataclass(frozen=True)
class Problem:
    """What is wrong with one line of a file, counted from 1; line 0 stands for the file as a whole."""

    line: int
    sentence: str

    def __str__(self) -> str:
        return _("Line %(line)s: %(sentence)s", line=self.line, sentence=self.sentence) if self.line else self.sentence


class CaptionProblems(Problems):
    """Refuse a file; ``problems`` holds what to mend, line by line."""

    def __init__(self, problems: Sequence[Problem], field: str = "captions") -> None:
        super().__init__({field: " ".join(str(problem) for problem in problems[:3])})
        self.problems = list(problems[:MOST_PROBLEMS])


@dataclass(frozen=True)
class Captions:
    """A checked file."""

    vtt: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class _Timing:
    line: int
    start_ms: int
    end_ms: int


def read_captions(data: str | bytes) -> Captions:
    """Read a WebVTT or SubRip file and give it back checked and clean.

    Raises CaptionProblems with a sentence for each line to mend.
    """
    text = _decoded(data)
    rows = _settled(re.split(r"\r\n|\r|\n", text))
    problems = _check(rows)
    if problems:
        raise CaptionProblems(problems)
    lines = tuple(spoken(once(_lines_of(_parse(_as_webvtt(rows))))))
    if not lines:
        raise CaptionProblems([Problem(0, _("There are no captions in this file."))])
    if len(lines) > MOST_CUES:
        raise CaptionProblems([Problem(0, _("These are too many captions for one video."))])
    return Captions(write_vtt(lines), lines)


def _decoded(data: str | bytes) -> str:
    size = len(data) if isinstance(data, bytes) else len(data.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        raise CaptionProblems([Problem(0, _("This file is too large for captions. Two megabytes are the most."))])
    text = data if isinstance(data, str) else _utf8(data)
    # Private characters bracket what a search finds, so captions hold none.
    return re.sub(r"[\0\ue000\ue001\ud800-\udfff]", "\ufffd", text.removeprefix("\ufeff"))


def _utf8(data: bytes) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise CaptionProblems([Problem(line, _("Some letters cannot be read. Save the file as UTF-8."))]) from None


def is_subrip(rows: Sequence[str]) -> bool:
    """Say whether lines are a SubRip file: a number, then times with hours."""
    filled = [row.strip() for row in rows if row.strip()][:2]
    return len(filled) == 2 and filled[0].isdecimal() and _ARROW in filled[1]


def _settled(rows: Sequence[str]) -> list[str]:
    """Let a row of spaces part captions only where another one begins behind it: YouTube has such rows among words."""
    return [
        row if row.strip() or not row or not any(_ARROW in other for other in rows[number : number + 2]) else ""
        for number, row in enumerate(rows, start=1)
    ]


def _check(rows: Sequence[str]) -> list[Problem]:
    subrip = is_subrip(rows)
    problems = [] if subrip else _check_header(rows)
    if problems:
        return problems
    before: _Timing | None = None
    for number, block in _blocks(rows):
        if number == 1 and not subrip:
            problems += _stray_arrows(number, block)
            continue
        if not subrip and _is_aside(block):
            continue
        found, timing = _check_block(number, block, subrip)
        problems += found
        if timing and before and timing.start_ms < before.start_ms:
            problems.append(Problem(timing.line, _("This caption starts before the one above it. Put them in order.")))
        before = timing or before
    return sorted(problems, key=lambda problem: problem.line)[:MOST_PROBLEMS]


def _check_header(rows: Sequence[str]) -> list[Problem]:
    if not any(row.strip() for row in rows):
        return [Problem(0, _("This file is empty."))]
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", rows[0]):
        return [Problem(1, _("The first line must be WEBVTT."))]
    if len(rows) > 1 and _ARROW in rows[1]:
        return [Problem(2, _("Leave a blank line after WEBVTT."))]
    return []


def _blocks(rows: Sequence[str]) -> Iterable[tuple[int, list[str]]]:
    """Give the runs of lines between blank ones, each with the number of its first line."""
    block: list[str] = []
    for number, row in enumerate([*rows, ""], start=1):
        if row.strip() or row and block:
            block.append(row)
        elif block:
            yield number - len(block), block
            block = []


def _is_aside(block: Sequence[str]) -> bool:
    """Say whether a block is a comment or a style, and not a caption whose name begins like one."""
    return bool(_ASIDE.fullmatch(block[0])) and not any(map(_TIMED.match, block[:2]))


def _stray_arrows(number: int, block: Sequence[str]) -> list[Problem]:
    arrows = [number + index for index, row in enumerate(block) if _ARROW in row]
    return [Problem(line, _("Leave a blank line before each caption.")) for line in arrows]


def _check_block(number: int, block: Sequence[str], subrip: bool) -> tuple[list[Problem], _Timing | None]:
    at = next((index for index, row in enumerate(block[:2]) if _ARROW in row), None)
    if at is None:
        stray = _("These words have no times above them. A blank line inside a caption cuts it in two.")
        return [Problem(number, stray)], None
    problems = [
        Problem(number + index, _("“-->” must not stand among the words. Leave a blank line before each caption."))
        for index, row in enumerate(block)
        if index > at and _ARROW in row
    ]
    timing = _timing(number + at, block[at], subrip)
    if isinstance(timing, Problem):
        return [timing, *problems], None
    return problems, timing


def _timing(line: int, row: str, subrip: bool) -> _Timing | Problem:
    first, _arrow, rest = row.partition(_ARROW)
    last = rest.split()[0] if rest.split() else ""
    start, end = (read_time(text.strip(), subrip) for text in (first, last))
    if isinstance(start, str):
        return Problem(line, start)
    if isinstance(end, str):
        return Problem(line, end)
    if end <= start:
        return Problem(line, _("This caption must end after it starts."))
    return _Timing(line, start, end)


def read_time(text: str, subrip: bool = False) -> int | str:
    """Read a time; gives a sentence when it is none."""
    match = (_SUBRIP if subrip else _STRICT).fullmatch(text)
    if not match:
        if not subrip and _STRICT.fullmatch(text.replace(",", ".")):
            return str(_("Write the time with a dot, not a comma: %(time)s.", time=text.replace(",", ".")))
        return str(_("“%(time)s” is not a time. Write it like 00:12.500 or 01:02:03.500.", time=text[:40]))
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    if minutes > 59 or seconds > 59:
        return str(_("“%(time)s” is not a time: minutes and seconds end at 59.", time=text))
    total = ((hours * 60 + minutes) * 60 + seconds) * 1000 + int(match[4])
    return total if total <= LATEST_MS else str(_("“%(time)s” is later than any talk lasts.", time=text[:40]))


def _as_webvtt(rows: Sequence[str]) -> str:
    """Write what was checked in the one dialect that is parsed."""
    if not is_subrip(rows):
        return "\n".join(row for row in rows if row.strip() or not row)
    blocks = ["WEBVTT"]
    for number, block in _blocks(rows):
        at = 0 if _ARROW in block[0] else 1
        timing = _timing(number + at, block[at], subrip=True)
        assert isinstance(timing, _Timing)
        words = [row for row in (_OVERRIDE.sub("", row) for row in block[at + 1 :]) if row.strip()]
        blocks.append("\n".join([f"{vtt_time(timing.start_ms)} {_ARROW} {vtt_time(timing.end_ms)}", *words]))
    return "\n\n".join(blocks)


def _parse(text: str) -> list[Caption]:
    try:
        return list(WebVTT.from_string(text).captions)
    except (MalformedFileError, MalformedCaptionError):
        raise CaptionProblems([Problem(0, _("This file cannot be read as captions."))]) from None


def _lines_of(captions: Iterable[Caption]) -> Iterable[Line]:
    for caption in captions:
        markup = clean_markup(caption.lines)
        start, end = caption.start_time.in_milliseconds(), caption.end_time.in_milliseconds()
        yield Line(start, end, "", markup, _settings(str(caption.settings or "")))


def _settings(given: str) -> str:
    """Keep what says where a caption stands, each once; the rest would make the file unreadable for others."""
    found = {match[match.lastindex or 0]: match[0] for match in map(_SETTING.fullmatch, given.split()) if match}
    return " ".join(found.values())


def spoken(lines: Iterable[Line]) -> list[Line]:
    """Give captions their words for reading and searching, made from their markup; those without any are left out."""
    told: list[Line] = []
    speaking = ""
    for line in lines:
        text = plain_text(line.markup)
        if not text:
            continue
        voice = voice_of(line.markup)
        # A reader of the transcript needs to know who speaks, once each time it changes.
        told.append(replace(line, text=f"{voice}: {text}" if voice and voice != speaking else text))
        speaking = voice
    return told


def write_vtt(lines: Iterable[Line]) -> str:
    """Write WebVTT: UTF-8, LF, dots, hours always, a blank line between captions."""
    blocks = ["WEBVTT"]
    for line in lines:
        times = f"{vtt_time(line.start_ms)} {_ARROW} {vtt_time(line.end_ms)} {line.settings}".rstrip()
        blocks.append(f"{times}\n{line.markup}")
    return "\n\n".join(blocks) + "\n"


def vtt_time(milliseconds: int) -> str:
    """Write a time: "00:12:41.500"."""
    seconds, rest = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02}:{minute:02}:{second:02}.{rest:03}"


def chapters_vtt(chapters: Sequence[tuple[int, str]], duration: int | None) -> str:
    """Write chapters (start in seconds, title) as a WebVTT track; each ends where the next begins."""
    ends = [start for start, _title in chapters[1:]]
    if chapters:
        ends.append(max(duration or 0, chapters[-1][0] + 1))
    lines = [
        Line(start * 1000, end * 1000, title, escape(title, quote=False))
        for (start, title), end in zip(chapters, ends, strict=True)
    ]
    return write_vtt(lines)


_CHAPTER = re.compile(r"\s*(?:(\d{1,2}):)?(\d{1,3}):(\d{2})\s*[-–—]?\s*(\S.*)", re.ASCII)


def read_chapters(text: str) -> list[tuple[int, str]]:
    """Read chapters from lines such as "12:40 Warning signs"; gives (start in seconds, title) pairs.

    Raises CaptionProblems with a sentence for each line to mend.
    """
    problems: list[Problem] = []
    chapters: list[tuple[int, str]] = []
    for number, row in enumerate(re.split(r"\r\n|\r|\n", text), start=1):
        if not row.strip():
            continue
        read = _chapter(row, chapters[-1][0] if chapters else -1)
        if isinstance(read, str):
            problems.append(Problem(number, read))
        else:
            chapters.append(read)
    if problems:
        raise CaptionProblems(problems, "chapters")
    return chapters


def _chapter(row: str, after: int) -> tuple[int, str] | str:
    match = _CHAPTER.fullmatch(row)
    if not match:
        return str(_("Write the time, a space and the title, like “12:40 Warning signs”."))
    hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
    start, title = (hours * 60 + minutes) * 60 + seconds, one_line(match[4])
    if seconds > 59 or (match[1] and minutes > 59):
        return str(_("This is not a time: minutes and seconds end at 59."))
    if start <= after:
        return str(_("This chapter must start after the one above it."))
    if len(title) > 200:
        return str(_("This title is too long: 200 characters are the most."))
    return start, title
