"""The page on which somebody registers once for several dates of a series."""

from dataclasses import replace
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.clock import utc_now
from webinars.core.database import read_alone, transaction
from webinars.core.errors import UserError
from webinars.core.http import csrf, visitor_zone
from webinars.core.language import current_language
from webinars.registration import access, dates
from webinars.registration.dates_forms import DatesForm, dates_form
from webinars.registration.pacing import take_turn
from webinars.registration.questions.forms import ask, given_in, show
from webinars.registration.questions.queries import asking_of
from webinars.registration.questions.rules import Asking, Unanswered, asked_by_any, needs_in_time, needs_until
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
    series, now = schedule.get_series(slug), utc_now()
    webinars = _dates_of(series, now)
    form = dates_form(webinars)
    form.opened.data = str(int(now.timestamp()))
    asking = _asking(webinars, now)
    ask(form, asking)
    return _page(series, webinars, form, asking, now)


@pages.post("/series/<slug>/register")
@csrf.exempt
def register_for_dates(slug: str) -> AnyResponse | tuple[str, int]:
    """Save a place on each date that is ticked; what was typed stays when something is missing."""
    series, now = schedule.get_series(slug), utc_now()
    webinars = _dates_of(series, now)
    form, problem, problems = dates_form(webinars), None, {}
    chosen, good = dates.find(series, form.date.data or ()), form.validate()
    if not chosen:
        form.date.errors = [_("Please choose at least one date.")]
    elif good:
        try:
            return _save(slug, chosen, form, now)
        except Unanswered as missing:
            problems = missing.fields
        except UserError as error:
            problem = error
    asking = _asking(webinars, now)
    ask(form, asking, request.form)
    show(form, problems)
    return _page(schedule.get_series(slug), webinars, form, asking, now, problem), problem.status if problem else 422


def _save(slug: str, chosen: set[int], form: DatesForm, now: datetime) -> AnyResponse:
    application = form.application(current_language(), take_turn("sign-up", now, letters=1 + len(chosen)))
    application = replace(application, given=replace(given_in(request.form), companions=()))
    with transaction():
        taken = dates.register(schedule.get_series(slug), chosen, application, now)
        answer = redirect(url_for("registration.dates_taken", slug=slug), 303)
        access.grant_dates(answer, taken.registrations, now)
    for sentence in taken.refusals:
        flash(sentence, "error")
    return answer


def _dates_of(series: Series, now: datetime) -> list[Webinar]:
    """List the next dates that still give somebody anything."""
    ahead = schedule.upcoming_webinars(now, 2 * dates.MOST_DATES, series_id=series.id)
    return all_in_our_language([one for one in ahead if gives_anything(one, now)][: dates.MOST_DATES])


def _asking(webinars: list[Webinar], now: datetime) -> Asking:
    return asked_by_any(asking_of(webinar, now) for webinar in webinars if webinar.asks)


def _page(
    series: Series,
    webinars: list[Webinar],
    form: DatesForm,
    asking: Asking,
    now: datetime,
    problem: UserError | None = None,
) -> str:
    first = webinars[0] if webinars else None
    return render_template(
        "site/series_register.html",
        series=in_our_language(series),
        webinars=webinars,
        form=form,
        problem=problem,
        now=now,
        standing=standing,
        newcomer_state=newcomer_state,
        asking=asking,
        arranged_until=needs_until(asking, first) if first else None,
        in_time=first is not None and needs_in_time(asking, first, now),
        kept_words=kept_until_words,
        zone=visitor_zone(),
    )
