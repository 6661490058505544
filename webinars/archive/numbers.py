"""What was counted of videos, for staff."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ScalarSelect, func, select

from webinars.archive.counting import MINUTES, STARTS, STOPS
from webinars.archive.models import Video
from webinars.archive.world_models import Count
from webinars.core.database import db
from webinars.core.paging import Page, page_of

#: days that the plot of a video shows
PLOTTED = 90


@dataclass(frozen=True)
class Numbers:
    """What was counted of one video."""

    starts: int
    minutes: int
    #: how many stopped in each tenth of the film
    stops: Sequence[int]
    by_language: Sequence[tuple[str, int, int]]


def numbers_of(video_id: int) -> Numbers:
    """Give what was ever counted of a video (one query)."""
    wanted = select(Count.language, Count.what, func.sum(Count.number)).where(Count.video_id == video_id)
    all_in_all: Counter[str] = Counter()
    languages: dict[str, Counter[str]] = {}
    for language, what, number in db.session.execute(wanted.group_by(Count.language, Count.what)):
        all_in_all[what] += int(number)
        languages.setdefault(language, Counter())[what] += int(number)
    by_language = [(language, own[STARTS], own[MINUTES]) for language, own in sorted(languages.items())]
    return Numbers(all_in_all[STARTS], all_in_all[MINUTES], [all_in_all[one] for one in STOPS], by_language)


def days_of(video_id: int, today: date, days: int = PLOTTED) -> list[tuple[date, int, int]]:
    """Give plays and minutes of a video on each of the last days, those without any too (one query)."""
    first = today - timedelta(days=days - 1)
    wanted = select(Count.day, Count.what, func.sum(Count.number)).where(
        Count.video_id == video_id, Count.day >= first, Count.what.in_((STARTS, MINUTES))
    )
    found = {
        (day, what): int(number) for day, what, number in db.session.execute(wanted.group_by(Count.day, Count.what))
    }
    all_days = (first + timedelta(days=number) for number in range(days))
    return [(day, found.get((day, STARTS), 0), found.get((day, MINUTES), 0)) for day in all_days]


def rows_of(video_id: int) -> list[tuple[date, str, str, int]]:
    """List all that was counted of a video: day, language, what, number."""
    wanted = select(Count.day, Count.language, Count.what, Count.number).where(Count.video_id == video_id)
    rows = db.session.execute(wanted.order_by(Count.day, Count.language, Count.what))
    return [(day, language, what, number) for day, language, what, number in rows]


def most_watched(since: date, page: int, per_page: int = 50) -> tuple[Page[Video], dict[int, tuple[int, int]]]:
    """List a page of the videos watched since a day, those with most minutes first, with plays and minutes of each."""
    minutes = _sum_since(MINUTES, since)
    starts = _sum_since(STARTS, since)
    wanted = select(Video).where(Video.id.in_(select(Count.video_id).where(Count.day >= since)))
    found = page_of(wanted, (minutes.desc(), starts.desc(), Video.id), page, per_page)
    ids = [video.id for video in found.items]
    sums = select(Count.video_id, Count.what, func.sum(Count.number)).where(
        Count.day >= since, Count.video_id.in_(ids), Count.what.in_((STARTS, MINUTES))
    )
    told = {
        (video_id, what): int(number)
        for video_id, what, number in db.session.execute(sums.group_by(Count.video_id, Count.what))
    }
    return found, {one: (told.get((one, STARTS), 0), told.get((one, MINUTES), 0)) for one in ids}


def _sum_since(what: str, since: date) -> ScalarSelect[int]:
    own = select(func.coalesce(func.sum(Count.number), 0)).where(
        Count.video_id == Video.id, Count.what == what, Count.day >= since
    )
    return own.correlate(Video).scalar_subquery()


def stops_since(since: date) -> list[int]:
    """Count over all videos in which tenth people stopped (one query)."""
    wanted = select(Count.what, func.sum(Count.number)).where(Count.day >= since, Count.what.in_(STOPS))
    found = {what: int(number) for what, number in db.session.execute(wanted.group_by(Count.what))}
    return [found.get(one, 0) for one in STOPS]
