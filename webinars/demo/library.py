"""What the demonstration's videos carry besides themselves: releases, reviews, a written answer, medical terms."""

from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import select

from webinars.archive.models import Video
from webinars.archive.terms import rules
from webinars.archive.terms import service as terms
from webinars.archive.world_models import Answer, Standing
from webinars.core.database import db
from webinars.demo import content

#: in the form that staff read in and take out; general and modest, like everything medical here
_TERMS = Path(__file__).with_name("content") / "terms.csv"


def add(now: datetime) -> None:
    """Write down who agreed and who reviewed what, answer a question that was not reached, and explain words."""
    videos = {video.slug: video for video in db.session.scalars(select(Video))}
    for sample in content.VIDEOS:
        _stand(videos[sample.slug], sample, videos, now.date())
    terms.take_in(rules.read_csv(_TERMS.read_bytes()), now)


def _stand(video: Video, sample: content.SampleVideo, videos: dict[str, Video], today: date) -> None:
    for place in video.speaker_places:
        place.release_asked_on, place.release_given_on = video.recorded_on, video.recorded_on + timedelta(days=1)
        place.release_proof = content.RELEASE
    if sample.reviewed_by or sample.newer:
        standing = Standing(video_id=video.id, advice_aged=bool(sample.newer), newer=videos.get(sample.newer))
        if sample.reviewed_by:
            standing.reviewed_on, standing.reviewed_by = today - timedelta(days=10), sample.reviewed_by
        db.session.add(standing)
    for question, answer, second in sample.answers:
        given = {"question": question, "answer": answer, "start_seconds": second}
        db.session.add(Answer(video_id=video.id, answered_by=video.speaker_places[0].speaker.name, **given))
