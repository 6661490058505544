"""The organisation's logo: a picture made small enough for every page, and kept in the media store."""

import io
import re
from typing import IO

from flask_babel import gettext as _
from PIL import Image, UnidentifiedImageError

from webinars.archive import store
from webinars.archive.media import NotMedia
from webinars.archive.rules import STORED

#: pixels: three times the room that a page gives it, for fine screens
_WIDEST, _HIGHEST = 432, 108
#: of what is uploaded
MOST_BYTES, _MOST_PIXELS = 5 * 1024 * 1024, 40_000_000
_STEM = "organization_logo"
_NAME = re.compile(_STEM + r"-[0-9a-f]{16}\.webp")


def is_logo(name: str) -> bool:
    """Say whether a file of the media store is a logo, which everybody may see; no other name has the underscore."""
    return bool(_NAME.fullmatch(name))


def keep(stream: IO[bytes]) -> str:
    """Make a logo of a picture and keep it; gives "name width height". Raises NotMedia with what would do."""
    data = stream.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise NotMedia(_("This file is too large. Five megabytes are the most."))
    if b"<svg" in data[:2000].lower():
        raise NotMedia(_("A drawing (SVG) can hold programs, so we take none. Save it as PNG and choose that."))
    made, picture = io.BytesIO(), _small(data)
    picture.save(made, "WEBP", lossless=True, method=6)
    made.seek(0)
    kept = store.keep(store.current_store(), _STEM, made, {".webp"})
    return f"{kept.removeprefix(STORED)} {picture.width} {picture.height}"


def _small(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "WEBP")) as found:
            if found.width * found.height > _MOST_PIXELS:
                raise NotMedia(_("This picture is too large: choose one of at most 6,000 by 6,000 pixels."))
            picture = found.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        raise NotMedia(_("This is no picture that we can read. Choose a PNG, JPEG or WebP file.")) from None
    picture.thumbnail((_WIDEST, _HIGHEST))
    return picture
