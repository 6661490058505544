"""Files of films, pictures and papers: of what kind they are, how long, which part of them is asked for."""

import re
from pathlib import Path
from typing import BinaryIO

from flask_babel import gettext as _

from webinars.core.errors import UserError

#: bytes; an hour of talk in good quality is a third of it
LARGEST_FILE = 2 * 1024**3
_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII)
_HASHED = re.compile(r"-[0-9a-f]{16}\.\w+")

TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mkv": "video/x-matroska",
    ".avi": "video/x-msvideo",
    ".mov": "video/quicktime",
    ".m4s": "video/mp4",
    ".m3u8": "application/vnd.apple.mpegurl",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".ogg": "audio/ogg",
    ".vtt": "text/vtt; charset=utf-8",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
}


#: recordings that most browsers play as they are, and those that something has to be made of
PLAYABLE = frozenset({".mp4", ".webm", ".m4a", ".mp3"})
MADE_PLAYABLE = PLAYABLE | {".mkv", ".avi", ".wav", ".ogg"}


class NotMedia(UserError):
    """Refuse a file that is not what it should be."""


def takeable(as_it_is: bool) -> frozenset[str]:
    """Name the kinds of recordings we can take. as_it_is: nothing can be made of them here."""
    return PLAYABLE if as_it_is else MADE_PLAYABLE


def not_takeable(as_it_is: bool) -> NotMedia:
    """Say that a file is of a kind that we cannot take."""
    kinds = ", ".join(sorted(takeable(as_it_is)))
    return NotMedia(_("This file is of another kind. We can take: %(kinds)s.", kinds=kinds))


def content_type(name: str) -> str:
    """Give the type a stored file is served with."""
    return TYPES[Path(name).suffix.lower()]


def is_kind_known(name: str) -> bool:
    """Say whether a file of this name can be served."""
    return Path(name).suffix.lower() in TYPES


def is_hashed(name: str) -> bool:
    """Say whether a name holds a hash of the content, so that it never changes."""
    return bool(_HASHED.search(name))


def readable_range(header: str | None, size: int) -> str | None:
    """Give a Range header in the one form we serve, "bytes=first-last"; None = serve the whole file.

    Several ranges, other units and nonsense are ignored, as RFC 9110 section 14.2 allows.
    Raises ValueError for a range that begins behind the end.
    """
    match = _RANGE.fullmatch(header or "")
    if not match or not (match[1] or match[2]):
        return None
    if not match[1]:
        first, last = max(size - int(match[2]), 0), size - 1
    else:
        first, last = int(match[1]), min(int(match[2] or size), size - 1)
        if match[2] and int(match[2]) < first:
            return None
    if first >= size:
        raise ValueError(header)
    return f"bytes={first}-{last}"


def sniff(head: bytes) -> str:
    """Tell a file's kind from its first 64 bytes; gives an extension, "" for a kind we do not take."""
    if head[4:8] == b"ftyp":
        if head[8:12] == b"M4A ":
            return ".m4a"
        return "" if head[8:12] in {b"heic", b"avif", b"mif1"} else ".mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return ".webm" if b"webm" in head else ".mkv" if b"matroska" in head else ""
    if head.startswith(b"RIFF"):
        return {b"WEBP": ".webp", b"WAVE": ".wav", b"AVI ": ".avi"}.get(head[8:12], "")
    if head[:2] in (b"\xff\xfb", b"\xff\xfa", b"\xff\xf3", b"\xff\xf2"):
        return ".mp3"
    known = {b"ID3": ".mp3", b"OggS": ".ogg", b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png", b"%PDF-": ".pdf"}
    return next((extension for magic, extension in known.items() if head.startswith(magic)), "")


def mp4_seconds(film: BinaryIO) -> int | None:
    """Read how long an MP4 lasts from its movie header (ISO/IEC 14496-12 section 8.2.2); None when it does not say."""
    size = film.seek(0, 2)
    film.seek(0)
    moov = _find_box(film, b"moov", size)
    header = moov and _find_box(film, b"mvhd", film.tell() + moov)
    if not header:
        return None
    body = film.read(min(header, 32))
    if len(body) < 32:
        return None
    long = body[0] == 1
    scale = int.from_bytes(body[20:24] if long else body[12:16], "big")
    length = int.from_bytes(body[24:32] if long else body[16:20], "big")
    seconds = round(length / scale) if scale else 0
    return seconds if 0 < seconds <= 24 * 3600 else None


def _find_box(film: BinaryIO, kind: bytes, end: int) -> int:
    """Move behind the header of the next box of a kind; gives the size of its body, 0 when there is none."""
    while film.tell() + 8 <= end:
        start = film.tell()
        head = film.read(8)
        size, header = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, header = int.from_bytes(film.read(8), "big"), 16
        if size < header:
            return 0
        if head[4:] == kind:
            return size - header
        film.seek(start + size)
    return 0
