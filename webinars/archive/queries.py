"""Every look into the archive, each in a bounded number of queries."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ScalarSelect, Select, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import aliased, contains_eager, defer, joinedload, selectinload

from webinars.archive import rules
from webinars.archive.album import queries as album
from webinars.archive.models import CaptionState, CaptionTrack, Cue, Video, VideoSpeaker, VideoState
from webinars.archive.processing.models import Rendition
from webinars.archive.world_models import Paper, Standing
from webinars.core.among import among
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.http import current_settings
from webinars.core.paging import Page, page_of
from webinars.schedule.models import Webinar

#: what every list says of how old the advice is, and where the newer talk is
FRESH = joinedload(Video.standing).joinedload(Standing.newer)
_NEWEST = (Video.recorded_on.desc(), Video.id.desc())


@dataclass(frozen=True)
class VideoFilter:
    """What is asked of a list of videos; empty = all."""

    #: ids
    topic: int | None = None
    series: int | None = None
    #: spoken, or with captions
    language: str = ""
    speaker: int | None = None
    year: int | None = None
    #: a name among ``rules.LENGTHS``
    length: str = ""
    #: for staff: a state and a part of the title
    state: str = ""
    text: str = ""


def find_video(slug: str) -> Video | None:
    """Find a video in any state with all its page shows (five queries at most); texts of captions are left out."""
    return db.session.scalar(select(Video).where(Video.slug == slug).options(*_whole()))


def get_video(slug: str) -> Video:
    """Give a video in any state. Raises NotFound."""
    found = find_video(slug)
    if found is None:
        raise NotFound(_("There is no such video."))
    return found


def _whole() -> list[Any]:
    return [
        joinedload(Video.topic),
        joinedload(Video.series),
        joinedload(Video.webinar),
        FRESH,
        selectinload(Video.speaker_places).joinedload(VideoSpeaker.speaker),
        selectinload(Video.chapters),
        selectinload(Video.tracks).options(defer(CaptionTrack.vtt)),
    ]


def list_videos(asked: VideoFilter, page: int = 1, per_page: int = 12) -> Page[Video]:
    """List a page of published videos, the latest first, with series and caption languages (three queries)."""
    return _page(_public(asked), page, per_page)


def staff_videos(asked: VideoFilter, page: int = 1, per_page: int = 50) -> Page[Video]:
    """List a page of videos in any state, the latest recording first."""
    wanted = _filtered(select(Video), asked)
    if asked.state in set(VideoState):
        wanted = wanted.where(Video.state == asked.state)
    if asked.text.strip():
        wanted = wanted.where(Video.title.icontains(asked.text.strip()[:200], autoescape=True))
    return _page(wanted, page, per_page)


def _page(wanted: Select[Any], page: int, per_page: int) -> Page[Video]:
    listed = wanted.options(
        FRESH, joinedload(Video.series), selectinload(Video.tracks).options(defer(CaptionTrack.vtt))
    )
    return page_of(listed, _NEWEST, page, per_page)


def _public(asked: VideoFilter) -> Select[Any]:
    return _filtered(select(Video).where(Video.state == VideoState.PUBLISHED), asked)


def _filtered(wanted: Select[Any], asked: VideoFilter) -> Select[Any]:
    if asked.topic is not None:
        wanted = wanted.where(Video.topic_id == asked.topic)
    if asked.series is not None:
        wanted = wanted.where(Video.series_id == asked.series)
    if asked.language:
        captioned = select(CaptionTrack.video_id).where(CaptionTrack.language == asked.language)
        wanted = wanted.where(or_(Video.language == asked.language, Video.id.in_(captioned)))
    if asked.speaker is not None:
        spoken = select(VideoSpeaker.video_id).where(VideoSpeaker.speaker_id == asked.speaker)
        wanted = wanted.where(Video.id.in_(spoken))
    if asked.year is not None:
        wanted = wanted.where(Video.recorded_on.between(date(asked.year, 1, 1), date(asked.year, 12, 31)))
    if asked.length:
        wanted = wanted.where(Video.duration_seconds.between(*rules.LENGTHS[asked.length]))
    return wanted


def recent_videos(limit: int = 6, *, topic_id: int | None = None, series_id: int | None = None) -> list[Video]:
    """List the latest published videos with their series (one query)."""
    wanted = _public(VideoFilter(topic=topic_id, series=series_id)).options(FRESH, joinedload(Video.series))
    return list(db.session.scalars(wanted.order_by(*_NEWEST).limit(limit)))


def count_published() -> int:
    """Count the published videos."""
    return db.session.scalar(select(func.count()).where(Video.state == VideoState.PUBLISHED)) or 0


def videos_of_webinar(webinar_id: int, *, published: bool = True) -> list[Video]:
    """List the videos that record a webinar, the latest first."""
    wanted = select(Video).where(Video.webinar_id == webinar_id)
    if published:
        wanted = wanted.where(Video.state == VideoState.PUBLISHED)
    return list(db.session.scalars(wanted.order_by(*_NEWEST)))


def titles_of_speaker(speaker_id: int, limit: int) -> list[str]:
    """List the titles of videos that name a speaker, the latest first."""
    named = select(Video.title).join(Video.speaker_places).where(VideoSpeaker.speaker_id == speaker_id)
    return list(db.session.scalars(named.order_by(*_NEWEST).limit(limit)))


def find_recording(webinar_id: int) -> Video | None:
    """Find the published recording of a webinar: the first that was published."""
    wanted = select(Video).where(Video.webinar_id == webinar_id, Video.state == VideoState.PUBLISHED)
    return db.session.scalar(wanted.order_by(Video.published_at, Video.id).limit(1))


def playlist_of(series_id: int, page: int = 1, per_page: int = 50) -> Page[Video]:
    """List a page of the published videos of a series in the order in which they were recorded."""
    wanted = _public(VideoFilter(series=series_id)).options(FRESH, joinedload(Video.series))
    return page_of(wanted, (Video.recorded_on, Video.id), page, per_page)


def beside_in_series(video: Video) -> tuple[Video | None, Video | None]:
    """Give the published videos just before and just after one in its series (two queries)."""
    if video.series_id is None:
        return None, None
    same = select(Video).where(Video.state == VideoState.PUBLISHED, Video.series_id == video.series_id)
    here, now = tuple_(Video.recorded_on, Video.id), tuple_(literal(video.recorded_on), literal(video.id))
    before = same.where(here < now).order_by(Video.recorded_on.desc(), Video.id.desc())
    after = same.where(here > now).order_by(Video.recorded_on, Video.id)
    return db.session.scalar(before.limit(1)), db.session.scalar(after.limit(1))


def speakers_with_videos(limit: int) -> list[int]:
    """List the numbers of the people who speak in published videos."""
    spoken = select(VideoSpeaker.speaker_id).join(Video).where(Video.state == VideoState.PUBLISHED)
    return list(db.session.scalars(spoken.distinct().order_by(VideoSpeaker.speaker_id).limit(limit)))


def videos_by_id(ids: Collection[int]) -> dict[int, Video]:
    """Give videos with series and caption languages by id (two queries)."""
    wanted = select(Video).where(Video.id.in_(ids))
    wanted = wanted.options(
        FRESH, joinedload(Video.series), selectinload(Video.tracks).options(defer(CaptionTrack.vtt))
    )
    return {video.id: video for video in db.session.scalars(wanted)} if ids else {}


def get_track(video: Video, language: str) -> CaptionTrack:
    """Give the captions of a video in a language, with their text. Raises NotFound."""
    wanted = select(CaptionTrack).where(CaptionTrack.video_id == video.id, CaptionTrack.language == language)
    found: CaptionTrack | None = db.session.scalar(wanted.execution_options(populate_existing=True))
    if found is None:
        raise NotFound(_("There are no captions in this language."))
    return found


def cues_of(track_id: int) -> list[Cue]:
    """List the cues of a track in the order of the talk."""
    return list(db.session.scalars(select(Cue).where(Cue.track_id == track_id).order_by(Cue.start_ms, Cue.id)))


def cues_beside(ids: Collection[int]) -> dict[int, tuple[str, str]]:
    """Give what is said just before and just after each of some cues, "" where nothing is (one query)."""
    rows = db.session.execute(_BESIDE, {"ids": ids}) if ids else ()
    return {number: (before or "", after or "") for number, before, after in rows}


def _said_beside(*, before: bool) -> ScalarSelect[str]:
    other = aliased(Cue)
    here, there = tuple_(Cue.start_ms, Cue.id), tuple_(other.start_ms, other.id)
    said = select(other.text).where(other.track_id == Cue.track_id, there < here if before else there > here)
    order = (other.start_ms.desc(), other.id.desc()) if before else (other.start_ms, other.id)
    return said.order_by(*order).limit(1).correlate(Cue).scalar_subquery()


_BESIDE = select(Cue.id, _said_beside(before=True), _said_beside(before=False)).where(among(Cue.id, "ids"))


def is_public_media(name: str) -> bool:
    """Say whether a file of the media store belongs to a published video."""
    stored = f"media:{name}"
    papers = select(Paper.video_id).where(Paper.url == stored)
    belongs = or_(Video.media_url == stored, Video.poster_url == stored, Video.id.in_(papers))
    wanted = select(Video.id).where(belongs, Video.state == VideoState.PUBLISHED).limit(1)
    return db.session.scalar(wanted) is not None


def media_names() -> set[str]:
    """Name the files of the media store that something leads to, public or not (three queries)."""
    made = literal(rules.STORED).concat(Rendition.name)
    addresses = union_all(select(Video.media_url), select(Video.poster_url), select(Paper.url), select(made))
    named = {name for url in db.session.scalars(addresses) if (name := rules.media_name(url))}
    return named | _logos() | album.file_names()


def is_media_named(name: str) -> bool:
    """Say whether something leads to a file of the media store (two queries at most)."""
    stored = rules.STORED + name
    leads = union_all(
        select(Video.id).where(or_(Video.media_url == stored, Video.poster_url == stored)),
        select(Paper.id).where(Paper.url == stored),
        select(Rendition.id).where(Rendition.name == name),
    )
    return name in _logos() or album.is_public(name) or db.session.scalar(leads.limit(1)) is not None


def _logos() -> set[str]:
    """Name the organisation's own pictures."""
    settings = current_settings()
    return {text.split()[0] for text in (settings.logo, settings.logo_dark) if text}


