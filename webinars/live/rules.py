"""Decisions about the door to the room."""

from datetime import datetime, timedelta
from enum import StrEnum

from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Webinar, WebinarState

#: how long before the start the door opens, and how long after the planned end it stays open
OPENS_BEFORE = timedelta(minutes=30)
CLOSES_AFTER = timedelta(minutes=30)


class Door(StrEnum):
    """What somebody finds at the door."""

    OPEN = "open"
    EARLY = "early"
    OVER = "over"
    WEBINAR_CANCELLED = "webinar-cancelled"
    PLACE_CANCELLED = "place-cancelled"
    WAITING = "waiting"
    #: held until the address is proven
    HELD = "held"
    RECORDING_ONLY = "recording-only"
    NO_ROOM = "no-room"


def lets_in(webinar: Webinar, now: datetime) -> bool:
    """Say whether a webinar's door is open now, for whoever has a place."""
    published = webinar.state == WebinarState.PUBLISHED
    return published and webinar.starts_at - OPENS_BEFORE <= now <= webinar.ends_at + CLOSES_AFTER


def door(registration: Registration, now: datetime) -> Door:
    """Say what a registrant finds at the door now."""
    webinar = registration.webinar
    if webinar.state == WebinarState.CANCELLED:
        return Door.WEBINAR_CANCELLED
    if now > webinar.ends_at + CLOSES_AFTER:
        return Door.OVER
    by_state = {
        RegistrationState.CANCELLED: Door.PLACE_CANCELLED,
        RegistrationState.WAITLISTED: Door.WAITING,
        RegistrationState.OFFERED: Door.WAITING,
        RegistrationState.RECORDING_ONLY: Door.RECORDING_ONLY,
    }
    if registration.held and registration.active:
        return Door.HELD
    if registration.state in by_state:
        return by_state[RegistrationState(registration.state)]
    if now < webinar.starts_at - OPENS_BEFORE:
        return Door.EARLY
    return Door.OPEN if webinar.join_url else Door.NO_ROOM
