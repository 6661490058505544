"""The delivery desk: who will miss a letter they need, why, and what to do now."""

from collections.abc import Callable
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import NotFound, UserError
from webinars.notices import desk, desk_service, desk_words
from webinars.notices.desk_rules import Remedy
from webinars.notices.staff_pages import staff_pages
from webinars.registration import queries as registrations
from webinars.registration.forms import AddressForm
from webinars.registration.models import Registration
from webinars.registration.words import state_kind, state_words


@staff_pages.get("/delivery")
def delivery() -> str:
    """Show who will miss a letter, the soonest webinar first."""
    return _page()


@staff_pages.post("/delivery/registrations/<public_id>/address")
@needs(Audience.HOST)
def delivery_correct(public_id: str) -> ResponseReturnValue:
    """Put an address right and send the letter there."""
    form = AddressForm()
    if not form.validate():
        mistake = str((form.email.errors or [_("Please try again.")])[0])
        # Also above the list: another member of staff may have taken the person off it meanwhile.
        flash(mistake, "error")
        return _page((_get(public_id).public_id, request.form.get("email", "")[:300], mistake)), 422

    def deed(registration: Registration, now: datetime) -> str:
        desk_service.correct(registration, form.email.data or "", now)
        return _("Corrected. A letter with new links is on its way to %(address)s.", address=registration.email)

    return _do(public_id, deed)


@staff_pages.post("/delivery/registrations/<public_id>/resend")
@needs(Audience.HOST)
def delivery_resend(public_id: str) -> ResponseReturnValue:
    """Send the letter again to the address there is."""

    def deed(registration: Registration, now: datetime) -> str:
        desk_service.resend(registration, now)
        return _("The letter is on its way again to %(name)s.", name=registration.name)

    return _do(public_id, deed)


@staff_pages.post("/delivery/registrations/<public_id>/told")
@needs(Audience.HOST)
def delivery_told(public_id: str) -> ResponseReturnValue:
    """Note that somebody was told by telephone."""

    def deed(registration: Registration, now: datetime) -> str:
        desk_service.note_told(registration, now)
        return _("Noted: %(name)s was told by telephone.", name=registration.name)

    return _do(public_id, deed)


def _page(wrong: tuple[str, str, str] | None = None) -> str:
    """Render the desk; ``wrong``: whose new address is none, what was typed, and what is wrong with it."""
    now = utc_now()
    return render_template(
        "notices_staff/delivery.html",
        now=now,
        misses=desk.overview(now),
        words=desk_words,
        remedies=Remedy,
        wrong=wrong,
        state_words=state_words,
        state_kind=state_kind,
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
