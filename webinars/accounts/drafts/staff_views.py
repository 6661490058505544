"""Staff pages that keep what is being typed."""

from flask import abort, flash, redirect, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts import queries
from webinars.accounts.drafts import service
from webinars.accounts.drafts.typing import GO_ON, keep_for, place_of_form
from webinars.accounts.models import User
from webinars.accounts.staff_views import staff_pages
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.formats import clock
from webinars.core.http import visitor_zone


@staff_pages.post("/drafts")
@needs(Audience.EDITOR)
def draft_keep() -> ResponseReturnValue:
    """Keep what is typed into a form; what people read stays as it is."""
    user, place = _whose()
    keep_for(user, place)
    words = _("Kept for later at %(time)s", time=clock(utc_now(), visitor_zone()))
    if "HX-Request" in request.headers:
        return words
    flash(_("%(kept)s. What people read has not changed.", kept=words), "success")
    return redirect(request.script_root + place + GO_ON, 303)


@staff_pages.post("/drafts/throw-away")
@needs(Audience.EDITOR)
def draft_throw_away() -> ResponseReturnValue:
    """Delete a draft; the form is as it was saved last."""
    user, place = _whose()
    user_id = user.id
    with transaction():
        service.throw_away(user_id, place)
    flash(_("The draft is thrown away."), "success")
    return redirect(request.script_root + place, 303)


def _whose() -> tuple[User, str]:
    user, place = queries.current_staff(), place_of_form()
    if user is None or place is None:
        abort(404)
    return user, place
