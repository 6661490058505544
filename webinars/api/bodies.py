"""Reading what programs send."""

import json
from typing import Any

from flask import Request, abort, request
from flask_babel import gettext as _
from marshmallow import RAISE
from webargs.flaskparser import FlaskParser

from webinars.api.errors import UnknownMediaType


class BodyParser(FlaskParser):
    """Reads JSON bodies and query strings, and refuses fields that do not exist."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": RAISE}

    def load_json(self, req: Request, schema: Any) -> Any:
        """Give the body; an empty one is an empty object. Answers 400 for what is no JSON."""
        data = req.get_data(cache=True)
        if not data:
            return {}
        try:
            text = data.decode("utf-8")
            value = json.loads(text, parse_constant=_refuse_constant)
            # Half of a surrogate pair, or NUL, is JSON but no text: no database takes it.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
        except (ValueError, RecursionError):
            abort(400)
        if "\\u0000" in text or "\0" in text:
            abort(400, _("The body holds a NUL character."))
        return value


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def refuse_odd_requests() -> None:
    """Refuse a body that is no JSON before anything is read."""
    has_body = bool(request.content_length) or request.headers.get("Transfer-Encoding") is not None
    if has_body and request.method in {"POST", "PUT", "PATCH"} and not request.is_json:
        raise UnknownMediaType(_("Send JSON, with Content-Type: application/json."))
