"""Staff pages of the pictures for texts: what there is, a new one, what each shows and where."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts.queries import current_staff
from webinars.archive.album import making, queries, service
from webinars.archive.album.forms import PictureForm, words_data
from webinars.archive.staff_views import staff_pages
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, UserError
from webinars.core.pictures import PICTURE, Picture, Shown, shown, written
from webinars.schedule.staff_views import attempt

staff_pages.add_app_template_global(shown, "shown_picture")
staff_pages.add_app_template_global(written, "written_picture")
#: a file somewhat too large is to be refused beside its field, with the words that were typed
_LARGEST_FORM = 4 * making.MOST_BYTES
_TAKING = frozenset({"archive_staff.picture_new", "archive_staff.portrait"})
#: offered beside a text
_OFFERED = 12


@staff_pages.url_value_preprocessor
def _let_pictures_in(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Raise the size limit for pictures; this runs before the form is read, and only for who is signed in."""
    if endpoint in _TAKING and request.method == "POST" and current_staff() is not None:
        request.max_content_length = _LARGEST_FORM


@staff_pages.get("/pictures")
def picture_list() -> ResponseReturnValue:
    """List the pictures with what they show and where."""
    words = request.args.get("q", "")
    page = queries.pictures(words, request.args.get("page", 1, type=int))
    return render_template("archive_staff/pictures.html", page=page, text=words, uses=queries.uses())


@staff_pages.get("/pictures/choice")
@needs(Audience.EDITOR)
def picture_choice() -> ResponseReturnValue:
    """Offer pictures to a script that puts one into a text, and the form for a new one."""
    if "HX-Request" not in request.headers:
        abort(404)
    return _choice(PictureForm())


@staff_pages.route("/pictures/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def picture_new() -> ResponseReturnValue:
    """Take a new picture; a script beside a text gets what to put there."""
    form, in_text = PictureForm(), "HX-Request" in request.headers
    added = _add(form) if form.validate_on_submit() else None
    if in_text:
        return render_template("archive_staff/_picture_chosen.html", picture=added) if added else _choice(form)
    if added:
        flash(_("The picture is there. Copy the line below into a text."), "success")
        return redirect(url_for("archive_staff.picture", picture_id=added.id))
    page = render_template("archive_staff/picture_new.html", form=form, arrived=_arrived(form))
    return page, form.status


def _choice(form: PictureForm) -> str:
    words = request.args.get("q", "")
    page = queries.pictures(words, per_page=_OFFERED)
    return render_template(
        "archive_staff/_picture_choice.html", form=form, page=page, text=words, arrived=_arrived(form)
    )


def _add(form: PictureForm) -> Picture | None:
    """Store what was chosen, outside any transaction, then name it; what is missing stands in the form."""
    if form.file.data:
        try:
            made = making.make_picture(form.file.data.stream)
            form.arrived.data = service.token_of(service.keep(made, PICTURE), made)
        except UserError as error:
            form.show({"file": str(error)})
            return None
    kept = service.kept_by(form.arrived.data or "")
    return attempt(form, lambda: service.add_picture(kept, form.values(), utc_now()), str)


def _arrived(form: PictureForm) -> Shown | None:
    """Give a picture that arrived before its words."""
    kept = service.kept_by(form.arrived.data or "")
    return shown(Picture(**kept, words={})) if kept else None


@staff_pages.route("/pictures/<int:picture_id>", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def picture(picture_id: int) -> ResponseReturnValue:
    """Show a picture, what names it in a text, and where it is; change the words."""
    found = queries.get_picture(picture_id)
    data = words_data(found.words) | {"decorates": not found.words, "seen": service.version(found)}
    form = PictureForm(data=data)
    if form.validate_on_submit():

        def deed() -> bool:
            service.edit_picture(queries.get_picture(picture_id), form.values(), utc_now(), seen=form.seen.data)
            return True

        if attempt(form, deed, lambda: service.version(queries.get_picture(picture_id))):
            flash(_("Saved."), "success")
            return redirect(url_for("archive_staff.picture_list"))
    found, uses = queries.get_picture(picture_id), queries.uses().get(picture_id, [])
    page = render_template("archive_staff/picture.html", form=form, picture=found, name=_name(found), uses=uses)
    return page, form.status


@staff_pages.route("/pictures/<int:picture_id>/delete", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def picture_delete(picture_id: int) -> ResponseReturnValue:
    """Delete a picture that no text shows, after asking."""
    status = 200
    if request.method == "POST":
        try:
            with transaction():
                service.delete_picture(queries.get_picture(picture_id), utc_now())
            flash(_("It is deleted."), "success")
            return redirect(url_for("archive_staff.picture_list"))
        except Conflict as conflict:
            status = conflict.status
    found = queries.get_picture(picture_id)
    page = render_template(
        "schedule_staff/delete.html",
        name=_name(found),
        reason=service.why_kept(picture_id),
        back=url_for("archive_staff.picture", picture_id=picture_id),
    )
    return page, status


def _name(found: Picture) -> str:
    return _("Picture %(number)s", number=found.id)
