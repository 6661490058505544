"""Refusals as programs read them: `application/problem+json` (RFC 9457)."""

import json
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from flask import Response
from flask_babel import gettext as _
from marshmallow import Schema, fields
from werkzeug.exceptions import HTTPException

from webinars.core.errors import UserError
from webinars.core.zones import AmbiguousTime

PROBLEM = "application/problem+json"


class Choice(Schema):
    """One reading of a wall-clock time that a clock change makes impossible or double."""

    local_start = fields.String(required=True)
    starts_at = fields.String(required=True, metadata={"format": "date-time"})
    fold = fields.Integer(required=True)


class Problem(Schema):
    """Why a request was refused (RFC 9457)."""

    type = fields.String(required=True)
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(metadata={"description": "A sentence a person can read."})
    errors = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "What is wrong with each field; `body` stands for the whole."},
    )
    choices = fields.List(
        fields.Nested(Choice),
        metadata={"description": "The two readings of a local time that is ambiguous or missing."},
    )
    reference = fields.String(metadata={"description": "Names a fault of ours in our log."})


def refuse(error: Exception, status: int, sentence: str | None, reference: str | None) -> Response:
    """Answer a refusal below /api/."""
    problem: dict[str, Any] = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    detail = sentence or _own_words(error, status)
    if detail:
        problem["detail"] = detail
    problem.update(_particulars(error))
    if reference:
        problem["reference"] = reference
    return Response(json.dumps(problem, ensure_ascii=False), status, headers=_headers(status), mimetype=PROBLEM)


def _own_words(error: Exception, status: int) -> str | None:
    if isinstance(error, UserError):
        return str(error)
    words = {
        400: _("The body is not JSON that can be read."),
        404: _("There is nothing at this address."),
        405: _("This address does not take this method."),
        413: _("The body is too large."),
        422: _("Some values will not do."),
        500: _("Something went wrong on our side. It has been noted."),
    }
    described = getattr(error, "description", None) if isinstance(error, HTTPException) else None
    return words.get(status, described)


def _particulars(error: Exception) -> dict[str, Any]:
    if isinstance(error, AmbiguousTime):
        return {"errors": {"local_start": [str(error)]}, "choices": [_choice(choice) for choice in error.choices]}
    by_field = getattr(error, "fields", None)
    if isinstance(by_field, Mapping):
        return {"errors": {name: [sentence] for name, sentence in by_field.items()}}
    data = getattr(error, "data", None)
    messages = data.get("messages") if isinstance(data, Mapping) else None
    if isinstance(messages, Mapping):
        # The outermost level says where the values were: in the body, or in the query.
        return {"errors": dict(pair for part in messages.values() for pair in _flat("", part))}
    return {}


def _choice(choice: Any) -> dict[str, Any]:
    local, instant = choice.local.isoformat(timespec="minutes"), choice.instant.isoformat().replace("+00:00", "Z")
    return {"local_start": local, "starts_at": instant, "fold": choice.fold}


def _flat(path: str, messages: Any) -> Iterable[tuple[str, list[str]]]:
    """Give (path of the field, sentences) pairs of nested messages: "reminders.0"."""
    if not isinstance(messages, Mapping):
        yield path or "body", [str(message) for message in messages]
        return
    for name, inner in messages.items():
        own = "" if name == "_schema" else str(name)
        yield from _flat(".".join(part for part in (path, own) if part), inner)


def _headers(status: int) -> dict[str, str]:
    headers = {"Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
    return headers
