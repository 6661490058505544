"""Pages of a place: the link from a letter, and the place itself.

They belong to one person: kept by nobody, indexed by nobody, and fetching one never changes anything.
"""

import secrets
from collections.abc import Callable, Collection, Hashable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf
from markupsafe import escape
from werkzeug.wrappers import Response as AnyResponse

from webinars.accounts.limits import may_correct_address
from webinars.core.clock import utc_now
from webinars.core.database import read_alone, transaction
from webinars.core.errors import Conflict, Forbidden, UserError
from webinars.core.formats import clocks_between
from webinars.core.http import current_settings, how_to_reach_us, private, visitor_zone
from webinars.core.language import current_language
from webinars.core.links import open_token
from webinars.core.pagecache import PageCache
from webinars.core.qr import svg_of
from webinars.core.text import email_key
from webinars.core.typos import suggested_address
from webinars.registration import (
    access,
    calendar,
    companions,
    corrections,
    events,
    links,
    mail_choices,
    parties,
    queries,
    rules,
    service,
    swaps,
    words,
)
from webinars.registration.access import Access, Seen
from webinars.registration.forms import AddressForm, CompanionForm, DetailsForm, NewAddressForm, details_form
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions import own
from webinars.registration.questions.forms import AnswersForm
from webinars.schedule.languages import in_our_language
from webinars.schedule.models import WebinarState

pages = Blueprint("registration", __name__)
_cache = PageCache()
#: stand in pages for the address that was typed, the one that was meant, and the place in line
_TYPED, _MEANT, _POSITION = (secrets.token_hex(16) for _number in range(3))


@pages.after_request
def _keep_private(response: Response) -> Response:
    kept = response.headers.get("Cache-Control")
    private(response)
    if kept and request.endpoint == "registration.own_feed":
        # A calendar may keep its feed, and ask whether it has changed.
        response.headers["Cache-Control"] = kept
    return response


@pages.get("/r/<token>")
def open_link(token: str) -> AnyResponse:
    """Open the link from a letter: note it in the cookie and go to the address without a token."""
    registration = _registration_of(links.MANAGE, token)
    if registration is None:
        return closed(404)
    answer = redirect(url_for("registration.place", public_id=registration.public_id))
    access.prove(answer, registration)
    return answer


@pages.get("/r/<token>/calendar.ics")
def entry(token: str) -> AnyResponse:
    """Serve a person's own calendar entry."""
    registration = _registration_of(links.CALENDAR, token)
    if registration is None:
        return closed(404)
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
        return closed()
    if seen.proven:
        return place_page(seen)
    if seen.others:
        return make_response(_own(_rendered(seen), seen))
    place = seen.registration
    own = (*(links.token_for(purpose, place) for purpose in (links.JOIN, links.CALENDAR)), public_id, generate_csrf())
    return make_response(_own(_cache.page(_shown(seen, utc_now()), lambda: _rendered(seen), own), seen))


def _own(page: str, seen: Seen) -> str:
    """Put place in line and addresses into a page that is kept without them."""
    typed, meant = escape(seen.typed.address if seen.typed else ""), escape(_meant(seen) or "")
    return page.replace(_POSITION, str(seen.position)).replace(_TYPED, str(typed)).replace(_MEANT, str(meant))


def _meant(seen: Seen) -> str | None:
    return suggested_address(seen.typed.address) if seen.typed else None


def _shown(seen: Seen, now: datetime) -> Hashable:
    """Name all that the page shows to who did not prove the address; it is nothing personal but ids and tokens."""
    place, webinar = seen.shown, in_our_language(seen.registration.webinar)
    theirs = (
        place.state,
        place.mode,
        place.time_zone,
        place.language,
        place.discreet,
        seen.position is None,
        seen.held,
    )
    about = (webinar.slug, webinar.title, webinar.summary, webinar.state, webinar.cancel_reason, webinar.time_zone)
    held = webinar.offer_hours_in_force if place.state == RegistrationState.WAITLISTED else 0
    joining = (webinar.starts_at, webinar.ends_at, webinar.phone_number, webinar.phone_pin, webinar.recorded)
    reader = (current_language(), visitor_zone(), current_settings())
    clocks = clocks_between(webinar.starts_at, webinar.time_zone, visitor_zone() or place.time_zone, now)
    typed = (seen.typed is not None, seen.typed is not None and seen.typed.corrected, _meant(seen) is not None)
    letter = words.letter_time(_letter_at(seen), place.time_zone, now)
    over = now >= webinar.ends_at
    return theirs, about, held, joining, reader, typed, letter, clocks, over, _undo_gives(seen, now), seen.several


