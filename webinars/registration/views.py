"""Pages of a place: the link from a letter, the place itself, and "my webinars".

They belong to one person: kept by nobody, indexed by nobody, and fetching one never changes anything.
"""

from collections.abc import Callable, Hashable
from datetime import datetime

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from werkzeug.wrappers import Response as AnyResponse

from webinars.core.clock import utc_now
from webinars.core.database import read_alone, transaction
from webinars.core.errors import Forbidden, UserError
from webinars.core.http import current_settings, private
from webinars.core.language import current_language
from webinars.core.links import open_token
from webinars.core.pagecache import PageCache
from webinars.registration import access, calendar, corrections, links, queries, rules, service, words
from webinars.registration.access import Access, Seen
from webinars.registration.forms import AddressForm, DetailsForm, details_form, modes_of
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import WebinarState

pages = Blueprint("registration", __name__)
_cache = PageCache()


@pages.after_request
def _keep_private(response: Response) -> Response:
    return private(response)


@pages.get("/r/<token>")
def open_link(token: str) -> AnyResponse:
    """Open the link from a letter: note it in the cookie and go to the address without a token."""
    registration = _registration_of(links.MANAGE, token)
    if registration is None:
        return _closed()
    answer = redirect(url_for("registration.place", public_id=registration.public_id))
    access.prove(answer, registration)
    return answer


