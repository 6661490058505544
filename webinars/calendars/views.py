"""Calendar files and feeds that anybody may fetch: no cookies, no person, the same bytes until something changes."""

from datetime import datetime

from flask import Blueprint, Response, abort
from flask_babel import gettext as _

from webinars.calendars import links, queries
from webinars.calendars.answers import calendar_file
from webinars.calendars.entries import publish
from webinars.calendars.invitations import public_entry
from webinars.core.clock import utc_now
from webinars.core.http import current_settings
from webinars.schedule.languages import in_our_language
from webinars.schedule.models import Webinar
from webinars.schedule.queries import find_webinar, get_series, get_topic
from webinars.schedule.rules import is_public

pages = Blueprint("calendars", __name__)


@pages.get("/webinars/<slug>/calendar.ics")
def webinar_entry(slug: str) -> Response:
    """Give one webinar as a file to add."""
    webinar = find_webinar(slug)
    if webinar is None or not is_public(webinar):
        abort(404)
    return _calendar([webinar], slug, webinar.updated_at)


@pages.get("/series/<slug>/calendar.ics")
def series_feed(slug: str) -> Response:
    """Give the webinars of a series to subscribe to."""
    series, now = in_our_language(get_series(slug)), utc_now()
    return _feed(queries.feed_webinars(now, series_id=series.id), slug, now, series.title, series.summary)


@pages.get("/topics/<slug>/calendar.ics")
def topic_feed(slug: str) -> Response:
    """Give the webinars of a topic to subscribe to."""
    topic, now = in_our_language(get_topic(slug)), utc_now()
    return _feed(queries.feed_webinars(now, topic_id=topic.id), slug, now, topic.title, topic.summary)


@pages.get("/calendar.ics")
def all_feed() -> Response:
    """Give all webinars to subscribe to."""
    now = utc_now()
    words = _("Free live webinars for anyone living with cancer and those who care for them.")
    return _feed(queries.feed_webinars(now), "webinars", now, _("Webinars"), words)


pages.add_app_template_filter(links.webcal)


def _feed(webinars: list[Webinar], file_name: str, now: datetime, title: str, description: str) -> Response:
    """Answer with a feed; what left it shows by its absence alone, so it counts as changed at the turn of each day."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    changed_at = max([today, *(webinar.updated_at for webinar in webinars)])
    return _calendar(webinars, file_name, changed_at, f"{title} – {current_settings().organization_name}", description)


def _calendar(
    webinars: list[Webinar], file_name: str, changed_at: datetime, name: str = "", description: str = ""
) -> Response:
    body = publish([public_entry(webinar) for webinar in webinars], name, description)
    return calendar_file(body, file_name, changed_at, "public, max-age=300")
