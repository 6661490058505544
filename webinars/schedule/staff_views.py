"""Staff pages of the schedule: the list of webinars, writing and changing one; and what the pages beside it share."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict
from webinars.schedule import deletion, forms, queries, service
from webinars.schedule.attempting import attempt as attempt
from webinars.schedule.languages import further_languages, told_languages
from webinars.schedule.models import Webinar, WebinarState
from webinars.schedule.portraits import portrait_of

staff_pages = Blueprint("schedule_staff", __name__)
staff_pages.add_app_template_global(further_languages)
staff_pages.add_app_template_global(told_languages)
staff_pages.add_app_template_global(portrait_of)


@staff_pages.route("/webinars/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_new() -> ResponseReturnValue:
    """Write a new draft."""
    now = utc_now()
    form = forms.WebinarForm(data=forms.new_webinar_data(queries.find_series(request.args.get("series", ""))))
    if form.is_submitted():
        form.take_usual(queries.find_series(form.series.data or ""))
    if form.validate_on_submit():
        webinar = attempt(form, lambda: service.create_webinar(form.values(), now), str)
        if webinar:
            flash(_("The draft is saved. Have a look at it, then publish it."), "success")
            return redirect(url_for("staff.webinar", slug=webinar.slug))
    form.offer(queries.list_series(), queries.list_speakers(), now)
    return render_template("schedule_staff/webinar_form.html", form=form, webinar=None), form.status


@staff_pages.route("/webinars/<slug>/edit", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_edit(slug: str) -> ResponseReturnValue:
    """Change a webinar; the start of a published one is left to the move page."""
    now, webinar = utc_now(), queries.get_webinar(slug)
    form = forms.WebinarForm(data={**forms.webinar_data(webinar), "seen": service.webinar_version(webinar)})
    if webinar.state != WebinarState.DRAFT:
        form.leave_out_start()
    if form.validate_on_submit():
        edited = attempt(form, lambda: _edit(slug, form), lambda: current(slug))
        if edited:
            flash(_("Your changes are saved."), "success")
            return redirect(url_for("staff.webinar", slug=edited.slug))
    form.offer(queries.list_series(), queries.list_speakers(), now)
    return render_template(
        "schedule_staff/webinar_form.html", form=form, webinar=queries.get_webinar(slug)
    ), form.status


def _edit(slug: str, form: forms.WebinarForm) -> Webinar:
    webinar = queries.get_webinar(slug)
    return service.edit_webinar(webinar, form.values(), utc_now(), seen=form.seen.data)


def current(slug: str) -> str:
    """Fingerprint a webinar as it is now."""
    return service.webinar_version(queries.get_webinar(slug))


def deletion_page(
    find: Callable[[], deletion.Deletable], back: str, done: str, instead: str | None = None
) -> ResponseReturnValue:
    """Ask before something is deleted, or say what keeps it and what may be done instead; then delete it."""
    status = 200
    if request.method == "POST":
        try:
            with transaction():
                deletion.delete(find(), utc_now())
            flash(_("It is deleted."), "success")
            return redirect(url_for(done))
        except Conflict as conflict:
            status = conflict.status
    thing = find()
    name, reason = deletion.name_of(thing), deletion.why_kept(thing)
    page = render_template("schedule_staff/delete.html", name=name, reason=reason, back=back, instead=instead)
    return page, status
