"""What a request has typed into a form, and keeping it when the form itself cannot be taken."""

from datetime import timedelta

from flask import current_app, flash, redirect, request, session
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from webinars.accounts import queries, rules
from webinars.accounts.drafts import service
from webinars.accounts.models import User
from webinars.accounts.service import SESSION_LIFE, TOKEN, token_hash
from webinars.core.audience import Audience
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.http import is_from_here

_LONGEST_PLACE = 300
#: what a form sends besides what was typed
_NOT_TYPED = frozenset({"csrf_token", "place", "prose"})
GO_ON = "?draft=go"
#: for so long after a sign-in ran out what its form sends is kept
_STILL = timedelta(days=2)


def place_of_form() -> str | None:
    """Give the path of the form that was sent, if it is one that can be gone on with."""
    place = request.form.get("place", "")
    if not place.startswith("/staff/") or len(place) > _LONGEST_PLACE or rules.safe_next(place) != place:
        return None
    try:
        current_app.url_map.bind("").match(place, "GET")
    except HTTPException:
        return None
    return place


def keep_for(user: User, place: str) -> None:
    """Keep what was sent as somebody's draft."""
    typed = [(name, value) for name, value in request.form.items(multi=True) if name not in _NOT_TYPED]
    user_id = user.id
    with transaction():
        service.keep(user_id, place, typed, utc_now())


def keep_from_former_sign_in() -> str | None:
    """Keep what was sent after the sign-in ran out, for whom the signed cookie still names; give the form's path."""
    user, place = _whose_ran_out(), place_of_form()
    if user is None or place is None or not _may_write(user):
        return None
    keep_for(user, place)
    return place


def _whose_ran_out() -> User | None:
    """Give whose sign-in this was, if it ran out by itself and not long ago: one that was ended writes nothing."""
    found = queries.find_any_session(token_hash(session.get(TOKEN) or ""))
    if found is None or not found.user.active or found.user.fs_uniquifier != session.get("_user_id"):
        return None
    ran_out = found.ends_at >= found.started_at + SESSION_LIFE and found.ends_at > utc_now() - _STILL
    return found.user if ran_out else None


def keep_without_token() -> Response | None:
    """Keep what was sent with the form token of an earlier sign-in, and show the form with it again.

    A page of another site must not write drafts in somebody's name, so the browser has to say where it comes from.
    """
    user = queries.current_staff()
    place = place_of_form()
    if user is None or place is None or not _may_write(user) or not is_from_here():
        return None
    keep_for(user, place)
    flash(_("You had signed in anew in the meantime. What you typed is here: please send it once more."), "warning")
    return redirect(request.script_root + place + GO_ON, 303)


def _may_write(user: User) -> bool:
    return Audience.EDITOR.admits(rules.roles_of(user))
