"""Looks at who came."""

from collections.abc import Collection

from sqlalchemy import func, select

from webinars.core.database import db
from webinars.live.models import Attendance


def came_in(webinar_ids: Collection[int]) -> dict[int, int]:
    """Count who pressed *Join*, for webinars where anybody did (one statement)."""
    counted = select(Attendance.webinar_id, func.count()).where(Attendance.webinar_id.in_(webinar_ids))
    return dict(db.session.execute(counted.group_by(Attendance.webinar_id)).all())
