"""What the processes of one test run share, in a folder that goes with it, so that each thing is worked out once."""

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

from flask import Flask
from jinja2 import FileSystemBytecodeCache

_VARIABLE = "WEBINARS_TEST_KEPT"


def begin() -> None:
    """Make the folder, in the process that starts the others, and let them keep what Python compiles."""
    # Whoever forbids it saves the disk some files, and has every process of a run compile the program again.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    sys.dont_write_bytecode = False
    folder = tempfile.mkdtemp(prefix="webinars-kept-")
    os.environ[_VARIABLE] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)


def share_templates(app: Flask) -> Flask:
    """Let an application find the templates that another one has compiled."""
    if _VARIABLE in os.environ:
        app.jinja_env.bytecode_cache = FileSystemBytecodeCache(os.environ[_VARIABLE])
    return app


class Lines:
    """A set of lines to which every process of the run adds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._known: set[str] = set()
        self._read = 0

    def lacks(self, lines: set[str]) -> bool:
        """Say whether any of these was added by nobody yet."""
        if lines <= self._known:
            return False
        self._look()
        return not lines <= self._known

    def add(self, lines: set[str]) -> None:
        """Add lines, for all."""
        new = lines - self._known
        self._known |= new
        if path := self._path():
            with path.open("ab") as file:
                file.write("".join(f"{line}\n" for line in sorted(new)).encode())

    def _look(self) -> None:
        path = self._path()
        if path is None or not path.exists():
            return
        with path.open("rb") as file:
            file.seek(self._read)
            # The last line may be one that is just being written.
            whole = file.read().rpartition(b"\n")[0]
        self._read += len(whole) + bool(whole)
        self._known.update(whole.decode().split("\n"))

    def _path(self) -> Path | None:
        folder = os.environ.get(_VARIABLE)
        return Path(folder) / self._name if folder else None
