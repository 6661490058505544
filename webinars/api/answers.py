"""What programs get back: JSON, with a version tag for things, and the address of what was made."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Response, request
from flask_babel import gettext as _

from webinars.api.errors import PreconditionFailed
from webinars.api.queries import Film, Part, Place
from webinars.archive.models import Video
from webinars.core.http import site_url_for
from webinars.registration.models import Registration
from webinars.schedule.models import Series, Webinar


@dataclass(frozen=True)
class Made:
    """Something new, and where it can be read."""

    thing: Any
    endpoint: str
    address: Mapping[str, str] = field(default_factory=dict)

    @property
    def location(self) -> str:
        """Give its absolute address."""
        return site_url_for(self.endpoint, **self.address)


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """Answer with JSON that no cache keeps."""
    kept_by_nobody = {"Cache-Control": "no-store", **(headers or {})}
    return Response(json.dumps(body, ensure_ascii=False), status, kept_by_nobody, mimetype="application/json")


def list_body(part: Part[Any], items: list[Any]) -> dict[str, Any]:
    """Give a part of a list, and the address of the next one."""
    return {"items": items, "next": _next_url(part.next_after) if part.next_after is not None else None}


def _next_url(after: int) -> str:
    values = {**request.args, **(request.view_args or {}), "cursor": str(after)}
    return site_url_for(str(request.endpoint), **values)


def tag_headers(thing: Any) -> dict[str, str]:
    """Give the ETag of a thing that has versions."""
    tag = etag(thing)
    return {"ETag": f'"{tag}"'} if tag else {}


def etag(thing: Any) -> str | None:
    """Fingerprint what can be written of a thing; somebody registering makes no new version of a webinar."""
    if isinstance(thing, Place):
        thing = thing.registration
    if isinstance(thing, Film):
        thing = thing.video
    if isinstance(thing, Registration):
        facts: tuple[object, ...] = (thing.state_changes, thing.sequence_offset, thing.link_version)
    elif isinstance(thing, Series | Webinar | Video):
        facts = (thing.updated_at.isoformat(), str(getattr(thing, "state", "")), getattr(thing, "sequence", 0))
    else:
        return None
    return hashlib.sha256(repr((type(thing).__name__, thing.id, *facts)).encode()).hexdigest()[:32]


def ensure_unchanged(thing: Any) -> None:
    """Refuse when the program asked for another version; call it with the thing locked. Raises PreconditionFailed."""
    wanted = request.if_match
    if wanted and not wanted.contains(etag(thing) or ""):
        raise PreconditionFailed(_("This was changed since you read it. Read it again, then decide."))
