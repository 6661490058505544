"""Webinars: making, changing, publishing, moving, cancelling."""

from datetime import datetime
from typing import Any

from webinars.api import queries, schemas
from webinars.api.answers import Made, ensure_unchanged
from webinars.api.blueprint import pages
from webinars.core.database import lock
from webinars.schedule import queries as schedule
from webinars.schedule import service
from webinars.schedule.models import Webinar


@pages.lists("/webinars", schemas.Webinar, schemas.WebinarQuery)
def list_webinars(query: dict[str, Any]) -> queries.Part[Webinar]:
    """List webinars in the order they were made, drafts and cancelled ones too."""
    window = queries.Window(query["cursor"], query["limit"])
    return queries.webinars_part(window, query.get("series", ""), query.get("state", ""))


@pages.shows("/webinars/<slug>", schemas.Webinar)
def get_webinar(slug: str) -> Webinar:
    """Get a webinar."""
    return schedule.get_webinar(slug)


@pages.makes("/webinars", schemas.Webinar, schemas.NewWebinar)
def create_webinar(given: dict[str, Any], now: datetime) -> Made:
    """Make a webinar; it begins as a draft."""
    return _made(service.create_webinar(given, now))


@pages.changes("/webinars/<slug>", schemas.Webinar, schemas.WebinarChanges, method="PATCH", needs_body=True)
def edit_webinar(given: dict[str, Any], slug: str, now: datetime) -> Webinar:
    """Change fields of a webinar; letters and calendars follow as on the staff pages."""
    return service.edit_webinar(_asked_for(slug), given, now)


@pages.changes("/webinars/<slug>/publish", schemas.Webinar, schemas.Nothing)
def publish_webinar(given: dict[str, Any], slug: str, now: datetime) -> Webinar:
    """Make a draft public; a published webinar stays as it is."""
    return service.publish_webinar(_asked_for(slug), now)


@pages.changes("/webinars/<slug>/move", schemas.Webinar, schemas.NewStart, needs_body=True)
def move_webinar(given: dict[str, Any], slug: str, now: datetime) -> Webinar:
    """Give a webinar a new start; everybody who holds the old one is told."""
    return service.move_webinar(_asked_for(slug), now=now, **given)


@pages.changes("/webinars/<slug>/cancel", schemas.Webinar, schemas.Cancellation)
def cancel_webinar(given: dict[str, Any], slug: str, now: datetime) -> Webinar:
    """Call a webinar off for good; everybody registered is told."""
    return service.cancel_webinar(_asked_for(slug), given["reason"] or "", now, given["reasons"])


@pages.makes("/webinars/<slug>/duplicate", schemas.Webinar, schemas.Nothing, needs_body=False)
def duplicate_webinar(given: dict[str, Any], slug: str, now: datetime) -> Made:
    """Copy a webinar into a new draft four weeks later."""
    return _made(service.duplicate_webinar(_asked_for(slug), now))


def _made(webinar: Webinar) -> Made:
    return Made(webinar, "api.get_webinar", {"slug": webinar.slug})


def _asked_for(slug: str) -> Webinar:
    webinar = schedule.get_webinar(slug)
    lock(webinar)
    ensure_unchanged(webinar)
    return webinar
