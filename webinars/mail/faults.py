"""Faults of ours in the log: what and where, without the words, which may quote a person's data."""

import traceback
from pathlib import Path


def describe(error: BaseException, frames: int = 4) -> str:
    """Name the kind of an exception and the last places it passed: "KeyError at prepare.py:57 < delivery.py:151"."""
    places = traceback.extract_tb(error.__traceback__)[-frames:]
    path = " < ".join(f"{Path(place.filename).name}:{place.lineno}" for place in reversed(places))
    return f"{type(error).__name__} at {path}"
