"""Changing one's own address: asked for behind a link to the old one, done behind a link to the new one.

Whoever calls holds the transaction.
"""

from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import joinedload

from webinars.core.database import db, lock
from webinars.core.errors import Conflict, UserError
from webinars.core.links import address_key, open_token
from webinars.core.text import email_key, random_id
from webinars.mail.classes import MailClass, find_left, leave
from webinars.mail.limits import note_proven
from webinars.registration import corrections, events, links, proofs, queries, rules, seats, service
from webinars.registration.models import AddressChange, Registration, RegistrationState

#: how long a change waits for the button behind its link
LASTS = links.MY_LINK_LASTS


def ask(registration: Registration, email: str, everywhere: bool, now: datetime) -> None:
    """Note another address for a place, or for all of its address that are ahead; a letter there asks for a button.

    Whether the new address is known is not looked up. A later wish takes the place of an earlier one.
    Raises UserError for an address that is no other.
    """
    seats.lock_place(registration)
    if email_key(email) == registration.email_key:
        raise UserError(_("That is the address we write to already."))
    db.session.execute(delete(AddressChange).where(AddressChange.registration_id == registration.id))
    change = AddressChange(
        registration_id=registration.id,
        secret=random_id(),
        email=email,
        email_key=email_key(email),
        everywhere=everywhere,
        created_at=now,
    )
    db.session.add(change)
    db.session.flush()
    events.address_asked.send(change, now=now)


def find(token: str, now: datetime) -> AddressChange | None:
    """Find the change that a link opens; None for a wrong, old or revoked one."""
    opened = open_token(links.NEW_ADDRESS, token)
    if opened is None or opened[1] < now.timestamp():
        return None
    secret, _dot, version = opened[0].rpartition("-")
    found = find_by_secret(secret)
    return found if found is not None and version == str(found.registration.link_version) else None


def find_by_secret(secret: str) -> AddressChange | None:
    """Find a change that waits, with its place."""
    place = joinedload(AddressChange.registration).joinedload(Registration.webinar)
    return db.session.scalar(select(AddressChange).options(place).where(AddressChange.secret == secret))


def places_of(change: AddressChange, now: datetime) -> list[Registration]:
    """List the places that a change is about, by webinar: all that lie ahead, or the one."""
    if not change.everywhere:
        return [change.registration]
    of_address = queries.of_address(change.registration.email_key)
    ahead = [one for one in of_address if one.active and one.webinar.ends_at > now]
    return sorted(ahead, key=lambda one: (one.webinar_id, one.id))


def carry_out(change: AddressChange, now: datetime) -> list[Registration]:
    """Write to the new address from now on: earlier links die, letters with new ones follow; give the places.

    The old address is told that it was changed, and its calendar loses the entries. Raises Conflict for a place that
    was given up, NotFound when it was done already, UserError where somebody of that name has a place there.
    """
    first, new_address = change.registration, change.email
    # The webinars before the wish, as whoever asks does: both wait for each other, never in a circle.
    held = proofs.webinars_holding(address_key(change.email_key))
    for number in sorted({first.webinar_id, *held, *(one.webinar_id for one in places_of(change, now))}):
        seats.lock(number)
    lock(change)
    before, before_key = first.email or "", first.address_key
    places = places_of(change, now)
    if not any(one.active for one in places):
        raise Conflict(_("This can no longer be changed."))
    left = find_left(db.session(), [before_key])
    db.session.delete(change)
    taken = {one.id: _readdress(one, new_address, now) for one in places}
    note_proven(places[0].address_key, now)
    proofs.keep_all(places[0].address_key, held, now)
    for gone in left:
        # Whoever left some letters wants none of them at another address either.
        leave(places[0].address_key, MailClass(gone.mail_class), gone.about, now)
    for one in places:
        events.place_repeated.send(one, now=now, by="registrant", request_id=random_id())
    holders = [one for one in places if taken[one.id] is not None]
    for one in holders or places[:1]:
        events.address_changed.send(one, now=now, before=before, taken=taken[one.id])
    return places


def _readdress(registration: Registration, email: str, now: datetime) -> int | None:
    """Give a place another address; give the SEQUENCE that takes the entry from the old calendar, if it may hold one.

    The invitation to the new address has a higher one: where both mailboxes feed one calendar, it shows that, whichever
    of the two letters comes first.
    """
    seats.lock_place(registration)
    held = registration.state == RegistrationState.CONFIRMED or rules.holds_entry(registration)
    registration.sequence_offset += held
    taken = registration.sequence if held else None
    places, _own = queries.places_of(registration.webinar_id, email_key(email), registration.name_key)
    corrections.ensure_nobody_else(registration, email_key(email), registration.name_key)
    service.ensure_few(places)
    corrections.readdress(registration, email, now)
    return taken
