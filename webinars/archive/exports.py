"""Kept captions read back, and written for other programs: SubRip, and the words alone."""

import re
from collections.abc import Sequence
from html import unescape

from webinars.archive.captions import spoken, vtt_time
from webinars.archive.lines import Line
from webinars.archive.markup import plain_text, voice_of

_BLOCK = re.compile(r"(\d\d+):(\d\d):(\d\d)\.(\d{3}) --> (\d\d+):(\d\d):(\d\d)\.(\d{3})(.*)\n((?:.+\n?)+)", re.ASCII)
#: what players of SubRip understand
_KEPT = re.compile(r"</?[biu]>")
_TAG = re.compile(r"<[^<>]*>")


def kept_lines(vtt: str) -> list[Line]:
    """Read captions in the one form we keep them in, much faster than a file that may hold anything."""
    return spoken(_line(match.groups()) for match in _BLOCK.finditer(vtt))


def _line(parts: Sequence[str]) -> Line:
    numbers = [int(part) for part in parts[:8]]
    start, end = (((h * 60 + m) * 60 + s) * 1000 + ms for h, m, s, ms in (numbers[:4], numbers[4:]))
    return Line(start, end, "", parts[9].rstrip("\n"), parts[8].strip())


def srt_of(lines: Sequence[Line]) -> str:
    """Write SubRip: numbered, commas, CR LF line ends, and who speaks before their first words."""
    blocks, speaking = [], ""
    for number, line in enumerate(lines, start=1):
        voice = voice_of(line.markup)
        said = unescape(_TAG.sub(lambda tag: tag[0] if _KEPT.fullmatch(tag[0]) else "", line.markup)).strip()
        # An arrow among the words would be read as times.
        words = (f"{voice}: {said}" if voice and voice != speaking else said).replace("-->", "→")
        times = " --> ".join(vtt_time(moment).replace(".", ",") for moment in (line.start_ms, line.end_ms))
        blocks.append(f"{number}\n{times}\n{words}\n")
        speaking = voice
    return "\n".join(blocks).replace("\n", "\r\n")


def speech_of(line: Line) -> tuple[str, str]:
    """Give who speaks, as far as the captions say it, and the words alone."""
    return voice_of(line.markup), plain_text(line.markup)
