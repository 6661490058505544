"""Staff pages: what people answered, what they ask the speakers, and what they need to take part."""

from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import NotFound
from webinars.core.language import current_language
from webinars.registration import queries as registrations
from webinars.registration.models import Registration
from webinars.registration.questions import queries, rules, service, words
from webinars.registration.questions.models import Kind, Question, Role
from webinars.registration.staff_views import staff_pages
from webinars.schedule.models import Webinar
from webinars.schedule.queries import get_webinar

#: texts shown of each question on the page of all answers
_MOST_SHOWN = 20
#: kinds that are answered in words; the others are counted
_WORDED = (Kind.TEXT, Kind.LONG)


@staff_pages.get("/webinars/<slug>/answers")
@needs(Audience.STAFF, Scope.WEBINAR)
def answers(slug: str) -> str:
    """Show how many answered what at a webinar, and what they wrote, without names."""
    webinar = get_webinar(slug)
    counts = queries.counts(webinar.id)
    asked = queries.questions_of(webinar)
    return render_template(
        "registration_staff/answers.html",
        webinar=webinar,
        questions=asked,
        people={question.id: counts.get(question.what, {}).get("", 0) for question in asked},
        rows={question.id: _rows(question, counts.get(question.what, {})) for question in asked},
        roles=[[str(words.ROLES[role]), counts["role"].get(role, 0)] for role in Role] if "role" in counts else [],
        needing=counts.get("access", {}).get("", 0),
        written=queries.first_words(webinar.id, asked, _MOST_SHOWN),
        asked_speakers=queries.for_speakers(webinar.id, 1, _MOST_SHOWN),
        most=_MOST_SHOWN,
        worded=_WORDED,
    )


def _rows(question: Question, counts: dict[str, int]) -> list[list[Any]]:
    """List each answer to choose from with how many chose it; what is offered no more only where somebody did."""
    keys = list(words.YES_NO) if question.kind == Kind.YES_NO else [option["key"] for option in question.options]
    gone = {option["key"] for option in question.options if option.get("gone")}
    return [
        [words.choice_words(question, key, current_language()), counts.get(key, 0)]
        for key in keys
        if key not in gone or counts.get(key)
    ]


@staff_pages.get("/webinars/<slug>/answers/speakers")
@needs(Audience.STAFF, Scope.WEBINAR)
def questions_for_speakers(slug: str) -> str:
    """List what people ask the speakers, without names, to copy or print."""
    webinar = get_webinar(slug)
    found = queries.for_speakers(webinar.id, request.args.get("page", 1, type=int))
    return _words_page(webinar, _("Questions for the speakers"), found, partial(_speakers_url, slug))


def _speakers_url(slug: str, page: int) -> str:
    return url_for("registration_staff.questions_for_speakers", slug=slug, page=page)


@staff_pages.get("/webinars/<slug>/answers/<int:question_id>")
@needs(Audience.STAFF, Scope.WEBINAR)
def answers_in_words(slug: str, question_id: int) -> str:
    """List what people wrote to one question, without names, to copy or print."""
    webinar = get_webinar(slug)
    question = next((one for one in queries.questions_of(webinar) if one.id == question_id), None)
    if question is None or question.kind not in _WORDED:
        raise NotFound(_("There is no such question."))
    found = queries.words_of(webinar.id, question.id, request.args.get("page", 1, type=int))
    return _words_page(webinar, question.label(current_language()), found, partial(_words_url, slug, question_id))


def _words_url(slug: str, question_id: int, page: int) -> str:
    return url_for("registration_staff.answers_in_words", slug=slug, question_id=question_id, page=page)


def _words_page(webinar: Webinar, title: str, found: Any, page_url: Any) -> str:
    return render_template(
        "registration_staff/answer_words.html", webinar=webinar, heading=title, found=found, page_url=page_url
    )


@staff_pages.get("/webinars/<slug>/access")
def access_needs(slug: str) -> str:
    """List what people need to take part, what is not arranged yet first."""
    webinar, now = get_webinar(slug), utc_now()
    asking = queries.asking_of(webinar, now)
    return render_template(
        "registration_staff/access.html",
        webinar=webinar,
        found=queries.needing(webinar.id, request.args.get("page", 1, type=int)),
        waiting=queries.waiting_needs(webinar.id),
        until=rules.needs_until(asking, webinar),
        in_time=rules.needs_in_time(asking, webinar, now),
    )


@staff_pages.post("/registrations/<public_id>/access")
@needs(Audience.EDITOR)
def note_access(public_id: str) -> ResponseReturnValue:
    """Note that what somebody needs is arranged, or not after all."""
    met = request.form.get("met") == "1"
    with transaction():
        registration = _get(public_id)
        service.note_access(registration, met, utc_now())
        slug = registration.webinar.slug
    flash(_("Noted as arranged.") if met else _("Noted as not arranged."), "success")
    return redirect(url_for("registration_staff.access_needs", slug=slug))


def _get(public_id: str) -> Registration:
    registration = registrations.find_by_public_id(public_id)
    if registration is None:
        raise NotFound(_("There is no such registration."))
    return registration
