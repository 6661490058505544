"""The page of several dates that one form took, for the browser that sent it."""

from datetime import UTC, datetime

from flask import flash, make_response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from webinars.accounts.limits import may_correct_address
from webinars.core.clock import utc_now
from webinars.core.database import read_alone, transaction
from webinars.core.errors import Conflict, UserError
from webinars.core.text import email_key
from webinars.core.typos import suggested_address
from webinars.registration import access, dates, words
from webinars.registration.access import Seen
from webinars.registration.forms import AddressForm
from webinars.registration.models import RegistrationState
from webinars.registration.views import closed, pages, with_help
from webinars.schedule import queries as schedule
from webinars.schedule.languages import in_our_language


@pages.get("/series/<slug>/places")
def dates_taken(slug: str) -> AnyResponse:
    """Show what somebody got who registered for several dates at once."""
    read_alone()
    return _page(slug)


def _page(slug: str, form: AddressForm | None = None) -> AnyResponse:
    series, now = schedule.get_series(slug), utc_now()
    seen = access.look_at_dates(series.id)
    if not seen:
        return closed()
    first = seen[0]
    typed = first.typed
    letter_at = datetime.fromtimestamp(typed.letter_at, UTC) if typed else None
    page = render_template(
        "registration/dates_taken.html",
        series=in_our_language(series),
        seen=[(one, in_our_language(one.registration.webinar)) for one in seen],
        held=any(one.held for one in seen),
        headline=_headline(seen),
        standing=words.standing,
        zone=first.registration.time_zone,
        typed=typed.address if typed else None,
        meant=suggested_address(typed.address) if typed else None,
        letter_at=words.letter_time(letter_at, first.registration.time_zone, now),
        invited=any(one.registration.state == RegistrationState.CONFIRMED for one in seen),
        active=any(one.registration.active for one in seen),
        address_form=form or AddressForm(formdata=None, data={"email": typed.address if typed else ""}),
    )
    return make_response(page, 422 if form else 200)


def _headline(seen: list[Seen]) -> str:
    states = [one.shown.state for one in seen]
    seats = states.count(RegistrationState.CONFIRMED)
    if seats and any(one.held for one in seen):
        return ngettext("A place is held for you on %(num)d date", "A place is held for you on %(num)d dates", seats)
    if seats:
        return ngettext("You have a place on %(num)d date", "You have a place on %(num)d dates", seats)
    if RegistrationState.WAITLISTED in states:
        return str(_("You are on the waiting list"))
    if RegistrationState.RECORDING_ONLY in states:
        return str(_("You will get the recordings"))
    return str(_("This sign-up is cancelled"))


@pages.post("/series/<slug>/places/address")
def correct_address_of_dates(slug: str) -> AnyResponse:
    """Put right the address that this browser typed a moment ago, and send the letters there."""
    series, form = schedule.get_series(slug), AddressForm()
    if not access.look_at_dates(series.id):
        return closed()
    if not form.validate():
        return _page(slug, form)
    answer = redirect(url_for("registration.dates_taken", slug=slug))
    try:
        flash(_correct(series.id, form.email.data or "", answer), "success")
    except UserError as refusal:
        flash(str(refusal), "error")
    return answer


def _correct(series_id: int, address: str, answer: AnyResponse) -> str:
    now = utc_now()
    if not may_correct_address():
        raise Conflict(with_help(_("Too many corrections from here within the hour. Please try again later.")))
    with transaction():
        seen = [one for one in access.look_at_dates(series_id) if one.registration.active]
        said = {one.registration.public_id: typed[:2] for one in seen if (typed := one.typed)}
        if said and all(email_key(address) == email_key(typed) for _name, typed in said.values()):
            return str(_("That is the address we wrote to."))
        dates.correct_address([one.registration for one in seen], said, address, now)
        access.change_address_of_dates(answer, seen, address, now)
    return str(_("Thank you. Your letters go to %(to)s now. Links in earlier letters no longer work.", to=address))
