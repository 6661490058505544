"""Staff pages: who is registered, where each person stands, and every letter they got."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.accounts.queries import current_staff
from webinars.accounts.rules import roles_of
from webinars.core.audience import Audience, needs
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import Conflict, NotFound, UserError
from webinars.core.language import current_language
from webinars.core.paging import Page
from webinars.core.typos import suggested_address
from webinars.mail.models import Message
from webinars.mail.names import labels, letter_code
from webinars.registration import (
    corrections,
    forms,
    lists,
    mail_choices,
    offers,
    queries,
    rules,
    service,
    staff_deeds,
    swaps,
    telling,
    words,
)
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions import queries as asked
from webinars.registration.questions import words as asked_words
from webinars.registration.questions.forms import ask, given_in, show
from webinars.registration.questions.rules import Unanswered, needs_in_time, needs_until
from webinars.schedule.models import Webinar
from webinars.schedule.queries import find_webinar, upcoming_webinars

staff_pages = Blueprint("registration_staff", __name__)

_WORDS = {
    "state_words": words.state_words,
    "standing": words.standing,
    "mode_words": words.mode_words,
    "calendar_chip": words.calendar_chip,
    "answer_words": words.answer_words,
    "letter_words": words.letter_words,
    "letter_moment": words.letter_moment,
    "server_words": words.server_words,
    "proof_until": words.proof_until,
    "letter_state_words": words.letter_state_words,
    "letter_state_kind": words.letter_state_kind,
    "marked_words": words.MARKED,
}
#: webinars that a caller can be registered for from the page of a search
_MOST_COMING = 8
#: kinds of letters of which somebody gets several that differ
_TOLD_APART = frozenset({"reminder", "announcement"})


@staff_pages.get("/registrations")
def search() -> ResponseReturnValue:
    """Find somebody by a part of their name, address or telephone number, in all webinars."""
    text = request.args.get("q", "")
    found = lists.search(text, page=request.args.get("page", 1, type=int))
    if alone := _only_caller(found, text):
        return alone
    now = utc_now()
    return render_template(
        "registration_staff/search.html",
        text=text,
        found=found,
        letters=queries.newest_letters(found.items),
        positions=queries.positions(found.items),
        # Whoever was looked for on the telephone may want a place.
        coming=[one for one in upcoming_webinars(now, _MOST_COMING) if rules.gives_anything(one, now)] if text else [],
        may_edit=_may_edit(),
        **_WORDS,
    )


def _only_caller(found: Page[Registration], words: str) -> ResponseReturnValue | None:
    """Lead to the page of a caller who is the only one found."""
    if "caller" in request.args and words and len(found.items) == found.total == 1:
        return redirect(url_for(".person", public_id=found.items[0].public_id))
    return None


@staff_pages.get("/webinars/<slug>/registrations")
def for_webinar(slug: str) -> ResponseReturnValue:
    """List a webinar's registrations, sorted, filtered and paged; a caller who is not there is looked for in all."""
    now, webinar, given = utc_now(), get_webinar(slug), request.args
    asked = {
        "q": given.get("q", ""),
        "state": given.get("state", "") if given.get("state") in set(RegistrationState) else "",
        "sort": given.get("sort", "arrival") if given.get("sort") in lists.SORTS else "arrival",
        "direction": "desc" if given.get("direction") == "desc" else "asc",
    }
    found = lists.list_for_webinar(
        webinar.id,
        words=asked["q"],
        state=asked["state"],
        sort=asked["sort"],
        descending=asked["direction"] == "desc",
        page=given.get("page", 1, type=int),
    )
    if alone := _only_caller(found, asked["q"]):
        return alone
    if "caller" in given and asked["q"] and not found.total:
        return redirect(url_for(".search", q=asked["q"], caller=1))
    letters = queries.newest_letters(found.items)
    return render_template(
        "registration_staff/for_webinar.html",
        webinar=webinar,
        asked=asked,
        found=found,
        counts=queries.counts(webinar.id),
        failed=queries.count_failed(webinar.id),
        days=queries.per_day(webinar.id, webinar.time_zone, min(now, webinar.ends_at)),
        letters=letters,
        calendars={one.id: _calendar_state(one, letters.get(one.id)) for one in found.items},
        positions=queries.positions(found.items),
        states=[(state.value, words.state_words(state)) for state in RegistrationState],
        open=rules.may_register(webinar, now),
        may_edit=_may_edit(),
        **_WORDS,
    )


