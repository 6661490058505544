"""Pictures made ready for pages out of what people have: turned upright, in usual colours, small, without anything a
camera notes beside them (where it was taken, when, with what).
"""

import io
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import IO

from flask_babel import gettext as _
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from webinars.archive.media import NotMedia
from webinars.core.pictures import FACES, WIDTHS

MOST_BYTES = 20 * 1024 * 1024
#: what telephones take at their finest
_MOST_PIXELS = 60_000_000
_TALLEST = 2 * WIDTHS[-1]
#: what is left of a larger one before the rest is done to it
_ENOUGH = (2 * WIDTHS[-1], 2 * WIDTHS[-1])
#: pixels that a portrait needs at least; below, a face is a blur on fine screens
_LEAST_FACE = FACES[1]
#: faces are above the middle of a picture that is taller than wide
_FACE_AT = (0.5, 0.35)
_QUALITY = 80
#: colours; a photograph has more
_FEW = 20_000
_HEIC = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
_USUAL_COLOURS = ImageCms.createProfile("sRGB")
#: rows of what is made of a very large one that are made at a time
_STRIP = 64
#: a large one takes a third of a gigabyte while it is made: never two at once in a process
_ONE_AT_A_TIME = Lock()


@dataclass(frozen=True)
class Made:
    """A picture as pages need it: the files by their widths in pixels, and the size of the largest."""

    files: dict[int, bytes]
    width: int
    height: int


def make_picture(stream: IO[bytes]) -> Made:
    """Make the widths in which a text shows a picture. Raises NotMedia with what would do."""
    with _ONE_AT_A_TIME:
        picture = _read(stream)
        picture.thumbnail((WIDTHS[-1], _TALLEST), Image.Resampling.LANCZOS)
        width, height = picture.size
        files = {one: _encoded(_narrowed(picture, one)) for one in _widths(width)}
    return Made(files, width, height)


def make_portrait(stream: IO[bytes]) -> Made:
    """Make the squares in which a face is shown. Raises NotMedia with what would do."""
    with _ONE_AT_A_TIME:
        picture = _read(stream)
        if min(picture.size) < _LEAST_FACE:
            raise NotMedia(
                _("This picture is too small. It needs at least %(least)s pixels each way.", least=_LEAST_FACE)
            )
        files = {one: _encoded(ImageOps.fit(picture, (one, one), centering=_FACE_AT)) for one in FACES}
    return Made(files, FACES[-1], FACES[-1])


def _widths(width: int) -> Iterable[int]:
    return [*(one for one in WIDTHS if one < width), width]


def _narrowed(picture: Image.Image, width: int) -> Image.Image:
    height = max(1, round(picture.height * width / picture.width))
    return picture.resize((width, height), Image.Resampling.LANCZOS)


def _read(stream: IO[bytes]) -> Image.Image:
    """Read a picture, upright and in usual colours. Raises NotMedia."""
    data = stream.read(MOST_BYTES + 1)
    _refuse_unknown(data)
    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP")) as found:
            _refuse_unusable(found)
            # A JPEG can be read smaller than it is, at a fraction of the cost.
            found.draft(None, _ENOUGH)
            return _in_usual_colours(found)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_many_pixels() from None
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError):
        raise NotMedia(
            _(
                "This file cannot be read as a picture; perhaps it is damaged. Save it once more as JPEG or PNG, and"
                " choose that."
            )
        ) from None


