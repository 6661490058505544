"""Public pages of the archive: the list with its search, the page of a video, its texts, its files."""

import re
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, abort, make_response, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.accounts.gate import staff_may
from webinars.archive import outward, queries, rules, search, world_queries
from webinars.archive import page as shown
from webinars.archive.captions import chapters_vtt
from webinars.archive.facets import facets_of, narrowed
from webinars.archive.feed import video_feed
from webinars.archive.freshness import is_aged, newer_of
from webinars.archive.models import Video, VideoState
from webinars.archive.player import media_path, player_for, poster_url
from webinars.archive.related import related_videos
from webinars.core.clock import utc_now
from webinars.core.database import read_alone
from webinars.core.errors import NotFound
from webinars.core.paging import pages_in
from webinars.core.pictures import shown_in
from webinars.schedule import queries as schedule
from webinars.schedule.languages import all_in_our_language, in_our_language

pages = Blueprint("archive", __name__)
pages.add_app_template_global(poster_url, "poster_url")
pages.add_app_template_global(media_path, "media_path")
pages.add_app_template_global(is_aged, "is_aged")
pages.add_app_template_global(newer_of, "newer_of")

PER_PAGE = 12
FEED_LENGTH = 50
LATEST_SECOND = 24 * 3600
_MOMENT = re.compile(r"\d{1,8}(?:\.\d{1,3})?", re.ASCII)


@pages.get("/videos")
def video_list() -> str:
    """Show the latest videos, or what a search found."""
    read_alone()
    query = request.args.get("q", "").strip()
    chosen = narrowed(request.args)
    number = max(1, min(request.args.get("page", 1, int), 1000))
    kept = {"q": query} | chosen.kept
    common = {"query": query, "chosen": chosen, "kept": kept, "page_url": _pager(kept)}
    if query:
        results = search.find(query, chosen.where, PER_PAGE, (number - 1) * PER_PAGE)
        items = [replace(item, video=in_our_language(item.video)) for item in results.items]
        results = replace(results, items=items)
        return render_template(
            "archive/search.html",
            results=results,
            number=number,
            pages=pages_in(results.total, PER_PAGE),
            facets=facets_of(chosen, results.ids),
            topics=all_in_our_language(schedule.list_topics()) if not results.total else [],
            **common,
        )
    found = queries.list_videos(chosen.where, number, PER_PAGE)
    found = replace(found, items=all_in_our_language(found.items))
    return render_template("archive/list.html", found=found, facets=facets_of(chosen, None), **common)


def _pager(kept: dict[str, Any]) -> Any:
    return lambda number: url_for("archive.video_list", **kept, page=number if number > 1 else None)


@pages.get("/videos/<slug>")
def video_page(slug: str) -> str:
    """Show a video with its transcript beside it."""
    video = in_our_language(seen_video(slug))
    transcript = _transcript(video)
    start = shown.begin_at(transcript["cues"], asked_moment())
    return render_template(
        "archive/video.html",
        video=video,
        start=start,
        spoken=shown.spoken_at(transcript["cues"], start),
        data=shown.video_data(video) | outward.more_data(video, (cue.words for cue in transcript["cues"])),
        sponsor_text=rules.sponsor_text(video),
        related=all_in_our_language(related_videos(video)),
        beside=queries.beside_in_series(video) if request.args.get("list") == "series" else None,
        is_public=rules.is_public(video),
        **player_for(video),
        **extras_of(video),
        **transcript,
    )


def extras_of(video: Video) -> dict[str, Any]:
    """Give the papers and written answers that come with a video (two queries, and one where pictures are shown)."""
    answers = world_queries.answers_of(video.id)
    # All of them at once, before each text asks for its own.
    shown_in(video.description, *(one.answer for one in answers))
    return {"papers": world_queries.papers_of(video.id), "answers": answers}


def _transcript(video: Video) -> dict[str, Any]:
    track = shown.chosen_track(video, request.args.get("transcript"))
    query = request.args.get("find", request.args.get("q", "")).strip()[:200]
    if track is None:
        return {"track": None, "cues": [], "find": query, "places": None}
    marked = search.within(track, query) if query else {}
    cues = shown.shown_cues(queries.cues_of(track.id), marked)
    return {"track": track, "cues": cues, "find": query, "places": len(marked) if query else None}


def asked_moment() -> float | None:
    """Read the second at which to begin; None when none was asked for."""
    seconds = request.args.get("t", "").removesuffix("s")
    return min(float(seconds), LATEST_SECOND) if _MOMENT.fullmatch(seconds) else None


def seen_video(slug: str) -> Video:
    """Give a video that this person may see: published, or for staff any; of a withdrawn one the forwarding note."""
    video = queries.get_video(slug)
    if not rules.is_public(video) and not staff_may("viewer"):
        if video.state == VideoState.WITHDRAWN:
            note = render_template("archive/withdrawn.html", video=video, newer=newer_of(video))
            abort(make_response(note, 410))
        raise NotFound(_("There is no such video."))
    return video


@pages.get("/videos/<slug>/captions.<code>.vtt")
def captions(slug: str, code: str) -> AnyResponse:
    """Serve the captions of one language."""
    video = seen_video(slug)
    return _text_track(video, queries.get_track(video, code).vtt)


@pages.get("/videos/<slug>/chapters.vtt")
def chapters(slug: str) -> AnyResponse:
    """Serve the chapters as a text track."""
    video = seen_video(slug)
    parts = [(chapter.start_seconds, chapter.title) for chapter in video.chapters]
    if not parts:
        raise NotFound(_("This video has no chapters."))
    return _text_track(video, chapters_vtt(parts, video.duration_seconds))


def _text_track(video: Video, vtt: str) -> AnyResponse:
    answer = cacheable(vtt, "text/vtt; charset=utf-8")
    answer.headers["Cache-Control"] = kept_by(video)
    # Players of other sites and podcast programs on the web read it too; with it goes nobody's cookie.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer


def kept_by(video: Video) -> str:
    """Say who may keep what belongs to a video: what is not public lies in no cache that strangers share with staff."""
    return "public, max-age=300" if rules.is_public(video) else "private, no-store"


def cacheable(body: str | bytes, content_type: str) -> AnyResponse:
    """Answer with what everybody may keep for a while, or that it has not changed."""
    answer = Response(body, content_type=content_type)
    answer.headers["Cache-Control"] = "public, max-age=300"
    answer.add_etag()
    return answer.make_conditional(request)


@pages.get("/feeds/videos.atom")
def feed() -> AnyResponse:
    """Serve the feed of videos (RFC 4287)."""
    return cacheable(
        video_feed(all_in_our_language(queries.newest_published(FEED_LENGTH)), utc_now()),
        "application/atom+xml; charset=utf-8",
    )
