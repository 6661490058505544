"""Who may enter which page: every route declares it, and none is open by omission."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from flask import Blueprint, Flask, current_app, request
from flask.typing import ResponseReturnValue

View = TypeVar("View", bound=Callable[..., object])


class Audience(Enum):
    """Whom a page is for, with the roles of the staff that may enter."""

    #: everybody, also those who proved a registration by a link from a letter
    PUBLIC = ()
    #: a program with an API token
    API = ("program",)
    OWNER = ("owner",)
    EDITOR = ("editor", "owner")
    #: who may look at everything
    VIEWER = ("viewer", "editor", "owner")
    #: what hosts do at their webinars
    HOST = ("host", "editor", "owner")
    #: everybody who signs in; hosts see their webinars there, and what is their own
    STAFF = ("host", "viewer", "editor", "owner")

    @property
    def is_staff(self) -> bool:
        """Say whether somebody has to be signed in."""
        return "owner" in self.value

    def admits(self, roles: Iterable[str]) -> bool:
        """Say whether somebody with these roles of the staff may enter."""
        return not set(self.value).isdisjoint(roles)


class Scope(Enum):
    """What keeps a host to their own on a page that hosts may enter."""

    #: the gate: the address names a webinar by ``slug``, and it has to be one of theirs
    WEBINAR = "webinar"
    #: the page itself, which asks only for what is theirs
    OWN = "own"


@dataclass(frozen=True)
class Pages:
    """One line of the table of pages: a blueprint, where it lives, who may enter."""

    blueprint: Blueprint
    prefix: str
    audience: Audience


@dataclass(frozen=True)
class Needs:
    """What a single view asks for: whom, and what keeps hosts to their own there."""

    audience: Audience
    scope: Scope | None = None


def needs(audience: Audience, scope: Scope | None = None) -> Callable[[View], View]:
    """Say who may enter a single view, whatever its room says of its pages."""

    def mark(view: View) -> View:
        view.needs = Needs(audience, scope)  # type: ignore[attr-defined]
        return view

    return mark


def needs_of(app: Flask, endpoint: str) -> Needs:
    """Give what an endpoint asks for.

    Raises LookupError for one that declares nobody, or lets hosts in without a word on what keeps them to their own.
    """
    declared: dict[str, Audience] = app.extensions["audiences"]
    room = declared.get(endpoint, declared.get(endpoint.rpartition(".")[0]))
    if room is None:
        raise LookupError(f"the route {endpoint} does not say who may enter")
    own: Needs = getattr(app.view_functions[endpoint], "needs", Needs(room))
    if room.is_staff and not own.audience.is_staff:
        raise LookupError(f"the route {endpoint} lies among staff pages and lets in others")
    if own.audience.admits(["host"]) and own.scope is None:
        raise LookupError(f"the route {endpoint} does not say what keeps hosts to their own")
    return own


def audience_of(app: Flask, endpoint: str) -> Audience:
    """Give who may enter an endpoint; raises LookupError as ``needs_of``."""
    return needs_of(app, endpoint).audience


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
    for rule in app.url_map.iter_rules():
        asked = needs_of(app, rule.endpoint)
        if asked.scope is Scope.WEBINAR and "slug" not in rule.arguments:
            raise LookupError(f"the address {rule.rule} names no webinar that could be one of a host's own")


def _guard() -> ResponseReturnValue | None:
    """Let in who may enter; the gate is the function accounts put at extensions["staff_gate"]."""
    if request.endpoint is None or request.routing_exception is not None:
        return None
    asked = needs_of(current_app._get_current_object(), request.endpoint)  # type: ignore[attr-defined]
    if not asked.audience.is_staff:
        return None
    answer: ResponseReturnValue | None = current_app.extensions["staff_gate"](asked, request.view_args or {})
    return answer