def newest_published(limit: int) -> list[Video]:
    """List the videos published last, with series and speakers, for feeds."""
    wanted = select(Video).where(Video.state == VideoState.PUBLISHED, Video.published_at.is_not(None))
    speakers = selectinload(Video.speaker_places).joinedload(VideoSpeaker.speaker)
    return list(db.session.scalars(wanted.options(FRESH, joinedload(Video.series), speakers).order_by(
        Video.published_at.desc(), Video.id.desc()).limit(limit)))  # fmt: skip


def webinar_choices(now: datetime, kept: Webinar | None = None, limit: int = 200) -> list[Webinar]:
    """List the webinars a video may record: those that have begun, the latest first, and the one it has."""
    begun = select(Webinar).where(Webinar.starts_at <= now).order_by(Webinar.starts_at.desc(), Webinar.id.desc())
    found = list(db.session.scalars(begun.limit(limit)))
    return found if kept is None or kept in found else [kept, *found]


def taken_slugs(base: str) -> set[str]:
    """List the addresses in use that are a base or a base with a number."""
    wanted = select(Video.slug).where(or_(Video.slug == base, Video.slug.startswith(f"{base}-", autoescape=True)))
    return set(db.session.scalars(wanted))


def captions_to_mend(state: str, page: int = 1, per_page: int = 50) -> Page[CaptionTrack]:
    """List captions with their videos, those that a machine wrote and that are public first (three queries)."""
    wanted = select(CaptionTrack).join(Video).options(defer(CaptionTrack.vtt), contains_eager(CaptionTrack.video))
    if state in set(CaptionState):
        wanted = wanted.where(CaptionTrack.state == state)
    order = (CaptionTrack.state, (Video.state == VideoState.PUBLISHED).desc(), CaptionTrack.updated_at, CaptionTrack.id)
    return page_of(wanted, order, page, per_page)
