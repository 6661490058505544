"""The page of a webinar, where a visitor registers."""

import secrets
from collections.abc import Hashable
from dataclasses import replace
from datetime import datetime

from flask import Blueprint, abort, redirect, render_template, request, url_for
from markupsafe import escape
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from webinars.archive import queries as archive
from webinars.archive.models import Video
from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.database import read_alone, transaction
from webinars.core.errors import UserError
from webinars.core.formats import clocks_between, rfc3339
from webinars.core.http import csrf, visitor_zone
from webinars.core.language import current_language
from webinars.core.pagecache import PageCache
from webinars.core.pictures import shown_in
from webinars.registration import access, service
from webinars.registration.forms import RegistrationForm, new_nonce, offer_modes, registration_form
from webinars.registration.pacing import take_turn
from webinars.registration.questions.forms import ask, given_in, show
from webinars.registration.questions.queries import asking_of, requires_proof
from webinars.registration.questions.rules import Unanswered, needs_in_time, needs_until, read
from webinars.registration.questions.words import kept_until_words
from webinars.registration.rules import gives_anything, may_register, newcomer_state
from webinars.schedule import queries as schedule
from webinars.schedule.languages import all_in_our_language, in_our_language, language_of, marked
from webinars.schedule.models import Webinar
from webinars.schedule.portraits import portrait_of
from webinars.schedule.rules import is_public, phase
from webinars.site.retention import days_kept
from webinars.site.webinar_page import event_data, offer, standing, waiting_words

pages = Blueprint("site", __name__)
pages.add_app_template_global(language_of)
pages.add_app_template_global(days_kept)
pages.add_app_template_filter(marked)
_cache = PageCache()
#: stands in kept pages for how many wait
_WAITING = secrets.token_hex(16)


@pages.get("/webinars/<slug>")
def webinar(slug: str) -> str:
    """Show a webinar and the form that saves a place."""
    read_alone()
    found = in_our_language(schedule.get_webinar(slug))
    if not is_public(found):
        abort(404)
    now = utc_now()
    video = _recording(found, now)
    nonce, opened = new_nonce(), str(int(now.timestamp()))

    def render() -> str:
        form = _form(found)
        form.nonce.data, form.opened.data = nonce, opened
        return _page(found, form, waiting=_WAITING)

    # A text may hold the same digits, but not as the value of a field.
    page = _cache.page(_shown(found, now, video), render, (nonce, f'value="{opened}"'))
    return page.replace(_WAITING, str(escape(waiting_words(found))))


def _shown(found: Webinar, now: datetime, video: Video | None) -> Hashable:
    """Name all that the page shows."""
    places = (standing(found, now), newcomer_state(found))
    people = tuple((one.name, one.credentials, one.role, one.interests, portrait_of(one)) for one in found.speakers)
    pictures = tuple(shown_in(found.description).values())
    series = (found.series.updated_at, found.series.slug)
    reader = (current_language(), visitor_zone(), _clocks(found, now))
    recording = (video.slug, video.updated_at) if video else None
    others = _ahead(found, now, video)
    ahead = tuple((one.id, one.updated_at, one.series.updated_at, standing(one, now)) for one in others)
    # The number stands for all that is asked; what is left is until when needs are met.
    asked = (found.asks, found.asks and needs_in_time(asking_of(found, now), found, now))
    about = (found.id, found.slug, found.updated_at, phase(found, now))
    return about, places, people, pictures, series, reader, recording, ahead, asked


def _clocks(found: Webinar, now: datetime) -> str:
    """Name what the page says of the present: which clocks change, or how far the organiser's is from UTC."""
    zone = visitor_zone()
    return clocks_between(found.starts_at, found.time_zone, zone, now) if zone else rfc3339(now, found.time_zone)[-6:]


def _ahead(found: Webinar, now: datetime, video: Video | None) -> list[Webinar]:
    """List what may help instead where nobody can register any more: what comes in the series, else anywhere."""
    if video is None and gives_anything(found, now):
        return []
    ahead = schedule.upcoming_webinars(now, 3, series_id=found.series_id) or schedule.upcoming_webinars(now, 3)
    return all_in_our_language(ahead)


