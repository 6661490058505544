"""Fill an empty database with the demonstration content."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select

from webinars.archive import service as archive
from webinars.archive.models import CaptionState, Video, VideoSpeaker, VideoState
from webinars.archive.store import current_store
from webinars.core.database import db
from webinars.core.zones import resolve
from webinars.demo import asking, content, doings, drawing, library, mishaps, told
from webinars.demo.content.shapes import SampleVideo, SampleWebinar
from webinars.demo.registrants import Registrants
from webinars.registration.models import Registration
from webinars.schedule import service as schedule
from webinars.schedule.models import NewsItem, Series, Speaker, Topic, Webinar, WebinarSpeaker

#: how long before now the demonstration pretends that everything was announced
ANNOUNCED = timedelta(days=45)


@dataclass
class Loaded:
    """What has been made so far, by the keys the content refers to."""

    now: datetime
    topic: Topic
    series: dict[str, Series]
    speakers: dict[str, Speaker]
    webinars: dict[str, Webinar]


def is_empty() -> bool:
    """Say whether nothing was ever scheduled here."""
    return not db.session.scalar(select(func.count()).select_from(Series))


def load(now: datetime, seed: int = 1) -> None:
    """Write topic, series, speakers, webinars with their registrations, videos and news."""
    topic = _topic(now)
    series = {sample.slug: _series(sample, topic, now) for sample in content.SERIES}
    speakers = {
        sample.key: Speaker(
            name=sample.name,
            credentials=sample.credentials,
            role=sample.role,
            bio=sample.bio,
            interests=sample.interests,
        )
        for sample in content.SPEAKERS
    }
    db.session.add_all(speakers.values())
    db.session.flush()
    loaded = Loaded(now, topic, series, speakers, {})
    registrants = Registrants(seed, now)
    for sample in content.WEBINARS:
        loaded.webinars[sample.slug] = _webinar(sample, loaded, registrants)
    for asked in content.SERIES:
        if asked.question is not None:
            asking.ask(series[asked.slug], asked.question, seed, now)
    for video in content.VIDEOS:
        _video(video, loaded)
    library.add(now)
    _news(loaded)
    for webinar in loaded.webinars.values():
        told.note_everything_due(webinar, now)
    doings.add(now, seed)
    mishaps.add(loaded.webinars[content.UPCOMING[0].slug], now)


def _topic(now: datetime) -> Topic:
    sample = content.TOPIC
    body, body_es = drawing.placed(now, sample.body, sample.body_es)
    topic = Topic(
        slug=sample.slug,
        title=sample.title,
        summary=sample.summary,
        body=body,
        translations={"es": {"title": sample.title_es, "summary": sample.summary_es, "body": body_es}},
        reviewed_on=now.date() + timedelta(days=sample.reviewed_day_offset),
    )
    db.session.add(topic)
    db.session.flush()
    return topic


def _spanish(sample: content.SampleSeries) -> dict[str, str]:
    return {"title": sample.title_es, "summary": sample.summary_es, "sponsor_text": sample.sponsor_text_es}


def _series(sample: content.SampleSeries, topic: Topic, now: datetime) -> Series:
    announced = now - ANNOUNCED
    series = Series(
        slug=sample.slug,
        title=sample.title,
        summary=sample.summary,
        sponsor_text=sample.sponsor_text,
        translations={"es": _spanish(sample)},
        time_zone=sample.time_zone,
        reminders=list(sample.reminders),
        topic_id=topic.id,
        created_at=announced,
        updated_at=announced,
    )
    db.session.add(series)
    return series


def _webinar(sample: SampleWebinar, loaded: Loaded, registrants: Registrants) -> Webinar:
    day = content.weekday_near(loaded.now.date(), sample.day_offset)
    local = datetime.combine(day, time.fromisoformat(sample.local_time))
    announced = min(loaded.now, resolve(local, sample.time_zone, 0)) - ANNOUNCED
    webinar = make_webinar(sample, loaded.series[sample.series], local, announced)
    for position, key in enumerate(sample.speakers):
        db.session.add(WebinarSpeaker(webinar_id=webinar.id, speaker_id=loaded.speakers[key].id, position=position))
    registrants.register(webinar, sample.confirmed, sample.waitlisted)
    if sample.state == "cancelled":
        webinar.sequence += 1
        webinar.cancelled_at = loaded.now - timedelta(days=2)
    return webinar


def make_webinar(sample: SampleWebinar, series: Series, local: datetime, announced: datetime) -> Webinar:
    """Write a webinar of the content at a wall-clock time of its zone."""
    starts = resolve(local, sample.time_zone, local.fold)
    webinar = Webinar(
        slug=sample.slug,
        series_id=series.id,
        title=sample.title,
        summary=sample.summary,
        description=sample.description,
        language=sample.language,
        access_text=sample.access_text,
        translations={"es": dict(sample.spanish)} if sample.spanish else {},
        recorded=sample.recorded,
        local_start=local,
        fold=local.fold,
        time_zone=sample.time_zone,
        duration_minutes=sample.duration_minutes,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=sample.duration_minutes),
        capacity=sample.capacity,
        waiting_list=sample.waiting_list,
        join_url=sample.join_url,
        phone_number=sample.phone_number,
        phone_pin=sample.phone_pin,
        state=sample.state,
        cancel_reason=sample.cancel_reason,
        start_set_at=announced,
        published_at=None if sample.state == "draft" else announced,
        created_at=announced,
        updated_at=announced,
    )
    db.session.add(webinar)
    db.session.flush()
    return webinar


def _video(sample: SampleVideo, loaded: Loaded) -> None:
    clip = content.clips()[sample.slug]
    webinar = loaded.webinars.get(sample.webinar)
    recorded = webinar.starts_at.date() if webinar else content.weekday_near(loaded.now.date(), sample.day_offset)
    published = min(loaded.now, datetime.combine(recorded, time(9), UTC) + timedelta(days=2))
    video = Video(
        slug=sample.slug,
        title=sample.title,
        summary=sample.summary,
        description=sample.description,
        topic_id=loaded.topic.id,
        series_id=loaded.series[sample.series].id if sample.series else None,
        webinar_id=webinar.id if webinar else None,
        language=sample.language,
        recorded_on=recorded,
        media_url=f"media:{_keep(clip.file)}",
        poster_url=f"media:{_keep(clip.poster)}",
        duration_seconds=round(clip.duration_seconds),
        sponsor_text=sample.sponsor_text,
        state=VideoState.PUBLISHED,
        published_at=published,
        created_at=published,
        updated_at=published,
    )
    db.session.add(video)
    db.session.flush()
    for position, key in enumerate(sample.speakers):
        db.session.add(VideoSpeaker(video_id=video.id, speaker_id=loaded.speakers[key].id, position=position))
    archive.set_chapters(video, [(part.start_seconds, part.title) for part in clip.chapters], loaded.now)
    for language, file in clip.captions.items():
        text = (content.MEDIA_FOLDER / file).read_text(encoding="utf-8")
        archive.set_captions(video, language, text, CaptionState(sample.transcript_state), loaded.now)


def _keep(name: str) -> str:
    """Copy a file of the content into the media store."""
    current_store().keep(content.MEDIA_FOLDER / name, name)
    return name


def _news(loaded: Loaded) -> None:
    for sample in content.NEWS:
        day: date = loaded.now.date() + timedelta(days=sample.day_offset)
        db.session.add(
            NewsItem(
                slug=sample.slug,
                topic_id=loaded.topic.id,
                title=sample.title,
                body=sample.body,
                published_on=day,
                translations={"es": {"title": sample.title_es, "body": sample.body_es}},
            )
        )


def ensure_soon(now: datetime) -> Webinar | None:
    """See to it that one open webinar begins in 62 to 75 minutes, so that a newcomer sees the one-hour reminder arrive.

    Gives the webinar, or None where the content was never loaded.
    """
    sample = content.SOON
    series = db.session.scalar(select(Series).where(Series.slug == sample.series))
    if series is None or sample.starts_in_minutes is None:
        return None
    least, most = (timedelta(minutes=minutes) for minutes in sample.starts_in_minutes)
    ready = select(Webinar).where(Webinar.slug.startswith(sample.slug), Webinar.state == "published")
    found = db.session.scalar(ready.where(Webinar.starts_at.between(now + least, now + most)))
    local = _last_round((now + most).astimezone(ZoneInfo(sample.time_zone)))
    return found or _move_unused(ready, local, now) or _make_soon(sample, series, local, now)


def _move_unused(ready: Select[Webinar], local: datetime, now: datetime) -> Webinar | None:
    """Move one of an earlier start that nobody ever registered for, so that restarts do not add up."""
    used = select(Registration.id).where(Registration.webinar_id == Webinar.id).exists()
    unused = db.session.scalar(ready.where(~used).order_by(Webinar.id.desc()).limit(1))
    return unused and schedule.move_webinar(unused, local.replace(fold=0), fold=local.fold, now=now)


def _make_soon(sample: SampleWebinar, series: Series, local: datetime, now: datetime) -> Webinar:
    webinar = make_webinar(sample, series, local, now)
    webinar.slug = f"{sample.slug}-{webinar.id}"
    names = {entry.key: entry.name for entry in content.SPEAKERS}
    for position, key in enumerate(sample.speakers):
        speaker = db.session.scalar(select(Speaker).where(Speaker.name == names[key]))
        if speaker is not None:
            db.session.add(WebinarSpeaker(webinar_id=webinar.id, speaker_id=speaker.id, position=position))
    db.session.flush()
    return webinar


def _last_round(moment: datetime, minutes: int = 5) -> datetime:
    """Give the last full five minutes as a wall-clock time; its fold says which one of a double hour."""
    return moment.replace(minute=moment.minute - moment.minute % minutes, second=0, microsecond=0, tzinfo=None)
