"""The choices of a form's lists and radio buttons."""

from collections.abc import Iterable
from typing import Any

from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs

__all__ = ["SelectChoice", "options"]


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Make choices of values and what people read for them, lazy texts included."""
    return [SelectChoice(value, label) for value, label in pairs]