def _recording(found: Webinar, now: datetime) -> Video | None:
    return archive.find_recording(found.id) if found.ends_at <= now else None


@pages.get("/webinars/<slug>/register")
@pages.get("/webinars/<slug>/language")
def form_again(slug: str) -> AnyResponse:
    """Lead to the form: a telephone that has put a tab away fetches again where the form was sent to."""
    return redirect(url_for("site.webinar", slug=slug, _anchor="register"))


@pages.post("/webinars/<slug>/register")
@csrf.exempt
def register(slug: str) -> AnyResponse | tuple[str, int]:
    """Save a place; what was typed stays when something is missing."""
    form, problem = RegistrationForm(), None
    if form.validate():
        try:
            return _save_place(slug, form)
        except Unanswered:
            # Said beside the fields.
            pass
        except UserError as error:
            problem = error
    found = in_our_language(schedule.get_webinar(slug))
    if not is_public(found):
        abort(404)
    offer_modes(form, found)
    if found.asks:
        _ask_again(found, form)
    return _page(found, form, problem), problem.status if problem else 422


@pages.post("/webinars/<slug>/language")
@csrf.exempt
def speak(slug: str) -> str:
    """Show the page in the language of its address, with what was typed so far; nobody is registered."""
    read_alone()
    found = in_our_language(schedule.get_webinar(slug))
    if not is_public(found):
        abort(404)
    return _page(found, _form(found, request.form))


def _ask_again(found: Webinar, form: RegistrationForm) -> None:
    """Show what was answered, and beside it what else is missing."""
    asking = asking_of(found, utc_now())
    ask(form, asking, request.form)
    _extras, problems = read(asking, given_in(request.form), form.name.data or "")
    show(form, problems)


def _save_place(slug: str, form: RegistrationForm) -> AnyResponse:
    now = utc_now()
    application = form.application(current_language(), take_turn("sign-up", now))
    application = replace(application, given=given_in(request.form))
    with transaction():
        outcome = service.register(slug, application, now)
        answer = redirect(url_for("registration.place", public_id=outcome.registration.public_id), 303)
        access.grant(answer, outcome.registration, now, outcome.others)
    return answer


@pages.get("/staff/webinars/<slug>/preview")
@needs(Audience.STAFF, Scope.WEBINAR)
def webinar_preview(slug: str) -> str:
    """Show staff the page as the public will see it."""
    found = in_our_language(schedule.get_webinar(slug))
    return _page(found, _form(found), preview=True)


def webinar_page(found: Webinar) -> str:
    """Show a webinar as it would be with what is typed."""
    return _page(found, _form(found), preview=True)


def _form(found: Webinar, typed: MultiDict[str, str] | None = None) -> RegistrationForm:
    form = registration_form(found)
    if found.asks:
        ask(form, asking_of(found, utc_now()), typed)
    return form


def _page(
    found: Webinar,
    form: RegistrationForm,
    problem: UserError | None = None,
    preview: bool = False,
    waiting: str | None = None,
) -> str:
    now = utc_now()
    video, asking = _recording(found, now), asking_of(found, now)
    return render_template(
        "site/webinar.html",
        webinar=found,
        now=now,
        form=form,
        problem=problem,
        preview=preview,
        open=preview or may_register(found, now),
        gives_anything=preview or gives_anything(found, now),
        newcomer=newcomer_state(found),
        waiting=waiting or waiting_words(found),
        standing=standing,
        offer=offer,
        may_register=may_register,
        event=event_data(found),
        video=video,
        ahead=_ahead(found, now, video),
        asking=asking,
        proof=requires_proof(found),
        arranged_until=needs_until(asking, found),
        in_time=needs_in_time(asking, found, now),
        kept_words=kept_until_words,
        zone=visitor_zone(),
    )
