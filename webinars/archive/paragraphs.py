"""A transcript as a document: captions joined into paragraphs that one person says about one thing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from webinars.archive.exports import speech_of
from webinars.archive.lines import Line
from webinars.archive.models import Chapter
from webinars.core.formats import timecode

#: a breath after a sentence, and a silence that ends even half a one, in milliseconds
_BREATH, _SILENCE = 1500, 4000
#: letters after which the next end of a sentence ends the paragraph, and after which any caption does
_LONG, _LONGEST = 500, 1200
_ENDS = (".", "!", "?", "…", ".”", "!”", "?”", '."', '!"', '?"', ".)", "?)")


@dataclass(frozen=True)
class Said:
    """What is said in one caption; ``anchor`` names the first one of each second."""

    start_ms: int
    text: str
    anchor: str | None


@dataclass
class Paragraph:
    """Captions of one speaker; ``title`` is that of a chapter that begins here, ``speaker`` who begins to speak."""

    title: str
    speaker: str
    said: list[Said]

    @property
    def seconds(self) -> int:
        """Give the whole second within which it begins."""
        return self.said[0].start_ms // 1000


def paragraphs_of(lines: Sequence[Line], chapters: Sequence[Chapter]) -> list[Paragraph]:
    """Join captions into paragraphs: a new one for each chapter and speaker, after silences, before it is too long."""
    found: list[Paragraph] = []
    ahead = list(chapters)
    before: Line | None = None
    speaking, length, second = "", 0, -1
    for line in lines:
        voice, text = speech_of(line)
        title = ""
        while ahead and ahead[0].start_seconds * 1000 <= line.start_ms:
            title = ahead.pop(0).title
        turn = voice != speaking
        if before is None or title or turn or _ends(before, line, length):
            found.append(Paragraph(title, voice if turn or title else "", []))
            length = 0
        anchor = f"t{line.start_ms // 1000}" if line.start_ms // 1000 != second else None
        found[-1].said.append(Said(line.start_ms, text, anchor))
        length, speaking, before, second = length + len(text), voice, line, line.start_ms // 1000
    return found


def _ends(before: Line, line: Line, length: int) -> bool:
    pause = line.start_ms - before.end_ms
    ended = before.text.endswith(_ENDS)
    return pause >= _SILENCE or length >= _LONGEST or (ended and (pause >= _BREATH or length >= _LONG))


def as_text(title: str, note: str, parts: Iterable[Paragraph]) -> str:
    """Write a transcript as plain text: chapters as headings, each paragraph with its time and who begins to speak.

    note: what to know before reading; may be empty.
    """
    blocks = [title, note] if note else [title]
    for part in parts:
        blocks += [part.title.upper()] if part.title else []
        words = " ".join(said.text for said in part.said)
        speaker = f"{part.speaker}: " if part.speaker else ""
        blocks.append(f"[{timecode(part.seconds)}] {speaker}{words}")
    return "\n\n".join(blocks) + "\n"
