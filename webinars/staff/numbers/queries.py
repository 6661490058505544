"""Reading the numbers: sums of a few hundred rows a webinar, whatever the number of people."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import joinedload

from webinars.archive.models import Video
from webinars.archive.world_models import Count
from webinars.core.database import db
from webinars.core.http import current_settings
from webinars.core.zones import bounds_of
from webinars.mail.models import Mailing
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Topic, Webinar, WebinarState
from webinars.staff.numbers.models import Counting, Number
from webinars.staff.numbers.rules import MOST_ALIKE, OUTCOMES, Cells, Curve, What, curve_of

#: what is ahead or just over is counted anew so often, and what is over for longer
OFTEN, SELDOM = timedelta(minutes=2), timedelta(hours=1)
JUST_OVER = timedelta(days=2)
#: webinars that one look of the worker names
_A_ROUND = 50


@dataclass(frozen=True)
class Asked:
    """Which webinars are looked at: those that begin on days of a period, of one series or topic or of all."""

    first: date
    last: date
    series: Series | None = None
    topic: Topic | None = None

    @property
    def which(self) -> ColumnElement[bool]:
        """Give the condition on webinars."""
        begin, _next, end = bounds_of([self.first, self.last], current_settings().home_zone)
        conditions = [Webinar.state == WebinarState.PUBLISHED, Webinar.starts_at >= begin, Webinar.starts_at < end]
        if self.series is not None:
            conditions.append(Webinar.series_id == self.series.id)
        if self.topic is not None:
            of_topic = select(Series.id).where(Series.topic_id == self.topic.id)
            conditions.append(Webinar.series_id.in_(of_topic))
        return and_(*conditions)


@dataclass(frozen=True)
class Counted:
    """How many webinars there are, and how fresh their numbers."""

    webinars: int
    #: those that are not counted yet, and those of which only the seats are known
    missing: int
    partial: int
    #: when the one was counted that waits the longest, of those that are still counted
    oldest: datetime | None
    newest: datetime | None


def to_freeze(before: datetime) -> Sequence[int]:
    """List the webinars that ended before an instant, have people, and are not counted for good."""
    frozen = exists().where(Counting.webinar_id == Webinar.id, Counting.frozen_at.is_not(None))
    people = exists().where(Registration.webinar_id == Webinar.id)
    return db.session.scalars(
        select(Webinar.id).where(Webinar.ends_at < before, people, ~frozen).order_by(Webinar.id)
    ).all()


def to_count(now: datetime) -> Sequence[int]:
    """List webinars whose numbers are missing or too old, what is ahead first (two statements)."""
    old = or_(
        Counting.counted_at < now - SELDOM, and_(Counting.counted_at < now - OFTEN, Webinar.ends_at > now - JUST_OVER)
    )
    # What was moved into the future since is counted again.
    still_counted = or_(Counting.frozen_at.is_(None), Counting.frozen_at < Webinar.ends_at)
    stale = (
        select(Webinar.id)
        .outerjoin(Counting, Counting.webinar_id == Webinar.id)
        .where(
            Webinar.state != WebinarState.DRAFT,
            or_(Counting.counted_at.is_(None), and_(still_counted, old)),
        )
        .order_by(Webinar.ends_at.desc())
    )
    played = (
        select(Video.webinar_id)
        .join(Counting, Counting.webinar_id == Video.webinar_id)
        .join(Count, Count.video_id == Video.id)
        .where(Counting.frozen_at.is_not(None), Counting.counted_at < now - SELDOM)
        .where(Count.day >= (now - timedelta(days=1)).date())
        .distinct()
    )
    return [*db.session.scalars(stale.limit(_A_ROUND)), *db.session.scalars(played.limit(_A_ROUND))]


def freshness(asked: Asked) -> Counted:
    """Say how many webinars are looked at, and when they were counted."""
    still = Counting.frozen_at.is_(None)
    row = db.session.execute(
        select(
            func.count(),
            func.count().filter(Counting.counted_at.is_(None)),
            func.count().filter(Counting.partial.is_(True)),
            func.min(Counting.counted_at).filter(still),
            func.max(Counting.counted_at),
        )
        .select_from(Webinar)
        .outerjoin(Counting, Counting.webinar_id == Webinar.id)
        .where(asked.which)
    ).one()
    return Counted(*row)


def counting_of(webinar_id: int) -> Counting | None:
    """Give when a webinar was counted."""
    return db.session.get(Counting, webinar_id)


def cells_of(which: ColumnElement[bool]) -> Cells:
    """Sum all but the days over some webinars (one statement)."""
    summed = select(Number.what, Number.key, func.sum(Number.number)).join(Webinar, Webinar.id == Number.webinar_id)
    summed = summed.where(which, Number.what != What.DAY).group_by(Number.what, Number.key)
    return {(what, key): int(number) for what, key, number in db.session.execute(summed)}


def months_of(which: ColumnElement[bool]) -> list[tuple[str, int]]:
    """Sum the sign-ups of some webinars by month, YYYY-MM (one statement)."""
    month = func.substr(Number.key, 1, 7).label("month")
    summed = select(month, func.sum(Number.number)).join(Webinar, Webinar.id == Number.webinar_id)
    rows = db.session.execute(summed.where(which, Number.what == What.DAY).group_by("month").order_by("month"))
    return [(name, int(number)) for name, number in rows]


def days_of(webinar_id: int) -> dict[str, int]:
    """Give the sign-ups of a webinar by day, YYYY-MM-DD."""
    wanted = select(Number.key, Number.number).where(Number.webinar_id == webinar_id, Number.what == What.DAY)
    return dict(db.session.execute(wanted.order_by(Number.key)).all())


def cells_by(column: Any, which: ColumnElement[bool]) -> dict[int, Cells]:
    """Sum states, attendance, plays and letters by the value of a column of the webinars (one statement)."""
    shown = (What.STATE, What.ATTENDED, What.PLAYS, *OUTCOMES)
    summed = select(column, Number.what, Number.key, func.sum(Number.number)).join(
        Webinar, Webinar.id == Number.webinar_id
    )
    summed = summed.where(which, Number.what.in_(shown)).group_by(column, Number.what, Number.key)
    found: dict[int, Cells] = {}
    for one, what, key, number in db.session.execute(summed):
        found.setdefault(one, {})[what, key] = int(number)
    return found


def webinars_by_series(which: ColumnElement[bool]) -> dict[int, int]:
    """Count some webinars for each series."""
    return dict(
        db.session.execute(select(Webinar.series_id, func.count()).where(which).group_by(Webinar.series_id)).all()
    )


def webinars_of(which: ColumnElement[bool], limit: int) -> Sequence[Webinar]:
    """List some webinars with their series, the first one first."""
    wanted = select(Webinar).options(joinedload(Webinar.series, innerjoin=True)).where(which)
    return db.session.scalars(wanted.order_by(Webinar.starts_at, Webinar.id).limit(limit)).all()


def curves_like(webinar: Webinar, now: datetime) -> list[Curve]:
    """Give how the sign-ups came in at the last webinars of the same series that are over (one statement)."""
    alike = (
        select(Webinar.id, Webinar.local_start, Webinar.starts_at)
        .where(Webinar.series_id == webinar.series_id, Webinar.state == WebinarState.PUBLISHED, Webinar.ends_at < now)
        .where(Webinar.id.in_(select(Number.webinar_id).where(Number.what == What.DAY)))
        .order_by(Webinar.starts_at.desc())
        .limit(MOST_ALIKE)
        .subquery()
    )
    days: dict[int, dict[str, int]] = {}
    when: dict[int, date] = {}
    rows = select(alike.c.id, alike.c.local_start, Number.key, Number.number).join(
        Number, Number.webinar_id == alike.c.id
    )
    rows = rows.where(Number.what == What.DAY).order_by(alike.c.starts_at.desc())
    for number, local, key, count in db.session.execute(rows):
        days.setdefault(number, {})[key] = count
        when[number] = local.date()
    return [curve_of(one, when[number]) for number, one in days.items()]


def mailings_about(webinar: Webinar, until: datetime) -> Sequence[Mailing]:
    """List what went to everybody of a webinar or its series, in order of time; it outlives the letters."""
    about = Mailing.about.in_((f"w{webinar.id}", f"s{webinar.series_id}"))
    since = webinar.published_at or webinar.created_at
    wanted = select(Mailing).where(about, Mailing.due_at.between(since, until), Mailing.stopped_at.is_(None))
    return db.session.scalars(wanted.order_by(Mailing.due_at)).all()


def series_by_id(ids: Collection[int]) -> dict[int, Series]:
    """Give some series by their numbers."""
    return {one.id: one for one in db.session.scalars(select(Series).where(Series.id.in_(ids)))}
