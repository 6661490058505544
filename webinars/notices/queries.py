"""What falls due: a few indexed looks that find nothing most of the time."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, func, literal, or_, select

from webinars.archive.models import Video, VideoState
from webinars.core.database import db
from webinars.mail.models import Mailing
from webinars.notices.kinds import Notice
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Series, Webinar, WebinarState
from webinars.schedule.rules import MOST_REMINDER

#: longer than any open transaction and any letter under way: after this nobody new can be owed a letter of a mailing
SETTLES_AFTER = timedelta(minutes=5)
#: a recording that was published longer ago is no news to anybody
RECORDING_NEWS = timedelta(days=60)
#: how long after its end a called-off webinar's letters still go out
CANCELLATION_NEWS = timedelta(days=1)
_ABOUT = literal("w", String) + cast(Webinar.id, String)


class Upcoming(NamedTuple):
    """What reminders need to know of a webinar."""

    id: int
    starts_at: datetime
    start_sequence: int
    start_set_at: datetime
    #: in force, minutes before the start
    reminders: list[int]


def upcoming_webinars(now: datetime) -> list[Upcoming]:
    """List the published webinars that are near enough for a reminder (two queries)."""
    by_series = {row.id: row.reminders for row in db.session.execute(select(Series.id, Series.reminders))}
    longest = max((offset for minutes in by_series.values() for offset in minutes), default=0)
    columns = (Webinar.id, Webinar.starts_at, Webinar.start_sequence, Webinar.start_set_at)
    near = or_(Webinar.starts_at <= now + timedelta(minutes=longest), Webinar.reminders.is_not(None))
    wanted = select(*columns, Webinar.reminders, Webinar.series_id).where(
        Webinar.state == WebinarState.PUBLISHED,
        Webinar.starts_at > now,
        Webinar.starts_at <= now + timedelta(minutes=MOST_REMINDER),
        near,
    )
    rows = db.session.execute(wanted)
    return [Upcoming(*row[:4], by_series[row[5]] if row[4] is None else row[4]) for row in rows]


def reminders_done(abouts: Collection[str], now: datetime) -> set[tuple[str, str]]:
    """List (about, occasion) of the reminders that need no look now."""
    wanted = select(Mailing.about, Mailing.occasion)
    wanted = wanted.where(Mailing.notice == Notice.REMINDER.value, Mailing.about.in_(abouts), _is_done(now))
    return {(about, occasion) for about, occasion in db.session.execute(wanted)}


def changed_webinars(now: datetime) -> list[tuple[int, int, int, datetime]]:
    """List (id, sequence, start sequence, end) of webinars ahead that changed and whose letters are not all written."""
    notice = case((Webinar.start_sequence == Webinar.sequence, Notice.MOVED.value), else_=Notice.CHANGED.value)
    wanted = select(Webinar.id, Webinar.sequence, Webinar.start_sequence, Webinar.ends_at).where(
        Webinar.state == WebinarState.PUBLISHED,
        Webinar.ends_at > now,
        Webinar.sequence > 0,
        ~_done(now, notice, _ABOUT, cast(Webinar.sequence, String)),
    )
    return [(one, sequence, start, end) for one, sequence, start, end in db.session.execute(wanted)]


def cancelled_webinars(now: datetime) -> list[tuple[int, int, datetime]]:
    """List (id, sequence, end) of webinars called off whose letters are not all written."""
    wanted = select(Webinar.id, Webinar.sequence, Webinar.ends_at).where(
        Webinar.state == WebinarState.CANCELLED,
        Webinar.ends_at > now - CANCELLATION_NEWS,
        ~_done(now, Notice.CANCELLED.value, _ABOUT, cast(Webinar.sequence, String)),
    )
    return [(one, sequence, end) for one, sequence, end in db.session.execute(wanted)]


def fresh_recordings(now: datetime) -> list[tuple[int, int]]:
    """List (video id, webinar id) of recordings whose letters are not all written."""
    about = literal("w", String) + cast(Video.webinar_id, String)
    wanted = select(Video.id, Video.webinar_id).join(Webinar, Webinar.id == Video.webinar_id)
    wanted = wanted.where(
        Video.state == VideoState.PUBLISHED,
        Webinar.state == WebinarState.PUBLISHED,
        Video.published_at > now - RECORDING_NEWS,
        Video.webinar_id.is_not(None),
        ~_done(now, Notice.RECORDING_READY.value, about, cast(Video.id, String)),
    )
    return [(video, webinar) for video, webinar in db.session.execute(wanted) if webinar is not None]


def is_owed(subjects: Select[Any]) -> bool:
    """Say whether a selection names anybody."""
    return db.session.scalar(subjects.limit(1)) is not None


def count_reached(webinar_id: int) -> int:
    """Count whom a move, the end or the recording of a webinar would send a letter."""
    reached = _subjects(webinar_id, _ACTIVE).subquery()
    return db.session.scalar(select(func.count()).select_from(reached)) or 0


def _done(now: datetime, notice: Any, about: Any, occasion: Any) -> ColumnElement[bool]:
    return exists().where(Mailing.notice == notice, Mailing.about == about, Mailing.occasion == occasion, _is_done(now))


def _is_done(now: datetime) -> ColumnElement[bool]:
    """Say whether a mailing needs no look now: settled, or written a moment ago and to be looked at once more."""
    return or_(Mailing.settled_at.is_not(None), Mailing.created_at > now - SETTLES_AFTER)


def _subjects(webinar_id: int, states: Collection[RegistrationState]) -> Select[Any]:
    """Select the outbox's names of a webinar's registrations with an address, in some states."""
    subject = (literal("r", String) + cast(Registration.id, String)).label("subject")
    return select(subject).where(
        Registration.webinar_id == webinar_id, Registration.email.is_not(None), Registration.state.in_(states)
    )


_PRESENT = (RegistrationState.CONFIRMED, RegistrationState.WAITLISTED, RegistrationState.OFFERED)
_ACTIVE = (*_PRESENT, RegistrationState.RECORDING_ONLY)


def owed_reminder(webinar_id: int, due_at: datetime) -> Select[Any]:
    """Select who had a seat when a reminder fell due."""
    return _subjects(webinar_id, [RegistrationState.CONFIRMED]).where(Registration.state_since <= due_at)


def owed_move(webinar_id: int, start_sequence: int) -> Select[Any]:
    """Select who holds an old time: told before the present start, or registered before it and told nothing yet."""
    set_at = select(Webinar.start_set_at).where(Webinar.id == webinar_id).scalar_subquery()
    untold = and_(Registration.told_sequence.is_(None), Registration.created_at < set_at)
    return _subjects(webinar_id, _ACTIVE).where(or_(Registration.told_sequence < start_sequence, untold))


def owed_change(webinar_id: int, start_sequence: int, sequence: int) -> Select[Any]:
    """Select who knows the start but not the present title, length or way of joining; not who gets the recording."""
    told = Registration.told_sequence
    return _subjects(webinar_id, _PRESENT).where(told >= start_sequence, told < sequence)


def owed_cancellation(webinar_id: int) -> Select[Any]:
    """Select everybody who had a place of any kind when the webinar was called off."""
    return _subjects(webinar_id, _ACTIVE)


def owed_recording(webinar_id: int) -> Select[Any]:
    """Select everybody who wanted to see it, also who got no seat."""
    return _subjects(webinar_id, _ACTIVE)
