"""Public pages made of several rooms: home, topics, series, news, and what every site has."""

from dataclasses import replace
from datetime import datetime, timedelta

from flask import Response, abort, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.archive import queries as archive
from webinars.archive.outward import site_map_films
from webinars.archive.world_queries import site_map_videos
from webinars.core.clock import utc_now
from webinars.core.formats import zone_choices
from webinars.core.http import csrf, current_settings, site_url_for, visitor_zone
from webinars.core.organization import look
from webinars.core.zones import is_zone
from webinars.registration.rules import gives_anything, may_register
from webinars.registration.words import DISCREET
from webinars.schedule import queries as schedule
from webinars.schedule.languages import all_in_our_language, in_our_language
from webinars.schedule.models import NewsItem, Series, Topic
from webinars.site import health, my_views, series_sign_up_views
from webinars.site.feeds import site_map, webinar_feed
from webinars.site.retention import RETENTION
from webinars.site.webinar_page import offer, standing
from webinars.site.webinar_views import pages
from webinars.site.zones import safe_path

__all__ = ["my_views", "pages", "series_sign_up_views"]

SITE_MAP_SIZE = 5000
ZONE_COOKIE_SECONDS = 365 * 24 * 3600


@pages.get("/")
def home() -> str:
    """Show what comes next, and what can be watched."""
    now = utc_now()
    return render_template(
        "site/home.html",
        now=now,
        standing=standing,
        offer=offer,
        may_register=may_register,
        webinars=all_in_our_language(schedule.upcoming_webinars(now, 7)),
        videos=all_in_our_language(archive.recent_videos(3)),
        video_count=archive.count_published(),
        series=all_in_our_language(schedule.list_series()),
        news=all_in_our_language(schedule.latest_news(now.date(), 2)),
    )


@pages.get("/topics/<slug>")
def topic(slug: str) -> str:
    """Show a subject with its series, webinars, videos and news."""
    return topic_page(in_our_language(schedule.get_topic(slug)))


def topic_page(found: Topic) -> str:
    """Show a subject, also as it would be with what is typed."""
    now = utc_now()
    return render_template(
        "site/topic.html",
        now=now,
        standing=standing,
        offer=offer,
        may_register=may_register,
        topic=found,
        series=all_in_our_language(schedule.list_series(topic_id=found.id)),
        webinars=all_in_our_language(schedule.upcoming_webinars(now, 4, topic_id=found.id)),
        videos=all_in_our_language(archive.recent_videos(6, topic_id=found.id)),
        news=all_in_our_language(schedule.latest_news(now.date(), 5, topic_id=found.id)),
    )


@pages.get("/series")
def series_list() -> str:
    """Show all series."""
    series = all_in_our_language(schedule.list_series())
    return render_template("site/series_list.html", series=series, ahead=schedule.webinars_ahead_by_series(utc_now()))


@pages.get("/series/<slug>")
def series(slug: str) -> str:
    """Show a series: what comes, what was."""
    return series_page(in_our_language(schedule.get_series(slug)))


def series_page(found: Series) -> str:
    """Show a series, also as it would be with what is typed."""
    now = utc_now()
    most = 200 if "all" in request.args else 10
    ahead = all_in_our_language(schedule.upcoming_webinars(now, most + 1, series_id=found.id))
    past = schedule.past_webinars(now, request.args.get("page", 1, int), 10, series_id=found.id)
    return render_template(
        "site/series.html",
        now=now,
        standing=standing,
        offer=offer,
        may_register=may_register,
        series=found,
        webinars=ahead[:most],
        several=sum(gives_anything(one, now) for one in ahead) > 1,
        more=len(ahead) > most,
        past=replace(past, items=all_in_our_language(past.items)),
        videos=all_in_our_language(archive.recent_videos(6, series_id=found.id)),
    )


@pages.get("/news/<slug>")
def news_item(slug: str) -> str:
    """Show one news item."""
    found = in_our_language(schedule.get_news_item(slug))
    if found.published_on > utc_now().date():
        abort(404)
    return news_page(found)


def news_page(found: NewsItem) -> str:
    """Show a news item, also as it would be with what is typed."""
    return render_template("site/news_item.html", item=found)


