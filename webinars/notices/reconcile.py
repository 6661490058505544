"""What is planned against what is there: read on the fly, judged by pure rules, told to staff and to the log.

Every worker derives what falls due and sends it, so that whatever this finds means that none does, or that it fails.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import func, or_, select, text

from webinars.archive.models import Video
from webinars.core.database import db
from webinars.core.formats import from_now
from webinars.mail import flow
from webinars.mail import queries as mail
from webinars.mail.checks import Findings
from webinars.mail.claims import PENDING, SENDING
from webinars.mail.models import Lane, Mailing, Message, MessageState
from webinars.notices import announcement_queries, derive
from webinars.notices.derive import Due
from webinars.notices.kinds import Notice
from webinars.notices.owed import about
from webinars.registration.words import letter_words
from webinars.schedule.models import Webinar

#: how long what is planned may take: to be written after it fell due, to be given up by a worker that died, to leave
#: once its turn has come, and for a whole mailing to be done with
WRITTEN_WITHIN = timedelta(minutes=5)
LEASE_OVER = timedelta(minutes=2)
LEAVES_WITHIN = timedelta(minutes=10)
DONE_WITHIN = timedelta(hours=2)
#: mailings that fell due longer ago are told by what expired and failed
_MAILINGS = timedelta(days=3)
LATELY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Overdue:
    """A mailing that should have been written, or done with."""

    notice: str
    #: of the webinar; empty for what is about a series
    title: str
    since: datetime
    #: letters that are still tried
    letters: int = 0


@dataclass(frozen=True, slots=True)
class Seen:
    """What was read."""

    unwritten: tuple[Overdue, ...] = ()
    undone: tuple[Overdue, ...] = ()
    #: letters whose worker has not been heard of
    lost: int = 0
    #: letters whose turn has long come: answers to people's deeds, and those of mailings
    late_answers: int = 0
    late_bulk: int = 0
    #: in the last day
    expired: int = 0
    failed: int = 0
    #: mail is on hold, or its server away: that everything waits is known
    blocked: bool = False
    #: letters left in the last minutes: a mailing takes the time it takes
    moving: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What is not as planned."""

    missing: tuple[Overdue, ...]
    undone: tuple[Overdue, ...]
    lost: int
    late: int
    expired: int
    failed: int

    def figures(self) -> dict[str, int]:
        """Give the numbers, named for programs and logs."""
        return {
            "planned_missing": len(self.missing),
            "stuck_sending": self.lost,
            "stuck_pending": self.late,
            "unfinished_mailings": len(self.undone),
            "expired_last_day": self.expired,
            "failed_last_day": self.failed,
        }


def judge(seen: Seen) -> Report:
    """Say what of all that was read is not as planned."""
    late = 0 if seen.blocked else seen.late_answers + (0 if seen.moving else seen.late_bulk)
    undone = () if seen.blocked else seen.undone
    return Report(seen.unwritten, undone, seen.lost, late, seen.expired, seen.failed)


def findings(now: datetime) -> Findings:
    """Compare what is planned with what is there; reads only."""
    report = judge(look(now))
    return Findings(report.figures(), tuple(sentences(report, now)))


def sentences(report: Report, now: datetime) -> Iterable[str]:
    """Say it in plain words, what is missing first."""
    for one in report.missing:
        yield _("Not written yet: %(letter)s, due %(when)s.", letter=_named(one), when=from_now(one.since, now))
    if report.lost:
        yield ngettext(
            "%(num)d letter is with a worker that was not heard of since. It goes out again by itself.",
            "%(num)d letters are with a worker that was not heard of since. They go out again by themselves.",
            report.lost,
        )
    if report.late:
        yield ngettext(
            "%(num)d letter should have left more than 10 minutes ago.",
            "%(num)d letters should have left more than 10 minutes ago.",
            report.late,
        )
    for one in report.undone:
        yield ngettext(
            "Not done with yet: %(letter)s, due %(when)s. %(num)d letter is still tried.",
            "Not done with yet: %(letter)s, due %(when)s. %(num)d letters are still tried.",
            one.letters,
            letter=_named(one),
            when=from_now(one.since, now),
        )
    if report.expired:
        yield ngettext(
            "In the last day the time of %(num)d letter passed before it could leave.",
            "In the last day the time of %(num)d letters passed before they could leave.",
            report.expired,
        )
    if report.failed:
        yield ngettext(
            "In the last day %(num)d letter did not arrive.",
            "In the last day %(num)d letters did not arrive.",
            report.failed,
        )


