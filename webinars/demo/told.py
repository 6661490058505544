"""Note that the invented registrants were told of everything that is due, so that a worker sends them nothing."""

from datetime import datetime, timedelta

import sqlalchemy as sa

from webinars.archive.models import Video, VideoState
from webinars.core.database import db
from webinars.mail import outbox
from webinars.mail.models import Mailing, Message, MessageState
from webinars.notices.kinds import Notice
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Webinar, WebinarState

PLACED = (RegistrationState.CONFIRMED, RegistrationState.WAITLISTED)


def note_everything_due(webinar: Webinar, now: datetime) -> None:
    """Write every letter of a webinar that fell due before now as sent."""
    if webinar.state == WebinarState.DRAFT:
        return
    _note(webinar, Notice.CONFIRMATION, "1", (RegistrationState.CONFIRMED,), None)
    _note(webinar, Notice.WAITLISTED, "1", (RegistrationState.WAITLISTED,), None)
    if webinar.state == WebinarState.CANCELLED:
        _note(webinar, Notice.CANCELLED, str(webinar.sequence), PLACED, webinar.cancelled_at or now)
        return
    for minutes in sorted(webinar.reminder_minutes, reverse=True):
        due = webinar.starts_at - timedelta(minutes=minutes)
        if due <= now:
            _note(webinar, Notice.REMINDER, f"{webinar.start_sequence}-{minutes}", (RegistrationState.CONFIRMED,), due)
    for video in db.session.scalars(sa.select(Video).where(Video.webinar_id == webinar.id)):
        if video.state == VideoState.PUBLISHED:
            _note(webinar, Notice.RECORDING_READY, str(video.id), PLACED, video.published_at or now)


def _note(
    webinar: Webinar, notice: Notice, occasion: str, states: tuple[RegistrationState, ...], at: datetime | None
) -> None:
    """Write the letters of one notice as sent: at one instant as a mailing, else each when the person registered."""
    owed = sa.select((sa.literal("r") + sa.cast(Registration.id, sa.String)).label("subject"))
    owed = owed.where(Registration.webinar_id == webinar.id, Registration.state.in_(states))
    if at is not None:
        owed = owed.where(Registration.state_since <= at)
    moment = at or webinar.created_at
    outbox.owe_all(owed, notice=notice, about=f"w{webinar.id}", occasion=occasion, now=moment, due_at=moment)
    key = {"notice": notice.value, "about": f"w{webinar.id}", "occasion": occasion}
    sent = {"state": MessageState.SENT, "sent_at": moment, "attempts": 1, "lane": notice.lane}
    if at is None:
        sent["mailing_id"] = None
    db.session.execute(sa.update(Message).filter_by(**key).values(**sent))
    if at is None:
        db.session.execute(sa.delete(Mailing).filter_by(**key))
    else:
        db.session.execute(sa.update(Mailing).filter_by(**key).values(settled_at=at))