def _letter_at(seen: Seen) -> datetime | None:
    return datetime.fromtimestamp(seen.typed.letter_at, UTC) if seen.typed else None


def place_page(
    seen: Seen,
    form: DetailsForm | None = None,
    status: int = 200,
    answers: AnswersForm | None = None,
    new_address: NewAddressForm | None = None,
    companion: CompanionForm | None = None,
    survey: AnswersForm | None = None,
) -> AnyResponse:
    """Show a place to who proved the address, with forms as they were sent, or as they stand."""
    theirs = _for_proven(seen, form, answers, new_address, companion, survey) if seen.proven else {}
    return make_response(_own(_rendered(seen, **theirs), seen), status)


def _for_proven(
    seen: Seen,
    form: DetailsForm | None,
    answers: AnswersForm | None,
    new_address: NewAddressForm | None,
    companion: CompanionForm | None,
    survey: AnswersForm | None,
) -> dict[str, Any]:
    """Give what only who opened the link from a letter sees, and forms for all that they may choose."""
    now, place = utc_now(), seen.registration
    # First of all the button: what is not certain yet needs no choices.
    may_choose = not seen.held
    may_bring = may_choose and companions.left(place, now) > 0
    return {
        # Drawn only here: it takes as long as a whole page.
        "svg_of": svg_of,
        "news": [one for _receiver, told in events.news_asked.send(place) for one in told],
        "may_change": may_choose and rules.may_change(place, now),
        "modes": [(mode.value, words.mode_words(mode)) for mode in rules.modes_of(place.webinar)],
        "form": form or details_form(place, sent=False),
        "letter_choices": mail_choices.choices([place]) if may_choose else (),
        "companion_form": (companion or CompanionForm(formdata=None)) if may_bring else None,
        "answers": answers or (own.answers_form(seen, now) if may_choose else None),
        "survey": survey or own.survey_form(seen, now),
        "may_swap": may_choose and bool(swaps.other_dates(place, now)),
        "new_address": new_address or NewAddressForm(formdata=None),
    }


