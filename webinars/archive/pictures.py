"""How large a still picture is, told by its first bytes: what we keep is WebP, JPEG or PNG."""

import struct

from webinars.archive.store import StoreAway, current_store
from webinars.core.errors import NotFound

#: bytes; what cameras note before the picture fits in here
_HEAD = 256 * 1024
#: of the markers that begin a JPEG's picture these mean something else (ITU-T T.81 table B.1)
_NO_FRAME = {0xC4, 0xC8, 0xCC}
_SIZE_BITS = 0x3FFF


def size_of_kept(name: str) -> tuple[int, int] | None:
    """Give width and height of a picture of the store; None when it is not there or does not say."""
    store = current_store()
    try:
        found = store.find(name)
        return picture_size(b"".join(store.pieces(found, 0, min(found.size, _HEAD) - 1))) if found.size else None
    except (NotFound, StoreAway):
        return None


def picture_size(head: bytes) -> tuple[int, int] | None:
    """Read width and height; None for another kind and for a picture that breaks off."""
    try:
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return _sane(*struct.unpack_from(">II", head, 16))
        if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
            return _sane(*_webp(head))
        return _sane(*_jpeg(head)) if head.startswith(b"\xff\xd8\xff") else None
    except struct.error:
        return None


def _sane(width: int, height: int) -> tuple[int, int] | None:
    return (width, height) if width and height else None


def _webp(head: bytes) -> tuple[int, int]:
    """Read a WebP: plain, without loss, or extended (RFC 9649 sections 2.5 to 2.7)."""
    if head[12:16] == b"VP8X":
        return _of_24_bits(head, 24), _of_24_bits(head, 27)
    if head[12:16] == b"VP8L":
        (bits,) = struct.unpack_from("<I", head, 21)
        return (bits & _SIZE_BITS) + 1, (bits >> 14 & _SIZE_BITS) + 1
    width, height = struct.unpack_from("<HH", head, 26)
    return width & _SIZE_BITS, height & _SIZE_BITS


def _of_24_bits(head: bytes, at: int) -> int:
    low, high = struct.unpack_from("<HB", head, at)
    return int(low + (high << 16)) + 1


def _jpeg(head: bytes) -> tuple[int, int]:
    """Go from marker to marker until the one of the picture (ITU-T T.81 section B.2)."""
    at = 2
    while True:
        marker, length = struct.unpack_from(">xBH", head, at)
        if 0xC0 <= marker <= 0xCF and marker not in _NO_FRAME:
            height, width = struct.unpack_from(">HH", head, at + 5)
            return width, height
        at += 2 + length
