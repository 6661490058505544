"""Looks at who came."""

from collections.abc import Collection

from sqlalchemy import func, select

from webinars.core.database import db
from webinars.live.models import Attendance
from webinars.registration.models import Registration, RegistrationState


def came_in(webinar_ids: Collection[int]) -> dict[int, int]:
    """Count who of those with a place pressed *Join*, for webinars where anybody did (one statement)."""
    counted = select(Attendance.webinar_id, func.count()).where(Attendance.webinar_id.in_(webinar_ids))
    # Some give their place up after they came: of so many places more must not be said to have come.
    counted = counted.join(Registration, Registration.id == Attendance.registration_id)
    counted = counted.where(Registration.state == RegistrationState.CONFIRMED)
    return dict(db.session.execute(counted.group_by(Attendance.webinar_id)).all())
