"""The buttons that take what is held for somebody: an offered seat, and a place until its address is proven."""

from datetime import datetime

from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.registration import offers
from webinars.registration.access import Seen
from webinars.registration.views import do_to_place, ensure_proven, pages


@pages.post("/registrations/<public_id>/accept")
def accept(public_id: str) -> AnyResponse:
    """Take the seat that is held."""

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        ensure_proven(seen)
        offers.accept(seen.registration, now)
        return str(_("The place is yours. You get a letter with your calendar invitation."))

    return do_to_place(public_id, deed)


@pages.post("/registrations/<public_id>/keep")
def keep(public_id: str) -> AnyResponse:
    """Keep the place that is held until its address is proven; pressing any button does, this one is named for it."""

    def deed(seen: Seen, _answer: AnyResponse, _now: datetime) -> str:
        ensure_proven(seen)
        return str(_("Thank you. It is certain now, and you get a letter with all you need."))

    return do_to_place(public_id, deed)
