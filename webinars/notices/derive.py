"""Letters that answer the clock or a change: one INSERT … SELECT writes those of a mailing.

Nothing is planned ahead. Every look asks what is due by now, so that any number of workers may look, as late as they
like. A mailing is written when it falls due and once more some minutes later, for whoever was just registering or
being told the old time; then it is settled and costs nothing more.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

from sqlalchemy import Select, update

from webinars.core.database import db
from webinars.core.http import current_settings
from webinars.mail import outbox
from webinars.mail.models import Mailing
from webinars.notices import announcements, owed, queries, rules
from webinars.notices.kinds import Notice, Reason
from webinars.notices.owed import about
from webinars.notices.rules import DueReminder
from webinars.notices.starts import Revision, Starts

#: how long letters about a recording are tried
RECORDING_LASTS = timedelta(days=14)
_UNSEEN = {"synchronize_session": False}
_NEWS = frozenset({Notice.MOVED, Notice.CHANGED})
#: the earlier mailings about a webinar that have nobody left to tell once another one is written
_OUTDATES = {
    Notice.REMINDER: frozenset({Notice.REMINDER}),
    Notice.MOVED: _NEWS,
    Notice.CHANGED: _NEWS,
    Notice.CANCELLED: _NEWS | {Notice.REMINDER},
    Notice.RECORDING_READY: frozenset[Notice](),
}


class _Key(NamedTuple):
    """What tells a mailing apart."""

    notice: Notice
    about: str
    occasion: str


@dataclass(frozen=True)
class Due:
    """One mailing that is due, and who is owed it."""

    notice: Notice
    webinar_id: int
    occasion: str
    subjects: Select[Any]
    due_at: datetime
    not_after: datetime
    #: what else to write once nobody new can be owed it
    settled: Callable[[], None] | None = None


def derive_due(now: datetime) -> int:
    """Write the letters that are due by now, inside the caller's transaction; give how many are new."""
    return sum(_write(due, now) for due in due_mailings(now)) + announcements.write_due(now)


def pass_over(webinar_ids: Collection[int], minutes: Collection[int], now: datetime) -> None:
    """Count reminders as given that staff added after the moment they speak of: nobody waits for those."""
    for one in _in_force(now):
        if one.webinar.id in webinar_ids and one.reminder.minutes in minutes:
            key = _Key(Notice.REMINDER, about(one.webinar.id), one.occasion)
            outbox.mailing_for(**key._asdict(), due_at=one.reminder.due_at, now=now)
            _settle(key, now, made_by=now)


def due_mailings(now: datetime) -> list[Due]:
    """List the mailings that are due and not settled; reads only."""
    return [*_reminders(now), *_changes(now), *_cancellations(now), *_recordings(now)]


def _write(due: Due, now: datetime) -> int:
    key = _Key(due.notice, about(due.webinar_id), due.occasion)
    count = outbox.owe_all(
        due.subjects,
        notice=key.notice,
        about=key.about,
        occasion=key.occasion,
        now=now,
        due_at=due.due_at,
        not_after=due.not_after,
        lane=due.notice.lane,
    )
    if due.notice in _NEWS:
        outbox.withdraw_older(*key, Reason.TOLD_BY_A_LATER_ONE)
    _settle_outdated(key, now)
    if _settle(key, now, made_by=_looked_at_by(now, due.not_after)) and due.settled is not None:
        due.settled()
    return count


def _looked_at_by(now: datetime, not_after: datetime) -> datetime:
    """Give the instant by which a mailing was written that gets its second look now: half of a short time is enough."""
    return now - min(queries.SETTLES_AFTER, not_after - now)


def _settle(key: _Key, now: datetime, *, made_by: datetime) -> bool:
    """Close a mailing that was first written long enough ago; say whether this closed it."""
    statement = (
        update(Mailing).filter_by(**key._asdict()).where(Mailing.created_at <= made_by, Mailing.settled_at.is_(None))
    )
    result: Any = db.session.execute(statement.values(settled_at=now), execution_options=_UNSEEN)
    return bool(result.rowcount)


