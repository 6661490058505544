"""Changing one's own address: the wish on a page of the old one, the button behind the letter to the new one."""

from datetime import datetime

from flask import flash, redirect, render_template, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.accounts.limits import may_correct_address
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, UserError
from webinars.registration import access, address_changes
from webinars.registration.access import Seen
from webinars.registration.forms import NewAddressForm
from webinars.registration.models import Registration
from webinars.registration.views import closed, do_to_place, ensure_proven, pages, place_page, with_help

#: where the link waits for the button, under a clean address
_TOKEN = "new_address"


@pages.post("/registrations/<public_id>/new-address")
def ask_new_address(public_id: str) -> AnyResponse:
    """Write to another address that is to become the one of this place."""
    seen, form = access.look(public_id), NewAddressForm()
    if seen is None:
        return closed()
    if seen.proven and not form.validate():
        return place_page(seen, status=422, new_address=form)

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        ensure_proven(seen)
        return ask(seen.registration, form.email.data or "", everywhere=False, now=now)

    return do_to_place(public_id, deed)


def ask(registration: Registration, email: str, everywhere: bool, now: datetime) -> str:
    """Note a wish and say what comes next: the same for every address, known or not."""
    if not may_correct_address():
        raise Conflict(with_help(_("Too many corrections from here within the hour. Please try again later.")))
    address_changes.ask(registration, email, everywhere, now)
    sentence = _(
        "We write to %(address)s. Open the link in that letter within a day and press the button: "
        "until then everything stays as it is.",
        address=email,
    )
    return str(sentence)


@pages.get("/my/address/<token>")
def open_new_address(token: str) -> AnyResponse:
    """Open the link from the letter to a new address, and go to the address without a token."""
    if address_changes.find(token, utc_now()) is None:
        return closed(404)
    session[_TOKEN] = token
    return redirect(url_for("registration.new_address"))


@pages.get("/my/address")
def new_address() -> AnyResponse | str:
    """Say what the button leads to; nothing happens yet."""
    now = utc_now()
    change = address_changes.find(session.get(_TOKEN, ""), now)
    if change is None:
        return closed(404)
    return render_template(
        "registration/new_address.html", change=change, places=address_changes.places_of(change, now)
    )


@pages.post("/my/address")
def take_new_address() -> AnyResponse:
    """Write to the new address from now on."""
    now = utc_now()
    try:
        with transaction():
            change = address_changes.find(session.get(_TOKEN, ""), now)
            if change is None:
                return closed(404)
            everywhere = change.everywhere
            places = address_changes.carry_out(change, now)
            answer = redirect(_page_of(places[0], everywhere))
            (access.prove_address if everywhere else access.prove)(answer, places[0])
    except UserError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for("registration.new_address"))
    session.pop(_TOKEN, None)
    flash(_("Done. Your letters go to the new address, and the first one is on its way."), "success")
    return answer


def _page_of(place: Registration, everywhere: bool) -> str:
    if everywhere:
        return url_for("registration.my_webinars")
    return url_for("registration.place", public_id=place.public_id)
