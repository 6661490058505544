"""Requests that change something: one transaction each, and once only when they carry an Idempotency-Key."""

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, g, request
from flask_babel import gettext as _
from marshmallow import Schema

from webinars.api import service
from webinars.api.answers import Made, json_answer, tag_headers
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError

LONGEST_KEY = 255


def answer_deed(
    schema: type[Schema], view: Callable[..., Any], args: tuple[Any, ...], values: Mapping[str, Any]
) -> Response:
    """Run a view inside the one transaction and answer with what it gives.

    With an Idempotency-Key the answer is kept in the same transaction, and given again to the same request. A refusal
    is not kept: nothing happened, so the request may be tried again.
    """
    now, key = utc_now(), _idempotency_key()
    with transaction():
        known = service.claim_key(g.api_token_id, key, _fingerprint(), now) if key else None
        if known is not None:
            return json_answer(
                known.body["body"], known.status, {**known.body["headers"], "Idempotency-Replayed": "true"}
            )
        status, body, headers = _outcome(schema, view(*args, now=now, **values))
        if key:
            service.keep_answer(g.api_token_id, key, status, body, headers)
    return json_answer(body, status, headers)


def _outcome(schema: type[Schema], result: Any) -> tuple[int, Any, dict[str, str]]:
    if isinstance(result, Made):
        return 201, schema().dump(result.thing), {"Location": result.location, **tag_headers(result.thing)}
    return 200, schema().dump(result), tag_headers(result)


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return None
    if not key.strip() or len(key) > LONGEST_KEY or not key.isprintable():
        raise UserError(_("An Idempotency-Key has 1 to %(most)s printable characters.", most=LONGEST_KEY))
    return key


def _fingerprint() -> str:
    """Hash method, address and body; how the body's fields are ordered and spaced makes no difference."""
    body = json.dumps(request.get_json(silent=True), sort_keys=True)
    return hashlib.sha256(f"{request.method} {request.full_path}\n{body}".encode()).hexdigest()
