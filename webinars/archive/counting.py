"""Counting plays and minutes by video, day and language. Nothing about who watched is asked, sent or kept."""

from datetime import datetime, timedelta

from webinars.archive.world_models import Count
from webinars.core.database import db
from webinars.core.pace import Pace
from webinars.mail.outbox import insert_into

#: how much one process takes in: so many at once, and so many an hour; the rest is not counted
AT_ONCE, AN_HOUR = 300, 72_000
_pace = Pace(AT_ONCE, AN_HOUR, longest=timedelta(seconds=1))
#: what a browser tells; "stop" with the tenth of the film that was reached
STARTS, MINUTES, STOPS = "start", "minute", tuple(f"stop{tenth}" for tenth in range(10))


def what_is_told(what: str, tenth: str) -> str | None:
    """Give under which name something is counted; None for what is not."""
    name = what + tenth if what == "stop" else what
    return name if name in {STARTS, MINUTES, *STOPS} else None


def has_room(now: datetime) -> bool:
    """Say whether this process may count one more now."""
    return _pace.turn("", now) <= now


def count(video_id: int, what: str, language: str, now: datetime) -> None:
    """Count one more of something, in one statement."""
    row = insert_into(Count).values(video_id=video_id, day=now.date(), language=language, what=what, number=1)
    keys = ["video_id", "day", "language", "what"]
    db.session.execute(row.on_conflict_do_update(index_elements=keys, set_={"number": Count.number + 1}))
