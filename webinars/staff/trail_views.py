"""Staff pages of the audit trail: who did what when, and taking back what is harmless."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts.queries import actor_names, list_people
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.http import home_zone
from webinars.staff import queries, trail, undo
from webinars.staff.deeds import in_words
from webinars.staff.views import staff_pages


@staff_pages.get("/audit")
@needs(Audience.EDITOR)
def audit() -> str:
    """Show who did what when, newest first, as far as it is asked for."""
    asked, number = trail.asked_of(request.args), request.args.get("page", 1, type=int)
    page = trail.page_of_trail(asked, number, home_zone())
    one = queries.things(asked.kind, [asked.thing]).get(asked.thing) if asked.kind and asked.thing else None
    return render_template(
        "staff/audit.html",
        asked=asked,
        page=page,
        one=one,
        names=actor_names(page.items),
        deeds=in_words(page.items),
        undoable=undo.standing(page.items),
        people=list_people(),
        kinds=trail.KINDS,
        others=trail.OTHERS,
        given={key: value for key, value in request.args.items() if value and key != "page"},
    )


@staff_pages.post("/audit/<int:number>/undo")
@needs(Audience.EDITOR)
def undo_deed(number: int) -> ResponseReturnValue:
    """Take a harmless change back."""
    try:
        with transaction():
            entry = trail.get_entry(number)
            undo.undo(entry, utc_now())
            kind, thing = entry.object_kind, entry.object_id
    except UserError as error:
        flash(str(error), "error")
        return redirect(url_for("staff.audit"), 303)
    flash(_("It is as it was before. The first line tells of it, and can be taken back too."), "success")
    return redirect(url_for("staff.audit", kind=kind, thing=thing), 303)