def _settle_outdated(key: _Key, now: datetime) -> None:
    """Close the mailings that nobody is owed any more because of this one."""
    which = (Mailing.about == key.about, Mailing.notice.in_(_OUTDATES[key.notice]))
    statement = update(Mailing).where(*which, Mailing.occasion != key.occasion, Mailing.settled_at.is_(None))
    db.session.execute(statement.values(settled_at=now), execution_options=_UNSEEN)


class _InForce(NamedTuple):
    """A reminder that has fallen due, for a start that was known by then."""

    webinar: Revision
    reminder: DueReminder
    starts: Starts

    @property
    def occasion(self) -> str:
        return rules.reminder_occasion(self.starts.first(self.webinar), self.reminder.minutes)


def _in_force(now: datetime) -> list[_InForce]:
    due = [
        (one.revision, reminder)
        for one in queries.upcoming_webinars(now)
        if (reminder := rules.reminder_in_force(one.revision.starts_at, one.reminders, now))
    ]
    starts = queries.find_starts(db.session(), (webinar for webinar, _ in due))
    found = (_InForce(webinar, reminder, starts.get(webinar.id, Starts())) for webinar, reminder in due)
    return [one for one in found if one.starts.known_by(one.reminder.due_at, one.webinar)]


def _reminders(now: datetime) -> Iterator[Due]:
    in_force = _in_force(now)
    written = queries.reminders_written([about(one.webinar.id) for one in in_force]) if in_force else {}
    for one in in_force:
        at, closed = written.get((about(one.webinar.id), one.occasion), (None, False))
        due_at, expires_at = one.reminder.due_at, one.reminder.expires_at
        if not closed and (at is None or at <= _looked_at_by(now, expires_at)):
            yield Due(Notice.REMINDER, one.webinar.id, one.occasion, _reminded(one, now), due_at, expires_at)


def _reminded(one: _InForce, now: datetime) -> Select[Any]:
    """Select who is owed a reminder, and until when it waits for those who sleep."""
    who = queries.owed_reminder(one.webinar, one.starts, one.reminder.due_at)
    quiet = current_settings().quiet_hours
    if quiet is None or one.reminder.minutes <= rules.NEVER_DELAYED:
        return who
    moments = {zone: rules.goes_at(one.reminder, zone, quiet, now) for zone in queries.zones_of_seats(one.webinar.id)}
    delays = {zone: moment for zone, moment in moments.items() if moment > now}
    return queries.not_before(who, delays) if delays else who


def _changes(now: datetime) -> Iterator[Due]:
    changed = queries.changed_webinars(now)
    known = queries.find_starts(db.session(), (webinar for webinar, _ in changed))
    for webinar, ends_at in changed:
        starts, occasion = known.get(webinar.id, Starts()), str(webinar.sequence)
        moved, otherwise = queries.owed_move(webinar, starts), queries.owed_change(webinar, starts)
        retitled = webinar.sequence > webinar.start_sequence
        if not retitled or (webinar.start_sequence and queries.is_owed(moved)):
            settled = partial(owed.note_unmoved, webinar, starts) if starts.same else None
            yield Due(Notice.MOVED, webinar.id, occasion, moved, now, ends_at, settled)
        if retitled or (starts.same and queries.is_owed(otherwise)):
            yield Due(Notice.CHANGED, webinar.id, occasion, otherwise, now, ends_at)


def _cancellations(now: datetime) -> Iterator[Due]:
    for webinar_id, sequence, ends_at in queries.cancelled_webinars(now):
        not_after = ends_at + queries.CANCELLATION_NEWS
        yield Due(Notice.CANCELLED, webinar_id, str(sequence), queries.owed_cancellation(webinar_id), now, not_after)


def _recordings(now: datetime) -> Iterator[Due]:
    for video_id, webinar_id in queries.fresh_recordings(now):
        who = queries.owed_recording(webinar_id)
        yield Due(Notice.RECORDING_READY, webinar_id, str(video_id), who, now, now + RECORDING_LASTS)
