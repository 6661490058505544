"""The door to the room: a page whose button leads in, so that a mail scanner which opens links attends nothing."""

from flask import Blueprint, Response, make_response, render_template
from flask_babel import gettext as _
from werkzeug.urls import iri_to_uri

from webinars.archive import queries as archive
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import NotFound
from webinars.core.http import private
from webinars.core.links import open_token
from webinars.live import service
from webinars.live.rules import OPENS_BEFORE, Door, door
from webinars.registration import links, queries
from webinars.registration.models import Registration
from webinars.schedule.languages import in_our_language

pages = Blueprint("live", __name__)


@pages.after_request
def _keep_private(response: Response) -> Response:
    """Keep refusals private too: the address holds a token."""
    return private(response)


@pages.get("/r/<token>/join")
def join(token: str) -> Response:
    """Show the door."""
    return _answer(_get_registration(token), token)


@pages.post("/r/<token>/join")
def enter(token: str) -> Response:
    """Note that somebody goes in, and lead them to the room.

    This proves no address: the page after signing up shows the same link before any letter arrived. For that reason
    the door does not lead to the page where the place is managed either.
    """
    now = utc_now()
    with transaction():
        registration = _get_registration(token)
        enters = door(registration, now) is Door.OPEN
        if enters:
            service.note_attendance(registration, now)
    registration = _get_registration(token)
    return _lead_in(registration) if enters else _answer(registration, token)


def _lead_in(registration: Registration) -> Response:
    room = registration.webinar.join_url
    answer = make_response(render_template("live/entering.html", registration=registration, room=room))
    # Not a redirect: browsers hold redirects of forms to the policy for forms, which names only this site.
    answer.headers["Refresh"] = f"0; url={iri_to_uri(room)}"
    return answer


def _answer(registration: Registration, token: str) -> Response:
    now = utc_now()
    page = render_template(
        "live/join.html",
        registration=registration,
        webinar=in_our_language(registration.webinar),
        door=door(registration, now),
        opens_at=registration.webinar.starts_at - OPENS_BEFORE,
        token=token,
        now=now,
        video=archive.find_recording(registration.webinar_id),
    )
    return make_response(page)


def _get_registration(token: str) -> Registration:
    opened = open_token(links.JOIN, token)
    registration = queries.find_by_public_id(opened[0]) if opened else None
    if registration is None or not links.opens(links.JOIN, token, registration):
        raise NotFound(_("This link is not valid any more. Ask for a new one under “My webinars”."))
    return registration
