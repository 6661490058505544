"""Letters that answer the clock or a change: one INSERT … SELECT writes those of a mailing.

Nothing is planned ahead. Every look asks what is due by now, so that any number of workers may look, as late as they
like. A mailing is written when it falls due and once more some minutes later, for whoever was just registering or
being told the old time; then it is settled and costs nothing more.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, update

from webinars.core.database import db
from webinars.mail import outbox
from webinars.mail.models import Mailing
from webinars.notices import queries, rules
from webinars.notices.kinds import Notice, Reason
from webinars.notices.owed import about

#: how long letters about a recording are tried
RECORDING_LASTS = timedelta(days=14)


@dataclass(frozen=True)
class Due:
    """One mailing that is due, and who is owed it."""

    notice: Notice
    webinar_id: int
    occasion: str
    subjects: Select[Any]
    due_at: datetime
    not_after: datetime


def derive_due(now: datetime) -> int:
    """Write the letters that are due by now, inside the caller's transaction; give how many are new."""
    return sum(_write(due, now) for due in due_mailings(now))


def pass_over(webinar_ids: Collection[int], minutes: Collection[int], now: datetime) -> None:
    """Count reminders as given that staff added after the moment they speak of: nobody waits for those."""
    for webinar in queries.upcoming_webinars(now):
        reminder = rules.reminder_in_force(webinar.starts_at, webinar.reminders, now)
        if webinar.id in webinar_ids and reminder is not None and reminder.minutes in minutes:
            occasion = rules.reminder_occasion(webinar.start_sequence, reminder.minutes)
            _give(Notice.REMINDER, webinar.id, occasion, reminder.due_at, now)


def due_mailings(now: datetime) -> list[Due]:
    """List the mailings that are due and not settled; reads only."""
    return [*_reminders(now), *_changes(now), *_cancellations(now), *_recordings(now)]


def _write(due: Due, now: datetime) -> int:
    count = outbox.owe_all(
        due.subjects,
        notice=due.notice,
        about=about(due.webinar_id),
        occasion=due.occasion,
        now=now,
        due_at=due.due_at,
        not_after=due.not_after,
        lane=due.notice.lane,
    )
    if due.notice in {Notice.MOVED, Notice.CHANGED}:
        outbox.withdraw_older(due.notice, about(due.webinar_id), due.occasion, Reason.TOLD_BY_A_LATER_ONE)
    _settle(due.notice, due.webinar_id, due.occasion, now, made_by=now - queries.SETTLES_AFTER)
    return count


def _give(notice: Notice, webinar_id: int, occasion: str, due_at: datetime, now: datetime) -> None:
    """Write a mailing that nobody gets."""
    outbox.mailing_for(notice=notice, about=about(webinar_id), occasion=occasion, due_at=due_at, now=now)
    _settle(notice, webinar_id, occasion, now, made_by=now)


def _settle(notice: Notice, webinar_id: int, occasion: str, now: datetime, made_by: datetime) -> None:
    """Close a mailing that was first written long enough ago."""
    which = (Mailing.notice == notice, Mailing.about == about(webinar_id), Mailing.occasion == occasion)
    statement = update(Mailing).where(*which, Mailing.created_at <= made_by, Mailing.settled_at.is_(None))
    db.session.execute(statement.values(settled_at=now), execution_options={"synchronize_session": False})


def _reminders(now: datetime) -> Iterator[Due]:
    in_force = []
    for webinar in queries.upcoming_webinars(now):
        reminder = rules.reminder_in_force(webinar.starts_at, webinar.reminders, now)
        # Whoever learnt of this start after the reminder fell due has just been told it.
        if reminder is not None and webinar.start_set_at <= reminder.due_at:
            in_force.append((webinar, reminder, rules.reminder_occasion(webinar.start_sequence, reminder.minutes)))
    done = queries.reminders_done([about(webinar.id) for webinar, _, _ in in_force], now) if in_force else set()
    for webinar, reminder, occasion in in_force:
        if (about(webinar.id), occasion) not in done:
            who = queries.owed_reminder(webinar.id, reminder.due_at)
            yield Due(Notice.REMINDER, webinar.id, occasion, who, reminder.due_at, reminder.expires_at)


def _changes(now: datetime) -> Iterator[Due]:
    for webinar_id, sequence, start_sequence, ends_at in queries.changed_webinars(now):
        moved = queries.owed_move(webinar_id, start_sequence)
        if sequence == start_sequence or (start_sequence and queries.is_owed(moved)):
            yield Due(Notice.MOVED, webinar_id, str(sequence), moved, now, ends_at)
        if sequence > start_sequence:
            who = queries.owed_change(webinar_id, start_sequence, sequence)
            yield Due(Notice.CHANGED, webinar_id, str(sequence), who, now, ends_at)


def _cancellations(now: datetime) -> Iterator[Due]:
    for webinar_id, sequence, ends_at in queries.cancelled_webinars(now):
        not_after = ends_at + queries.CANCELLATION_NEWS
        yield Due(Notice.CANCELLED, webinar_id, str(sequence), queries.owed_cancellation(webinar_id), now, not_after)


def _recordings(now: datetime) -> Iterator[Due]:
    for video_id, webinar_id in queries.fresh_recordings(now):
        who = queries.owed_recording(webinar_id)
        yield Due(Notice.RECORDING_READY, webinar_id, str(video_id), who, now, now + RECORDING_LASTS)