def _refuse_unknown(data: bytes) -> None:
    """Refuse what is of another kind, by its first bytes, with what to do about it."""
    if not data:
        raise NotMedia(_("The file is empty. Choose it once more."))
    if len(data) > MOST_BYTES:
        raise NotMedia(_("This file is too large: 20 megabytes are the most. Save it smaller, and choose that."))
    if data[4:8] == b"ftyp" and data[8:12] in _HEIC:
        raise NotMedia(
            _(
                "This photo is in the format of Apple telephones (HEIC), which most browsers cannot show. Open it on"
                " the telephone or in Photos on a Mac, export it as JPEG, and choose that."
            )
        )
    if b"<svg" in data[:2000].lower():
        raise NotMedia(_("A drawing (SVG) can hold programs, so we take none. Save it as PNG and choose that."))
    if not data.startswith((b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n")) and data[:4] + data[8:12] != b"RIFFWEBP":
        raise NotMedia(_("We can take JPEG, PNG and WebP. Save the picture as one of these, and choose that."))


def _refuse_unusable(found: Image.Image) -> None:
    """Refuse a picture that is too large or moves, before any of it is unpacked."""
    if found.width * found.height > _MOST_PIXELS:
        raise _too_many_pixels()
    # Many telephones put a second picture behind the one they show, such as how far away everything is.
    if getattr(found, "is_animated", False) and found.format != "MPO":
        raise NotMedia(
            _(
                "This picture moves, which some people cannot bear to look at. Save one still of it as PNG, and choose"
                " that."
            )
        )


def _too_many_pixels() -> NotMedia:
    return NotMedia(_("This picture has too many pixels: 60 million are the most. Save it smaller, and choose that."))


def _in_usual_colours(picture: Image.Image) -> Image.Image:
    """Give it as RGB, or RGBA where something shines through; colours of other kinds become those of screens (sRGB)."""
    profile = picture.info.get("icc_profile")
    picture = _reduced(picture)
    picture.thumbnail(_ENOUGH)
    picture = ImageOps.exif_transpose(picture)
    if profile:
        picture = _converted(picture, profile)
    opaque = picture.mode != "RGBA" or picture.getchannel("A").getextrema() == (255, 255)
    made = picture.convert("RGB" if opaque else "RGBA")
    made.info.clear()
    return made


def _reduced(picture: Image.Image) -> Image.Image:
    """Give it in colours that can be mixed, and a very large one smaller.

    A strip at a time: whole, what shines through would be copied several times over.
    """
    factor = max(picture.size) // max(_ENOUGH)
    if factor < 2:
        return _mixable(picture)
    small: Image.Image | None = None
    for top in range(0, picture.height, factor * _STRIP):
        rows = (0, top, picture.width, min(picture.height, top + factor * _STRIP))
        strip = _mixable(picture.crop(rows)).reduce(factor)
        small = small or Image.new(strip.mode, (strip.width, -(-picture.height // factor)))
        small.paste(strip, (0, top // factor))
    assert small is not None
    width, height = picture.size
    enough = max(_ENOUGH) / max(width, height)
    size = max(1, round(width * enough)), max(1, round(height * enough))
    made = small.resize(size, Image.Resampling.LANCZOS, (0, 0, width / factor, height / factor))
    made.info = dict(picture.info)
    return made


def _mixable(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith("I"):
        # 16 bits of grey; the library would cut off whatever is brighter than 255.
        picture = picture.convert("I").point(lambda value: value / 257).convert("L")
    if picture.mode == "P" or picture.has_transparency_data:
        return picture.convert("RGBA")
    return picture.convert("L") if picture.mode == "1" else picture


def _converted(picture: Image.Image, profile: bytes) -> Image.Image:
    """Turn the colours a profile describes into those of screens."""
    mode = "RGBA" if picture.mode == "RGBA" else "RGB"
    # What is wrong with a profile is no fault of the picture.
    with suppress(ImageCms.PyCMSError, OSError):
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(picture, source, _USUAL_COLOURS, outputMode=mode) or picture
    return picture


def _encoded(picture: Image.Image) -> bytes:
    """Write it as WebP. Drawings are often smaller without loss, and their fine lines and letters stay sharp."""
    photo, drawn = _webp(picture, quality=_QUALITY, method=4), picture.getcolors(_FEW) is not None
    return min(photo, _webp(picture, lossless=True, method=4), key=len) if drawn else photo


def _webp(picture: Image.Image, **how: int) -> bytes:
    made = io.BytesIO()
    picture.save(made, "WEBP", **how)
    return made.getvalue()
