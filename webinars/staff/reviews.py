"""What is due of recordings on the days of a month: captions to correct, and talks to look at once more."""

from collections.abc import Iterator
from datetime import date, datetime, time
from itertools import groupby
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from flask_babel import ngettext

from webinars.archive.freshness import REVIEW_AFTER
from webinars.archive.world_queries import videos_looked_at
from webinars.core.http import home_zone
from webinars.schedule.month import Dated
from webinars.staff import queries
from webinars.staff.readiness.queries import preparations
from webinars.staff.readiness.rules import BY_KEY, State

#: talks of a span that are looked for
_MOST = 1000


def due_between(start: datetime, end: datetime, now: datetime) -> list[Dated]:
    """List what is due within a span, in a bounded number of statements."""
    return [*_captions(start, end, now), *_talks(start, end)]


def _captions(start: datetime, end: datetime, now: datetime) -> Iterator[Dated]:
    due = BY_KEY["captions"].due
    for one in preparations(queries.webinars_to_follow(start - due, end - due, now), now):
        waits = any(item.key == "captions" and item.state in {State.OPEN, State.LATE} for item in one.items)
        if waits and one.facts.recording:
            words = _("Captions to correct: %(title)s", title=one.webinar.title)
            values = {"slug": one.facts.recording.slug, "_anchor": "captions-part"}
            yield Dated(one.webinar.starts_at + due, words, "archive_staff.video", values, whole_day=True)


def _talks(start: datetime, end: datetime) -> Iterator[Dated]:
    """Name the talk that nobody has looked at for a year on a day; of several how many they are."""
    zone = ZoneInfo(home_zone())
    since, until = (moment.astimezone(zone).date() - REVIEW_AFTER for moment in (start, end))
    for day, found in groupby(videos_looked_at(since, until, _MOST), lambda row: row[0]):
        talks = [(slug, title) for _day, slug, title in found]
        slug, title = talks[0]
        if len(talks) == 1:
            yield Dated(
                _noon(day, zone), _("Review: %(title)s", title=title), "archive_staff.video_standing", {"slug": slug},
                whole_day=True,
            )  # fmt: skip
        else:
            words = ngettext("%(num)d video to review", "%(num)d videos to review", len(talks))
            yield Dated(_noon(day, zone), words, "archive_staff.video_reviews", {}, whole_day=True)


def _noon(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day + REVIEW_AFTER, time(12), zone)
