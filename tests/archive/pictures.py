"""Files as people have them, made for a test."""

import io
from typing import Any

from PIL import Image


def file_of(picture: Image.Image, kind: str = "PNG", **how: Any) -> io.BytesIO:
    """Give a picture as a file of a kind."""
    made = io.BytesIO()
    picture.save(made, kind, **how)
    made.seek(0)
    return made


def plain(size: tuple[int, int] = (1600, 900), mode: str = "RGB", colour: Any = "teal") -> Image.Image:
    """Give a picture of one colour."""
    return Image.new(mode, size, colour)


def opened(data: bytes) -> Image.Image:
    """Open what a server answered."""
    return Image.open(io.BytesIO(data))
