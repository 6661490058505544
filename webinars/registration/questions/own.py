"""What somebody answered, as they see and change it on the page of their place."""

from dataclasses import replace
from datetime import datetime

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from webinars.core.errors import Conflict
from webinars.registration import rules, seats
from webinars.registration.access import Seen
from webinars.registration.models import Registration
from webinars.registration.questions import forms, queries, service
from webinars.registration.questions.forms import AnswersForm
from webinars.registration.questions.rules import (
    NOTHING,
    Asking,
    Given,
    ensure,
    may_answer_survey,
    needs_in_time,
    needs_until,
    read_survey,
)


def _asked_now(registration: Registration, now: datetime) -> Asking:
    """Give what somebody is asked who has a place: nobody is brought any more, and no proof is missing."""
    return replace(queries.asking_of(registration.webinar, now), companions=0, proof=False)


def answers_form(seen: Seen, now: datetime, sent: MultiDict[str, str] | None = None) -> AnswersForm | None:
    """Make the form of who proved the address, with what was sent or else what is known; None when nothing is asked."""
    registration = seen.registration
    if not (seen.proven and rules.may_change(registration, now)):
        return None
    asking = _asked_now(registration, now)
    if asking == NOTHING:
        return None
    form = AnswersForm(formdata=None)
    answers = queries.answers_of_one(registration.id)
    forms.ask(form, asking, sent, forms.known_answers(asking, registration.role, registration.access_needs, answers))
    form.arranged_until = needs_until(asking, registration.webinar)
    form.in_time = needs_in_time(asking, registration.webinar, now)
    return form


def survey_form(seen: Seen, now: datetime, sent: MultiDict[str, str] | None = None) -> AnswersForm | None:
    """Make the form that asks how it was, of who proved the address; None when nothing is asked of them."""
    place = seen.registration
    if not (seen.proven and may_answer_survey(place.webinar, place.state, now)):
        return None
    asking = Asking(tuple(queries.survey_of(place.webinar, place.role)))
    if asking == NOTHING:
        return None
    form = AnswersForm(formdata=None)
    known = forms.known_answers(asking, None, "", queries.answers_of_one(place.id))
    forms.ask(form, asking, sent, known)
    form.answered = any(known[question.field] for question in asking.questions)
    return form


def take_survey(registration: Registration, given: Given, now: datetime) -> None:
    """Keep what somebody says once it is over; raises Unanswered, Conflict."""
    seats.lock_place(registration)
    if not may_answer_survey(registration.webinar, registration.state, now):
        raise Conflict(_("This can no longer be changed."))
    questions = queries.survey_of(registration.webinar, registration.role)
    service.answer_survey(registration, questions, read_survey(questions, given), now)


def change(registration: Registration, given: Given, now: datetime) -> None:
    """Put somebody's answers in place of those before; raises Unanswered, Conflict."""
    seats.lock_place(registration)
    if not rules.may_change(registration, now):
        raise Conflict(_("This can no longer be changed."))
    asking = _asked_now(registration, now)
    service.answer_anew(registration, asking, ensure(asking, given))
