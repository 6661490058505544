"""How far a video can still be relied on, and what stands in its place."""

from collections.abc import Iterator
from datetime import date, timedelta

from webinars.archive.models import Video, VideoState

#: after that long somebody should watch it again
REVIEW_AFTER = timedelta(days=365)
#: how many newer talks are followed from an old one
_LONGEST_CHAIN = 8


def is_aged(video: Video) -> bool:
    """Say whether staff marked its advice as overtaken."""
    return video.standing is not None and video.standing.advice_aged


def last_looked_at(video: Video) -> date:
    """Give the day since which nobody has looked whether it still holds."""
    reviewed = video.standing.reviewed_on if video.standing else None
    return max(video.recorded_on, reviewed) if reviewed else video.recorded_on


def needs_review(video: Video, today: date) -> bool:
    """Say whether nobody looked at it for a year."""
    return last_looked_at(video) < today - REVIEW_AFTER


def newer_of(video: Video) -> Video | None:
    """Give the public talk to watch in its place; one that was withdrawn itself leads on to the next."""
    return next((one for one in newer_chain(video) if one.state == VideoState.PUBLISHED), None)


def newer_chain(video: Video) -> Iterator[Video]:
    """Follow the newer talks of a video, one after the other."""
    seen = {video.id}
    for _step in range(_LONGEST_CHAIN):
        newer = video.standing.newer if video.standing else None
        if newer is None or newer.id in seen:
            return
        seen.add(newer.id)
        yield newer
        video = newer
