"""What other sites and programs fetch: podcasts, the player for frames, oEmbed, chapters as JSON."""

from typing import Any

from flask import Response, g, jsonify, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.archive import oembed, outward, queries, world_queries
from webinars.archive import page as shown
from webinars.archive.freshness import newer_of
from webinars.archive.models import Video, VideoState
from webinars.archive.player import player_for
from webinars.archive.podcast import CHAPTERS_TYPE, Show, library_show, podcast
from webinars.archive.views import asked_moment, cacheable, kept_by, pages, seen_video
from webinars.core.errors import NotFound
from webinars.core.http import current_settings, site_url_for
from webinars.core.language import current_language
from webinars.schedule import queries as schedule
from webinars.schedule.languages import in_our_language

_RSS = "application/rss+xml; charset=utf-8"


@pages.get("/feeds/podcast.rss")
def podcast_feed() -> AnyResponse:
    """Serve the podcast of all talks that are spoken in the page's language."""
    return _podcast(library_show(), world_queries.talks_to_hear(current_language()))


@pages.get("/series/<slug>/podcast.rss")
def series_podcast(slug: str) -> AnyResponse:
    """Serve the podcast of a series."""
    series = in_our_language(schedule.get_series(slug))
    show = Show(
        series.title,
        series.summary or series.title,
        site_url_for("archive.series_podcast", slug=slug),
        site_url_for("archive.video_list", series=slug),
    )
    return _podcast(show, world_queries.talks_to_hear(current_language(), series.id))


def _podcast(show: Show, videos: list[Video]) -> AnyResponse:
    return cacheable(podcast(show, videos, outward.enclosures(videos)), _RSS)


@pages.get("/videos/<slug>/chapters.json")
def chapters_json(slug: str) -> AnyResponse:
    """Serve the chapters as podcast programs read them."""
    video = seen_video(slug)
    if not video.chapters:
        raise NotFound(_("This video has no chapters."))
    chapters = [{"startTime": chapter.start_seconds, "title": chapter.title} for chapter in video.chapters]
    answer = jsonify({"version": "1.2.0", "title": video.title, "chapters": chapters})
    answer.mimetype = CHAPTERS_TYPE
    answer.headers["Cache-Control"] = kept_by(video)
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


@pages.get("/videos/<slug>/embed")
def embed(slug: str) -> str:
    """Show the player alone, for a frame on the organisation's other sites."""
    video = seen_video(slug)
    g.frame_ancestors = current_settings().embed_origins
    common: dict[str, Any] = {"newer": newer_of(video), "start": shown.begin_at((), asked_moment()), "find": ""}
    return render_template("archive/embed.html", video=video, **player_for(video), **common)


@pages.get("/oembed")
def oembed_answer() -> AnyResponse:
    """Tell another site's editor how to show a video (oembed.com)."""
    known = oembed.video_in(request.args.get("url", ""))
    video = queries.find_video(known[1]) if known else None
    if known is None or video is None or video.state != VideoState.PUBLISHED:
        return _refusal(404, "There is no video at this address.")
    form = request.args.get("format", "json")
    if form not in {"json", "xml"}:
        return _refusal(501, "The formats are json and xml.")
    try:
        most = _pixels("maxwidth"), _pixels("maxheight")
    except ValueError:
        return _refusal(400, "maxwidth and maxheight are whole numbers of pixels.")
    values = oembed.answer(video, known[0], most)
    answer = jsonify(values) if form == "json" else Response(oembed.as_xml(values), content_type="text/xml")
    answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def _pixels(name: str) -> int | None:
    text = request.args.get(name, "")
    if not text:
        return None
    if not (text.isascii() and text.isdecimal() and 0 < len(text) < 7 and int(text)):
        raise ValueError(name)
    return int(text)


def _refusal(status: int, sentence: str) -> AnyResponse:
    """Answer a program, which shows nobody a page."""
    return Response(f"{sentence}\n", status, mimetype="text/plain")
