"""Looking after the media store: what nobody needs goes, and what lies in a folder is brought into a bucket."""

import re
import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from webinars.archive import media, queries
from webinars.archive.store import Folder, Going, Store, Stored, nobody
from webinars.core.database import db

#: what is younger may be on its way: a file is kept before it is named
YOUNG = timedelta(days=1)
#: what a server or worker that was killed leaves in the folder for what is on its way
_IN_HAND = re.compile(r"\.(?:[0-9a-f]{16}\.part|job-\d+|speech-\d+)")


class NotWhole(Exception):
    """Say that a copy in the bucket is not as long as the file it was made of."""


def unneeded(store: Store, now: datetime) -> Iterator[Stored]:
    """List the files that nothing names any more, and that we named: whoever put others there knows why."""
    named = queries.media_names()
    # Listing a large store takes its time: nothing is held open in the database meanwhile.
    db.session.rollback()
    for file in store.everything():
        ours = media.is_hashed(file.name) and media.is_kind_known(file.name)
        if ours and file.name not in named and file.changed_at and file.changed_at < now - YOUNG:
            yield file


def remove(store: Store, file: Stored) -> bool:
    """Delete a file that nothing named, unless it was named since, or came once more; says whether it went."""
    named = queries.is_media_named(file.name)
    db.session.rollback()
    if named or not store.has(file.name) or store.find(file.name).changed_at != file.changed_at:
        return False
    store.delete(file.name)
    return True


def left_behind(store: Store, now: datetime) -> Iterator[Path]:
    """List the halves of work that nobody does any more: nothing in them was written to for a day."""
    for path in store.work.iterdir() if store.work.is_dir() else ():
        # Whoever has it in hand deletes it meanwhile.
        with suppress(FileNotFoundError):
            if _IN_HAND.fullmatch(path.name) and _touched(path) < (now - YOUNG).timestamp():
                yield path


def _touched(path: Path) -> float:
    return max(one.lstat().st_mtime for one in (path, *path.rglob("*")))


def remove_half(path: Path) -> None:
    """Delete the half of a work."""
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def not_copied(folder: Folder, store: Store) -> list[Stored]:
    """List the files of a folder that are not in a store, or not as long there."""
    sizes = {file.name: file.size for file in store.everything()}
    files = (file for file in folder.everything() if media.is_kind_known(file.name))
    return sorted((file for file in files if sizes.get(file.name) != file.size), key=lambda file: file.name)


def copy(file: Stored, store: Store, going: Going = nobody) -> None:
    """Copy a file of a folder into a store and ask how long it is there. Raises NotWhole, StoreAway."""
    assert file.path is not None
    store.keep(file.path, file.name, going)
    if not store.has(file.name) or store.find(file.name).size != file.size:
        raise NotWhole(file.name)
