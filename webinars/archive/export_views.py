"""Captions and transcripts to take away."""

from flask import Response, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.archive import exports, paragraphs, queries
from webinars.archive.models import CaptionTrack, Video
from webinars.archive.outward import age_note
from webinars.archive.staff_views import staff_pages
from webinars.archive.views import kept_by, pages, seen_video
from webinars.core.errors import NotFound

_TYPES = {"vtt": "text/vtt", "srt": "application/x-subrip", "txt": "text/plain"}


@staff_pages.get("/videos/<slug>/captions/<code>/download.<kind>")
def captions_download(slug: str, code: str, kind: str) -> Response:
    """Give captions as WebVTT, SubRip or words alone."""
    if kind not in _TYPES:
        raise NotFound(_("There is no such file."))
    video = queries.get_video(slug)
    track = queries.get_track(video, code)
    lines = exports.kept_lines(track.vtt)
    body = {"vtt": lambda: track.vtt, "srt": lambda: exports.srt_of(lines), "txt": lambda: _words(video, track)}[kind]()
    answer = Response(body, content_type=f"{_TYPES[kind]}; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{video.slug}.{track.language}.{kind}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@pages.get("/videos/<slug>/transcript.<code>.txt")
def transcript_text(slug: str, code: str) -> AnyResponse:
    """Give the transcript of one language as plain text."""
    video = seen_video(slug)
    answer = Response(_words(video, queries.get_track(video, code)), content_type="text/plain; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{video.slug}.{code}.txt"'
    answer.headers["Cache-Control"] = kept_by(video)
    answer.add_etag()
    return answer.make_conditional(request)


def _words(video: Video, track: CaptionTrack) -> str:
    parts = paragraphs.paragraphs_of(exports.kept_lines(track.vtt), video.chapters)
    return paragraphs.as_text(video.title, age_note(video), parts)
