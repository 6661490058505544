"""One caption, as every part of the archive hands it on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One caption: when it shows, its words for reading and searching, and the same as WebVTT cue text."""

    start_ms: int
    end_ms: int
    text: str
    markup: str
    settings: str = ""
