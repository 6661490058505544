"""Setting up the API: the OpenAPI document, tokens at the door, refusals as JSON."""

from http import HTTPStatus
from typing import Any

from flask import Flask, current_app, g, request
from flask_babel import gettext as _
from flask_smorest import Api
from flask_smorest.utils import prepare_response

from webinars.api import service
from webinars.api.blueprint import pages
from webinars.api.bodies import refuse_odd_requests
from webinars.api.errors import Unauthorized
from webinars.api.problems import PROBLEM, Problem, refuse
from webinars.core.audience import Audience, audience_of
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.http import csrf, refuse_below

_SPEC = {
    "info": {
        "description": "Series, webinars, registrations, letters, videos. For a token: `flask api-token add NAME`."
    },
    "security": [{"token": []}],
}


class DocumentedApi(Api):  # type: ignore[misc]
    """The OpenAPI document, with our own refusals in it."""

    ERROR_SCHEMA = Problem

    def _register_error_handlers(self) -> None:
        """Leave refusals to core.http, which asks `refuse` below /api/."""

    def _register_responses(self) -> None:
        for status in HTTPStatus:
            if status >= 400:
                self._register_refusal(status.name, status.phrase)
        self._register_refusal(self.DEFAULT_ERROR_RESPONSE_NAME, "A refusal")

    def _register_refusal(self, name: str, description: str) -> None:
        response: dict[str, Any] = {"description": description, "schema": self.ERROR_SCHEMA}
        prepare_response(response, self.spec, PROBLEM)
        self.spec.components.response(name, response, lazy=True)


def init_api(app: Flask) -> None:
    """Offer the document, and guard every address that is for programs."""
    app.config.update(
        API_TITLE="Webinars",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api/v1",
        OPENAPI_JSON_PATH="openapi.json",
        API_SPEC_OPTIONS=_SPEC,
    )
    api = DocumentedApi(app)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    refuse_below(app, "/api/", refuse)
    csrf.exempt(pages)
    app.before_request(_guard)


def _guard() -> None:
    """Let programs in that show a token; a new route cannot be open by omission."""
    if request.endpoint is None:
        return
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    if audience_of(app, request.endpoint) is not Audience.API:
        return
    now = utc_now()
    g.api_token_id, worth_noting = service.enter(_shown_token(), now)
    if worth_noting:
        with transaction():
            service.note_use(g.api_token_id, now)
    refuse_odd_requests()


def _shown_token() -> str:
    """Give the token of the request (RFC 6750 section 2.1); raises Unauthorized."""
    scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise Unauthorized(_("Show a token: Authorization: Bearer …"))
    return token.strip()
