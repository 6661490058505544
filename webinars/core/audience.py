"""Who may enter which page: every route declares it, and none is open by omission."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., object])


class Audience(IntEnum):
    """Whom a page is for; a higher one includes what the lower staff roles may do."""

    #: everybody, also those who proved a registration by a link from a letter
    PUBLIC = 0
    #: a program with an API token
    API = 1
    VIEWER = 10
    HOST = 20
    EDITOR = 30
    OWNER = 40

    @property
    def is_staff(self) -> bool:
        """Say whether somebody has to be signed in."""
        return self >= Audience.VIEWER


@dataclass(frozen=True)
class Pages:
    """One line of the table of pages: a blueprint, where it lives, who may enter."""

    blueprint: Blueprint
    prefix: str
    audience: Audience


def needs(audience: Audience) -> Callable[[View], View]:
    """Ask for more than the blueprint's audience on a single view."""

    def mark(view: View) -> View:
        view.needs_audience = audience  # type: ignore[attr-defined]
        return view

    return mark


def audience_of(app: Flask, endpoint: str) -> Audience:
    """Give who may enter an endpoint.

    Raises LookupError for an endpoint that declares nobody.
    """
    declared: dict[str, Audience] = app.extensions["audiences"]
    view = app.view_functions[endpoint]
    own = getattr(view, "needs_audience", None)
    room = declared.get(endpoint, declared.get(endpoint.rpartition(".")[0]))
    if room is None:
        raise LookupError(f"the route {endpoint} does not say who may enter")
    return room if own is None else max(room, own)


def init_audiences(app: Flask, table: Iterable[Pages], others: dict[str, Audience]) -> None:
    """Register the table of pages; ``others`` declares the blueprints and endpoints that libraries bring."""
    declared = dict(others)
    for pages in table:
        app.register_blueprint(pages.blueprint, url_prefix=pages.prefix or None)
        declared[pages.blueprint.name] = pages.audience
    app.extensions["audiences"] = declared
    app.before_request(_guard)


def check_audiences(app: Flask) -> None:
    """Stop the start when a route declares nobody; raises LookupError."""
    for endpoint in app.view_functions:
        audience_of(app, endpoint)


def _guard() -> ResponseReturnValue | None:
    """Let in who may enter; the gate is the function accounts put at extensions["staff_gate"]."""
    if request.endpoint is None or request.routing_exception is not None:
        return None
    audience = audience_of(current_app._get_current_object(), request.endpoint)  # type: ignore[attr-defined]
    if not audience.is_staff:
        return None
    answer: ResponseReturnValue | None = current_app.extensions["staff_gate"](audience)
    return answer
