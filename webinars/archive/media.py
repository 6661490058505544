"""The media store: a folder of films, pictures and papers, under names that cannot leave it."""

import hashlib
import re
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO

from flask_babel import gettext as _

from webinars.archive.rules import STORED, is_media_name
from webinars.core.errors import NotFound, UserError

#: bytes; an hour of talk in good quality is a third of it
LARGEST_FILE = 2 * 1024**3
_PIECE = 1024 * 1024
_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.ASCII)
_HASHED = re.compile(r"-[0-9a-f]{16}\.\w+")

TYPES = {
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".vtt": "text/vtt; charset=utf-8",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".pdf": "application/pdf",
}


class NotMedia(UserError):
    """Refuse a file that is not what it should be."""


def find_file(root: Path, name: str) -> Path:
    """Give the path of a stored file. Raises NotFound, also for names that point elsewhere."""
    path = root / name
    known = is_media_name(name) and path.suffix.lower() in TYPES
    # A link inside the folder must not lead out of it.
    if not known or not path.is_file() or path.resolve().parent != root.resolve():
        raise NotFound(_("There is no such file."))
    return path


def content_type(name: str) -> str:
    """Give the type a stored file is served with."""
    return TYPES[Path(name).suffix.lower()]


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


def keep(root: Path, stem: str, stream: BinaryIO, allowed: Iterable[str]) -> str:
    """Store a file under ``<stem>-<hash>.<ext>``, its kind told by its first bytes; gives "media:<name>".

    Raises NotMedia for another kind, an empty or a too large file.
    """
    root.mkdir(parents=True, exist_ok=True)
    head = stream.read(64)
    extension = sniff(head)
    if extension not in allowed:
        raise NotMedia(_("This file is of another kind. We can take: %(kinds)s.", kinds=", ".join(sorted(allowed))))
    part = root / f".{secrets.token_hex(8)}.part"
    try:
        digest = _copy(head, stream, part)
        name = f"{stem[:80]}-{digest[:16]}{extension}"
        part.replace(root / name)
    finally:
        part.unlink(missing_ok=True)
    return STORED + name


def _copy(head: bytes, stream: BinaryIO, target: Path) -> str:
    digest, size, piece = hashlib.sha256(), 0, head
    with target.open("xb") as out:
        while piece:
            size += len(piece)
            if size > LARGEST_FILE:
                raise NotMedia(_("This file is too large. Two gigabytes are the most."))
            digest.update(piece)
            out.write(piece)
            piece = stream.read(_PIECE)
    return digest.hexdigest()


def sniff(head: bytes) -> str:
    """Tell a file's kind from its first 64 bytes; gives an extension, "" for a kind we do not take."""
    if head[4:8] == b"ftyp":
        return "" if head[8:12] in {b"heic", b"avif", b"mif1"} else ".mp4"
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head:
        return ".webm"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return ".webp"
    known = {b"\xff\xd8\xff": ".jpg", b"\x89PNG\r\n\x1a\n": ".png", b"%PDF-": ".pdf"}
    return next((extension for magic, extension in known.items() if head.startswith(magic)), "")


def mp4_seconds(path: Path) -> int | None:
    """Read how long an MP4 lasts from its movie header (ISO/IEC 14496-12 section 8.2.2); None when it does not say."""
    with path.open("rb") as film:
        moov = _find_box(film, b"moov", path.stat().st_size)
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
