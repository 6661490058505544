"""The page on which staff change how people get in, and nothing else: short enough for a telephone before the start."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.schedule import forms, queries, service
from webinars.schedule.attempting import attempt
from webinars.schedule.models import Webinar, WebinarState
from webinars.schedule.staff_views import current, staff_pages


@staff_pages.route("/webinars/<slug>/joining", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def webinar_joining(slug: str) -> ResponseReturnValue:
    """Change the room, the telephone number or the PIN of a webinar."""
    webinar = queries.get_webinar(slug)
    form = forms.JoiningForm(obj=webinar, data={"seen": service.webinar_version(webinar)})

    def deed() -> Webinar:
        return service.edit_webinar(queries.get_webinar(slug), form.changes(), utc_now(), seen=form.seen.data)

    if form.validate_on_submit():
        # Where the line is bad, the same form comes twice.
        if not form.changes():
            flash(_("That is how it stands already."), "info")
            return redirect(url_for("staff.webinar", slug=slug))
        if attempt(form, deed, lambda: current(slug)):
            flash(_said(webinar), "success")
            return redirect(url_for("staff.webinar", slug=slug))
    return render_template("schedule_staff/webinar_joining.html", form=form, webinar=webinar), form.status


def _said(webinar: Webinar) -> str:
    if webinar.state == WebinarState.PUBLISHED and webinar.confirmed_count:
        return _("Saved. It holds at once, and everybody who has a place is told.")
    return _("Saved.")
