"""A large programme, the same for the same seed: what pages and letters are measured on."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select

from webinars.archive import service as archive
from webinars.archive.models import CaptionState, Video, VideoState
from webinars.core.database import db
from webinars.demo import content, told
from webinars.demo.registrants import Registrants
from webinars.schedule.models import Series, Webinar

#: share of the generated webinars that lie ahead
AHEAD = 0.05
SPAN = timedelta(days=365 * 8)
CUES_PER_VIDEO = 40


@dataclass(frozen=True)
class Amounts:
    """How much to make beyond the written content."""

    webinars: int = 0
    registrations: int = 0
    videos: int = 0


def fill(amounts: Amounts, seed: int, now: datetime, advance: Callable[[int], None]) -> None:
    """Make webinars, registrations and videos; ``advance`` is told how many things were just made."""
    choose = random.Random(seed)
    series = list(db.session.scalars(select(Series).order_by(Series.id)))
    registrants = Registrants(seed + 1, now)
    registrants.skip(100_000)
    each, rest = divmod(amounts.registrations, max(1, amounts.webinars))
    for number in range(amounts.webinars):
        webinar = _webinar(number, choose, series, now)
        count = each + (1 if number < rest else 0)
        registrants.register(webinar, count)
        if webinar.ends_at > now and count:
            told.note_everything_due(webinar, now)
        db.session.expunge(webinar)
        advance(1 + count)
    for number in range(amounts.videos):
        _video(number, choose, series, now)
        db.session.expunge_all()
        advance(1)


def _webinar(number: int, choose: random.Random, series: list[Series], now: datetime) -> Webinar:
    run = choose.choice(series)
    ahead = choose.random() < AHEAD
    day = now + (timedelta(days=20 + choose.random() * 340) if ahead else -SPAN * choose.random() - timedelta(days=3))
    local = day.astimezone(ZoneInfo(run.time_zone)).replace(hour=13, minute=0, second=0, microsecond=0, fold=0)
    announced = min(now, day) - timedelta(days=45)
    base = choose.choice(content.WEBINARS)
    webinar = Webinar(
        slug=f"{base.slug}-no-{number + 1}",
        series_id=run.id,
        title=f"{base.title}, no. {number + 1}",
        summary=base.summary,
        description=base.description,
        local_start=local.replace(tzinfo=None),
        time_zone=run.time_zone,
        starts_at=local,
        ends_at=local + timedelta(minutes=60),
        duration_minutes=60,
        join_url=base.join_url,
        state="published",
        start_set_at=announced,
        published_at=announced,
        created_at=announced,
        updated_at=announced,
    )
    db.session.add(webinar)
    db.session.flush()
    return webinar


def _video(number: int, choose: random.Random, series: list[Series], now: datetime) -> None:
    run, base = choose.choice(series), choose.choice(content.VIDEOS)
    recorded = now - SPAN * choose.random()
    clip = content.clips()[base.slug]
    video = Video(
        slug=f"{base.slug}-no-{number + 1}",
        title=f"{base.title}, no. {number + 1}",
        summary=base.summary,
        description=base.description,
        topic_id=run.topic_id,
        series_id=run.id,
        recorded_on=recorded.date(),
        media_url=f"media:{clip.file}",
        poster_url=f"media:{clip.poster}",
        duration_seconds=choose.randint(60, 5400),
        state=VideoState.PUBLISHED,
        published_at=recorded,
        created_at=recorded,
        updated_at=recorded,
    )
    db.session.add(video)
    db.session.flush()
    archive.set_captions(video, "en", _captions(choose), CaptionState.AUTOMATIC, now)


def _captions(choose: random.Random) -> str:
    sentences = [sentence for webinar in content.WEBINARS for sentence in webinar.description.split(". ")]
    lines = ["WEBVTT", ""]
    for number in range(CUES_PER_VIDEO):
        start = number * 6
        words = " ".join(choose.choice(sentences).replace("#", "").replace("-->", "").split())[:160]
        lines += [f"{_stamp(start)} --> {_stamp(start + 5)}", words.replace("&", "&amp;").replace("<", "&lt;"), ""]
    return "\n".join(lines)


def _stamp(seconds: int) -> str:
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.000"
