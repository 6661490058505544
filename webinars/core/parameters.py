"""What a request brings in its address and its forms, without the characters that nobody types.

PostgreSQL takes no NUL in a text, and no page shows its like; whoever reads a parameter need not think of that.
"""

import re
from collections.abc import Iterable, Mapping
from typing import IO, Any

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

    def __init__(self, environ: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        if "HTTP_TRANSFER_ENCODING" in environ:
            environ["wsgi.input"] = _Pieces(environ["wsgi.input"])
        super().__init__(environ, *args, **kwargs)


class _Pieces:
    """A body that comes in pieces: one that the server cannot read is the client's fault, as a broken connection is."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        """Give the next bytes; raises OSError, which leads to an answer of 400."""
        try:
            return self._stream.read(size)
        except Exception as problem:
            # Each server has errors of its own for it.
            raise OSError("unreadable body") from problem


def _without_controls(value: Any) -> Any:
    return _CONTROLS.sub("", value) if isinstance(value, str) else value