@staff_pages.route("/webinars/<slug>/registrations/new", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def register_caller(slug: str) -> ResponseReturnValue:
    """Register somebody who called."""
    webinar = get_webinar(slug)
    form = forms.caller_form(webinar, request.args.get("q", ""))
    asking = replace(asked.asking_of(webinar, utc_now()), companions=0)
    ask(form, asking, request.form if request.method == "POST" else None)
    if form.validate_on_submit():
        try:
            return _register(webinar, form)
        except Unanswered as problem:
            show(form, problem.fields)
        except UserError as refusal:
            webinar = get_webinar(slug)
            form.form_errors.append(str(refusal))
    page = render_template(
        "registration_staff/caller.html",
        webinar=webinar,
        form=form,
        asking=asking,
        until=needs_until(asking, webinar),
        in_time=needs_in_time(asking, webinar, utc_now()),
        kept_words=asked_words.kept_until_words,
        newcomer=rules.newcomer_state(webinar),
    )
    return page, 422 if form.errors else 200


def _register(webinar: Webinar, form: forms.CallerForm) -> ResponseReturnValue:
    with transaction():
        now = utc_now()
        application = replace(form.application(), given=given_in(request.form))
        outcome = service.register(webinar.id, application, now, by_staff=True)
        registration = outcome.registration
        if outcome.is_new:
            audit.record("registration entered", "registration", registration.public_id, now=now)
        words_now = words.state_words(registration.state, queries.position(registration))
        public_id, is_new = registration.public_id, outcome.is_new
    if is_new:
        flash(_("Registered. %(state)s.", state=words_now), "success")
    else:
        flash(_("This person was registered before. %(state)s.", state=words_now), "info")
    meant = suggested_address(form.email.data or "")
    if meant is not None:
        flash(_("Did you mean %(address)s? Then correct the address here.", address=meant), "warning")
    return redirect(url_for(".person", public_id=public_id, called=1))


@staff_pages.get("/registrations/<public_id>")
def person(public_id: str) -> str:
    """Show one registration: its facts, every letter with the server's words, and what can be done."""
    return _person_page(_get(public_id))


def _calendar_state(registration: Registration, newest: Message | None) -> rules.CalendarState:
    """Say what somebody's calendar holds, given the newest letter to them."""
    return rules.calendar_state(registration, newest.state if newest is not None else None)


def _person_page(
    registration: Registration, address: forms.AddressForm | None = None, details: forms.DetailsForm | None = None
) -> str:
    now, letters, called = utc_now(), queries.letters(registration), request.args.get("called") == "1"
    return render_template(
        "registration_staff/person.html",
        registration=registration,
        webinar=registration.webinar,
        position=queries.position(registration),
        letters=letters,
        names=labels(letter_code(one) for one in letters if one.notice in _TOLD_APART),
        code=letter_code,
        dead=queries.is_dead(registration),
        calendar=_calendar_state(registration, letters[0] if letters else None),
        letters_left=mail_choices.left_words(registration),
        form=address or forms.AddressForm(formdata=None, obj=registration),
        details=details or forms.details_form(registration, forms.PersonForm),
        meant=suggested_address(registration.email or ""),
        answers=_answers(registration),
        role_words=asked_words.role_words,
        party=queries.party_of(registration),
        modes=[(mode.value, words.mode_words(mode)) for mode in rules.modes_of(registration.webinar)],
        may_change=rules.may_change(registration, now),
        called=called,
        read_out=telling.is_told(registration, now, called=called),
        text_message=telling.text_message(registration),
        held_until=words.held_until(registration),
        may_swap=bool(swaps.other_dates(registration, now)),
        is_open=rules.why_closed(registration.webinar, now, registration.mode) is None,
        may_edit=_may_edit(),
        **_WORDS,
    )


def _answers(registration: Registration) -> list[tuple[str, str]]:
    given = asked.answers_of_one(registration.id)
    return asked_words.said_by(given, asked.questions_of(registration.webinar), current_language()) if given else []


@staff_pages.route("/registrations/<public_id>/cancel", methods=["GET", "POST"])
@needs(Audience.EDITOR)
def cancel(public_id: str) -> ResponseReturnValue:
    """Say what cancelling for somebody leads to, and do it."""
    if request.method == "POST":
        return _do(public_id, partial(service.cancel, by="staff"), _("The place is cancelled."))
    registration = _get(public_id)
    return render_template(
        "registration_staff/cancel.html",
        registration=registration,
        webinar=registration.webinar,
        next_in_line=registration.state == RegistrationState.CONFIRMED and registration.webinar.waitlisted_count > 0,
    )


@staff_pages.post("/registrations/<public_id>/restore")
@needs(Audience.EDITOR)
def restore(public_id: str) -> ResponseReturnValue:
    """Bring a cancelled person back."""
    return _do(public_id, staff_deeds.restore, _("The person is registered again."))


@staff_pages.post("/registrations/<public_id>/accept")
@needs(Audience.EDITOR)
def accept(public_id: str) -> ResponseReturnValue:
    """Take the seat that is held for somebody who called."""
    return _do(public_id, partial(offers.accept, by="staff"), _("The place is theirs."))


@staff_pages.post("/registrations/<public_id>/vouch")
@needs(Audience.EDITOR)
def vouch(public_id: str) -> ResponseReturnValue:
    """Keep the held place of somebody who called."""
    return _do(public_id, staff_deeds.vouch, _("The place is confirmed; the letter with all they need is on its way."))


@staff_pages.post("/registrations/<public_id>/looks-fine")
@needs(Audience.EDITOR)
def looks_fine(public_id: str) -> ResponseReturnValue:
    """Take the mark from a registration that a person did send."""
    return _do(public_id, staff_deeds.clear_suspicion, _("The mark is gone."))


@staff_pages.post("/registrations/<public_id>/resend")
@needs(Audience.EDITOR)
def resend(public_id: str) -> ResponseReturnValue:
    """Send the letter of the present state again."""

    def deed(registration: Registration, now: datetime) -> None:
        if not service.resend(registration, now, by="staff"):
            raise Conflict(_("A letter went out a moment ago. Nothing there in five minutes? Press again."))

    return _do(public_id, deed, _("The letter is on its way again."))


@staff_pages.post("/registrations/<public_id>/mode")
@needs(Audience.EDITOR)
def change_mode(public_id: str) -> ResponseReturnValue:
    """Change how somebody takes part."""

    def deed(registration: Registration, now: datetime) -> None:
        service.change_mode(registration, request.form.get("mode", ""), now, by="staff")

    return _do(public_id, deed, _("Saved."))


@staff_pages.post("/registrations/<public_id>/address")
@needs(Audience.EDITOR)
def correct_address(public_id: str) -> ResponseReturnValue:
    """Put a wrong address right and send the letter there."""
    form = forms.AddressForm()
    if not form.validate():
        return _person_page(_get(public_id), form), 422

    def deed(registration: Registration, now: datetime) -> None:
        corrections.correct_address(registration, form.email.data or "", now)

    return _do(
        public_id,
        deed,
        _("The address is corrected; a letter with new links goes there. Earlier links no longer work."),
    )


@staff_pages.get("/registrations/<public_id>/dates")
@needs(Audience.EDITOR)
def other_dates(public_id: str) -> str:
    """List the other dates that somebody can come on instead."""
    registration = _get(public_id)
    return render_template(
        "registration_staff/dates.html",
        registration=registration,
        webinar=registration.webinar,
        position=queries.position(registration),
        dates=swaps.other_dates(registration, utc_now()),
        **_WORDS,
    )


@staff_pages.post("/registrations/<public_id>/swap")
@needs(Audience.EDITOR)
def swap(public_id: str) -> ResponseReturnValue:
    """Take a place on another date for somebody and give up this one."""
    shown = forms.shown_place(request.form.get("shown", ""))
    try:
        with transaction():
            taken = swaps.swap(_get(public_id), request.form.get("webinar", ""), shown, utc_now(), by="staff")
            public_id = taken.public_id
    except NotFound:
        raise
    except UserError as refusal:
        flash(str(refusal), "error")
        return redirect(url_for(".other_dates", public_id=public_id))
    flash(_("This is their place now; the one before is given up."), "success")
    return redirect(url_for(".person", public_id=public_id))


@staff_pages.post("/registrations/<public_id>/details")
@needs(Audience.EDITOR)
def edit_details(public_id: str) -> ResponseReturnValue:
    """Put name, zone, language and discretion right for somebody."""
    form = forms.details_form(_get(public_id), forms.PersonForm)
    if not form.validate():
        return _person_page(_get(public_id), details=form), 422

    def deed(registration: Registration, now: datetime) -> str:
        follows = corrections.edit_details(registration, forms.details_of(form), now, by="staff")
        return _("Saved. A new letter goes out.") if follows and registration.email else _("Saved.")

    return _do(public_id, deed)


def _do(public_id: str, deed: Callable[[Registration, datetime], Any], sentence: str = "") -> ResponseReturnValue:
    """Do something to a registration, then show it; what is refused is said there, else the sentence or the deed's."""
    try:
        with transaction():
            said = deed(_get(public_id), utc_now())
        flash(sentence or said, "success")
    except NotFound:
        raise
    except UserError as refusal:
        flash(str(refusal), "error")
    return redirect(url_for(".person", public_id=public_id))


def _get(public_id: str) -> Registration:
    registration = queries.find_by_public_id(public_id)
    if registration is None:
        raise NotFound(_("There is no such registration."))
    return registration


def get_webinar(slug: str) -> Webinar:
    """Give a webinar by the last part of its address. Raises NotFound."""
    webinar = find_webinar(slug)
    if webinar is None:
        raise NotFound(_("There is no such webinar."))
    return webinar


def _may_edit() -> bool:
    user = current_staff()
    return user is not None and Audience.EDITOR.admits(roles_of(user))
