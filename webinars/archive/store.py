"""Where films, pictures and papers lie: a folder, or a bucket (docs/decisions/0020-the-media-store.md)."""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import structlog
from flask import Flask, current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from config import Settings
from webinars.archive import media
from webinars.archive.rules import STORED, is_media_name
from webinars.core.errors import NotFound, UserError
from webinars.core.files import FULL

LOG = structlog.get_logger("webinars.archive.store")
#: bytes that are read and handed on at a time
PIECE = 1024 * 1024
#: called between two pieces of long work; raising in it ends the work
Going = Callable[[], object]


def nobody() -> None:
    """Tell nobody."""


class Stopped(Exception):
    """Say that the worker is to end; nothing is wrong with the file."""


class StoreAway(UserError):
    """Say that the store does not do what it should; the same may succeed later."""

    status = 503
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(_l("Our store of films and pictures does not answer at this moment. Try again in a minute."))


class NoRoom(UserError):
    """Refuse a file for which there is no room."""

    status = 413

    def __init__(self) -> None:
        super().__init__(_l("There is not enough room on the server for this file. Ask whoever runs it to make room."))


@contextmanager
def needing_room() -> Iterator[None]:
    """Turn a full disk into NoRoom."""
    try:
        yield
    except OSError as error:
        if error.errno not in FULL:
            raise
        LOG.error("there is no room for what is uploaded", fault=error.strerror)
        raise NoRoom from None


@dataclass(frozen=True)
class Stored:
    """A file of the store."""

    name: str
    size: int
    #: on this machine; None when it can only be read through the store
    path: Path | None = None
    etag: str = ""
    changed_at: datetime | None = None


class Store(Protocol):
    """What a place for media can do. Names are checked by each: none leads out of it. All raise StoreAway."""

    #: folder of this machine for what is on its way
    work: Path
    #: whether files are kept at once, however large
    near: bool
    #: whose server ``address`` leads to; empty = nobody's
    origin: str

    def find(self, name: str) -> Stored:
        """Give what is known of a file. Raises NotFound."""

    def everything(self) -> Iterator[Stored]:
        """List all files, in no order, with when each came."""

    def has(self, name: str) -> bool:
        """Say whether a file is there now, whatever is remembered of it."""

    def pieces(self, found: Stored, first: int, last: int) -> Iterator[bytes]:
        """Read a range, both ends included; the first piece is there when this returns. Raises NotFound."""

    def keep(self, path: Path, name: str, going: Going = nobody) -> None:
        """Store a copy of a file, whole or not at all; it replaces another of that name."""

    def local(self, name: str, folder: Path, going: Going = nobody) -> Path:
        """Give where a file can be read on this machine: a copy in the caller's folder if need be. Raises NotFound."""

    def delete(self, name: str) -> None:
        """Delete a file; one that is not there is no fault."""

    def address(self, name: str) -> str | None:
        """Give an address at which the store itself serves a file to whoever has it; None = it does not."""

    def problem(self) -> str:
        """Say in plain words what keeps it from working; empty when nothing does."""


class Folder:
    """A folder of this machine, or one that all machines share."""

    near = True
    origin = ""

    def __init__(self, work: Path) -> None:
        self.work = work

    def find(self, name: str) -> Stored:
        """Give what is known of a file."""
        path = self._path(name)
        # A link inside the folder must not lead out of it.
        if not path.is_file() or path.resolve().parent != self.work.resolve():
            raise not_there()
        return _stored(path)

    def everything(self) -> Iterator[Stored]:
        """List all files."""
        for path in self.work.iterdir() if self.work.is_dir() else ():
            # Workers delete files meanwhile.
            with suppress(FileNotFoundError):
                if is_media_name(path.name) and path.is_file() and not path.is_symlink():
                    yield _stored(path)

    def has(self, name: str) -> bool:
        """Say whether a file is there."""
        return self._path(name).is_file()

    def pieces(self, found: Stored, first: int, last: int) -> Iterator[bytes]:
        """Read a range."""
        with self._path(found.name).open("rb") as file:
            file.seek(first)
            while first <= last and (piece := file.read(min(PIECE, last + 1 - first))):
                yield piece
                first += len(piece)

    def keep(self, path: Path, name: str, going: Going = nobody) -> None:
        """Store a copy: of what lies in the folder already only a second name."""
        self.work.mkdir(parents=True, exist_ok=True)
        aside = self.work / f".{secrets.token_hex(8)}.part"
        try:
            if path.is_relative_to(self.work):
                name_again(path, aside)
            else:
                shutil.copyfile(path, aside)
            aside.replace(self._path(name))
        finally:
            aside.unlink(missing_ok=True)

    def local(self, name: str, folder: Path, going: Going = nobody) -> Path:
        """Give the file itself."""
        found = self.find(name)
        assert found.path is not None
        return found.path

    def delete(self, name: str) -> None:
        """Delete a file."""
        self._path(name).unlink(missing_ok=True)

    def address(self, name: str) -> str | None:
        """Say that nobody else serves it."""
        return None

    def problem(self) -> str:
        """Say whether the folder can be written to."""
        there = next(path for path in (self.work, *self.work.absolute().parents) if path.exists())
        return "" if os.access(there, os.W_OK) else "MEDIA_ROOT cannot be written to"

    def _path(self, name: str) -> Path:
        return self.work / checked(name)


