"""Calendar files and feeds that anybody may fetch: no cookies, no person, the same bytes until something changes."""

import hashlib

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _

from webinars.calendars import queries
from webinars.calendars.entries import publish
from webinars.calendars.invitations import public_entry
from webinars.core.clock import utc_now
from webinars.core.http import current_settings
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
    return _calendar([webinar], "", slug)


@pages.get("/series/<slug>/calendar.ics")
def series_feed(slug: str) -> Response:
    """Give the webinars of a series to subscribe to."""
    series = get_series(slug)
    return _calendar(queries.feed_webinars(utc_now(), series_id=series.id), _feed_name(series.title), slug)


@pages.get("/topics/<slug>/calendar.ics")
def topic_feed(slug: str) -> Response:
    """Give the webinars of a topic to subscribe to."""
    topic = get_topic(slug)
    return _calendar(queries.feed_webinars(utc_now(), topic_id=topic.id), _feed_name(topic.title), slug)


@pages.get("/calendar.ics")
def all_feed() -> Response:
    """Give all webinars to subscribe to."""
    return _calendar(queries.feed_webinars(utc_now()), _feed_name(_("Webinars")), "webinars")


def _feed_name(title: str) -> str:
    return f"{title} – {current_settings().organization_name}"


def _calendar(webinars: list[Webinar], name: str, file_name: str) -> Response:
    """Answer with the file, or with 304 to who has it."""
    body = publish([public_entry(webinar) for webinar in webinars], name)
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{file_name}.ics"'
    response.headers["Cache-Control"] = "public, max-age=300"
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    return response
