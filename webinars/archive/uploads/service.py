"""Writing about uploads. Whoever calls holds the transaction."""

import hashlib
import shutil
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import delete

from webinars.archive import media
from webinars.archive import service as archive
from webinars.archive.models import Video
from webinars.archive.processing import ffmpeg
from webinars.archive.rules import STORED
from webinars.archive.store import NoRoom, needing_room
from webinars.archive.uploads import parts, queries
from webinars.archive.uploads.models import MediaUpload
from webinars.core.database import db, lock
from webinars.core.text import random_id
from webinars.schedule.catalogue import refuse_outdated

LARGEST = 10 * 1024**3
#: free bytes that stay, so that nothing else of the machine stands still
SPARE_BYTES = 1_000_000_000
#: after this long without a further piece an upload is given up
KEPT = timedelta(days=1)


def begin(video: Video, length: int, root: Path, now: datetime, *, seen: str | None = None) -> MediaUpload:
    """Begin an upload in a folder.

    Raises NoRoom, and Conflict when somebody saved another recording after the version ``seen``.
    """
    told = _(
        "Somebody else saved another recording meanwhile. Open this page anew to see it, then choose your file again."
    )
    refuse_outdated(archive.recording_version(video), seen, told)
    with needing_room():
        root.mkdir(parents=True, exist_ok=True)
    promised = sum(one.length - (parts.received(root, one.public_id) or 0) for one in queries.under_way())
    if shutil.disk_usage(root).free - promised - SPARE_BYTES < length:
        raise NoRoom
    found = MediaUpload(public_id=random_id(), video_id=video.id, length=length, created_at=now, touched_at=now)
    db.session.add(found)
    db.session.flush()
    with needing_room():
        parts.begin(root, found.public_id)
    return found


def name_of(found: MediaUpload, path: Path) -> str:
    """Name what has arrived in the media store, its kind told by its content. Raises NotMedia for another kind."""
    with path.open("rb") as file:
        extension = media.sniff(file.read(64))
    if extension not in media.takeable(bool(ffmpeg.missing())):
        raise media.not_takeable(bool(ffmpeg.missing()))
    # Unguessable as the address of the upload is, and given once: no file of 10 GB need be read for a name.
    digest = hashlib.sha256(found.public_id.encode()).hexdigest()[:16]
    return f"{found.video.slug[:80]}-{digest}{extension}"


def finish(found: MediaUpload, name: str, now: datetime) -> None:
    """Make what was put into the store the video's recording."""
    lock(found.video)
    lock(found)
    if not found.finished:
        archive.edit_video(found.video, {"media_url": STORED + name, "duration_seconds": None}, now)
        found.finished, found.touched_at = True, now
        db.session.flush()


def touch(public_ids: Sequence[str], now: datetime) -> None:
    """Note that uploads are not given up."""
    for found in queries.under_way():
        if found.public_id in public_ids:
            found.touched_at = now


def end(found: MediaUpload) -> None:
    """Forget an upload; a worker deletes its file."""
    db.session.delete(found)
    db.session.flush()


def forget(before: datetime) -> int:
    """Forget the uploads that nothing was added to since; gives how many."""
    old = delete(MediaUpload).where(MediaUpload.touched_at < before)
    return max(0, getattr(db.session.execute(old, execution_options={"synchronize_session": False}), "rowcount", 0))
