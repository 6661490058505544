"""Putting right what letters are made of: the person by the link from a letter, staff by their page."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.core.database import db
from webinars.core.errors import UserError
from webinars.core.text import email_key, name_key, one_line, random_id
from webinars.core.zones import get_zone
from webinars.registration import events, queries, rules, seats
from webinars.registration.models import Registration


@dataclass(frozen=True)
class Details:
    """What letters are made of and a person may put right."""

    name: str
    time_zone: str
    discreet: bool


def edit_details(registration: Registration, details: Details, now: datetime, by: str = "registrant") -> bool:
    """Put name, zone and discretion right, and send the invitation again when it reads differently now.

    Gives whether a letter follows. Raises UnknownZone, UserError for a name that is empty or taken.
    """
    seats.lock_place(registration)
    get_zone(details.time_zone)
    _rename(registration, one_line(details.name)[: rules.LONGEST_NAME])
    reads_differently = (registration.time_zone, registration.discreet) != (details.time_zone, details.discreet)
    registration.time_zone, registration.discreet = details.time_zone, details.discreet
    if by != "registrant":
        registration.entered_by_staff = True
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
        _ensure_nobody_else(registration, registration.email_key, key)
    registration.name, registration.name_key = name, key


def _ensure_nobody_else(registration: Registration, address: str, name: str) -> None:
    other = queries.find_same(registration.webinar_id, address, name)
    if other is not None and other.id != registration.id:
        raise UserError(_("Somebody with this name and address is registered for this webinar already."))


def correct_address(registration: Registration, email: str, now: datetime) -> None:
    """Let staff put a wrong address right: earlier links die, and the letter goes to the right address.

    Raises UserError for an address that somebody of that name has already.
    """
    seats.lock_place(registration)
    before, key = registration.email, email_key(email)
    _ensure_nobody_else(registration, key, registration.name_key)
    registration.email, registration.email_key = email, key
    registration.link_version += 1
    # The invitation in the wrong mailbox must not be newer than the one that follows.
    registration.sequence_offset += 1
    registration.told_sequence = None
    registration.answered_at = now
    db.session.flush()
    audit.record("address corrected", "registration", registration.public_id, now=now)
    if registration.active and before != email:
        events.place_repeated.send(registration, now=now, by="staff", request_id=random_id())
