"""Real workers in processes of their own, on a programme with registrants."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from tests.factories import make_series, make_webinar
from tests.mail.conftest import Start, environ, nursery, start, web
from tests.mail.worker_process import Worker
from webinars.core.database import db, transaction
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar

__all__ = ["environ", "nursery", "start", "web"]


@pytest.fixture
def work(start: Start) -> Callable[..., Worker]:
    """Start workers that write and send what registrants are owed."""
    return lambda **changes: start(WORKER_LETTERS="real", **changes)


def audience(people: int, *, starts_in: timedelta, now: datetime, **fields: object) -> Webinar:
    """Make a webinar for which so many people, p0 to p<n>, were registered a month ago and told so."""
    # Workers may be writing already.
    with transaction():
        series = make_series()
    with transaction():
        webinar = make_webinar(series, starts_in=starts_in, now=now, confirmed_count=people, **fields)
    long_ago = now - timedelta(days=30)
    with transaction() as session:
        rows = [
            {"webinar_id": webinar.id, "public_id": f"p{number}", "name": f"P {number}", "name_key": f"p{number}",
             "email": f"p{number}@example.org", "email_key": f"p{number}@example.org", "state": "confirmed",
             "time_zone": "America/New_York", "state_changes": 1, "state_since": long_ago, "created_at": long_ago,
             "told_sequence": 0, "entry_sequence": 0}
            for number in range(people)
        ]  # fmt: skip
        session.execute(sa.insert(Registration), rows)
    db.session.expire_all()
    return webinar


def everybody(people: int) -> set[str]:
    """Name the addresses of an audience."""
    return {f"p{number}@example.org" for number in range(people)}