@pages.get("/r/<token>/calendar.ics")
def entry(token: str) -> AnyResponse:
    """Serve a person's own calendar entry."""
    registration = _registration_of(links.CALENDAR, token)
    if registration is None:
        return _closed()
    name = "appointment.ics" if registration.discreet else "webinar.ics"
    answer = Response(calendar.file_of(registration, utc_now()), content_type="text/calendar; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _registration_of(purpose: str, token: str) -> Registration | None:
    opened = open_token(purpose, token)
    registration = queries.find_by_public_id(opened[0]) if opened else None
    return registration if links.opens(purpose, token, registration) else None


@pages.get("/registrations/<public_id>")
def place(public_id: str) -> AnyResponse:
    """Show a place to who may see it."""
    read_alone()
    seen = access.look(public_id)
    if seen is None:
        return _closed()
    if seen.proven:
        return _place_page(seen, details_form(seen.registration))
    place = seen.registration
    own = (*(links.token_for(purpose, place) for purpose in (links.JOIN, links.CALENDAR)), public_id, generate_csrf())
    return make_response(_cache.page(_shown(seen, utc_now()), lambda: _rendered(seen, None), own))


def _shown(seen: Seen, now: datetime) -> Hashable:
    """Name all that the page shows to who did not prove the address; it is nothing personal but ids and tokens."""
    place, webinar = seen.registration, seen.registration.webinar
    theirs = (place.state, place.mode, place.time_zone, place.language, place.discreet, seen.position)
    about = (webinar.slug, webinar.title, webinar.summary, webinar.state, webinar.cancel_reason, webinar.time_zone)
    joining = (webinar.starts_at, webinar.ends_at, webinar.phone_number, webinar.phone_pin)
    reader = (current_language(), current_settings())
    return theirs, about, joining, reader, now >= webinar.ends_at, _undo_gives(seen, now)


def _place_page(seen: Seen, form: DetailsForm | None, status: int = 200) -> AnyResponse:
    return make_response(_rendered(seen, form), status)


def _rendered(seen: Seen, form: DetailsForm | None) -> str:
    now, registration = utc_now(), seen.registration
    webinar = registration.webinar
    takes_place = webinar.state == WebinarState.PUBLISHED and now < webinar.ends_at
    has_seat = registration.state == RegistrationState.CONFIRMED and takes_place
    return render_template(
        "registration/place.html",
        seen=seen,
        registration=registration,
        webinar=webinar,
        now=now,
        headline=words.headline(registration, seen.position, seen.proven),
        over=now >= webinar.ends_at,
        called_off=webinar.state == WebinarState.CANCELLED,
        has_seat=has_seat,
        join_url=links.join_url(registration) if has_seat else None,
        calendar_url=links.calendar_url(registration) if has_seat else None,
        web_calendars=calendar.web_calendars(registration, now) if has_seat else (),
        undo_gives=_undo_gives(seen, now),
        may_change=seen.proven and rules.may_change(registration, now),
        modes=[(mode.value, words.mode_words(mode)) for mode in modes_of(webinar)],
        mode_words=words.mode_words,
        form=form,
    )


def _undo_gives(seen: Seen, now: datetime) -> RegistrationState | None:
    """Say what taking the cancellation back would give now, or None when it cannot be taken back."""
    place = seen.registration
    if seen.access is Access.RECEIPT:
        is_open = rules.why_closed(place.webinar, now, place.mode) is None
        allowed = place.state == RegistrationState.CANCELLED and is_open
    else:
        allowed = rules.may_undo(place, now)
    return rules.newcomer_state(place.webinar, place.mode) if allowed else None


@pages.post("/registrations/<public_id>/cancel")
def cancel(public_id: str) -> AnyResponse:
    """Cancel at once, and offer an undo."""

    def deed(seen: Seen, answer: AnyResponse, now: datetime) -> str:
        if seen.access is Access.RECEIPT:
            access.change_receipt(answer, seen, RegistrationState.CANCELLED, None)
        else:
            service.cancel(seen.registration, now)
        return str(_("Your place is cancelled.") if seen.proven else _("This sign-up is cancelled."))

    return _do(public_id, deed)


@pages.post("/registrations/<public_id>/undo")
def undo(public_id: str) -> AnyResponse:
    """Take a cancellation back."""

    def deed(seen: Seen, answer: AnyResponse, now: datetime) -> str:
        if seen.access is Access.RECEIPT:
            state, place = service.newcomer(seen.registration.webinar, seen.registration.mode)
            access.change_receipt(answer, seen, state, place)
        else:
            service.undo_cancel(seen.registration, now)
        return str(_("Welcome back."))

    return _do(public_id, deed)


@pages.post("/registrations/<public_id>/mode")
def change_mode(public_id: str) -> AnyResponse:
    """Take part another way."""

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        _ensure_proven(seen)
        service.change_mode(seen.registration, request.form.get("mode", ""), now)
        return str(_("Saved: %(mode)s.", mode=words.mode_words(seen.registration.mode)))

    return _do(public_id, deed)


@pages.post("/registrations/<public_id>/resend")
def resend(public_id: str) -> AnyResponse:
    """Send the letter again."""

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        _ensure_proven(seen)
        if not service.resend(seen.registration, now):
            return str(_("We wrote to you a moment ago. Nothing there in five minutes? Press again."))
        return str(_("You get the letter again, usually within a few minutes."))

    return _do(public_id, deed)


@pages.post("/registrations/<public_id>/details")
def edit_details(public_id: str) -> AnyResponse:
    """Put name, zone and discretion right."""
    seen = access.look(public_id)
    if seen is None:
        return _closed()
    form = details_form(seen.registration)
    if not form.validate():
        return _place_page(seen, form, 422)
    details = corrections.Details(form.name.data or "", form.time_zone.data or "", bool(form.discreet.data))

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        _ensure_proven(seen)
        follows = corrections.edit_details(seen.registration, details, now)
        return str(
            _("Saved. You get a new letter with the invitation, usually within a few minutes.")
            if follows
            else _("Saved.")
        )

    return _do(public_id, deed)


def _do(public_id: str, deed: Callable[[Seen, AnyResponse, datetime], str]) -> AnyResponse:
    """Do something to a place this browser may see, then show it; what is refused is said there."""
    now, answer = utc_now(), redirect(url_for("registration.place", public_id=public_id))
    try:
        with transaction():
            seen = access.look(public_id)
            if seen is None:
                return _closed()
            sentence = deed(seen, answer, now)
            if seen.proven:
                service.note_proof(seen.registration, now)
    except Forbidden:
        raise
    except UserError as refusal:
        flash(str(refusal), "error")
        return answer
    flash(sentence, "success")
    return answer


def _ensure_proven(seen: Seen) -> None:
    if not seen.proven:
        raise Forbidden(_("To change this, open the link in the letter we sent you."))


def _closed() -> AnyResponse:
    """Say that a page cannot be shown (any more), and offer the way back: the same for every reason."""
    return make_response(render_template("registration/closed.html", form=AddressForm(formdata=None)), 404)


@pages.get("/my")
def my_webinars() -> AnyResponse:
    """Show the places of an address that was proven, else offer to mail the links."""
    places = [place for key in access.proven_addresses() for place in queries.of_address(key)]
    return _my_page(AddressForm(formdata=None), places)


def _my_page(form: AddressForm, places: list[Registration], status: int = 200) -> AnyResponse:
    now = utc_now()
    page = render_template(
        "registration/my.html",
        form=form,
        ahead=sorted((one for one in places if one.webinar.ends_at > now), key=lambda one: one.webinar.starts_at),
        past=[one for one in places if one.webinar.ends_at <= now],
        several=len({one.name_key for one in places}) > 1,
        positions=queries.positions(places),
        state_words=words.state_words,
        state_kind=words.state_kind,
        asked=request.args.get("asked") == "1",
    )
    return make_response(page, status)


@pages.post("/my")
def request_link() -> AnyResponse:
    """Note that somebody wants their links mailed; the answer is the same for every address."""
    form = AddressForm()
    if not form.validate():
        return _my_page(form, [], 422)
    with transaction():
        service.request_link(form.email.data or "", utc_now())
    return redirect(url_for("registration.my_webinars", asked=1))


@pages.get("/my/<token>")
def open_my(token: str) -> AnyResponse:
    """Open the link to all places of an address and go to the address without a token."""
    opened = links.open_my(token, utc_now())
    registration = queries.find_by_public_id(opened[0]) if opened else None
    if opened is None or registration is None or registration.link_version != opened[1]:
        return _closed()
    answer = redirect(url_for("registration.my_webinars"))
    access.prove_address(answer, registration)
    return answer


@pages.post("/my/leave")
def leave() -> AnyResponse:
    """Forget on this device whose places were shown."""
    answer = redirect(url_for("registration.my_webinars"))
    access.forget(answer)
    return answer
