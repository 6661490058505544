"""Staff pages of the organisation's look: its colour, tried before it holds, and its logo."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.datastructures import FileStorage

from webinars.accounts.queries import current_staff
from webinars.archive import logos
from webinars.core import colours
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, UserError
from webinars.core.http import current_settings, let_in
from webinars.core.organization import standing
from webinars.core.organization.look import sheet, source_of
from webinars.core.organization.table import on_page
from webinars.staff.settings import service
from webinars.staff.settings.views import staff_pages as staff_pages

_LOGOS = ("logo", "logo_dark")
#: what a form takes beside its file
_FORM = 64 * 1024


@staff_pages.get("/look")
def look() -> str:
    """Show colour and logo, and a colour that is tried."""
    tried = colours.normal(request.args.get("try", ""))
    colour = tried or current_settings().brand_color or colours.USUAL.light.brand
    nearest = colours.nearest_readable(colour)
    style = colours.trial_style_of(nearest)
    let_in("style-src", source_of(style))
    rows = service.shown(on_page("look"), standing.stored())
    return render_template(
        "staff/settings/look.html",
        colour=colour,
        tried=tried,
        wrong="try" in request.args and tried is None,
        nearest=nearest,
        readable=nearest == colour,
        palette=colours.palette_of(nearest),
        least=colours.weakest(colours.palette_of(colour)),
        trial=sheet(style),
        row=rows[0],
        seen=service.version(rows),
        pictures=service.shown(on_page("logo"), standing.stored()),
    )


@staff_pages.url_value_preprocessor
def _let_logos_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the size limit for a logo; this runs before the form is read, and only for who is signed in."""
    if endpoint == "settings_staff.set_logo" and request.method == "POST" and current_staff() is not None:
        request.max_content_length = logos.MOST_BYTES + _FORM


@staff_pages.post("/look")
def set_colour() -> ResponseReturnValue:
    """Let a colour hold."""
    return _saved("look", {"brand_color": request.form.get("brand_color", "")}, request.form.get("seen"))


@staff_pages.post("/look/logo")
def set_logo() -> ResponseReturnValue:
    """Keep a picture as the logo; an empty choice of "remove" takes it away."""
    name, file = request.form.get("which", ""), request.files.get("file")
    if name not in _LOGOS or not isinstance(file, FileStorage) or not file.filename:
        flash(_("Choose a picture first."), "error")
        return redirect(url_for(".look", _anchor="logo"), 303)
    try:
        kept = logos.keep(file.stream)
    except UserError as error:
        flash(str(error), "error")
        return redirect(url_for(".look", _anchor="logo"), 303)
    return _saved("logo", {name: kept})


def _saved(topic: str, asked: dict[str, str], seen: str | None = None) -> ResponseReturnValue:
    try:
        with transaction():
            service.save(on_page(topic), asked, utc_now(), seen)
        flash(_("Saved. Every page and letter follows within a few seconds."), "success")
    except (UserError, Conflict) as error:
        flash(str(error), "error")
    standing.look_again()
    return redirect(url_for(".look"), 303)
