"""Staff pages of exports: choose columns and kind of file, get it. It is noted who took what, since it leaves us."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webinars.accounts import audit
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import NotFound
from webinars.registration import lists, words
from webinars.registration.exchange import export, forms
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions.models import Question
from webinars.registration.questions.queries import list_of, questions_of
from webinars.registration.staff_views import get_webinar, staff_pages
from webinars.schedule.models import Series, Webinar
from webinars.schedule.queries import find_series


@staff_pages.route("/webinars/<slug>/registrations/export", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def export_webinar(slug: str) -> ResponseReturnValue:
    """Write the registrations of a webinar, as its list shows them."""
    webinar = get_webinar(slug)
    return _export(webinar, Registration.webinar_id == webinar.id, export.OF_ONE_WEBINAR, questions_of(webinar))


@staff_pages.route("/series/<slug>/registrations/export", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def export_series(slug: str) -> ResponseReturnValue:
    """Write the registrations of all webinars of a series."""
    series = find_series(slug)
    if series is None:
        raise NotFound
    return _export(series, Webinar.series_id == series.id, tuple(export.COLUMNS), list_of(series))


def _export(
    thing: Webinar | Series, which: Any, names: tuple[str, ...], questions: list[Question]
) -> ResponseReturnValue:
    form, asked = forms.export_form(names, questions), _asked()
    if form.validate_on_submit():
        offered = (*names, *export.TOLD, *(one.field for one in questions))
        chosen = [name for name in offered if name in (form.columns.data or ())]
        with transaction():
            kind = "webinar" if isinstance(thing, Webinar) else "series"
            after = {"columns": chosen, "state": asked["state"] or None}
            audit.record("registrations exported", kind, thing.id, after=after, now=utc_now())
        rows = export.values_of(lists.exported(which, words=asked["q"], state=asked["state"]), chosen, questions)
        parts = export.written(form.form.data, export.heads_of(chosen, questions), rows, thing.title)
        return export.download(parts, thing.slug, form.form.data)
    page = render_template(
        "registration_staff/export.html",
        thing=thing,
        webinar=thing if isinstance(thing, Webinar) else None,
        form=form,
        asked=asked,
        number=lists.count_exported(which, words=asked["q"], state=asked["state"]),
        state_words=words.state_words,
    )
    return page, 422 if form.errors else 200


def _asked() -> dict[str, str]:
    state = request.values.get("state", "")
    return {"q": request.values.get("q", ""), "state": state if state in set(RegistrationState) else ""}
