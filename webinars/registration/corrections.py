"""Putting right what letters are made of: the person by the link from a letter, staff by their page."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from config import LANGUAGES
from webinars.accounts import audit
from webinars.core.database import db
from webinars.core.errors import Conflict, UserError
from webinars.core.links import address_key
from webinars.core.text import email_key, name_key, one_line, random_id
from webinars.core.zones import get_zone
from webinars.mail.limits import is_proven
from webinars.registration import erasure, events, proofs, queries, rules, seats, service
from webinars.registration.models import Registration
from webinars.registration.rules import Application, Letters


@dataclass(frozen=True)
class Details:
    """What letters are made of and a person may put right."""

    name: str
    time_zone: str
    discreet: bool
    #: of the letters; None = as it is
    language: str | None = None


def edit_details(registration: Registration, details: Details, now: datetime, by: str = "registrant") -> bool:
    """Put name, zone, language and discretion right, and send the invitation again when zone or discretion change it.

    Another language holds from the next letter on. Gives whether a letter follows.
    Raises UnknownZone, UserError for a name that is empty or taken, or a language in which no letters are written.
    """
    seats.lock_place(registration)
    get_zone(details.time_zone)
    language = details.language or registration.language
    if language not in LANGUAGES:
        raise UserError(_("Please choose one of the languages offered."))
    named = registration.name
    _rename(registration, one_line(details.name)[: rules.LONGEST_NAME])
    reads_differently = (registration.time_zone, registration.discreet) != (details.time_zone, details.discreet)
    spoken = registration.language
    registration.time_zone, registration.language, registration.discreet = details.time_zone, language, details.discreet
    if by == "staff":
        # A name that staff wrote may stand in letters; one that they only left as it was is still a visitor's.
        registration.entered_by_staff = registration.entered_by_staff or registration.name != named
        before, after = ({"letters_in": one} for one in (spoken, language)) if spoken != language else (None, None)
        audit.record("registration edited", "registration", registration.public_id, before=before, after=after, now=now)
    db.session.flush()
    events.place_edited.send(registration, now=now, by=by)
    if not (reads_differently and registration.active):
        return False
    registration.sequence_offset += 1
    registration.answered_at = now
    db.session.flush()
    events.place_repeated.send(registration, now=now, by=by, request_id=random_id())
    return True


def _rename(registration: Registration, name: str) -> None:
    key = name_key(name)[: rules.LONGEST_KEY]
    if not key:
        raise UserError(_("Please give a name."))
    if key != registration.name_key:
        ensure_nobody_else(registration, registration.email_key, key)
    registration.name, registration.name_key = name, key


def ensure_nobody_else(registration: Registration, address: str, name: str) -> None:
    """Refuse an address and a name, both folded, that another place of the webinar has; raises UserError."""
    other = queries.find_same(registration.webinar_id, address, name)
    if other is not None and other.id != registration.id:
        raise UserError(_("Somebody with this name and address is registered for this webinar already."))


def correct_address(registration: Registration, email: str, now: datetime) -> None:
    """Let staff put a wrong address right: earlier links die, and the letter goes to the right address.

    Raises UserError for an address that somebody of that name has already, or that is no other.
    """
    seats.lock_place(registration)
    if email_key(email) == registration.email_key:
        raise UserError(_("That is the same address."))
    ensure_nobody_else(registration, email_key(email), registration.name_key)
    readdress(registration, email, now)
    # Staff spoke to the person, or looked at what they meant.
    registration.proof_until = None
    audit.record("address corrected", "registration", registration.public_id, now=now)
    if registration.active:
        events.place_repeated.send(registration, now=now, by="staff", request_id=random_id())


def readdress(registration: Registration, email: str, now: datetime) -> None:
    """Give a place another address; links in earlier letters die. The caller holds the lock and sends the letter."""
    before = registration.address_key
    registration.email, registration.email_key = email, email_key(email)
    registration.address_key = address_key(registration.email_key)
    registration.link_version += 1
    # The invitation in the wrong mailbox must not be newer than the one that follows.
    registration.sequence_offset += 1
    registration.told_sequence = registration.entry_sequence = None
    registration.entry_withdrawn = False
    registration.answered_at = now
    db.session.flush()
    erasure.forget_addresses([before])


def correct_sign_up(
    shown: Registration, name: str, typed: str, email: str, now: datetime, letters: Letters = Letters.EACH
) -> None:
    """Let the browser that just signed up put right the address it typed, before anybody has opened a letter.

    ``shown`` is what it sees: the place that its form made, or a receipt, which has no id; ``name`` and ``typed`` are
    what the form said. A place that is nobody else's goes to the right address. In every other case (a receipt, an
    address that somebody proved or staff changed, a person who has a place under the right one) what follows is what a
    form with the right address leads to, and looks the same: so the answer tells nothing about what was known.

    Raises NotFound, Conflict for a place or webinar that takes no change, NoPlaceLeft, UserError.
    """
    webinar = seats.lock(shown.webinar_id)
    if shown.id is not None:
        seats.lock_place(shown)
    if not shown.active:
        raise Conflict(_("This can no longer be changed."))
    service.ensure_open(webinar, shown.mode, now)
    theirs_alone = shown.id is not None and shown.email_key == email_key(typed) and not _is_proven(shown)
    form = Application(
        name=shown.name if theirs_alone else name,
        email=email,
        time_zone=shown.time_zone,
        language=shown.language,
        mode=shown.mode,
        discreet=shown.discreet,
        asked_before=True,
        letters=letters,
    )
    places, known = queries.places_of(webinar.id, form.email_key, form.name_key)
    if theirs_alone and known is None:
        service.ensure_few(places)
        readdress(shown, email, now)
        # The letter of this state is owed anew; one that waits speaks of an earlier state and goes nowhere.
        shown.state_changes += 1
        proofs.hold(shown, webinar, now, "registrant")
        service.announce_place(shown, now, "registrant", letters)
        return
    service.register(webinar.id, form, now)
    if theirs_alone:
        # Nobody holds two seats for having mistyped once.
        erasure.erase(shown, now)


def _is_proven(registration: Registration) -> bool:
    return is_proven(registration.address_key)
