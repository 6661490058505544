"""What is measured: webinars and registrations written into an installation before the server starts."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from flask import Flask

from config import settings_from
from webinars import create_app
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.demo import large, load
from webinars.demo.registrants import Registrants
from webinars.registration.models import Registration
from webinars.schedule import service as schedule
from webinars.schedule.models import Webinar


@contextmanager
def inside(environment: Mapping[str, str]) -> Iterator[Flask]:
    """Work inside the application of an installation."""
    app = create_app(settings_from(environment))
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


def programme(environment: Mapping[str, str], amounts: large.Amounts | None = None) -> str:
    """Load the demonstration content and a webinar without limit; give that webinar's slug."""
    with inside(environment), transaction():
        now = utc_now()
        load.load(now)
        if amounts:
            large.fill(amounts, 1, now, lambda _count: None)
        return str(_unlimited(0).slug)


def mailing(environment: Mapping[str, str], people: int) -> int:
    """Leave a webinar with so many people who are all owed the letter that it was moved; give how many there are."""
    with inside(environment), transaction():
        load.load(utc_now())
        webinar = _unlimited(people)
        local = webinar.local_start + timedelta(hours=2)
        schedule.move_webinar(webinar, local, now=utc_now())
        return db.session.query(Registration).filter_by(webinar_id=webinar.id).count()


def webinar(title: str, **fields: Any) -> str:
    """Publish a webinar in an installation that holds the demonstration content; give its slug."""
    with transaction():
        return str(_published(title, **fields).slug)


def _unlimited(people: int) -> Webinar:
    webinar = _published("Without limit")
    registrants = Registrants(7, utc_now())
    registrants.skip(500_000)
    registrants.register(webinar, people)
    return webinar


def _published(title: str, **more: Any) -> Webinar:
    now = utc_now()
    base = db.session.query(Webinar).filter_by(slug="clinical-trials-and-immunotherapy").one()
    fields = {"series": base.series, "title": title, "summary": base.summary, "description": base.description,
              "local_start": base.local_start + timedelta(days=30), "time_zone": base.time_zone, "duration_minutes": 60,
              "join_url": base.join_url, "phone_number": base.phone_number, "phone_pin": base.phone_pin}  # fmt: skip
    webinar = schedule.create_webinar(fields | more, now)
    db.session.flush()
    schedule.publish_webinar(webinar, now)
    return webinar
