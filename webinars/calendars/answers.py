"""How calendar files are handed out."""

import hashlib
from datetime import datetime

from flask import Response, request


def calendar_file(body: bytes, file_name: str, changed_at: datetime, cache_control: str) -> Response:
    """Answer with a calendar file, or with 304 to who has it (RFC 9110 section 13)."""
    response = Response(body, content_type="text/calendar; charset=utf-8")
    response.headers["Content-Disposition"] = f'inline; filename="{file_name}.ics"'
    response.headers["Cache-Control"] = cache_control
    response.last_modified = changed_at
    response.set_etag(hashlib.sha256(body).hexdigest()[:32])
    response.make_conditional(request)
    return response
