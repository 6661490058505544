"""Staff pages of imports: choose a file, say what its columns hold, see what would happen, enter everybody."""

from collections.abc import Callable
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts.queries import current_staff
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, UserError
from webinars.mail.queries import is_worker_silent
from webinars.registration.exchange import asked, columns, export, forms, problems, queries, service
from webinars.registration.exchange.files import MOST_UPLOADED
from webinars.registration.exchange.models import AT_WORK, Fate, Import, ImportState
from webinars.registration.models import RegistrationState
from webinars.registration.rules import why_closed
from webinars.registration.staff_views import get_webinar, staff_pages
from webinars.schedule.models import Webinar

#: a file that is a little too large is answered beside its field, a much larger one is not even read
_LARGEST_REQUEST = MOST_UPLOADED + 10_000_000
_STATES = (RegistrationState.CONFIRMED, RegistrationState.WAITLISTED, RegistrationState.RECORDING_ONLY)


@staff_pages.url_value_preprocessor
def _let_lists_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the size limit for lists; this runs before the form is read, and only for who is signed in."""
    if endpoint == "registration_staff.import_new" and request.method == "POST" and current_staff() is not None:
        request.max_content_length = _LARGEST_REQUEST


@staff_pages.route("/webinars/<slug>/import", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def import_new(slug: str) -> ResponseReturnValue:
    """Ask for a list of people, and keep it for a worker to read."""
    webinar, form = get_webinar(slug), forms.UploadForm()
    if form.validate_on_submit():
        try:
            with transaction():
                found = service.begin(get_webinar(slug), form.file.data.filename, utc_now())
                service.keep_file(found, form.file.data.stream)
                number = found.id
            return redirect(url_for(".import_page", slug=slug, import_id=number))
        except UserError as refusal:
            webinar = get_webinar(slug)
            form.file.errors = [*form.file.errors, str(refusal)]
    page = render_template(
        "registration_staff/import_new.html",
        webinar=webinar,
        form=form,
        under_way=queries.under_way(webinar.id),
        state_words=import_words,
        open=why_closed(webinar, utc_now()) is None or why_closed(webinar, utc_now(), "recording") is None,
    )
    return page, 422 if form.errors else 200


def import_words(found: Import) -> str:
    """Say how far an import is."""
    return str(
        {
            ImportState.READING: _("waits to be read"),
            ImportState.COLUMNS: _("asks what the columns hold"),
            ImportState.CHECKING: _("is being checked"),
            ImportState.CHECKED: _("is ready to be looked at"),
            ImportState.ENTERING: _("is being entered"),
            ImportState.DONE: _("is entered"),
            ImportState.REFUSED: _("cannot be read"),
            ImportState.DISCARDED: _("is discarded"),
        }[ImportState(found.state)]
    )


@staff_pages.get("/webinars/<slug>/import/<int:import_id>")
@needs(Audience.EDITOR)
def import_page(slug: str, import_id: int) -> ResponseReturnValue:
    """Show an import: how far it is, and what is asked next."""
    webinar, found = _get(slug, import_id)
    if found.state == ImportState.COLUMNS:
        return _columns_page(webinar, found, forms.columns_form(found, _first_choice(found)))
    return _page(webinar, found, forms.EnterForm(formdata=None))


def _page(webinar: Webinar, found: Import, form: Any) -> ResponseReturnValue:
    listed = queries.problem_page(found, request.args.get("page", 1, type=int)) if found.problems else None
    labels = asked.labels(asked.asked_by(webinar, utc_now()))
    page = render_template(
        "registration_staff/import.html",
        **_progress(webinar, found),
        form=form,
        listed=listed,
        problems=list(problems.explained(listed.items, found)) if listed else [],
        columns=[(header, labels.get(field)) for header, field in zip(found.headers, found.columns, strict=True)]
        if found.columns
        else [],
    )
    return page, 422 if form.errors else 200


def _progress(webinar: Webinar, found: Import) -> dict[str, Any]:
    moving = found.state in AT_WORK
    return {
        "webinar": webinar,
        "found": found,
        "moving": moving,
        "silent": moving and is_worker_silent(utc_now()),
        "state_words": import_words,
        "getting": {state.value: found.getting(state) for state in _STATES},
        "counts": {fate.value: found.counts.get(fate, 0) for fate in Fate},
        "expected": max(found.expected or 0, found.rows),
    }


@staff_pages.get("/webinars/<slug>/import/<int:import_id>/progress")
@needs(Audience.EDITOR)
def import_progress(slug: str, import_id: int) -> ResponseReturnValue:
    """Give the part of the page that says how far it is; to a reader, the page."""
    webinar, found = _get(slug, import_id)
    if "HX-Request" not in request.headers:
        return redirect(url_for(".import_page", slug=slug, import_id=import_id))
    progress = _progress(webinar, found)
    answer = make_response(render_template("registration_staff/_import_progress.html", **progress))
    if not progress["moving"] or request.args.get("state") != found.state:
        # The rest of the page is another now.
        answer.headers["HX-Refresh"] = "true"
    return answer


@staff_pages.route("/webinars/<slug>/import/<int:import_id>/columns", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def import_columns(slug: str, import_id: int) -> ResponseReturnValue:
    """Ask what the columns hold, and have the rows checked by that."""
    webinar, found = _get(slug, import_id)
    if found.state not in {ImportState.COLUMNS, ImportState.CHECKED}:
        return redirect(url_for(".import_page", slug=slug, import_id=import_id))
    form = forms.columns_form(found, _first_choice(found))
    if form.validate_on_submit():
        try:
            with transaction():
                chosen = forms.chosen_columns(form, found)
                service.choose_columns(_get(slug, import_id)[1], chosen, utc_now())
            return redirect(url_for(".import_page", slug=slug, import_id=import_id))
        except Conflict as moved_on:
            flash(str(moved_on), "error")
            return redirect(url_for(".import_page", slug=slug, import_id=import_id))
        except UserError as refusal:
            webinar, found = _get(slug, import_id)
            form.form_errors.append(str(refusal))
    return _columns_page(webinar, found, form)


def _columns_page(webinar: Webinar, found: Import, form: Any) -> ResponseReturnValue:
    names = asked.names(asked.asked_by(webinar, utc_now()))
    unknown = [field is None for field in columns.recognised(found.headers, names)]
    listed = [
        (
            form[f"column_{number}"],
            unknown[number] and not found.columns[number],
            [row[number] for row in found.samples if number < len(row) and row[number].strip()],
        )
        for number in range(len(found.headers))
    ]
    page = render_template(
        "registration_staff/import_columns.html", webinar=webinar, found=found, form=form, listed=listed
    )
    return page, 422 if form.errors else 200


def _first_choice(found: Import) -> list[str]:
    return list(found.columns)


@staff_pages.post("/webinars/<slug>/import/<int:import_id>/leave-out")
@needs(Audience.EDITOR)
def import_leave_out(slug: str, import_id: int) -> ResponseReturnValue:
    """Leave out the rows that stand against entering the others."""

    def deed(found: Import) -> None:
        service.leave_out_problems(found, found.webinar, utc_now())

    return _do(slug, import_id, deed)


@staff_pages.post("/webinars/<slug>/import/<int:import_id>/enter")
@needs(Audience.EDITOR)
def import_enter(slug: str, import_id: int) -> ResponseReturnValue:
    """Let everybody be entered."""
    form = forms.EnterForm()
    if not form.validate():
        return _page(*_get(slug, import_id), form)

    def deed(found: Import) -> None:
        service.press(found, form.letters.data == "yes", utc_now())

    return _do(slug, import_id, deed)


@staff_pages.post("/webinars/<slug>/import/<int:import_id>/discard")
@needs(Audience.EDITOR)
def import_discard(slug: str, import_id: int) -> ResponseReturnValue:
    """Put an end to an import."""
    return _do(slug, import_id, service.discard)


def _do(slug: str, import_id: int, deed: Callable[[Import], None]) -> ResponseReturnValue:
    try:
        with transaction():
            deed(_get(slug, import_id)[1])
    except Conflict as refusal:
        flash(str(refusal), "error")
    return redirect(url_for(".import_page", slug=slug, import_id=import_id))


@staff_pages.get("/webinars/<slug>/import/<int:import_id>/problems.csv")
@needs(Audience.EDITOR)
def import_problems(slug: str, import_id: int) -> Response:
    """Give the rows with problems as a file, each with what to mend."""
    _webinar, found = _get(slug, import_id)
    heads = [*found.headers, _("What to mend")]
    parts = export.csv_of(heads, problems.to_mend(queries.problem_rows(found), found), mark=True)
    return export.download(parts, f"{slug}-{_('to mend')}", "csv")


def _get(slug: str, import_id: int) -> tuple[Webinar, Import]:
    webinar = get_webinar(slug)
    return webinar, queries.get_import(webinar.id, import_id)
