"""What falls due: a few indexed looks that find nothing most of the time."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, String, and_, case, cast, exists, literal, or_, select
from sqlalchemy.orm import Session

from webinars.accounts.models import AuditEntry
from webinars.archive.models import Video, VideoState
from webinars.core.database import db
from webinars.mail.models import Mailing, Message, MessageState
from webinars.notices.kinds import Notice
from webinars.notices.starts import Revision, Starts, Step, starts_of, told_before_a_change
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.queries import NOT_HELD, count_written_to
from webinars.schedule.languages import field_told
from webinars.schedule.models import Series, Webinar, WebinarState
from webinars.schedule.rules import MOST_REMINDER, Effect, effect_of

#: longer than any open transaction and any letter under way: after this nobody new can be owed a letter of a mailing
SETTLES_AFTER = timedelta(minutes=5)
#: a recording that was published longer ago is no news to anybody
RECORDING_NEWS = timedelta(days=60)
#: how long after its end a called-off webinar's letters still go out
CANCELLATION_NEWS = timedelta(days=1)
_ABOUT = literal("w", String) + cast(Webinar.id, String)


class Upcoming(NamedTuple):
    """What reminders need to know of a webinar."""

    revision: Revision
    #: in force, minutes before the start
    reminders: list[int]


_REVISION = (
    Webinar.id,
    Webinar.starts_at,
    Webinar.time_zone,
    Webinar.sequence,
    Webinar.start_sequence,
    Webinar.start_set_at,
)


def upcoming_webinars(now: datetime) -> list[Upcoming]:
    """List the published webinars that are near enough for a reminder (two queries)."""
    by_series = {row.id: row.reminders for row in db.session.execute(select(Series.id, Series.reminders))}
    longest = max((offset for minutes in by_series.values() for offset in minutes), default=0)
    near = or_(Webinar.starts_at <= now + timedelta(minutes=longest), Webinar.reminders.is_not(None))
    wanted = select(Webinar.reminders, Webinar.series_id, *_REVISION).where(
        Webinar.state == WebinarState.PUBLISHED,
        Webinar.starts_at > now,
        Webinar.starts_at <= now + timedelta(minutes=MOST_REMINDER),
        near,
    )
    rows = db.session.execute(wanted)
    return [Upcoming(Revision(*row[2:]), by_series[row[1]] if row[0] is None else row[0]) for row in rows]


def find_starts(session: Session, webinars: Iterable[Revision]) -> dict[int, Starts]:
    """Read what webinars were before, by their ids, from the audit trail; asks nothing for those never moved."""
    moved = {str(webinar.id): webinar for webinar in webinars if webinar.start_sequence}
    steps: dict[str, list[Step]] = {number: [] for number in moved}
    trail = select(AuditEntry.object_id, AuditEntry.at, AuditEntry.before)
    trail = trail.where(AuditEntry.object_kind == "webinar", AuditEntry.object_id.in_(moved))
    for number, at, before in session.execute(trail.order_by(AuditEntry.id.desc())) if moved else ():
        if before and "sequence" in before:
            steps[number].append(_step(at, before))
    return {webinar.id: starts_of(webinar, steps[number]) for number, webinar in moved.items()}


def _step(at: datetime, before: Mapping[str, Any]) -> Step:
    starts_at = before.get("starts_at")
    return Step(
        at,
        before["sequence"],
        datetime.fromisoformat(starts_at) if starts_at else None,
        before.get("time_zone"),
        any(effect_of({field_told(name)}) is Effect.CHANGED for name in before),
    )


def reminders_written(abouts: Collection[str]) -> dict[tuple[str, str], tuple[datetime, bool]]:
    """Give when the reminders about some webinars were first written, and whether nobody new can be owed them."""
    columns = (Mailing.about, Mailing.occasion, Mailing.created_at, _IS_CLOSED)
    wanted = select(*columns).where(Mailing.notice == Notice.REMINDER.value, Mailing.about.in_(abouts))
    return {(about, occasion): (at, closed) for about, occasion, at, closed in db.session.execute(wanted)}


def changed_webinars(now: datetime) -> list[tuple[Revision, datetime]]:
    """List the webinars ahead that changed and whose letters are not all written, each with its end."""
    notice = case((Webinar.start_sequence == Webinar.sequence, Notice.MOVED.value), else_=Notice.CHANGED.value)
    wanted = select(Webinar.ends_at, *_REVISION).where(
        Webinar.state == WebinarState.PUBLISHED,
        Webinar.ends_at > now,
        Webinar.sequence > 0,
        ~_done(now, notice, _ABOUT, cast(Webinar.sequence, String)),
    )
    return [(Revision(*row[1:]), row[0]) for row in db.session.execute(wanted)]


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
    return count_reached_of([webinar_id]).get(webinar_id, 0)


def count_reached_of(webinar_ids: Collection[int]) -> dict[int, int]:
    """Count the same for several webinars (one query); those that reach nobody are left out."""
    return count_written_to(webinar_ids, _ACTIVE)


def _done(now: datetime, notice: Any, about: Any, occasion: Any) -> ColumnElement[bool]:
    return exists().where(Mailing.notice == notice, Mailing.about == about, Mailing.occasion == occasion, _is_done(now))


#: nobody new is owed it: settled, or stopped by staff
_IS_CLOSED = or_(Mailing.settled_at.is_not(None), Mailing.stopped_at.is_not(None))


def _is_done(now: datetime) -> ColumnElement[bool]:
    """Say whether a mailing needs no look now: closed, or written a moment ago and to be looked at once more."""
    return or_(_IS_CLOSED, Mailing.created_at > now - SETTLES_AFTER)


def _subjects(webinar_id: int, states: Collection[RegistrationState]) -> Select[Any]:
    """Select the outbox's names of a webinar's registrations with an address, in some states.

    Nobody whose place is held until the address is proven: they hear of all this with the letter that follows.
    """
    subject = (literal("r", String) + cast(Registration.id, String)).label("subject")
    return select(subject).where(
        Registration.webinar_id == webinar_id, Registration.email.is_not(None), Registration.state.in_(states), NOT_HELD
    )


_PRESENT = (RegistrationState.CONFIRMED, RegistrationState.WAITLISTED, RegistrationState.OFFERED)
_ACTIVE = (*_PRESENT, RegistrationState.RECORDING_ONLY)


def owed_reminder(webinar: Revision, starts: Starts, due_at: datetime) -> Select[Any]:
    """Select who had a seat, and can have known the start, when a reminder fell due."""
    seated = _subjects(webinar.id, [RegistrationState.CONFIRMED]).where(Registration.state_since <= due_at)
    # Whoever learnt of this start after the reminder fell due has just been told it.
    return seated if webinar.start_set_at <= due_at else seated.where(Registration.told_sequence.in_(starts.same))


def zones_of_seats(webinar_id: int) -> list[str]:
    """List the zones in which those with a seat read."""
    zones = select(Registration.time_zone).where(
        Registration.webinar_id == webinar_id,
        Registration.state == RegistrationState.CONFIRMED,
        Registration.email.is_not(None),
    )
    return list(db.session.scalars(zones.distinct()))


def not_before(subjects: Select[Any], delays: Mapping[str, datetime]) -> Select[Any]:
    """Let the letters of a selection wait, given until when by zone; all others may go at once."""
    zones: dict[datetime, list[str]] = {}
    for zone, moment in delays.items():
        zones.setdefault(moment, []).append(zone)
    instant = Message.__table__.c.next_attempt_at.type
    waits = ((Registration.time_zone.in_(names), literal(moment, instant)) for moment, names in zones.items())
    return subjects.add_columns(case(*waits).label("not_before"))


def owed_move(webinar: Revision, starts: Starts) -> Select[Any]:
    """Select who holds an old time: told before the present start, or registered before it and told nothing yet."""
    told, created_at = Registration.told_sequence, Registration.created_at
    behind = and_(told < webinar.start_sequence, told.not_in(starts.same))
    untold = and_(told.is_(None), created_at < webinar.start_set_at)
    for since, until in starts.spans:
        untold = and_(untold, or_(created_at < since, created_at >= until))
    owed = [behind, untold]
    if starts.same:
        # A letter with the start in between may have left, though nobody could write that down.
        owed.append(and_(told.in_(starts.same), may_have_heard(webinar.id)))
    return _subjects(webinar.id, _ACTIVE).where(or_(*owed))


def may_have_heard(webinar_id: int) -> ColumnElement[bool]:
    """Select who is owed a letter about a move that nobody wrote down as sent, though it may be."""
    return exists().where(
        Message.subject == literal("r", String) + cast(Registration.id, String),
        Message.about == f"w{webinar_id}",
        Message.notice == Notice.MOVED.value,
        Message.state.in_((MessageState.PENDING, MessageState.SENDING, MessageState.FAILED)),
    )


def owed_change(webinar: Revision, starts: Starts) -> Select[Any]:
    """Select who knows the start but not the present title, length or way of joining; not who gets the recording."""
    told = Registration.told_sequence
    behind = and_(told >= webinar.start_sequence, told < webinar.sequence)
    return _subjects(webinar.id, _PRESENT).where(or_(behind, told.in_(told_before_a_change(webinar, starts))))


def owed_cancellation(webinar_id: int) -> Select[Any]:
    """Select everybody who had a place of any kind when the webinar was called off."""
    return _subjects(webinar_id, _ACTIVE)


def owed_recording(webinar_id: int) -> Select[Any]:
    """Select everybody who wanted to see it, also who got no seat."""
    return _subjects(webinar_id, _ACTIVE)
