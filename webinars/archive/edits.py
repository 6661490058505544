"""Changes to captions: what staff typed is checked, lines are split, joined, moved; what reads badly is told.

Everything here takes a list of lines and gives another one. A caption is found again by its mark, so that whoever saves
after somebody else changes only what both have seen.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from html import unescape

from flask_babel import gettext as _

from webinars.archive.captions import LATEST_MS, read_time, vtt_time
from webinars.archive.lines import Line
from webinars.archive.markup import clean_markup, plain_text, voice_of
from webinars.core.errors import UserError
from webinars.core.text import one_line

#: letters a second; above it many people cannot read along
FASTEST = 20
#: how long a caption is that is put in between
_NEW_MS = 2000
LONGEST_TEXT = 2000
#: stands where a caption is to be cut
CUT = "|"


@dataclass(frozen=True)
class Typed:
    """A caption as its row in the editor shows it."""

    start: str
    end: str
    voice: str
    text: str


def mark_of(line: Line) -> str:
    """Give a short mark by which this very caption is known again."""
    known = f"{line.start_ms} {line.end_ms} {line.markup}"
    return hashlib.blake2b(known.encode(), digest_size=6).hexdigest()


def typed_of(line: Line) -> Typed:
    """Show a caption for typing: without escapes, who speaks apart."""
    voice, body = voice_of(line.markup), line.markup
    if voice:
        body = body.partition(">")[2].removesuffix("</v>")
    plain = unescape(body)
    # Words that would turn into tags keep their escapes.
    shown = plain if clean_markup(plain.split("\n")) == body else body
    return Typed(vtt_time(line.start_ms), vtt_time(line.end_ms), voice, shown)


def find_marked(lines: Sequence[Line], mark: str, near: int) -> int | None:
    """Find the caption with a mark, of several the one nearest to a place; None when it was changed or is gone."""
    if 0 <= near < len(lines) and mark_of(lines[near]) == mark:
        return near
    found = [index for index, line in enumerate(lines) if mark_of(line) == mark]
    return min(found, key=lambda index: abs(index - near)) if found else None


def read_typed(typed: Typed, line: Line) -> tuple[Line, dict[str, str]]:
    """Read what was typed over a caption; gives the new caption and a sentence for each field that will not do."""
    problems: dict[str, str] = {}
    times = {"start": line.start_ms, "end": line.end_ms}
    for name, given in (("start", typed.start), ("end", typed.end)):
        read = _moment(given.strip())
        if isinstance(read, str):
            problems[name] = read
        else:
            times[name] = read
    if not problems and times["end"] <= times["start"]:
        problems["end"] = _("This caption must end after it starts.")
    markup = ""
    try:
        markup = _markup(typed)
    except UserError as error:
        problems["text"] = str(error)
    return replace(line, start_ms=times["start"], end_ms=times["end"], markup=markup or line.markup), problems


def _moment(given: str) -> int | str:
    """Read a time; "1:02.500" is as clear as "01:02.500"."""
    read = read_time(given.zfill(12 if given.count(":") == 2 else 9))
    return read_time(given) if isinstance(read, str) else read


def _markup(typed: Typed) -> str:
    if len(typed.text) > LONGEST_TEXT:
        raise UserError(_("This is too long: %(most)s characters are the most.", most=LONGEST_TEXT))
    if "-->" in typed.text:
        raise UserError(_("“-->” must not stand among the words. Leave a blank line before each caption."))
    # Private characters bracket what a search finds, so captions hold none.
    text = "".join("\ufffd" if c in "\0\ue000\ue001" or "\ud800" <= c <= "\udfff" else c for c in typed.text)
    markup = clean_markup(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))
    if not plain_text(markup):
        raise UserError(_("Write what is said here, or delete the caption."))
    return spoken_by(typed.voice, markup)


def spoken_by(voice: str, markup: str) -> str:
    """Put who speaks before the words."""
    name = "".join(
        c for c in one_line(voice)[:100] if c not in "<>\ue000\ue001" and not "\ud800" <= c <= "\udfff"
    ).strip()
    return f"<v {clean_markup([name])}>{markup}" if name else markup


def apply(lines: Sequence[Line], changed: Mapping[int, Line]) -> tuple[list[Line], dict[int, str]]:
    """Put changed captions in place of the old ones; gives the list and a sentence for each out of order."""
    after = [changed.get(index, line) for index, line in enumerate(lines)]
    problems: dict[int, str] = {}
    for index in changed:
        if index and after[index].start_ms < after[index - 1].start_ms:
            problems[index] = _("This caption starts before the one above it. Put them in order.")
        elif index + 1 < len(after) and after[index].start_ms > after[index + 1].start_ms:
            problems[index] = _("This caption starts after the one below it. Put them in order.")
    return after, problems


def split(lines: Sequence[Line], index: int) -> list[Line]:
    """Cut a caption in two where a bar stands, else at the space nearest to its middle. Raises UserError."""
    line = lines[index]
    typed = typed_of(line)
    before, bar, behind = typed.text.partition(CUT)
    if not bar:
        spaces = [at for at, letter in enumerate(typed.text) if letter.isspace()]
        if not spaces:
            raise UserError(_("There is only one word here, so it cannot be split."))
        middle = min(spaces, key=lambda at: abs(at - len(typed.text) / 2))
        before, behind = typed.text[:middle], typed.text[middle:]
    first, second = clean_markup(before.split("\n")), clean_markup(behind.split("\n"))
    if not plain_text(first) or not plain_text(second) or line.end_ms - line.start_ms < 2:
        raise UserError(_("Nothing would be left on one side of the cut."))
    length = line.end_ms - line.start_ms
    share = len(plain_text(first)) / (len(plain_text(first)) + len(plain_text(second)))
    at = line.start_ms + min(max(1, round(length * share)), length - 1)
    halves = [
        replace(line, end_ms=at, markup=spoken_by(typed.voice, first)),
        replace(line, start_ms=at, markup=spoken_by(typed.voice, second)),
    ]
    return [*lines[:index], *halves, *lines[index + 1 :]]


def merge(lines: Sequence[Line], index: int) -> list[Line]:
    """Join a caption with the next one. Raises UserError for the last one."""
    if index + 1 >= len(lines):
        raise UserError(_("There is no caption after this one."))
    first, second = lines[index], lines[index + 1]
    behind = typed_of(second)
    other = f"{behind.voice}: " if behind.voice and behind.voice != voice_of(first.markup) else ""
    markup = first.markup.removesuffix("</v>") + "\n" + clean_markup((other + behind.text).split("\n"))
    joined = replace(first, end_ms=max(first.end_ms, second.end_ms), markup=markup)
    return [*lines[:index], joined, *lines[index + 2 :]]


def delete(lines: Sequence[Line], index: int) -> list[Line]:
    """Take a caption away. Raises UserError for the only one."""
    if len(lines) == 1:
        raise UserError(_("This is the only caption. Remove the captions of this language instead."))
    return [*lines[:index], *lines[index + 1 :]]


def insert(lines: Sequence[Line], index: int) -> list[Line]:
    """Put a caption behind another one, as long as the gap allows, to be filled with words."""
    line = lines[index]
    following = lines[index + 1].start_ms if index + 1 < len(lines) else LATEST_MS
    start = min(line.end_ms, following)
    end = min(max(start + 500, min(start + _NEW_MS, following)), LATEST_MS)
    if end <= start:
        raise UserError(_("There is no room for a caption here."))
    return [*lines[: index + 1], Line(start, end, "…", "…"), *lines[index + 1 :]]


def shift(lines: Sequence[Line], milliseconds: int) -> list[Line]:
    """Move all captions. Raises UserError when one would begin before the film or end after a day."""
    if lines[0].start_ms + milliseconds < 0:
        raise UserError(_("The first caption would begin before the film does. It begins at %(time)s.",
                          time=vtt_time(lines[0].start_ms)))  # fmt: skip
    if max(line.end_ms for line in lines) + milliseconds > LATEST_MS:
        raise UserError(_("The last caption would be later than any talk lasts."))
    return [replace(line, start_ms=line.start_ms + milliseconds, end_ms=line.end_ms + milliseconds) for line in lines]


def hints(line: Line, following: Line | None) -> list[str]:
    """Say what reads badly and forbids nothing."""
    found = []
    if following and line.end_ms > following.start_ms:
        found.append(_("It is still shown when the next one begins."))
    speed = len(plain_text(line.markup)) / ((line.end_ms - line.start_ms) / 1000)
    if speed > FASTEST:
        found.append(_("Quick to read: %(speed)s letters a second. Up to %(most)s are easy.",
                       speed=round(speed), most=FASTEST))  # fmt: skip
    return found
