"""Uploads in pieces: the server's part of tus 1.0 with creation, termination, checksum and expiration."""

import re
from datetime import datetime
from typing import Any

from flask import Response, request, url_for
from flask_babel import gettext as _
from werkzeug.http import http_date

from webinars.accounts.queries import current_staff
from webinars.archive import queries as videos
from webinars.archive.media import NotMedia
from webinars.archive.staff_views import staff_pages
from webinars.archive.store import NoRoom, current_store, needing_room
from webinars.archive.uploads import parts, queries, service, work
from webinars.archive.uploads.models import MediaUpload
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.errors import Conflict, UserError
from webinars.core.text import whole_number
from webinars.mail import outbox

_VERSION = "1.0.0"
_TYPE = "application/offset+octet-stream"
_OURS = re.compile(r"/staff/(?:videos/[^/]+/)?uploads(?:/|$)")


@staff_pages.url_value_preprocessor
def _let_pieces_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the size limit for pieces, which are written as they come, and only for who is signed in."""
    if endpoint == "archive_staff.upload_piece" and current_staff() is not None:
        request.max_content_length = service.LARGEST


@staff_pages.after_app_request
def _name_the_protocol(answer: Response) -> Response:
    """Let every answer say what is spoken here, refusals by whoever stands before these pages too."""
    if _OURS.match(request.path):
        answer.headers["Tus-Resumable"] = _VERSION
    return answer


def _answer(status: int, words: str = "", **headers: object) -> Response:
    answer = Response(words, status, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.extend({name.replace("_", "-"): str(value) for name, value in headers.items()})
    return answer


def _speaks_otherwise() -> Response | None:
    """Refuse another version of the protocol."""
    return None if request.headers.get("Tus-Resumable") == _VERSION else _answer(412, Tus_Version=_VERSION)


def _number(name: str) -> int | None:
    return whole_number(request.headers.get(name, ""))


def _expires(touched_at: datetime) -> str:
    return http_date(touched_at + service.KEPT)


@staff_pages.route("/videos/<slug>/uploads", methods=["OPTIONS"])
@needs(Audience.EDITOR)
def upload_abilities(slug: str) -> Response:
    """Say what this server can do."""
    return _answer(204, Tus_Version=_VERSION, Tus_Extension="creation,termination,checksum,expiration",
                   Tus_Max_Size=service.LARGEST, Tus_Checksum_Algorithm=",".join(parts.ALGORITHMS))  # fmt: skip


@staff_pages.post("/videos/<slug>/uploads")
@needs(Audience.EDITOR)
def upload_new(slug: str) -> Response:
    """Begin an upload."""
    if refused := _speaks_otherwise():
        return refused
    length = _number("Upload-Length")
    if length is None:
        return _answer(400, "Upload-Length")
    if length == 0:
        return _answer(400, _("The file is empty. Upload it again."))
    if length > service.LARGEST:
        return _answer(413, Tus_Max_Size=service.LARGEST)
    now = utc_now()
    try:
        with transaction():
            video, seen = videos.get_video(slug), next(iter(request.if_match), None)
            public_id = service.begin(video, length, current_store().work, now, seen=seen).public_id
    except Conflict as error:
        # Programs try again by themselves after a 409.
        return _answer(412, str(error))
    except UserError as error:
        return _answer(error.status, str(error))
    address = url_for("archive_staff.upload_piece", public_id=public_id)
    return _answer(201, Location=address, Upload_Expires=_expires(now))


@staff_pages.route("/uploads/<public_id>", methods=["HEAD"])
@needs(Audience.EDITOR)
def upload_state(public_id: str) -> Response:
    """Say how much has arrived."""
    if refused := _speaks_otherwise():
        return refused
    found = queries.get_upload(public_id)
    return _answer(200, Upload_Offset=_offset(found), Upload_Length=found.length,
                   Upload_Expires=_expires(found.touched_at))  # fmt: skip


def _offset(found: MediaUpload) -> int:
    there = parts.received(current_store().work, found.public_id)
    return found.length if found.finished else there or 0


@staff_pages.patch("/uploads/<public_id>")
@needs(Audience.EDITOR)
def upload_piece(public_id: str) -> Response:
    """Write what comes behind what is there; the last piece makes it the recording."""
    offset = _number("Upload-Offset")
    if refused := _speaks_otherwise():
        return refused
    if request.mimetype != _TYPE:
        return _answer(415)
    found = queries.get_upload(public_id)
    length = found.length
    if found.finished or offset is None:
        return _answer(409 if found.finished else 400)
    if (request.content_length or 0) > length - offset:
        return _answer(413)
    # Nothing is held open in the database while the piece comes in.
    db.session.rollback()
    path = parts.part_path(current_store().work, public_id)
    try:
        with needing_room():
            there = parts.add(path, offset, length, request.stream, request.headers.get("Upload-Checksum"))
    except NoRoom as error:
        return _answer(error.status, str(error))
    except (parts.WrongOffset, FileNotFoundError):
        return _answer(409)
    except parts.WrongSum:
        return _answer(460)
    except (parts.UnknownSum, parts.TooMuch):
        return _answer(400)
    return _added(public_id, there)


def _added(public_id: str, there: int) -> Response:
    """Note that something has arrived, or all: then it goes into the store, which may take a worker minutes."""
    now = utc_now()
    try:
        with transaction():
            found = queries.get_upload(public_id)
            found.touched_at, whole = now, there == found.length
            if whole:
                outbox.look_soon()
        if whole and current_store().near:
            work.finish(public_id)
        elif whole:
            work.named(public_id)
    except NotMedia as error:
        return _answer(415, str(error))
    except UserError as error:
        return _answer(error.status, str(error))
    return _answer(204, Upload_Offset=there, Upload_Expires=_expires(now))


@staff_pages.delete("/uploads/<public_id>")
@needs(Audience.EDITOR)
def upload_end(public_id: str) -> Response:
    """Give an upload up."""
    if refused := _speaks_otherwise():
        return refused
    with transaction():
        service.end(queries.get_upload(public_id))
    parts.part_path(current_store().work, public_id).unlink(missing_ok=True)
    return _answer(204)
