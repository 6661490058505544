"""The page of a webinar, where a visitor registers."""

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response as AnyResponse

from webinars.archive import queries as archive
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.http import csrf, visitor_zone
from webinars.core.language import current_language
from webinars.registration import access, service
from webinars.registration.forms import RegistrationForm, registration_form
from webinars.registration.rules import may_register, newcomer_state
from webinars.schedule import queries as schedule
from webinars.schedule.models import Webinar, WebinarState
from webinars.site.webinar_page import event_data, standing

pages = Blueprint("site", __name__)


@pages.get("/webinars/<slug>")
def webinar(slug: str) -> str:
    """Show a webinar and the form that saves a place."""
    found = schedule.get_webinar(slug)
    if found.state == WebinarState.DRAFT:
        abort(404)
    return _page(found, registration_form(found))


@pages.post("/webinars/<slug>/register")
@csrf.exempt
def register(slug: str) -> AnyResponse | tuple[str, int]:
    """Save a place; what was typed stays when something is missing."""
    found = schedule.get_webinar(slug)
    if found.state == WebinarState.DRAFT:
        abort(404)
    form, problem = registration_form(found), None
    if form.validate():
        try:
            return _save_place(found.id, form)
        except UserError as error:
            problem, found = error, schedule.get_webinar(slug)
    return _page(found, form, problem), problem.status if problem else 422


def _save_place(webinar_id: int, form: RegistrationForm) -> AnyResponse:
    with transaction():
        outcome = service.register(webinar_id, form.application(current_language()), utc_now())
        answer = redirect(url_for("registration.place", public_id=outcome.registration.public_id), 303)
        access.grant(answer, outcome.registration)
    return answer


@pages.get("/staff/webinars/<slug>/preview")
@needs(Audience.VIEWER)
def webinar_preview(slug: str) -> str:
    """Show staff the page as the public will see it."""
    found = schedule.get_webinar(slug)
    return _page(found, registration_form(found), preview=True)


def _page(found: Webinar, form: RegistrationForm, problem: UserError | None = None, preview: bool = False) -> str:
    now = utc_now()
    return render_template(
        "site/webinar.html",
        webinar=found,
        now=now,
        form=form,
        problem=problem,
        preview=preview,
        open=preview or may_register(found, now),
        newcomer=newcomer_state(found),
        standing=standing(found, now),
        event=event_data(found),
        video=archive.find_recording(found.id) if found.ends_at <= now else None,
        zone=visitor_zone(),
    )
