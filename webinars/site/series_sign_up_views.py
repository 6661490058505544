"""The page on which somebody registers once for several dates of a series."""

from dataclasses import replace
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.clock import utc_now
from webinars.core.database import read_alone, transaction
from webinars.core.errors import UserError
from webinars.core.http import csrf
from webinars.core.language import current_language
from webinars.registration import access, dates
from webinars.registration.dates_forms import DatesForm, dates_form, offer_modes_of
from webinars.registration.pacing import take_turn
from webinars.registration.questions.forms import ask, given_in, show
from webinars.registration.questions.queries import asking_of
from webinars.registration.questions.rules import Unanswered, asked_by_any, needs_in_time, needs_until
from webinars.registration.questions.words import kept_until_words
from webinars.registration.rules import gives_anything, newcomer_state
from webinars.schedule import queries as schedule
from webinars.schedule.languages import all_in_our_language, in_our_language
from webinars.schedule.models import Series, Webinar
from webinars.site.webinar_page import standing
from webinars.site.webinar_views import pages


@pages.get("/series/<slug>/register")
def several_dates(slug: str) -> str:
    """Show the dates of a series and the form that saves a place on all that are ticked."""
    read_alone()
    return _page(slug, utc_now())


@pages.post("/series/<slug>/register")
@csrf.exempt
def register_for_dates(slug: str) -> AnyResponse | tuple[str, int]:
    """Save a place on each date that is ticked; what was typed stays when something is missing."""
    form, refusal, now = DatesForm(), None, utc_now()
    if form.validate():
        try:
            return _save(slug, form, now)
        except UserError as error:
            refusal = error
    return _page(slug, now, form, refusal), refusal.status if refusal else 422


def _save(slug: str, form: DatesForm, now: datetime) -> AnyResponse:
    with transaction():
        series = schedule.get_series(slug)
        chosen = dates.find(series, form.date.data or ())
        application = form.application(current_language(), take_turn("sign-up", now, letters=1 + len(chosen)))
        application = replace(application, given=replace(given_in(request.form), companions=()))
        taken = dates.register(series, chosen, application, now)
        answer = redirect(url_for("registration.dates_taken", slug=slug), 303)
        access.grant_dates(answer, taken.registrations, now)
    for sentence in taken.refusals:
        flash(sentence, "error")
    return answer


def _dates_of(series: Series, now: datetime) -> list[Webinar]:
    """List the next dates that still give somebody anything."""
    ahead = schedule.upcoming_webinars(now, 2 * dates.MOST_DATES, series_id=series.id)
    return all_in_our_language([one for one in ahead if gives_anything(one, now)][: dates.MOST_DATES])


def _page(slug: str, now: datetime, form: DatesForm | None = None, refusal: UserError | None = None) -> str:
    series = schedule.get_series(slug)
    webinars = _dates_of(series, now)
    form, first = form or dates_form(webinars, now), webinars[0] if webinars else None
    asking = asked_by_any(asking_of(webinar, now) for webinar in webinars if webinar.asks)
    offer_modes_of(form, webinars)
    ask(form, asking, request.form)
    # A date that gives nothing any more may have asked something that the page does not.
    missing = refusal.fields if isinstance(refusal, Unanswered) else {}
    beside = {name: sentence for name, sentence in missing.items() if name in form}
    show(form, beside)
    return render_template(
        "site/series_register.html",
        series=in_our_language(series),
        webinars=webinars,
        form=form,
        problem=None if beside else refusal,
        now=now,
        standing=standing,
        newcomer_state=newcomer_state,
        asking=asking,
        arranged_until=needs_until(asking, first) if first else None,
        in_time=first is not None and needs_in_time(asking, first, now),
        kept_words=kept_until_words,
    )
