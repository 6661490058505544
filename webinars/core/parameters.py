"""What a request brings in its address and its forms, without the characters that nobody types.

PostgreSQL takes no NUL in a text, and no page shows its like; whoever reads a parameter need not think of that.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Parameters(ImmutableMultiDict[str, Any]):
    """The values of a query string or a form; of files only the names of their fields change."""

    def __init__(self, given: Mapping[str, Any] | Iterable[tuple[str, Any]] | None = None) -> None:
        items = iter_multi_items(given or ())
        super().__init__([(_without_controls(name), _without_controls(value)) for name, value in items])


class PlainRequest(Request):
    """A request whose parameters hold tabs and line ends, but no other control characters."""

    parameter_storage_class = Parameters


def _without_controls(value: Any) -> Any:
    return _CONTROLS.sub("", value) if isinstance(value, str) else value
