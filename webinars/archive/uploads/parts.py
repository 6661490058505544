"""The file that an upload grows in. Every piece is written under a lock and only where the one before it ended."""

import base64
import binascii
import fcntl
import hashlib
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

FOLDER = ".uploads"
#: what a request holds in memory at most
PIECE = 128 * 1024
ALGORITHMS = ("sha256", "sha1", "md5")


class WrongOffset(Exception):
    """Say that the file has grown meanwhile, or not as far: ask how far it is and go on there."""


class WrongSum(Exception):
    """Say that what arrived is not what was sent."""


class TooMuch(Exception):
    """Say that more arrived than was announced."""


class UnknownSum(Exception):
    """Say that a sum is none, or of a kind we do not know."""


def part_path(root: Path, public_id: str) -> Path:
    """Give where an upload grows."""
    return root / FOLDER / f"{public_id}.part"


def begin(root: Path, public_id: str) -> None:
    """Make an empty file."""
    (root / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    part_path(root, public_id).touch(mode=0o600, exist_ok=False)


def received(root: Path, public_id: str) -> int | None:
    """Say how many bytes are there; None when there is no such file."""
    try:
        return part_path(root, public_id).stat().st_size
    except FileNotFoundError:
        return None


def add(path: Path, offset: int, length: int, body: IO[bytes], wanted_sum: str | None) -> int:
    """Write what a request brings; gives how far the file is. A connection that breaks loses a piece at most.

    Raises WrongOffset, WrongSum, TooMuch, UnknownSum.
    """
    if wanted_sum is None:
        return _stream(path, offset, length, body)
    kind, _space, told = wanted_sum.partition(" ")
    if kind not in ALGORITHMS or not told:
        raise UnknownSum
    try:
        expected = base64.b64decode(told, validate=True)
    except (binascii.Error, ValueError):
        raise UnknownSum from None
    aside = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    try:
        # What is not proven stays beside the file.
        digest = hashlib.new(kind, usedforsecurity=False)
        aside.touch(mode=0o600, exist_ok=False)
        _stream(aside, 0, length - offset, _Summed(body, digest))
        if digest.digest() != expected:
            raise WrongSum
        with aside.open("rb") as proven:
            return _stream(path, offset, length, proven)
    finally:
        aside.unlink(missing_ok=True)


class _Summed:
    """A body whose sum is taken while it is read."""

    def __init__(self, body: IO[bytes], digest: "hashlib._Hash") -> None:
        self._body, self._digest = body, digest

    def read(self, size: int) -> bytes:
        piece = self._body.read(size)
        self._digest.update(piece)
        return piece


def _stream(path: Path, offset: int, length: int, body: "IO[bytes] | _Summed") -> int:
    # Whoever comes with a wrong offset is told so even if nothing follows.
    with _locked(path, offset):
        pass
    while piece := body.read(PIECE):
        if offset + len(piece) > length:
            raise TooMuch
        with _locked(path, offset) as handle:
            _write(handle, piece)
        offset += len(piece)
    return offset


@contextmanager
def _locked(path: Path, offset: int) -> Iterator[int]:
    """Hold a file that is as long as expected. Of two who write at once one finds it longer, and stops."""
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if os.fstat(handle).st_size != offset:
            raise WrongOffset
        yield handle
    finally:
        os.close(handle)


@contextmanager
def alone(path: Path) -> Iterator[bool]:
    """Say whether nobody else is putting a file that has arrived into the store, and keep others from it."""
    handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        yield False
    else:
        yield True
    finally:
        os.close(handle)


def _write(handle: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(handle, rest) :]
