"""Looks at what videos carry besides themselves."""

from collections.abc import Collection, Sequence
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import func, select
from sqlalchemy.orm import defer, joinedload, selectinload

from webinars.archive.models import CaptionTrack, Video, VideoSpeaker, VideoState
from webinars.archive.queries import FRESH
from webinars.archive.rules import STORED
from webinars.archive.world_models import Answer, Paper, Standing
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.paging import Page, page_of


def unreviewed_videos(before: date, page: int, per_page: int = 50) -> Page[Video]:
    """List a page of public videos recorded and reviewed before a day, the longest ago first."""
    looked_at = func.coalesce(Standing.reviewed_on, Video.recorded_on)
    wanted = select(Video).outerjoin(Standing, Standing.video_id == Video.id)
    wanted = wanted.where(Video.state == VideoState.PUBLISHED, Video.recorded_on < before, looked_at < before)
    return page_of(wanted.options(FRESH, joinedload(Video.series)), (looked_at, Video.id), page, per_page)


def videos_looked_at(since: date, until: date, most: int) -> list[tuple[date, str, str]]:
    """List (day, slug, title) of public videos whose recording or last review lies within days, the last left out."""
    looked_at = func.coalesce(Standing.reviewed_on, Video.recorded_on)
    wanted = select(looked_at, Video.slug, Video.title).outerjoin(Standing, Standing.video_id == Video.id)
    wanted = wanted.where(Video.state == VideoState.PUBLISHED, Video.recorded_on < until, looked_at >= since)
    rows = db.session.execute(wanted.where(looked_at < until).order_by(looked_at, Video.id).limit(most))
    return [(day, slug, title) for day, slug, title in rows]


def papers_of(video_id: int) -> list[Paper]:
    """List slides, handouts and links of a video: those of the whole talk first, then as they come in it."""
    return list(papers_among([video_id]))


def answers_of(video_id: int) -> list[Answer]:
    """List the written answers of a video in the same order."""
    return list(answers_among([video_id]))


def papers_among(video_ids: Collection[int]) -> Sequence[Paper]:
    """List the papers of some videos, each video's in their order (one query)."""
    order = (func.coalesce(Paper.start_seconds, -1), Paper.id)
    return db.session.scalars(select(Paper).where(Paper.video_id.in_(video_ids)).order_by(*order)).all()


def answers_among(video_ids: Collection[int]) -> Sequence[Answer]:
    """List the written answers of some videos in the same way (one query)."""
    order = (func.coalesce(Answer.start_seconds, -1), Answer.id)
    return db.session.scalars(select(Answer).where(Answer.video_id.in_(video_ids)).order_by(*order)).all()


def get_paper(video_id: int, paper_id: int) -> Paper:
    """Give a paper of a video. Raises NotFound."""
    wanted = select(Paper).where(Paper.id == paper_id, Paper.video_id == video_id)
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(_("This is not there any more: somebody deleted it meanwhile."))
    return found


def get_answer(video_id: int, answer_id: int) -> Answer:
    """Give a written answer of a video. Raises NotFound."""
    wanted = select(Answer).where(Answer.id == answer_id, Answer.video_id == video_id)
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(_("This is not there any more: somebody deleted it meanwhile."))
    return found


def talks_to_hear(language: str, series_id: int | None = None, limit: int = 300) -> list[Video]:
    """List the public videos of ours that are spoken in a language, as podcasts need them, the latest first."""
    wanted = select(Video).where(
        Video.state == VideoState.PUBLISHED, Video.language == language, Video.media_url.startswith(STORED)
    )
    if series_id is not None:
        wanted = wanted.where(Video.series_id == series_id)
    parts = (
        FRESH,
        selectinload(Video.speaker_places).joinedload(VideoSpeaker.speaker),
        selectinload(Video.chapters),
        selectinload(Video.tracks).options(defer(CaptionTrack.vtt)),
    )
    order = (Video.published_at.desc(), Video.id.desc())
    return list(db.session.scalars(wanted.options(*parts).order_by(*order).limit(limit)))


def site_map_videos(limit: int) -> list[Video]:
    """List the public videos for the map of the site, the latest recording first."""
    wanted = select(Video).where(Video.state == VideoState.PUBLISHED).options(defer(Video.description))
    return list(db.session.scalars(wanted.order_by(Video.recorded_on.desc(), Video.id.desc()).limit(limit)))


def public_id(slug: str) -> int | None:
    """Find the number of a public video."""
    return db.session.scalar(select(Video.id).where(Video.slug == slug, Video.state == VideoState.PUBLISHED))