@pages.get("/time-zone")
def time_zone() -> str:
    """Offer the list of time zones."""
    back = safe_path(request.args.get("next", "/"))
    choices = zone_choices(utc_now(), [visitor_zone() or ""])
    return render_template("site/time_zone.html", choices=choices, back=back)


@pages.post("/time-zone")
@csrf.exempt
def set_time_zone() -> AnyResponse:
    """Remember the visitor's time zone on their own device."""
    zone = request.form.get("zone", "")
    answer = redirect(safe_path(request.form.get("next", "/")))
    if not zone:
        answer.delete_cookie("tz", samesite="Lax", secure=current_settings().production)
    elif is_zone(zone):
        answer.set_cookie("tz", zone, max_age=ZONE_COOKIE_SECONDS, samesite="Lax", secure=current_settings().production)
    return answer


@pages.get("/privacy")
def privacy() -> str:
    """Say what is kept, why and for how long, from the table that the deletion obeys."""
    settings = current_settings()
    return render_template(
        "site/privacy.html",
        retention=RETENTION,
        discreet_words=DISCREET,
        privacy_contact=settings.privacy_contact,
        further=look.in_our_language(settings.privacy_words),
    )


@pages.get("/accessibility")
def accessibility() -> str:
    """Say what was done for people who need something else, and whom to tell."""
    return render_template("site/accessibility.html")


@pages.get("/feeds/webinars.atom")
def webinars_atom() -> AnyResponse:
    """Serve the feed of webinars."""
    now = utc_now()
    webinars = all_in_our_language(schedule.upcoming_webinars(now, 50))
    title = _("Webinars of %(name)s", name=current_settings().organization_name)
    return _cacheable(webinar_feed(webinars, title, now), "application/atom+xml; charset=utf-8")


@pages.get("/sitemap.xml")
def sitemap() -> AnyResponse:
    """Serve the map of public pages."""
    now = utc_now()
    static: list[tuple[str, dict[str, str], datetime | None]] = [
        ("site.home", {}, None),
        ("site.series_list", {}, None),
        ("archive.video_list", {}, None),
        ("site.privacy", {}, None),
    ]
    topics = [("site.topic", {"slug": topic.slug}, None) for topic in schedule.list_topics()]
    runs = [("site.series", {"slug": series.slug}, series.updated_at) for series in schedule.list_series()]
    webinars = [
        ("site.webinar", {"slug": webinar.slug}, webinar.updated_at)
        for webinar in schedule.public_webinars(now - timedelta(days=365), SITE_MAP_SIZE)
    ]
    found = site_map_videos(SITE_MAP_SIZE)
    videos = [("archive.video_page", {"slug": video.slug}, video.updated_at) for video in found]
    films = site_map_films(found)
    people = [
        ("archive.video_list", {"speaker": str(number)}, None) for number in archive.speakers_with_videos(SITE_MAP_SIZE)
    ]
    entries = [*static, *topics, *runs, *webinars, *videos, *people]
    return _cacheable(site_map(entries, films), "application/xml; charset=utf-8")


@pages.get("/robots.txt")
def robots() -> AnyResponse:
    """Tell search engines what is nobody's business."""
    private = "".join(f"Disallow: {path}\n" for path in ("/r/", "/registrations/", "/my", "/staff/", "/api/"))
    return Response(f"User-agent: *\n{private}\nSitemap: {site_url_for('site.sitemap')}\n", mimetype="text/plain")


@pages.get("/healthz")
def healthz() -> AnyResponse:
    """Say that this process answers."""
    return Response("ok\n", mimetype="text/plain", headers={"Cache-Control": "no-store"})


@pages.get("/readyz")
def readyz() -> AnyResponse:
    """Say whether database and worker are well; 503 and the reasons when not."""
    try:
        found = health.problems(utc_now())
    except Exception:
        found = ["the database does not answer"]
    text = "ready\n" if not found else "".join(f"{problem}\n" for problem in found)
    return Response(text, 503 if found else 200, mimetype="text/plain", headers={"Cache-Control": "no-store"})


def _cacheable(body: bytes, content_type: str) -> AnyResponse:
    answer = Response(body, content_type=content_type, headers={"Cache-Control": "public, max-age=300"})
    answer.add_etag()
    return answer.make_conditional(request)