def _rendered(seen: Seen, address_form: AddressForm | None = None, **for_proven: Any) -> str:
    now, registration = utc_now(), seen.shown
    webinar = in_our_language(registration.webinar)
    takes_place = webinar.state == WebinarState.PUBLISHED and now < webinar.ends_at
    # Who put the address right finds the links in the letter: here a place and a receipt would show different ones.
    links_hold = seen.typed is None or not seen.typed.corrected
    has_seat = registration.state == RegistrationState.CONFIRMED and takes_place and links_hold and not seen.held
    return render_template(
        "registration/place.html",
        seen=seen,
        registration=registration,
        webinar=webinar,
        now=now,
        headline=words.headline(registration, seen.position and _POSITION, seen.proven, seen.held),
        over=now >= webinar.ends_at,
        called_off=webinar.state == WebinarState.CANCELLED,
        has_seat=has_seat,
        join_url=links.join_url(registration) if has_seat else None,
        calendar_url=links.calendar_url(registration) if has_seat else None,
        web_calendars=calendar.web_calendars(registration, now) if has_seat else (),
        held_until=words.held_until(registration),
        proof_until=words.proof_until(registration),
        undo_gives=_undo_gives(seen, now),
        party=parties.shown(seen),
        letter_at=words.letter_time(_letter_at(seen), registration.time_zone, now),
        corrected=not links_hold,
        may_readdress=seen.typed is not None and registration.active and takes_place,
        address_form=address_form or AddressForm(formdata=None, data={"email": _TYPED}),
        typed=_TYPED,
        meant=_MEANT if _meant(seen) else None,
        **for_proven,
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

    return do_to_place(public_id, deed, gives_up=True)


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

    return do_to_place(public_id, deed)


@pages.post("/registrations/<public_id>/resend")
def resend(public_id: str) -> AnyResponse:
    """Send the letter again."""

    def deed(seen: Seen, _answer: AnyResponse, now: datetime) -> str:
        ensure_proven(seen)
        if not service.resend(seen.registration, now):
            return str(_("We wrote to you a moment ago. Nothing there in five minutes? Press again."))
        return letter_follows(seen, now, _("You get the letter again, usually within a few minutes."))

    return do_to_place(public_id, deed)


@pages.post("/registrations/<public_id>/address")
def correct_address(public_id: str) -> AnyResponse:
    """Put right the address that this browser typed a moment ago, and send the letter there."""
    seen = access.look(public_id)
    if seen is None:
        return closed()
    form = AddressForm()
    if seen.typed is not None and not form.validate():
        return make_response(_own(_rendered(seen, form), seen), 422)

    def deed(seen: Seen, answer: AnyResponse, now: datetime) -> str:
        if seen.typed is None:
            raise Forbidden(with_help(_("The address of this place can no longer be changed here.")))
        if not may_correct_address():
            raise Conflict(with_help(_("Too many corrections from here within the hour. Please try again later.")))
        address = form.email.data or ""
        if email_key(address) == email_key(seen.typed.address):
            return str(_("That is the address we wrote to."))
        corrections.correct_sign_up(seen.registration, seen.typed.name, seen.typed.address, address, now)
        for name, other in parties.fellows(seen):
            if other.registration.active:
                corrections.correct_sign_up(other.registration, name, seen.typed.address, address, now)
        access.change_address(answer, seen, seen.typed.name, address, now)
        return str(
            _("Thank you. Your letter goes to %(to)s now. Links in an earlier letter no longer work.", to=address)
        )

    return do_to_place(public_id, deed)


def letter_follows(seen: Seen, now: datetime, usual: str) -> str:
    """Say when the letter goes that was just caused; ``usual`` for one that goes now."""
    letter_at = queries.letter_caused_at(seen.registration, now)
    return words.letter_follows(seen.registration, letter_at, now, str(usual))


def with_help(sentence: str) -> str:
    """Add to a sentence how the organisation can be reached."""
    return f"{sentence} {how_to_reach_us()}".rstrip()


def do_to_place(
    public_id: str,
    deed: Callable[[Seen, AnyResponse, datetime], str],
    page: str = "registration.place",
    *,
    also: Collection[str] = (),
    gives_up: bool = False,
) -> AnyResponse:
    """Do something to a place this browser may see, then show it on a page; what is refused is said there.

    The deed gives the sentence that is shown, and may send the answer elsewhere. ``also``: slugs of other webinars that
    it is about; ``gives_up``: it gives up the place.
    """
    # Whoever does something on the page of all their places stays there.
    in_list = request.form.get("back") == "my" and bool(access.proven_addresses())
    where = url_for("registration.my_webinars") if in_list else url_for(page, public_id=public_id)
    now, answer = utc_now(), redirect(where)
    try:
        with transaction():
            seen = access.look(public_id)
            if seen is None:
                return closed()
            if seen.proven:
                service.keep_held(seen.registration, now, also=also, gives_up=gives_up)
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


def ensure_proven(seen: Seen) -> None:
    """Refuse what only whoever opened the link from a letter may do; raises Forbidden."""
    if not seen.proven:
        raise Forbidden(_("To change this, open the link in the letter we sent you."))


def closed(status: int = 403) -> AnyResponse:
    """Say what may keep a page from being shown, and offer the way back.

    403 for a place that this browser did not prove, be it there or not; 404 for a link that opens nothing.
    """
    form = AddressForm(formdata=None)
    return make_response(render_template("registration/closed.html", form=form, proof_missing=status == 403), status)
