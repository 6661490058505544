"""The form with which a person changes what they answered."""

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, Forbidden
from webinars.registration import access, service
from webinars.registration.forms import details_form
from webinars.registration.questions import own
from webinars.registration.questions.forms import given_in, show
from webinars.registration.questions.rules import Unanswered
from webinars.registration.views import pages, place_page


@pages.post("/registrations/<public_id>/answers")
def change_answers(public_id: str) -> AnyResponse:
    """Put somebody's answers in place of those before."""
    now, back = utc_now(), redirect(url_for("registration.place", public_id=public_id))
    try:
        with transaction():
            seen = access.look(public_id)
            if seen is None:
                return back
            if not seen.proven:
                raise Forbidden(_("To change this, open the link in the letter we sent you."))
            service.keep_held(seen.registration, now)
            own.change(seen.registration, given_in(request.form), now)
            service.note_proof(seen.registration, now)
    except Unanswered as problem:
        return _again(public_id, problem)
    except Conflict as refusal:
        flash(str(refusal), "error")
        return back
    flash(_("Your answers are saved."), "success")
    return back


def _again(public_id: str, problem: Unanswered) -> AnyResponse:
    """Show the page once more, with what was typed and what is missing."""
    seen = access.look(public_id)
    form = own.answers_form(seen, utc_now(), request.form) if seen else None
    if seen is None or form is None:
        return redirect(url_for("registration.place", public_id=public_id))
    show(form, problem.fields)
    return place_page(seen, details_form(seen.registration, sent=False), problem.status, form)
