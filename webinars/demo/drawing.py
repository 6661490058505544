"""The picture in the text of the demonstration: drawn here, so that it belongs to nobody else."""

import io
from datetime import datetime
from itertools import pairwise
from math import cos, pi, sin

from PIL import Image, ImageDraw

from webinars.archive.album import service
from webinars.archive.album.making import make_picture
from webinars.core.pictures import PICTURE, SCHEME

#: how the texts of the content name it
_PLACE = "picture:brake"
_WORDS = {
    "words_en": "Two drawings side by side. On the left a cancer cell holds on to the brake of a T cell, which rests. "
    "On the right a medicine covers the brake, and the T cell attacks it.",
    "words_es": "Dos dibujos, uno junto a otro. A la izquierda, una célula cancerosa pisa el freno de una célula T, "
    "que descansa. A la derecha, un medicamento cubre el freno, y la célula T la ataca.",
}
_SIZE = (1440, 480)
#: drawn so much larger, for smooth edges
_FINE = 2
_PAPER, _RESTING, _AWAKE, _CANCER = "#f6f2ea", "#b9c7c7", "#2b9a9b", "#cf8673"
_BRAKE, _MEDICINE = "#5d6a70", "#e5ab33"


def placed(now: datetime, *texts: str) -> list[str]:
    """Keep the drawing with its words, and name it in texts."""
    file = io.BytesIO()
    _drawing().save(file, "PNG")
    file.seek(0)
    made = make_picture(file)
    kept = {"key": service.keep(made, PICTURE), "width": made.width, "height": made.height, "widths": [*made.files]}
    number = service.add_picture(kept, _WORDS, now).id
    return [text.replace(_PLACE, f"{SCHEME}{number}") for text in texts]


def _drawing() -> Image.Image:
    """Draw the two halves, with a line between them."""
    picture = Image.new("RGB", (_SIZE[0] * _FINE, _SIZE[1] * _FINE), _PAPER)
    pen = _Pen(ImageDraw.Draw(picture))
    for middle, awake in ((360, False), (1080, True)):
        _half(pen, middle, awake)
    pen.line((720, 60), (720, 420), "#d8cfbf", 4)
    return picture.resize(_SIZE, Image.Resampling.LANCZOS)


def _half(pen: "_Pen", middle: int, awake: bool) -> None:
    height = _SIZE[1] // 2
    cell, cancer = (middle - 165, height), (middle + 165, height)
    for turn in range(14):
        # A cancer cell bulges.
        angle = turn * pi / 7
        pen.disc((cancer[0] + 118 * cos(angle), cancer[1] + 118 * sin(angle)), 34, _CANCER)
    pen.disc(cancer, 128, _CANCER)
    pen.disc((cancer[0] + 18, cancer[1] - 8), 52, "#a85a49")
    pen.disc(cell, 140, _AWAKE if awake else _RESTING)
    pen.disc((cell[0] - 22, cell[1] - 6), 62, "#14696b" if awake else "#8fa3a4")
    pen.line((cell[0] + 128, height), (middle + 6, height), _BRAKE, 26)
    if not awake:
        pen.line((middle + 4, height), (cancer[0] - 118, height), "#8a4435", 26)
        pen.disc((middle + 4, height), 26, _BRAKE)
        return
    pen.disc((middle + 10, height), 30, _MEDICINE)
    for way in (-1, 1):
        pen.line((middle + 10, height), (middle + 10 + 34, height + way * 46), _MEDICINE, 18)
        # What it attacks with goes above and below the brake.
        for far in (0, 1):
            pen.disc((middle - 40 + 46 * far, height + way * (112 + 8 * far)), 13 - 3 * far, _AWAKE)
    crack = [(cancer[0] + 40 + 26 * (turn % 2), height + 35 * turn) for turn in range(-4, 5)]
    for begin, end in pairwise(crack):
        pen.line(begin, end, _PAPER, 9)


class _Pen:
    """Draws in the measures of the finished picture."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def disc(self, middle: tuple[float, float], radius: float, colour: str) -> None:
        left, top, right, bottom = (value * _FINE for value in (
            middle[0] - radius, middle[1] - radius, middle[0] + radius, middle[1] + radius,
        ))  # fmt: skip
        self._draw.ellipse((left, top, right, bottom), fill=colour)

    def line(self, begin: tuple[float, float], end: tuple[float, float], colour: str, width: int) -> None:
        self._draw.line([value * _FINE for value in (*begin, *end)], fill=colour, width=width * _FINE)
        for point in (begin, end):
            self.disc(point, width / 2, colour)
