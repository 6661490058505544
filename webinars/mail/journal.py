"""What a worker has handed over and not marked yet, on disk: its word outlives it when it is killed.

Marks are written for many letters at once, because each costs a commit. Between yes and commit stands a
line in this file, which takes microseconds: a killed process repeats the letter under way and no other.
"""

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import structlog

from webinars.mail.letters import Receipt

LOG = structlog.get_logger("webinars.mail")


class Journal:
    """One worker's file; the lock on it says that the worker lives."""

    def __init__(self, folder: Path, worker: str) -> None:
        """Make the file; raises OSError where nothing can be written."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._path = folder / worker
        self._file = _open_locked(self._path)
        while not _is_at(self._path, self._file):
            # Somebody cleared it up between its making and the lock.
            os.close(self._file)
            self._file = _open_locked(self._path)

    def begin(self, claim_token: str) -> None:
        """Note under which token letters were claimed; what was noted before is marked by now."""
        os.ftruncate(self._file, 0)
        os.write(self._file, f"{json.dumps(claim_token)}\n".encode())

    def note(self, message_id: int, receipt: Receipt) -> None:
        """Note that the server took a letter."""
        os.write(self._file, b"%s\n" % json.dumps([message_id, *receipt]).encode())

    def close(self) -> None:
        """Take the file away: all is marked."""
        self._path.unlink(missing_ok=True)
        self.abandon()

    def abandon(self) -> None:
        """Leave the file to whoever clears up: not all could be marked."""
        os.close(self._file)


def _open_locked(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    fcntl.flock(file, fcntl.LOCK_EX)
    return file


def _is_at(path: Path, file: int) -> bool:
    try:
        return path.stat().st_ino == os.fstat(file).st_ino
    except FileNotFoundError:
        return False


@dataclass(frozen=True)
class Estate:
    """What a worker has noted and not marked."""

    claim_token: str
    #: message id and receipt of each letter that the server took
    taken: tuple[tuple[int, Receipt], ...]
    #: it lives, and may only have been stopped
    living: bool


@contextmanager
def estates(folder: Path, *, living: bool) -> Iterator[list[Estate]]:
    """Read what dead workers of this machine noted, and ``living`` ones too; the dead's is cleared up at the end."""
    found = list(_open_all(folder)) if folder.is_dir() else []
    try:
        read = [_read(file, locked) for _path, file, locked in found if living or not locked]
        yield [estate for estate in read if estate is not None]
        for path, _file, locked in found:
            if not locked:
                path.unlink(missing_ok=True)
    finally:
        for _path, file, _locked in found:
            os.close(file)


def _open_all(folder: Path) -> Iterator[tuple[Path, int, bool]]:
    """Open every journal, and say whether its worker lives: a lock ends with its process."""
    for path in sorted(folder.iterdir()):
        try:
            file = _open_file(path)
        except FileNotFoundError:
            # Its worker, or another one that cleared up, was faster.
            continue
        except OSError as error:
            _report(path, error.strerror)
            continue
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield path, file, True
        else:
            yield path, file, False


def _open_file(path: Path) -> int:
    if not stat.S_ISREG(path.lstat().st_mode):
        raise OSError(0, "Not a file")
    return os.open(path, os.O_RDWR | os.O_NOFOLLOW)


@lru_cache(maxsize=256)
def _report(path: Path, reason: str | None) -> None:
    """Log once that something among the journals is none."""
    LOG.warning("this is no journal of a worker and is left alone", path=str(path), reason=reason)


def _read(file: int, living: bool) -> Estate | None:
    lines = os.pread(file, os.fstat(file).st_size, 0).decode(errors="replace").splitlines()
    values: list[Any] = [value for line in lines if (value := _value(line)) is not None]
    if not values or not isinstance(values[0], str):
        return None
    taken = tuple((row[0], (row[1], row[2], row[3])) for row in values[1:] if isinstance(row, list) and len(row) == 4)
    return Estate(values[0], taken, living)


def _value(line: str) -> Any:
    """Read a line; None for one that a full disk cut off."""
    try:
        return json.loads(line)
    except ValueError:
        return None
