"""Files of the media store, whole or in part, for whoever may see them."""

from flask import Response, redirect, request, send_file
from werkzeug.wrappers import Response as AnyResponse

from webinars.accounts.gate import staff_may
from webinars.archive import logos, queries, store
from webinars.archive import media as files
from webinars.archive.album import queries as album
from webinars.archive.processing import queries as recordings
from webinars.archive.store import Stored
from webinars.archive.views import pages

YEAR = 365 * 24 * 3600
_PLAYED = ("video/", "audio/")


@pages.get("/media/<name>")
def media(name: str) -> AnyResponse:
    """Serve a file of the media store, whole or in the range asked for (RFC 9110 section 14)."""
    store.checked(name)
    # Before the file: no stranger makes us ask the store for names of their own.
    public = (
        logos.is_logo(name)
        or album.is_public(name)
        or queries.is_public_media(name)
        or recordings.is_public_rendition(name)
    )
    if not public and not staff_may("viewer"):
        raise store.not_there()
    found = store.find(name)
    address = store.current_store().address(name) if _is_played(name) else None
    if address is not None:
        answer = redirect(address)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    if not _tidy_range(found.size):
        return Response(status=416, headers={"Content-Range": f"bytes */{found.size}"}, mimetype="text/plain")
    answer = (
        _far(found)
        if found.path is None
        else send_file(found.path, mimetype=files.content_type(name), conditional=True, etag=True)
    )
    if not public:
        answer.headers["Cache-Control"] = "private, no-store"
    elif files.is_hashed(name):
        answer.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    else:
        answer.headers["Cache-Control"] = "public, max-age=3600"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


def _is_played(name: str) -> bool:
    """Say whether a player asks, for a film or its sound.

    Whoever saves a file stays here, since browsers save only what is of the same site; lists of pieces stay too, since
    what they name lies beside them.
    """
    asks = request.method == "GET" and request.headers.get("Sec-Fetch-Dest", "video") in {"video", "audio"}
    return asks and files.content_type(name).startswith(_PLAYED)


def _far(found: Stored) -> AnyResponse:
    """Hand on what lies elsewhere, a piece at a time: nothing of it is kept on the way."""
    answer = Response(content_type=files.content_type(found.name))
    answer.content_length, answer.last_modified = found.size, found.changed_at
    answer.set_etag(found.etag.strip('"'))
    answer.make_conditional(request, accept_ranges=True, complete_length=found.size)
    if request.method == "GET" and found.size and answer.status_code in {200, 206}:
        part = answer.content_range
        first, last = (part.start or 0, (part.stop or 0) - 1) if part.units else (0, found.size - 1)
        answer.response = store.current_store().pieces(found, first, last)
        answer.direct_passthrough = True
    return answer


def _tidy_range(size: int) -> bool:
    """Put the asked range into the form the library serves, or drop it; False when it begins behind the end."""
    try:
        wanted = files.readable_range(request.headers.get("Range"), size)
    except ValueError:
        # With a stale If-Range the whole file is meant, whatever the range.
        if "If-Range" not in request.headers:
            return False
        wanted = None
    request.environ.pop("HTTP_RANGE", None)
    if wanted:
        request.environ["HTTP_RANGE"] = wanted
    return True
