"""Coming on another date instead: the page that lists the dates, and the deed."""

from dataclasses import replace
from datetime import datetime

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.clock import utc_now
from webinars.core.text import one_line
from webinars.registration import access, forms, swaps, words
from webinars.registration.access import Seen
from webinars.registration.views import closed, do_to_place, ensure_proven, pages
from webinars.schedule.languages import in_our_language


@pages.get("/registrations/<public_id>/dates")
def other_dates(public_id: str) -> ResponseReturnValue:
    """List the other dates that somebody can come on instead, and what they would get there."""
    seen = access.look(public_id)
    if seen is None or not seen.proven:
        return closed()
    return render_template(
        "registration/dates.html",
        registration=seen.registration,
        webinar=in_our_language(seen.registration.webinar),
        headline=words.headline(seen.registration, seen.position),
        dates=[
            replace(date, webinar=in_our_language(date.webinar))
            for date in swaps.other_dates(seen.registration, utc_now())
        ],
    )


@pages.post("/registrations/<public_id>/swap")
def swap(public_id: str) -> AnyResponse:
    """Take a place on another date and give up this one."""

    # No database looks for an address with a NUL.
    other = one_line(request.form.get("webinar", ""))

    def deed(seen: Seen, answer: AnyResponse, now: datetime) -> str:
        ensure_proven(seen)
        shown = forms.shown_place(request.form.get("shown", ""))
        taken = swaps.swap(seen.registration, other, shown, now)
        access.prove(answer, taken)
        answer.location = url_for("registration.place", public_id=taken.public_id)
        return str(_("Done: this is your place now. The one before is given up. We write to you about both."))

    return do_to_place(public_id, deed, "registration.other_dates", also=[other])
