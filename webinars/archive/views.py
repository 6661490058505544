"""Public pages of the archive: the list with its search, the page of a video, its texts, its files."""

import re
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, render_template, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from config import LANGUAGES
from webinars.accounts.queries import current_staff
from webinars.archive import media as store
from webinars.archive import page as shown
from webinars.archive import queries, rules, search
from webinars.archive.captions import chapters_vtt
from webinars.archive.feed import video_feed
from webinars.archive.models import Video
from webinars.archive.queries import VideoFilter
from webinars.core.clock import utc_now
from webinars.core.errors import NotFound
from webinars.core.http import current_settings
from webinars.core.paging import pages_in
from webinars.schedule import queries as schedule
from webinars.schedule.languages import all_in_our_language, in_our_language

pages = Blueprint("archive", __name__)
pages.add_app_template_global(shown.poster_url, "poster_url")

PER_PAGE = 12
FEED_LENGTH = 50
YEAR = 365 * 24 * 3600
LATEST_SECOND = 24 * 3600
_MOMENT = re.compile(r"\d{1,8}(?:\.\d{1,3})?", re.ASCII)


@pages.get("/videos")
def video_list() -> str:
    """Show the latest videos, or what a search found."""
    query = request.args.get("q", "").strip()
    topic = in_our_language(schedule.find_topic(request.args.get("topic", "")))
    series = in_our_language(schedule.find_series(request.args.get("series", "")))
    language = request.args.get("language", "")
    asked = VideoFilter(
        topic.id if topic else None, series.id if series else None, language if language in LANGUAGES else ""
    )
    number = max(1, min(request.args.get("page", 1, int), 1000))
    kept = {"q": query, "topic": topic and topic.slug, "series": series and series.slug, "language": asked.language}
    common = {"query": query, "topic": topic, "series": series, "asked": asked, "kept": kept, "page_url": _pager(kept)}
    if query:
        results = search.find(
            query, asked.language or None, asked.topic, asked.series, PER_PAGE, (number - 1) * PER_PAGE
        )
        items = [replace(item, video=in_our_language(item.video)) for item in results.items]
        results = replace(results, items=items)
        pages_in_all = pages_in(results.total, PER_PAGE)
        return render_template("archive/search.html", results=results, number=number, pages=pages_in_all, **common)
    found = queries.list_videos(asked, number, PER_PAGE)
    found = replace(found, items=all_in_our_language(found.items))
    all_series = all_in_our_language(schedule.list_series())
    return render_template("archive/list.html", found=found, all_series=all_series, **common)


def _pager(kept: dict[str, Any]) -> Any:
    values = {name: value for name, value in kept.items() if value}
    return lambda number: url_for("archive.video_list", **values, page=number if number > 1 else None)


@pages.get("/videos/<slug>")
def video_page(slug: str) -> str:
    """Show a video with its transcript beside it."""
    video = in_our_language(_seen_video(slug))
    player = shown.player_of(video)
    play = shown.plays_here(player, "play" in request.args)
    if play and player.host:
        g.extra_media_origins = [rules.origin(video.media_url)]
    transcript = _transcript(video)
    start = shown.begin_at(transcript["cues"], _asked_moment())
    return render_template(
        "archive/video.html",
        video=video,
        player=player,
        play=play,
        start=start,
        spoken=shown.spoken_at(transcript["cues"], start),
        data=shown.video_data(video),
        sponsor_text=rules.sponsor_text(video),
        related=all_in_our_language(queries.related_videos(video)),
        is_public=rules.is_public(video),
        **transcript,
    )


def _transcript(video: Video) -> dict[str, Any]:
    track = shown.chosen_track(video, request.args.get("transcript"))
    query = request.args.get("find", request.args.get("q", "")).strip()[:200]
    if track is None:
        return {"track": None, "cues": [], "find": query, "places": None}
    marked = search.within(track, query) if query else {}
    cues = shown.shown_cues(queries.cues_of(track.id), marked)
    return {"track": track, "cues": cues, "find": query, "places": len(marked) if query else None}


def _asked_moment() -> float | None:
    seconds = request.args.get("t", "").removesuffix("s")
    return min(float(seconds), LATEST_SECOND) if _MOMENT.fullmatch(seconds) else None


def _seen_video(slug: str) -> Video:
    """Give a video that this person may see: published, or for staff any."""
    video = queries.get_video(slug)
    if not rules.is_public(video) and current_staff() is None:
        raise NotFound(_("There is no such video."))
    return video


@pages.get("/videos/<slug>/transcript")
def transcript(slug: str) -> str:
    """Show what is said as a page to print or read on its own."""
    video = _seen_video(slug)
    parts = _transcript(video)
    if parts["track"] is None:
        raise NotFound(_("There is no transcript of this video yet."))
    paragraphs = shown.by_chapter(parts["cues"], video.chapters)
    return render_template("archive/transcript.html", video=video, track=parts["track"], paragraphs=paragraphs)


@pages.get("/videos/<slug>/captions.<code>.vtt")
def captions(slug: str, code: str) -> AnyResponse:
    """Serve the captions of one language."""
    return _text_track(queries.get_track(_seen_video(slug), code).vtt)


@pages.get("/videos/<slug>/chapters.vtt")
def chapters(slug: str) -> AnyResponse:
    """Serve the chapters as a text track."""
    video = _seen_video(slug)
    parts = [(chapter.start_seconds, chapter.title) for chapter in video.chapters]
    if not parts:
        raise NotFound(_("This video has no chapters."))
    return _text_track(chapters_vtt(parts, video.duration_seconds))


def _text_track(vtt: str) -> AnyResponse:
    return _cacheable(vtt, "text/vtt; charset=utf-8")


def _cacheable(body: str | bytes, content_type: str) -> AnyResponse:
    answer = Response(body, content_type=content_type)
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.add_etag()
    return answer.make_conditional(request)


@pages.get("/media/<name>")
def media(name: str) -> AnyResponse:
    """Serve a file of the media store, whole or in the range asked for (RFC 9110 section 14)."""
    path = store.find_file(current_settings().media_root, name)
    public = queries.is_public_media(name)
    if not public and current_staff() is None:
        raise NotFound(_("There is no such file."))
    if not _tidy_range(path.stat().st_size):
        return Response(status=416, headers={"Content-Range": f"bytes */{path.stat().st_size}"}, mimetype="text/plain")
    answer = send_file(path, mimetype=store.content_type(name), conditional=True, etag=True)
    if not public:
        answer.headers["Cache-Control"] = "private, no-store"
    elif store.is_hashed(name):
        answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _tidy_range(size: int) -> bool:
    """Put the asked range into the form the library serves, or drop it; False when it begins behind the end."""
    try:
        wanted = store.readable_range(request.headers.get("Range"), size)
    except ValueError:
        # With a stale If-Range the whole file is meant, whatever the range.
        if "If-Range" not in request.headers:
            return False
        wanted = None
    request.environ.pop("HTTP_RANGE", None)
    if wanted:
        request.environ["HTTP_RANGE"] = wanted
    return True


@pages.get("/feeds/videos.atom")
def feed() -> AnyResponse:
    """Serve the feed of videos (RFC 4287)."""
    return _cacheable(
        video_feed(all_in_our_language(queries.newest_published(FEED_LENGTH)), utc_now()),
        "application/atom+xml; charset=utf-8",
    )
