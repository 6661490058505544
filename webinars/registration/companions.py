"""Bringing somebody along later: people whom the form takes beside the first one, added behind the link of a letter."""

from datetime import datetime

from flask_babel import gettext as _

from webinars.core.errors import Conflict, UserError
from webinars.core.text import random_id
from webinars.registration import queries, rules, seats, service
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.questions.queries import asking_of
from webinars.registration.rules import Application


def left(registration: Registration, now: datetime) -> int:
    """Say how many others somebody may still bring: as many as the form takes, less those who are coming."""
    comes = registration.email and registration.state != RegistrationState.RECORDING_ONLY and not registration.held
    if not comes or not rules.may_change(registration, now):
        return 0
    coming = sum(one.active for one in queries.party_of(registration))
    return max(0, asking_of(registration.webinar, now).companions - coming)


def bring(registration: Registration, name: str, now: datetime) -> Registration:
    """Give somebody else a place beside a person whose address is proven; gives the place.

    It is a seat or a place in line, as the form would give it now. Raises Conflict when nobody more may be brought,
    NoPlaceLeft, UserError for the name of somebody who has a place already.
    """
    seats.lock_place(registration)
    if left(registration, now) == 0:
        raise Conflict(_("Nobody else can be added to this place any more."))
    first = Application(
        name=registration.name,
        email=registration.email,
        time_zone=registration.time_zone,
        language=registration.language,
        mode=registration.mode,
        discreet=registration.discreet,
        asked_before=True,
        party=registration.party or random_id(),
    )
    other = rules.companion_of(first, name)
    places, known = queries.places_of(registration.webinar_id, other.email_key, other.name_key)
    if known is not None:
        raise UserError(_("Somebody with this name and address is registered for this webinar already."))
    service.ensure_few(places)
    registration.party = first.party
    return service.enter(registration.webinar, other, now, "registrant")