def _named(one: Overdue) -> str:
    return f"{letter_words(one.notice)} ({one.title})" if one.title else letter_words(one.notice)


def look(now: datetime) -> Seen:
    """Read what the judgement needs."""
    status, current = mail.status(now), flow.flow(now)
    count = select(func.count()).select_from(Message)
    late = count.where(PENDING, Message.next_attempt_at < now - LEAVES_WITHIN)
    expired = count.where(text("messages.state = 'expired'"))
    failed = count.where(text("messages.state = 'failed'"))
    numbers = db.session.execute(
        select(
            count.where(SENDING, Message.lease_until < now - LEASE_OVER).scalar_subquery(),
            late.where(Message.lane == Lane.TRANSACTIONAL).scalar_subquery(),
            late.where(Message.lane == Lane.BULK).scalar_subquery(),
            # Neither is dated by itself: one ended when its time was over, the other with its last try.
            expired.where(func.coalesce(Message.not_after, Message.created_at) > now - LATELY).scalar_subquery(),
            failed.where(Message.next_attempt_at > now - LATELY).scalar_subquery(),
        )
    ).one()
    return Seen(
        tuple(_unwritten(now)),
        tuple(_undone(now)),
        *numbers,
        blocked=status.on_hold or status.paused_until is not None,
        moving=current.last_five > 0,
    )


def _unwritten(now: datetime) -> Iterable[Overdue]:
    due = _without_mailing(derive.due_mailings(now))
    webinars, videos = _webinars({one.webinar_id for one in due}), _videos(due)
    for one in due:
        since = _since(one, webinars[one.webinar_id], videos)
        if since <= now - WRITTEN_WITHIN:
            yield Overdue(one.notice, webinars[one.webinar_id].title, since)
    for announcement in announcement_queries.due_announcements(now - WRITTEN_WITHIN):
        title = announcement.webinar.title if announcement.webinar else ""
        yield Overdue(Notice.ANNOUNCEMENT, title, announcement.send_at or now)


def _without_mailing(due: Collection[Due]) -> list[Due]:
    abouts = {about(one.webinar_id) for one in due}
    known = select(Mailing.notice, Mailing.about, Mailing.occasion).where(Mailing.about.in_(abouts))
    written = {tuple(row) for row in db.session.execute(known)} if abouts else set()
    return [one for one in due if (one.notice.value, about(one.webinar_id), one.occasion) not in written]


def _since(due: Due, webinar: Webinar, videos: Mapping[str, datetime]) -> datetime:
    """Say when a mailing fell due: what answers a change does so at once, and is due anew at every look."""
    moments = {
        Notice.REMINDER: due.due_at,
        Notice.MOVED: webinar.start_set_at,
        Notice.CANCELLED: webinar.cancelled_at,
        Notice.RECORDING_READY: videos.get(due.occasion),
    }
    return moments.get(due.notice) or webinar.updated_at


def _webinars(ids: Collection[int]) -> dict[int, Webinar]:
    found = db.session.scalars(select(Webinar).where(Webinar.id.in_(ids))) if ids else ()
    return {one.id: one for one in found}


def _videos(due: Iterable[Due]) -> dict[str, datetime]:
    ids = [int(one.occasion) for one in due if one.notice is Notice.RECORDING_READY]
    rows: Any = db.session.execute(select(Video.id, Video.published_at).where(Video.id.in_(ids))) if ids else ()
    return {str(number): at for number, at in rows if at is not None}


def _undone(now: datetime) -> Iterable[Overdue]:
    """List mailings that began hours ago and have letters that are due or tried again."""
    tried = or_(Message.attempts > 0, Message.next_attempt_at <= now)
    open_states = (MessageState.PENDING, MessageState.SENDING)
    # Counted mailing by mailing: put together, SQLite would read every letter there is.
    left = select(func.count()).where(Message.mailing_id == Mailing.id, Message.state.in_(open_states), tried)
    wanted = (
        select(Mailing.notice, Mailing.about, Mailing.due_at, left.scalar_subquery())
        .where(Mailing.due_at > now - _MAILINGS, Mailing.due_at <= now - DONE_WITHIN)
        .order_by(Mailing.due_at)
    )
    rows = [row for row in db.session.execute(wanted) if row[3]]
    webinars = _webinars({int(row[1][1:]) for row in rows if row[1].startswith("w")})
    titles = {about(one.id): one.title for one in webinars.values()}
    for notice, about_what, due_at, letters in rows:
        yield Overdue(notice, titles.get(about_what, ""), due_at, letters)
