"""Lists that players read: the pieces of a film in each size (RFC 8216), and its small pictures (WebVTT)."""

import re
from collections.abc import Sequence
from pathlib import Path

from webinars.archive.captions import vtt_time
from webinars.archive.processing.rules import Size, Thumbnails

_PIECE = re.compile(r"#EXTINF:([\d.]+),[^\n]*\n#EXT-X-BYTERANGE:(\d+)")
_HEAD = 65536


def master(variants: Sequence[tuple[Size, Path, Path]], sound: bool) -> str:
    """Write the list of sizes: of each its pieces and their index."""
    lines = ["#EXTM3U", "#EXT-X-VERSION:7", "#EXT-X-INDEPENDENT-SEGMENTS"]
    for size, pieces, index in variants:
        codecs = ",".join([part for part in (_video_codec(pieces), "mp4a.40.2" if sound else "") if part])
        rates = _rates(index.read_text())
        facts = [f"BANDWIDTH={rates[0]}", f"AVERAGE-BANDWIDTH={rates[1]}", f"RESOLUTION={size.width}x{size.height}"]
        lines += [f'#EXT-X-STREAM-INF:{",".join(facts)},CODECS="{codecs}"', index.name]
    return "\n".join(lines) + "\n"


def _rates(index: str) -> tuple[int, int]:
    """Give bits a second of the heaviest piece and of all together."""
    pieces = [(float(seconds), int(size) * 8) for seconds, size in _PIECE.findall(index)]
    seconds = sum(length for length, _bits in pieces) or 1
    heaviest = max((bits / max(length, 0.1) for length, bits in pieces), default=1)
    return round(heaviest), round(sum(bits for _length, bits in pieces) / seconds)


def _video_codec(pieces: Path) -> str:
    """Name profile and level of the film as its header does (RFC 6381)."""
    with pieces.open("rb") as film:
        head = film.read(_HEAD)
    at = head.find(b"avcC")
    return f"avc1.{head[at + 5 : at + 8].hex()}" if at >= 0 else ""


def thumbnails_vtt(plan: Thumbnails, seconds: float, sprite: str) -> str:
    """Say which part of the picture shows which seconds."""
    cues = []
    for number in range(plan.count):
        row, column = divmod(number, plan.columns)
        begin, end = number * plan.every, min((number + 1) * plan.every, max(seconds, number * plan.every + 0.1))
        place = f"{column * plan.width},{row * plan.height},{plan.width},{plan.height}"
        cues.append(f"{vtt_time(round(begin * 1000))} --> {vtt_time(round(end * 1000))}\n{sprite}#xywh={place}\n")
    return "\n".join(["WEBVTT\n", *cues])
