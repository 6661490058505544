"""What a person chooses about their place: how they take part, which letters they get, what these are made of."""

from datetime import datetime

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.registration import access, companions, corrections, mail_choices, parties, service, words
from webinars.registration.access import Seen
from webinars.registration.forms import CompanionForm, details_form, details_of
from webinars.registration.models import RegistrationState
from webinars.registration.views import closed, do_to_place, ensure_proven, letter_follows, pages, place_page


@pages.post("/registrations/<public_id>/mode")
def change_mode(public_id: str) -> AnyResponse:
    """Take part another way."""

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        ensure_proven(seen)
        service.change_mode(seen.registration, request.form.get("mode", ""), now)
        return str(_("Saved: %(mode)s.", mode=words.mode_words(seen.registration.mode)))

    return do_to_place(public_id, deed)


@pages.post("/registrations/<public_id>/letters")
def choose_letters(public_id: str) -> AnyResponse:
    """Note which letters beyond those about the place a person gets."""

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        ensure_proven(seen)
        shown = request.form.get("shown", "").split()
        mail_choices.choose([seen.registration], shown, request.form.getlist("letters"), now)
        return str(_("Saved."))

    return do_to_place(public_id, deed)


@pages.post("/registrations/<public_id>/details")
def edit_details(public_id: str) -> AnyResponse:
    """Put name, zone, language and discretion right."""
    seen = access.look(public_id)
    if seen is None:
        return closed()
    form = details_form(seen.registration)
    if not form.validate():
        return place_page(seen, form, 422)
    details = details_of(form)

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        ensure_proven(seen)
        follows = corrections.edit_details(seen.registration, details, now)
        if not follows:
            return str(_("Saved."))
        has_seat = seen.registration.state == RegistrationState.CONFIRMED
        usual = (
            _("You get a new letter with the invitation, usually within a few minutes.")
            if has_seat
            else _("You get a new letter, usually within a few minutes.")
        )
        return f"{_('Saved.')} {letter_follows(seen, now, usual)}"

    return do_to_place(public_id, deed)


@pages.post("/registrations/<public_id>/companion")
def bring(public_id: str) -> AnyResponse:
    """Give somebody else a place beside this one."""
    seen = access.look(public_id)
    if seen is None or not seen.proven:
        return closed()
    form = CompanionForm()
    if not form.validate():
        return place_page(seen, status=422, companion=form)

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        ensure_proven(seen)
        other = companions.bring(seen.registration, form.companion.data or "", now)
        words = parties.state_of(other)
        return str(_("%(name)s: %(state)s. A letter of their own goes to your address.", name=other.name, state=words))

    return do_to_place(public_id, deed)
