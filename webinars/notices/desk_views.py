"""The delivery desk: who will miss a letter they need, why, and what to do now."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import NotFound, UserError
from webinars.core.typos import suggested_address
from webinars.notices import desk, desk_service, desk_words
from webinars.notices.desk_rules import Remedy
from webinars.notices.staff_pages import staff_pages
from webinars.registration import queries as registrations
from webinars.registration.forms import AddressForm
from webinars.registration.models import Registration
from webinars.registration.words import standing


@dataclass(frozen=True)
class _Typed:
    """An address that was typed for somebody and not taken yet."""

    public_id: str
    email: str
    #: what is wrong with it; empty when it only looks like a slip
    mistake: str = ""
    #: what was probably meant
    meant: str | None = None


@staff_pages.get("/delivery")
def delivery() -> str:
    """Show who will miss a letter, the soonest webinar first."""
    return _page()


@staff_pages.post("/delivery/registrations/<public_id>/address")
@needs(Audience.EDITOR)
def delivery_correct(public_id: str) -> ResponseReturnValue:
    """Put an address right and send the letter there; what looks mistyped is asked about once."""
    form = AddressForm()
    if not form.validate():
        mistake = str((form.email.errors or [_("Please try again.")])[0])
        # Also above the list: another member of staff may have taken the person off it meanwhile.
        flash(mistake, "error")
        return _page(_Typed(_get(public_id).public_id, request.form.get("email", "")[:300], mistake)), 422
    email = form.email.data or ""
    meant = suggested_address(email)
    if meant is not None and request.form.get("sure") != email:
        return _page(_Typed(_get(public_id).public_id, email, meant=meant)), 422

    def deed(registration: Registration, now: datetime) -> str:
        desk_service.correct(registration, email, now)
        return _("Corrected. A letter with new links is on its way to %(address)s.", address=registration.email)

    return _do(public_id, deed)


@staff_pages.post("/delivery/registrations/<public_id>/resend")
@needs(Audience.EDITOR)
def delivery_resend(public_id: str) -> ResponseReturnValue:
    """Send the letter again to the address there is."""

    def deed(registration: Registration, now: datetime) -> str:
        desk_service.resend(registration, now)
        return _("The letter is on its way to %(name)s.", name=registration.name)

    return _do(public_id, deed)


@staff_pages.post("/delivery/registrations/<public_id>/told")
@needs(Audience.EDITOR)
def delivery_told(public_id: str) -> ResponseReturnValue:
    """Note that somebody was told by telephone."""

    def deed(registration: Registration, now: datetime) -> str:
        desk_service.note_told(registration, now)
        return _("Noted: %(name)s was told by telephone.", name=registration.name)

    return _do(public_id, deed)


def _page(typed: _Typed | None = None) -> str:
    """Render the desk, with an address that was typed for somebody and not taken yet."""
    now = utc_now()
    misses = desk.overview(now)
    listed = {one.registration.public_id for miss in misses for one in miss.people}
    if typed is not None and typed.meant and typed.public_id not in listed:
        # A letter has reached them meanwhile, so that there is no field to ask beside.
        flash(_("Did you mean %(address)s?", address=typed.meant), "warning")
    return render_template(
        "notices_staff/delivery.html",
        now=now,
        misses=misses,
        words=desk_words,
        remedies=Remedy,
        typed=typed,
        standing=standing,
    )


def _do(public_id: str, deed: Callable[[Registration, datetime], str]) -> ResponseReturnValue:
    """Do something for a person and go back to the desk; what is refused is said there."""
    try:
        with transaction():
            registration = _get(public_id)
            sentence, webinar_id = deed(registration, utc_now()), registration.webinar_id
    except NotFound:
        raise
    except UserError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".delivery"))
    flash(sentence, "success")
    return redirect(url_for(".delivery", _anchor=f"webinar-{webinar_id}"))


def _get(public_id: str) -> Registration:
    registration = registrations.find_by_public_id(public_id)
    if registration is None:
        raise NotFound(_("There is no such registration."))
    return registration
