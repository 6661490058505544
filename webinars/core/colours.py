"""An organisation's own colour: the shades it needs, and whether people can read them. Pure.

Contrast is that of WCAG 2.2 (relative luminance); shades are reckoned in Oklab, where equal steps look equal.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

#: what text has to have at least (WCAG 2.2, 1.4.3)
ENOUGH = 4.5
_WRITTEN = re.compile(r"#?([0-9a-f]{3}|[0-9a-f]{6})", re.IGNORECASE)
#: the tokens of site.css on which the brand colour stands as text, light and dark, and the words on its own shades
LIGHT_SURFACES = ("#ffffff", "#fbf8f3", "#efeae1", "#fdf3dc", "#fbebe4")
DARK_SURFACES = ("#10191d", "#18252b", "#0d1518", "#27363d", "#3a2d0f", "#43201a")
LIGHT_INK, DARK_INK, SIDE_INK = "#18262d", "#edf2f0", "#dcecea"
_DARK_PAPER = DARK_SURFACES[0]
_STEP = 0.005

Lab = tuple[float, float, float]


@dataclass(frozen=True)
class Tones:
    """The shades of one mode, as #rrggbb."""

    brand: str
    strong: str
    tint: str
    on_brand: str
    #: behind the navigation of staff
    side: str


@dataclass(frozen=True)
class Palette:
    """The shades for light and for dark screens."""

    light: Tones
    dark: Tones


#: the hand-made ones of site.css
USUAL = Palette(
    Tones("#0f5e63", "#0a4549", "#e4f1ef", "#ffffff", "#0b3437"),
    Tones("#86d3ca", "#b2e6df", "#17393b", "#062a2b", "#0a2224"),
)


def normal(written: str) -> str | None:
    """Read "#abc" or "AABBCC" as #aabbcc; None for what is no colour."""
    match = _WRITTEN.fullmatch(written.strip())
    if not match:
        return None
    digits = match[1].lower()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def contrast(one: str, other: str) -> float:
    """Give the contrast ratio of two colours, from 1 to 21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Give the relative luminance (WCAG 2.2)."""
    red, green, blue = _linear(colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def palette_of(colour: str) -> Palette:
    """Reckon the shades of a brand colour; the usual ones for none."""
    return Palette(_light(colour), _dark(colour)) if colour else USUAL


def weakest(palette: Palette) -> float:
    """Give the least contrast that text in these shades has anywhere."""
    light, dark = palette.light, palette.dark
    pairs = [
        *_on(light.brand, (*LIGHT_SURFACES, light.tint, light.on_brand)),
        *_on(light.strong, (*LIGHT_SURFACES, light.tint, light.on_brand)),
        *_on(dark.brand, (*DARK_SURFACES, dark.tint, dark.on_brand)),
        *_on(dark.strong, (*DARK_SURFACES, dark.tint, dark.on_brand)),
        (light.tint, LIGHT_INK), (dark.tint, DARK_INK), (light.side, SIDE_INK), (dark.side, SIDE_INK),
    ]  # fmt: skip
    return min(contrast(*pair) for pair in pairs)


def is_readable(colour: str) -> bool:
    """Say whether every text in the shades of a colour can be read."""
    return weakest(palette_of(colour)) >= ENOUGH


def nearest_readable(colour: str) -> str:
    """Give the colour itself, or the lightest darker one of its hue that can be read."""
    lightness, a, b = _lab(colour)
    while not is_readable(colour):
        lightness = max(lightness - _STEP, 0.0)
        colour = _colour((lightness, a, b))
    return colour


def style_of(colour: str) -> str:
    """Write the style sheet that puts the shades of a colour in place of the usual ones, on screens."""
    found = palette_of(colour)
    light, dark = _tokens(found.light), _tokens(found.dark)
    own = f"--brand-base:{found.light.brand};"
    return f"@media screen{{:root{{{own}{light}}}@media (prefers-color-scheme:dark){{:root{{{dark}}}}}}}"


def trial_style_of(colour: str) -> str:
    """Write the style sheet of two samples, one in light and one in dark, whatever the screen is set to."""
    found = palette_of(colour)
    return f".trial-light{{{_tokens(found.light)}}}.trial-dark{{{_tokens(found.dark)}}}"


def _tokens(tones: Tones) -> str:
    return (
        f"--brand:{tones.brand};--brand-strong:{tones.strong};--brand-tint:{tones.tint};"
        f"--on-brand:{tones.on_brand};--side:{tones.side}"
    )


def _on(colour: str, surfaces: Iterable[str]) -> list[tuple[str, str]]:
    return [(colour, surface) for surface in surfaces]


def _light(colour: str) -> Tones:
    lightness, a, b = _lab(colour)
    strong = _colour((lightness * 0.78, a, b))
    return Tones(colour, strong, _mixed(colour, "#ffffff", 0.11), "#ffffff", _mixed(colour, "#000000", 0.5))


def _dark(colour: str) -> Tones:
    tint = _mixed(colour, _DARK_PAPER, 0.35)
    brand, strong = (_lightened(colour, lightness, tint) for lightness in (0.8, 0.88))
    return Tones(brand, strong, tint, _DARK_PAPER, _mixed(colour, "#000000", 0.35))


def _lightened(colour: str, lightness: float, tint: str) -> str:
    """Give the colour's hue in a lightness that can be read on dark surfaces."""
    _lightness, a, b = _lab(colour)
    made = _colour((lightness, a, b))
    while lightness < 1 and min(contrast(made, surface) for surface in (*DARK_SURFACES, tint)) < ENOUGH:
        lightness = min(lightness + _STEP, 1.0)
        made = _colour((lightness, a, b))
    return made


def _mixed(colour: str, other: str, share: float) -> str:
    parts = zip(_lab(colour), _lab(other), strict=True)
    lightness, a, b = (share * one + (1 - share) * two for one, two in parts)
    return _colour((lightness, a, b))


def _linear(colour: str) -> tuple[float, float, float]:
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return _undone(red), _undone(green), _undone(blue)


def _undone(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _lab(colour: str) -> Lab:
    """Give Oklab's lightness, a and b (Ottosson 2020)."""
    red, green, blue = _linear(colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    middle = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * middle - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * middle + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * middle - 0.8086757660 * short,
    )


def _colour(lab: Lab) -> str:
    """Write a colour, with as much less of its chroma as screens need to show its lightness."""
    lightness, a, b = lab
    parts = _rgb(lab)
    while max(abs(a), abs(b)) > 1e-4 and not all(-1e-6 <= part <= 1 + 1e-6 for part in parts):
        a, b = a * 0.95, b * 0.95
        parts = _rgb((lightness, a, b))
    return "#" + "".join(f"{round(255 * _done(min(max(part, 0.0), 1.0))):02x}" for part in parts)


def _rgb(lab: Lab) -> Lab:
    lightness, a, b = lab
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )


def _done(part: float) -> float:
    return 12.92 * part if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)
