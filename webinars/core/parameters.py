"""What a request brings in its address and its forms, without the characters that nobody types.

PostgreSQL takes no NUL in a text, and no page shows its like; whoever reads a parameter need not think of that.
"""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import IO, Any, cast

import structlog
from flask import Request, current_app
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import ImmutableMultiDict, iter_multi_items

from webinars.core.errors import UserError
from webinars.core.files import FULL

LOG = structlog.get_logger("webinars.core.parameters")
#: bytes of a file of a form that are held in memory; a longer one lies on the disk while the request lasts
_IN_MEMORY = 500 * 1024
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class NoRoomForForm(UserError):
    """Say that a form's files found no room on the disk."""

    status = 507

    def __init__(self) -> None:
        super().__init__(
            _l(
                "There is not enough room on the server for this file, so nothing was saved. Ask whoever runs the "
                "server to make room, then send it again."
            )
        )


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

    def _get_file_stream(self, *_args: Any, **_kwargs: Any) -> IO[bytes]:
        """Give the place for a file of a form while it comes in."""
        return cast(IO[bytes], SpooledTemporaryFile(_IN_MEMORY, "rb+", dir=_spool_folder()))

    def _load_form_data(self) -> None:
        """Read the form. Raises NoRoomForForm, once all of it has come: browsers hear no answer before."""
        try:
            super()._load_form_data()
        except OSError as error:
            if error.errno not in FULL:
                raise
            LOG.error("there is no room for the files of a form", fault=error.strerror)
            self.__dict__["form"] = self.__dict__["files"] = self.parameter_storage_class()
            while self.stream.read(_IN_MEMORY):
                pass
            raise NoRoomForForm from None


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


def _spool_folder() -> str | None:
    """Give where files of forms lie on the disk; None = where the system wants it."""
    folder: Path = current_app.config["SPOOL_FOLDER"]
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return str(folder) if os.access(folder, os.W_OK) else None


def _without_controls(value: Any) -> Any:
    return _CONTROLS.sub("", value) if isinstance(value, str) else value
