"""What a recording really is: told by its content, whatever its name."""

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from webinars.archive.processing import ffmpeg
from webinars.archive.processing.ffmpeg import Broken, Watch
from webinars.archive.processing.models import Reason

LONGEST_SECONDS = 24 * 3600
#: 8K; a single larger picture could take all memory of a machine
MOST_POINTS = 7680 * 4320
#: a file may name a length that is a little more than what its streams hold
_SLACK_SECONDS, _SLACK = 0.5, 0.03
#: points a side; a smaller picture shows nothing
_LEAST_POINTS = 16


@dataclass(frozen=True)
class Film:
    """A recording: of a sound alone width and height are 0."""

    container: str
    seconds: float
    #: as it is shown, after turning
    width: int
    height: int
    video: str
    #: how points are written; browsers show yuv420p only
    points: str
    audio: str
    #: bits a second over all
    rate: int
    #: whether a player can begin before it has the whole file
    fast_start: bool

    def facts(self) -> dict[str, Any]:
        """Give what staff are told."""
        return asdict(self)


def look(path: Path, watch: Watch) -> Film:
    """Say what a file is, and read it to its end once. Raises Broken."""
    if not path.is_file():
        raise Broken(Reason.GONE)
    size = path.stat().st_size
    if not size:
        raise Broken(Reason.EMPTY)
    said = json.loads(_asked(path) or "{}")
    streams = said.get("streams", [])
    video = next((one for one in streams if _is_moving(one)), None)
    audio = next((one for one in streams if one.get("codec_type") == "audio" and one.get("codec_name")), None)
    if video is None and audio is None:
        raise Broken(Reason.NO_MEDIA)
    width, height = _size(video) if video else (0, 0)
    if width * height > MOST_POINTS:
        raise Broken(Reason.TOO_WIDE)
    container = str(said.get("format", {}).get("format_name", ""))
    seconds = _seconds(path, _number(said.get("format", {}).get("duration")), watch)
    return Film(
        container=container, seconds=seconds, width=width, height=height,
        video=str((video or {}).get("codec_name", "")), points=str((video or {}).get("pix_fmt", "")),
        audio=str((audio or {}).get("codec_name", "")), rate=int(size * 8 / seconds),
        fast_start="mp4" in container and begins_fast(path),
    )  # fmt: skip


def _asked(path: Path) -> str:
    try:
        return ffmpeg.ask(["-show_format", "-show_streams", "-of", "json", f"file:{path}"])
    except Broken as broken:
        if broken.reason == Reason.NO_MEDIA and _lacks_index(path):
            raise Broken(Reason.CUT_OFF) from None
        raise


def _is_moving(stream: dict[str, Any]) -> bool:
    """Say whether a stream is a film: not the cover of a sound file. Old cameras write films as JPEG pictures too."""
    seen = stream.get("codec_type") == "video" and stream.get("codec_name") is not None
    cover = any(stream.get("disposition", {}).get(name) for name in ("attached_pic", "timed_thumbnails"))
    return seen and not cover and min(int(stream.get(side) or 0) for side in ("width", "height")) >= _LEAST_POINTS


def _size(stream: dict[str, Any]) -> tuple[int, int]:
    width, height = int(stream["width"]), int(stream["height"])
    # Points that are not square, as on old discs.
    wide, _colon, high = str(stream.get("sample_aspect_ratio", "")).partition(":")
    if wide.isdecimal() and high.isdecimal() and int(wide) and int(high):
        width = min(8 * height, max(16, round(width * int(wide) / int(high))))
    turns = [one.get("rotation", 0) for one in stream.get("side_data_list", [])]
    turned = any(isinstance(turn, int | float) and round(turn / 90) % 2 for turn in turns)
    return (height, width) if turned else (width, height)


def _seconds(path: Path, named: float, watch: Watch) -> float:
    """Read all packets and give the length that is really there; recordings of a stream name none."""
    if named > LONGEST_SECONDS:
        raise Broken(Reason.TOO_LONG)
    streams = ["-map", "0:V:0?", "-map", "0:a:0?"]
    there = ffmpeg.run(path, [*streams, "-c", "copy", "-f", "null", "-"], watch)
    if named and there < named * (1 - _SLACK) - _SLACK_SECONDS:
        raise Broken(Reason.CUT_OFF)
    if there > LONGEST_SECONDS:
        raise Broken(Reason.TOO_LONG)
    if there <= 0.1:
        raise Broken(Reason.NO_MEDIA)
    return there


def _number(text: Any) -> float:
    try:
        return max(0.0, float(text))
    except (TypeError, ValueError):
        return 0.0


def begins_fast(path: Path) -> bool:
    """Say whether the index of an MP4 stands before its pictures."""
    return next((kind == b"moov" for kind in _boxes(path) if kind in (b"moov", b"mdat")), False)


def _lacks_index(path: Path) -> bool:
    """Say whether an MP4 has pictures or sound but not the index, which most programs write last of all."""
    found = set(_boxes(path))
    return b"mdat" in found and b"moov" not in found


def _boxes(path: Path) -> Iterator[bytes]:
    """List the kinds of the outermost boxes of an MP4 in their order (ISO/IEC 14496-12 section 4.2)."""
    with path.open("rb") as film:
        end = path.stat().st_size
        while film.tell() + 8 <= end:
            start, head = film.tell(), film.read(16)
            size = int.from_bytes(head[:4], "big")
            size = int.from_bytes(head[8:16], "big") if size == 1 else size
            yield head[4:8]
            if size < 8:
                return
            film.seek(start + size)
