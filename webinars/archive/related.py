"""Videos that belong together: by who speaks, by series and topic, and by the words of title, summary and chapters."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from sqlalchemy import or_, select

from webinars.archive import search_dialects
from webinars.archive.models import Video, VideoSpeaker, VideoState
from webinars.archive.queries import videos_by_id
from webinars.archive.search_asked import Asked
from webinars.archive.search_words import terms_of
from webinars.core.database import db

#: what each thing in common is worth; words count less the lower the engine ranks them
SPEAKER, SERIES, TOPIC, WORDS = 3.0, 2.0, 1.0, 4.0
#: so many kin of each kind are looked at, the newest first
MOST_KIN = 40
MOST_TITLE_WORDS = 5


def related_videos(video: Video, limit: int = 3) -> list[Video]:
    """List the other published videos that have most in common with one, the best first."""
    scores: dict[int, float] = defaultdict(float)
    speakers = {place.speaker_id for place in video.speaker_places}
    for row in _kin(video, speakers):
        scores[row.id] += SERIES if row.series_id is not None and row.series_id == video.series_id else 0
        scores[row.id] += TOPIC if row.topic_id is not None and row.topic_id == video.topic_id else 0
        scores[row.id] += SPEAKER if row.speaker_id in speakers else 0
    for place, other in enumerate(_alike(video)):
        scores[other] += WORDS / (1 + place)
    scores.pop(video.id, None)
    best = sorted(scores, key=lambda other: (-scores[other], -other))[:limit]
    found = videos_by_id(best)
    return [found[other] for other in best if other in found]


def _kin(video: Video, speakers: set[int]) -> Iterable[Any]:
    same = [
        column == value
        for column, value in ((Video.series_id, video.series_id), (Video.topic_id, video.topic_id))
        if value
    ]
    if speakers:
        same.append(VideoSpeaker.speaker_id.in_(speakers))
    if not same:
        return []
    wanted = (
        select(Video.id, Video.series_id, Video.topic_id, VideoSpeaker.speaker_id)
        .outerjoin(VideoSpeaker, VideoSpeaker.video_id == Video.id)
        .where(Video.state == VideoState.PUBLISHED, or_(*same))
        .order_by(Video.recorded_on.desc(), Video.id.desc())
    )
    return db.session.execute(wanted.limit(MOST_KIN))


def _alike(video: Video) -> list[int]:
    """List videos that have words of the title, those first that have most of them."""
    terms = terms_of(video.title)[:MOST_TITLE_WORDS]
    return [hit.video_id for hit in search_dialects.video_hits(Asked(terms, every_term=False), 10)] if terms else []
