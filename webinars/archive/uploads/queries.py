"""Everything that is asked about uploads."""

from collections.abc import Sequence
from pathlib import Path

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webinars.archive.models import Video
from webinars.archive.uploads import parts
from webinars.archive.uploads.models import MediaUpload
from webinars.core.database import db
from webinars.core.errors import NotFound


def get_upload(public_id: str) -> MediaUpload:
    """Give an upload. Raises NotFound."""
    wanted = select(MediaUpload).where(MediaUpload.public_id == public_id).options(joinedload(MediaUpload.video))
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(_("There is no such upload. What is not finished is deleted after a day."))
    return found


def is_waiting(video: Video, root: Path) -> bool:
    """Say whether a recording of a video has arrived that is not in the store yet."""
    wanted = select(MediaUpload).where(MediaUpload.video_id == video.id, ~MediaUpload.finished)
    return any(parts.received(root, one.public_id) == one.length for one in db.session.scalars(wanted))


def under_way() -> Sequence[MediaUpload]:
    """List the uploads that are not finished."""
    return db.session.scalars(select(MediaUpload).where(~MediaUpload.finished).order_by(MediaUpload.id)).all()
