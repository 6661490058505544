"""Pages of an address: "my webinars", its own calendar feed, and which letters it gets."""

from collections.abc import Callable
from datetime import datetime

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from webinars.calendars.answers import calendar_file
from webinars.core.clock import utc_now
from webinars.core.database import db, read_alone, transaction
from webinars.core.errors import Conflict, Forbidden, NotFound, UserError
from webinars.registration import access, cookie, feed, links, mail_choices, queries, rules, service, swaps, words
from webinars.registration.forms import AddressForm, NewAddressForm
from webinars.registration.models import Registration
from webinars.registration.new_address_views import ask
from webinars.registration.pacing import take_turn
from webinars.registration.views import closed, pages
from webinars.schedule.languages import all_in_our_language

_FEED_DEEDS: dict[str, Callable[[str, datetime], None]] = {"make": feed.make, "renew": feed.renew, "stop": feed.stop}


@pages.get("/my")
def my_webinars() -> AnyResponse:
    """Show the places of an address that was proven, else offer to mail the links."""
    places = [place for key in access.proven_addresses() for place in queries.of_address(key)]
    return _my_page(AddressForm(formdata=None), places)


def _my_page(
    form: AddressForm, places: list[Registration], status: int = 200, new_address: NewAddressForm | None = None
) -> AnyResponse:
    now, shown = utc_now(), all_in_our_language(places)
    page = render_template(
        "registration/my.html",
        form=form,
        ahead=sorted((one for one in shown if one.webinar.ends_at > now), key=lambda one: one.webinar.starts_at),
        past=[one for one in shown if one.webinar.ends_at <= now],
        several=len({one.name_key for one in places}) > 1,
        may_undo={one.id: rules.newcomer_state(one.webinar, one.mode) for one in places if rules.may_undo(one, now)},
        swappable=swaps.swappable(places, now),
        positions=queries.positions(places),
        state_words=words.state_words,
        state_kind=words.state_kind,
        new_address=new_address or NewAddressForm(formdata=None),
        asked=request.args.get("asked") == "1",
        feed_url=feed.feed_url(places[0], feed.version_of(db.session(), places[0].email_key)) if places else "",
        letter_choices=mail_choices.choices(places),
    )
    return make_response(page, status)


@pages.post("/my")
def request_link() -> AnyResponse:
    """Note that somebody wants their links mailed; the answer is the same for every address."""
    form = AddressForm()
    if not form.validate():
        return _my_page(form, [], 422)
    now = utc_now()
    turn = take_turn("links", now)
    with transaction():
        service.request_link(form.email.data or "", now, turn.letters_from)
    return redirect(url_for("registration.my_webinars", asked=1))


@pages.post("/my/new-address")
def ask_new_address_everywhere() -> AnyResponse:
    """Write to another address that is to become the one of all places ahead."""
    now, form = utc_now(), NewAddressForm()
    if not form.validate():
        return _my_page(AddressForm(formdata=None), _proven_places(), 422, form)
    try:
        with transaction():
            places = _proven_places()
            ahead = [one for one in places if one.active and one.webinar.ends_at > now]
            if not ahead:
                raise Conflict(_("No webinar lies ahead for which we would write to you."))
            service.keep_held(ahead[0], now)
            said = ask(ahead[0], form.email.data or "", everywhere=True, now=now)
            service.note_proof(ahead[0], now)
    except Forbidden:
        raise
    except UserError as refusal:
        flash(str(refusal), "error")
    else:
        flash(said, "success")
    return redirect(url_for("registration.my_webinars"))


@pages.get("/my/<token>")
def open_my(token: str) -> AnyResponse:
    """Open the link to all places of an address and go to the address without a token."""
    opened = links.open_my(token, utc_now())
    registration = queries.find_by_public_id(opened[0]) if opened else None
    if opened is None or registration is None or registration.link_version != opened[1]:
        return closed(404)
    answer = redirect(url_for("registration.my_webinars"))
    access.prove_address(answer, registration)
    return answer


@pages.post("/my/leave")
def leave() -> AnyResponse:
    """Forget on this device whose places were shown."""
    answer = redirect(url_for("registration.my_webinars"))
    cookie.forget(answer)
    return answer


@pages.get("/my/calendar/<token>.ics")
def own_feed(token: str) -> Response:
    """Serve the places of an address to the calendar that subscribed to them."""
    read_alone()
    email_key = feed.open_feed(token)
    if email_key is None:
        raise NotFound(_("This calendar address was taken back. You can make a new one under “My webinars”."))
    now = utc_now()
    places = feed.shown(queries.of_address(email_key), now)
    # Kept by the calendar alone, which asks each time: what is taken back is gone at once.
    return calendar_file(feed.file_of(places), "calendar", feed.changed_at(places, now), "private, no-cache")


@pages.post("/my/calendar")
def change_feed() -> AnyResponse:
    """Make, replace or take back the secret address of the calendar."""
    wanted = request.form.get("deed", "")
    if wanted not in _FEED_DEEDS:
        abort(400)
    now = utc_now()
    with transaction():
        place = _proven_places()[0]
        service.note_proof(place, now)
        _FEED_DEEDS[wanted](place.email_key, now)
    said = {
        "make": _("Your calendar address is ready."),
        "renew": _("Your new calendar address is ready. The one before works no more."),
        "stop": _("Your calendar address works no more."),
    }
    flash(said[wanted], "success")
    return redirect(url_for("registration.my_webinars", _anchor="calendar"))


@pages.post("/my/letters")
def choose_all_letters() -> AnyResponse:
    """Note which letters an address gets."""
    now, shown = utc_now(), request.form.get("shown", "").split()
    with transaction():
        places = _proven_places()
        service.note_proof(places[0], now)
        mail_choices.choose(places, shown, request.form.getlist("letters"), now)
    flash(_("Saved."), "success")
    return redirect(url_for("registration.my_webinars", _anchor="letters"))


def _proven_places() -> list[Registration]:
    """Give the places of the address that was proven here; raises Forbidden."""
    places = [place for key in access.proven_addresses() for place in queries.of_address(key)]
    if not places:
        raise Forbidden(_("To change this, open the link in the letter we sent you."))
    return places
