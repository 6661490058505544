"""Shades of an organisation's colour: reckoned by rule, and never too hard to read."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webinars.core import colours

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")
SITE_CSS = Path("webinars/static/css/site.css").read_text()


def test_contrast_is_that_of_the_guidelines():
    assert colours.contrast("#000000", "#ffffff") == pytest.approx(21)
    assert colours.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)
    assert colours.contrast("#123456", "#123456") == 1


@given(COLOURS)
def test_any_colour_has_a_near_shade_that_can_be_read_everywhere(colour):
    found = colours.nearest_readable(colour)
    assert colours.weakest(colours.palette_of(found)) >= colours.ENOUGH
    assert colours.luminance(found) <= colours.luminance(colour)


@given(COLOURS)
def test_colour_that_can_be_read_stays_as_it_is(colour):
    found = colours.nearest_readable(colour)
    assert colours.nearest_readable(found) == found
    assert (found == colour) == colours.is_readable(colour)


@given(COLOURS)
def test_shades_are_written_as_six_digits_and_nothing_else_enters_the_style_sheet(colour):
    values = re.findall(r"--[a-z-]+:([^;}]+)", colours.style_of(colour))
    assert len(values) == 11 and all(re.fullmatch("#[0-9a-f]{6}", value) for value in values)


def test_usual_shades_and_surfaces_are_those_of_the_style_sheet():
    light, dark = (dict(re.findall(r"--([a-z-]+): (#[0-9a-f]{3,6});", part)) for part in _roots())
    wide = colours.normal
    for tones, tokens in ((colours.USUAL.light, light), (colours.USUAL.dark, dark)):
        shades = (tones.brand, tones.strong, tones.tint, tones.on_brand, tones.side)
        names = ("brand", "brand-strong", "brand-tint", "on-brand", "side")
        assert shades == tuple(wide(tokens[name]) for name in names)
    named = ("surface", "paper", "plain-tint", "sun-tint", "accent-tint")
    assert tuple(wide(light[name]) for name in named) == colours.LIGHT_SURFACES
    assert set(colours.DARK_SURFACES) == {wide(dark[name]) for name in (*named, "field")}
    assert colours.weakest(colours.USUAL) >= colours.ENOUGH


def _roots():
    return [part.split("}")[0] for part in SITE_CSS.split(":root {")[1:3]]


@pytest.mark.parametrize(
    ("written", "read"),
    [("#ABC", "#aabbcc"), (" 0F5E63 ", "#0f5e63"), ("#12345", None), ("red", None), ("#0f5e63;}", None), ("", None)],
)
def test_colour_is_read_as_people_write_it(written, read):
    assert colours.normal(written) == read
