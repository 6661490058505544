"""Noting who came."""

from datetime import datetime

from webinars.core.database import db
from webinars.live.models import Attendance
from webinars.registration.models import Registration


def note_attendance(registration: Registration, now: datetime, via: str = "web") -> None:
    """Note that somebody went in; only the first time counts."""
    if db.session.get(Attendance, registration.id) is None:
        db.session.add(
            Attendance(registration_id=registration.id, webinar_id=registration.webinar_id, joined_at=now, via=via)
        )
