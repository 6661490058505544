"""The forms with which a person changes what they answered, and says afterwards how it was."""

from collections.abc import Callable

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, Forbidden
from webinars.registration import access, service
from webinars.registration.forms import details_form
from webinars.registration.questions import own
from webinars.registration.questions.forms import AnswersForm, given_in, show
from webinars.registration.questions.rules import Unanswered
from webinars.registration.views import pages, place_page


@pages.post("/registrations/<public_id>/answers")
def change_answers(public_id: str) -> AnyResponse:
    """Put somebody's answers in place of those before."""
    return _answer(public_id, own.change, own.answers_form, "answers", _("Your answers are saved."))


@pages.post("/registrations/<public_id>/survey")
def take_survey(public_id: str) -> AnyResponse:
    """Keep what somebody says once the webinar is over."""
    return _answer(public_id, own.take_survey, own.survey_form, "survey", _("Thank you. Your answers are saved."))


def _answer(
    public_id: str, deed: Callable[..., None], form_of: Callable[..., AnswersForm | None], name: str, said: str
) -> AnyResponse:
    now, back = utc_now(), redirect(url_for("registration.place", public_id=public_id))
    try:
        with transaction():
            seen = access.look(public_id)
            if seen is None:
                return back
            if not seen.proven:
                raise Forbidden(_("To change this, open the link in the letter we sent you."))
            service.keep_held(seen.registration, now)
            deed(seen.registration, given_in(request.form), now)
            service.note_proof(seen.registration, now)
    except Unanswered as problem:
        return _again(public_id, problem, form_of, name)
    except Conflict as refusal:
        flash(str(refusal), "error")
        return back
    flash(said, "success")
    return back


def _again(public_id: str, problem: Unanswered, form_of: Callable[..., AnswersForm | None], name: str) -> AnyResponse:
    """Show the page once more, with what was typed and what is missing."""
    seen = access.look(public_id)
    form = form_of(seen, utc_now(), request.form) if seen else None
    if seen is None or form is None:
        return redirect(url_for("registration.place", public_id=public_id))
    show(form, problem.fields)
    return place_page(seen, details_form(seen.registration, sent=False), problem.status, **{name: form})
