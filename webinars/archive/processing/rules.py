"""What is made of a recording, decided by what it is."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from webinars.archive.media import PLAYABLE

#: lines of the picture, or of a portrait its columns; never more than the recording has
SIZES = (1080, 720, 360)
#: bits a second above which a recording is written anew although browsers could play it
RATES = {1080: 6_000_000, 720: 3_500_000, 360: 1_500_000}
#: films longer than this are offered in pieces too, seconds
LONG_SECONDS = 20 * 60
PIECE_SECONDS = 6
#: bytes of a still picture; lists show a dozen of them
LARGEST_POSTER = 20_000
#: small pictures of a film, at most, how many stand beside each other, and how wide they are
MOST_THUMBNAILS, THUMBNAIL_COLUMNS, THUMBNAIL_WIDTH = 100, 10, 160
#: what today's browsers play, by the kind of the file: streams of the picture, streams of the sound
_PLAYED = {
    ".mp4": ({"h264", "vp9", "av1"}, {"aac", "mp3", "opus", "flac"}),
    ".webm": ({"vp8", "vp9", "av1"}, {"opus", "vorbis"}),
    ".m4a": (set(), {"aac", "mp3", "opus", "flac"}),
    ".mp3": (set(), {"mp3"}),
    ".ogg": (set(), {"opus", "vorbis", "flac"}),
    ".wav": (set(), {"pcm_s16le", "pcm_u8"}),
}
#: how points are written in pictures that browsers show
SHOWN_POINTS = ("yuv420p", "yuvj420p")


@dataclass(frozen=True)
class Size:
    """One size of a film."""

    #: as people name it: 720
    name: int
    width: int
    height: int
    #: whether the recording's own stream goes into it unchanged
    kept: bool


@dataclass(frozen=True)
class Thumbnails:
    """How the small pictures are laid out."""

    every: float
    count: int
    columns: int
    rows: int
    width: int
    height: int


def sizes(width: int, height: int, fits: bool, rate: int) -> list[Size]:
    """Choose the sizes of a film, the largest first. fits: browsers play its streams as they are."""
    short = min(width, height)
    if not short:
        return []
    names = [name for name in SIZES if name <= short] or [even(short)]
    made = []
    for place, name in enumerate(names):
        kept = fits and place == 0 and short < 1.2 * name and rate <= _rate(name)
        scale = 1.0 if kept else name / short
        made.append(Size(name, even(width * scale), even(height * scale), kept))
    return made


def plays_as_it_is(name: str, facts: Mapping[str, Any]) -> bool:
    """Say whether browsers play a recording as it was taken in; facts: what it was found to be, empty until then."""
    kind = Path(name).suffix.lower()
    if not facts:
        return kind in PLAYABLE
    films, sounds = _PLAYED.get(kind, (set(), set()))
    seen = not facts["video"] or (facts["video"] in films and facts.get("points", "yuv420p") in SHOWN_POINTS)
    return seen and (not facts["audio"] or facts["audio"] in sounds)


def _rate(name: int) -> int:
    return next((rate for size, rate in RATES.items() if name >= size), RATES[360])


def even(number: float) -> int:
    """Give the nearest even number, as the encoder wants them."""
    return max(2, 2 * round(number / 2))


def thumbnails(seconds: float, width: int, height: int) -> Thumbnails:
    """Lay the small pictures out: one each five seconds, fewer of a long film."""
    every = max(5.0, math.ceil(seconds / MOST_THUMBNAILS))
    count = max(1, math.ceil(seconds / every))
    columns = min(count, THUMBNAIL_COLUMNS)
    tall = even(THUMBNAIL_WIDTH * height / width)
    return Thumbnails(every, count, columns, math.ceil(count / columns), THUMBNAIL_WIDTH, min(tall, 2 * 160))


def limit(seconds: float) -> float:
    """Give the seconds that one step of the work may take; the slowest machine that is of use is ten times slower."""
    return 600 + 10 * seconds
