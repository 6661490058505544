"""Videos with their captions."""

from datetime import datetime
from typing import Any

from webinars.api import queries, schemas
from webinars.api.answers import Made, ensure_unchanged
from webinars.api.blueprint import pages
from webinars.archive import queries as archive
from webinars.archive import service
from webinars.archive.models import Video, VideoState
from webinars.core.database import lock
from webinars.schedule import queries as schedule


@pages.lists("/videos", schemas.Video, schemas.VideoQuery)
def list_videos(query: dict[str, Any]) -> queries.Part[queries.Film]:
    """List videos in the order they were made, drafts too."""
    webinar_id = schedule.get_webinar(query["webinar"]).id if query.get("webinar") else None
    return queries.films_part(queries.Window(query["cursor"], query["limit"]), webinar_id)


@pages.shows("/videos/<slug>", schemas.Video)
def get_video(slug: str) -> queries.Film:
    """Get a video."""
    return queries.film_of(archive.get_video(slug))


@pages.makes("/videos", schemas.Video, schemas.NewVideo)
def create_video(given: dict[str, Any], now: datetime) -> Made:
    """Make a video; it begins as a draft."""
    video = service.create_video(given, now)
    return Made(queries.film_of(video), "api.get_video", {"slug": video.slug})


@pages.changes("/videos/<slug>", schemas.Video, schemas.VideoChanges, method="PATCH", needs_body=True)
def edit_video(given: dict[str, Any], slug: str, now: datetime) -> queries.Film:
    """Change fields of a video."""
    return queries.film_of(service.edit_video(_asked_for(slug), given, now))


@pages.changes("/videos/<slug>/publish", schemas.Video, schemas.Nothing)
def publish_video(given: dict[str, Any], slug: str, now: datetime) -> queries.Film:
    """Make a video public, which makes the letter *recording ready* due; a public one stays as it is.

    Needs a title, a recording, and of each named speaker the release that staff noted.
    """
    video = _asked_for(slug)
    if video.state != VideoState.PUBLISHED:
        service.publish_video(video, now, sponsor_needed=False)
    return queries.film_of(video)


def _asked_for(slug: str) -> Video:
    video = archive.get_video(slug)
    lock(video)
    ensure_unchanged(video)
    return video
