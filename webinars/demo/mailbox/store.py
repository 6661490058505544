"""The folder of letters: one file a letter, named by arrival, the oldest removed when it grows too full."""

import hashlib
import os
import re
import threading
import time
from collections import deque
from datetime import UTC, datetime
from pathlib import Path

KEPT_LETTERS = 2_000

_NAME = re.compile(r"\d{8}T\d{12}Z-[0-9a-f]{12}")
_STAMP = "%Y%m%dT%H%M%S%fZ"
_SUFFIX = ".eml"
#: A file being written. It has another suffix, so that no reader ever sees half a letter.
_UNFINISHED = ".part"


class LetterNotFound(LookupError):
    """Say that no letter of this name is kept (any more)."""


class LetterStore:
    """Keep letters in a folder that only its owner can read."""

    def __init__(self, folder: Path, keep: int = KEPT_LETTERS) -> None:
        """Open the folder, making it when it is missing.

        Raises OSError when the folder cannot be made or read.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder
        self._keep = keep
        self._lock = threading.Lock()
        self._last_instant = 0
        self._ties = 0
        for leftover in folder.glob(f"*{_UNFINISHED}"):
            leftover.unlink(missing_ok=True)
        # Arrival order while we run; a faked clock may step back, so names alone could call a new letter the oldest.
        self._arrivals = deque(reversed(self.names()))
        self._remove_oldest()

    def add(self, content: bytes) -> str:
        """Store one letter and return its name. Raises OSError when the disk refuses it."""
        with self._lock:
            name = f"{self._stamp()}-{hashlib.sha256(content).hexdigest()[:12]}"
            self._write(name, content)
            self._arrivals.append(name)
            self._remove_oldest()
        return name

    def names(self) -> list[str]:
        """List the names of all letters, newest first."""
        stems = (entry.name.removesuffix(_SUFFIX) for entry in os.scandir(self._folder) if entry.name.endswith(_SUFFIX))
        return sorted((stem for stem in stems if _NAME.fullmatch(stem)), reverse=True)

    def read(self, name: str) -> bytes:
        """Return the bytes of a letter. Raises LetterNotFound, also for names that no letter can have."""
        try:
            return self._path(name).read_bytes()
        except FileNotFoundError:
            raise LetterNotFound(name) from None

    def _path(self, name: str) -> Path:
        # The name comes from an address in a browser: nothing else may reach the file system.
        if not _NAME.fullmatch(name):
            raise LetterNotFound(name)
        return self._folder / f"{name}{_SUFFIX}"

    def _stamp(self) -> str:
        """Tell the time in microseconds, one later for each letter of the same instant (a faked clock may stand)."""
        now = time.time_ns() // 1_000
        self._ties = self._ties + 1 if now == self._last_instant else 0
        self._last_instant = now
        seconds, micro = divmod(now + self._ties, 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro).strftime(_STAMP)

    def _write(self, name: str, content: bytes) -> None:
        path = self._path(name)
        unfinished = path.with_suffix(_UNFINISHED)
        # Letters hold names, addresses and personal links: private from the first byte on.
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
            unfinished.replace(path)
        except OSError:
            unfinished.unlink(missing_ok=True)
            raise

    def _remove_oldest(self) -> None:
        while len(self._arrivals) > self._keep:
            self._path(self._arrivals.popleft()).unlink(missing_ok=True)


def arrived_at(name: str) -> datetime:
    """Return when the letter of this name arrived (aware, UTC)."""
    return datetime.strptime(name.partition("-")[0], _STAMP).replace(tzinfo=UTC)
