"""What a feed holds."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import contains_eager

from webinars.core.database import db
from webinars.schedule.models import Series, Webinar, WebinarState

#: leaving a feed also removes an event from most calendars, so past and cancelled ones stay for a while
KEPT = timedelta(days=60)
#: the soonest ones; a file beyond some hundred kilobytes is refused by calendars
MOST_EVENTS = 500


def feed_webinars(now: datetime, *, series_id: int | None = None, topic_id: int | None = None) -> list[Webinar]:
    """List the webinars of a feed in order of their start, with their series: ahead, just over, and called off."""
    wanted = select(Webinar).join(Webinar.series).options(contains_eager(Webinar.series))
    wanted = wanted.where(Webinar.state.in_((WebinarState.PUBLISHED, WebinarState.CANCELLED)))
    wanted = wanted.where(Webinar.published_at.is_not(None), Webinar.ends_at > now - KEPT)
    if series_id is not None:
        wanted = wanted.where(Webinar.series_id == series_id)
    if topic_id is not None:
        wanted = wanted.where(Series.topic_id == topic_id)
    return list(db.session.scalars(wanted.order_by(Webinar.starts_at, Webinar.id).limit(MOST_EVENTS)))