def _stored(path: Path) -> Stored:
    facts = path.stat()
    # A file that gets a second name keeps its age: the last change of its names is when it came here.
    came = datetime.fromtimestamp(max(facts.st_mtime, facts.st_ctime), UTC)
    return Stored(path.name, facts.st_size, path, "", came)


def name_again(path: Path, other: Path) -> None:
    """Give a file another name on the same disk, or make a copy: there are disks on which it has one name only."""
    try:
        other.hardlink_to(path)
    except OSError:
        shutil.copyfile(path, other)


def checked(name: str) -> str:
    """Give a name back. Raises NotFound for one that is none of a file in the store."""
    if not is_media_name(name):
        raise not_there()
    return name


def not_there() -> NotFound:
    """Say that there is no such file."""
    return NotFound(_("There is no such file."))


def init_store(app: Flask, settings: Settings) -> None:
    """Set up the store of the settings; the library for buckets is read only where there is one."""
    if settings.media_store_url:
        made = import_module("webinars.archive.bucket").bucket_of(settings)
    else:
        made = Folder(settings.media_root)
    app.extensions["media_store"] = made
    # Large files of forms come in beside where they go: /tmp is often small, or memory.
    app.config["SPOOL_FOLDER"] = made.work


def current_store() -> Store:
    """Give the store of the current application."""
    return cast(Store, current_app.extensions["media_store"])


def find(name: str) -> Stored:
    """Give what is known of a file that can be served. Raises NotFound, also for names that point elsewhere."""
    if not media.is_kind_known(name):
        raise not_there()
    return current_store().find(name)


def keep(store: Store, stem: str, stream: BinaryIO, allowed: Iterable[str]) -> str:
    """Store a file under ``<stem>-<hash>.<ext>``, its kind told by its first bytes; gives "media:<name>".

    Raises NotMedia for another kind, an empty or a too large file, and NoRoom.
    """
    head = stream.read(64)
    if not head:
        raise media.NotMedia(_("The file is empty. Upload it again."))
    extension = media.sniff(head)
    if extension not in allowed:
        raise media.NotMedia(
            _("This file is of another kind. We can take: %(kinds)s.", kinds=", ".join(sorted(allowed)))
        )
    with _aside(store) as part:
        digest = _copy(head, stream, part)
        name = f"{stem[:80]}-{digest[:16]}{extension}"
        store.keep(part, name)
    return STORED + name


def keep_made(store: Store, name: str, data: bytes) -> None:
    """Store what we made ourselves under a name of our making. Raises NoRoom, StoreAway."""
    with _aside(store) as part:
        part.write_bytes(data)
        store.keep(part, name)


@contextmanager
def _aside(store: Store) -> Iterator[Path]:
    """Name a file for what is on its way, and remove it afterwards."""
    part = store.work / f".{secrets.token_hex(8)}.part"
    with needing_room():
        store.work.mkdir(parents=True, exist_ok=True)
        try:
            yield part
        finally:
            part.unlink(missing_ok=True)


def _copy(head: bytes, stream: BinaryIO, target: Path) -> str:
    digest, size, piece = hashlib.sha256(), 0, head
    with target.open("xb") as out:
        while piece:
            size += len(piece)
            if size > media.LARGEST_FILE:
                raise media.NotMedia(_("This file is too large. Two gigabytes are the most."))
            digest.update(piece)
            out.write(piece)
            piece = stream.read(PIECE)
    return digest.hexdigest()
