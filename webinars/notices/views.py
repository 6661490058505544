"""The page behind the link that ends a class of mail, and the one POST with which a mail program ends it (RFC 8058).

The link alone is the permission: no cookie is asked for, so there is none that another site could misuse.
"""

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.clock import utc_now
from webinars.core.database import read_alone, transaction
from webinars.core.errors import NotFound
from webinars.core.http import csrf, private
from webinars.mail.classes import EVERYWHERE
from webinars.notices import subscriptions
from webinars.notices.subscriptions import Subscription
from webinars.registration.mail_choices import CLASSES
from webinars.schedule.languages import in_our_language

pages = Blueprint("notices", __name__)


@pages.after_request
def _keep_private(response: Response) -> Response:
    """Keep refusals private too: the address holds a token."""
    return private(response)


@pages.get("/u/<token>")
def leaving(token: str) -> AnyResponse:
    """Show what would be left, or was, and what still comes; changes nothing."""
    read_alone()
    found = _get(token)
    scopes = found.scopes_left()
    return make_response(
        render_template(
            "notices/leaving.html",
            token=token,
            letters=CLASSES[found.mail_class],
            series=in_our_language(found.series),
            left=bool(scopes),
            left_everywhere=EVERYWHERE in scopes,
        )
    )


@pages.post("/u/<token>")
@csrf.exempt
def leave(token: str) -> AnyResponse:
    """Leave, or come back; a mail program is answered at once, a person by the page."""
    now, one_click = utc_now(), request.form.get("List-Unsubscribe") == "One-Click"
    with transaction():
        found = _get(token)
        if one_click:
            found.leave(now)
        elif request.form.get("deed") == "return":
            found.join_again()
        elif request.form.get("deed") == "leave":
            found.leave(now, everywhere=request.form.get("scope") == "all")
    if one_click:
        return Response(_("You are unsubscribed.") + "\n", mimetype="text/plain")
    return redirect(url_for("notices.leaving", token=token), 303)


# Read by core.http: mail providers send this from anywhere.
leave.accepts_foreign_posts = True


def _get(token: str) -> Subscription:
    found = subscriptions.open_link(token)
    if found is None:
        raise NotFound(
            _("This link does not work any more. Use the one in a newer letter, or choose letters on your own page.")
        )
    return found
