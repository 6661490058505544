"""Addresses as QR codes (ISO/IEC 18004) on paper: nobody types a personal link."""

from functools import lru_cache

import segno
from markupsafe import Markup

#: trying all eight patterns takes four times as long, and every reader reads each
_PATTERN = 3


@lru_cache(maxsize=64)
def svg_of(address: str) -> Markup:
    """Draw an address as an SVG element that a page holds itself: no style attribute, no size, dark on white."""
    code = segno.make(address, micro=False, error="m", boost_error=False, mask=_PATTERN)
    drawing = code.svg_inline(omitsize=True, svgclass="qr", lineclass=None, border=4, dark="#000", light="#fff")
    # Its caption says what it is.
    return Markup(drawing.replace("<svg ", '<svg aria-hidden="true" ', 1))
