"""What holds for announcements, as pure functions of facts."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from webinars.mail.letters import NotSent
from webinars.mail.models import MessageState
from webinars.notices.facts import Facts
from webinars.notices.kinds import Reason
from webinars.notices.models import Announcement, AnnouncementState
from webinars.notices.wording import Wording
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.schedule.models import Series, WebinarState

_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
#: whom staff may choose by where they stand; who was offered a seat still waits for it
STANDINGS = {
    "confirmed": (RegistrationState.CONFIRMED,),
    "waitlisted": (RegistrationState.WAITLISTED, RegistrationState.OFFERED),
    "recording-only": (RegistrationState.RECORDING_ONLY,),
}


class Stage(StrEnum):
    """Where an announcement is on its way."""

    DRAFT = "draft"
    #: it has a moment to go out, or waits for the worker to see that this moment has come
    WAITING = "waiting"
    GOING_OUT = "going out"
    SENT = "sent"
    STOPPED = "stopped"


class News(NamedTuple):
    """What an announcement's letters are made of."""

    announcement: Announcement
    #: staff stopped its mailing
    stopped: bool
    #: another letter of it goes to the same address
    doubled: bool = False


class Place(NamedTuple):
    """One of the places of an address, as far as an announcement asks."""

    id: int
    address_key: str
    state: str
    mode: str
    language: str
    webinar_id: int
    series_id: int
    webinar_state: str
    #: when the webinar was called off
    cancelled_at: datetime | None
    #: until its address is proven
    held: bool = False


class Since(StrEnum):
    """What became of the webinar after staff last looked at the words to its registrants."""

    CALLED_OFF = "called off"
    MOVED = "moved"


def stage(announcement: Announcement, open_letters: int) -> Stage:
    """Say where an announcement is, given how many of its letters are still to be sent."""
    if announcement.state == AnnouncementState.SCHEDULED and announcement.written_at is not None:
        return Stage.GOING_OUT if open_letters else Stage.SENT
    return {
        AnnouncementState.DRAFT: Stage.DRAFT,
        AnnouncementState.SCHEDULED: Stage.WAITING,
        AnnouncementState.STOPPED: Stage.STOPPED,
    }[AnnouncementState(announcement.state)]


def series_of(announcement: Announcement) -> Series:
    """Give the series whose list an announcement goes to."""
    if announcement.series is not None:
        return announcement.series
    assert announcement.webinar is not None
    return announcement.webinar.series


def zone_of(announcement: Announcement) -> str:
    """Give the zone in whose wall clock staff say when it goes out."""
    return announcement.webinar.time_zone if announcement.webinar else series_of(announcement).time_zone


def about_of(announcement: Announcement) -> str:
    """Give the key under which the outbox knows whom an announcement is for."""
    if announcement.webinar_id is not None:
        return f"w{announcement.webinar_id}"
    return f"s{announcement.series_id}"


def words_in(announcement: Announcement, language: str) -> Wording:
    """Give the words for a reader; who reads another language gets the first there is."""
    texts: Mapping[str, Mapping[str, str]] = announcement.texts
    spoken = language if language in texts else next(iter(texts))
    return Wording(spoken, texts[spoken]["subject"], texts[spoken]["body"], announcement.series_id is not None)


def listed_subject(announcement: Announcement, language: str) -> str:
    """Give the subject for a list, what it is about filled in; what differs from letter to letter is left open."""
    about = announcement.webinar or series_of(announcement)
    known = {"title": about.title, "series": series_of(announcement).title}
    return _PLACEHOLDER.sub(lambda found: known.get(found[1], "…"), words_in(announcement, language).subject)


def states_of(audience: Mapping[str, Any]) -> list[RegistrationState]:
    """List the states that an audience takes in; nobody who gave up the place."""
    chosen = audience.get("states") or STANDINGS
    return [state for name in chosen for state in STANDINGS[name]]


def modes_of(audience: Mapping[str, Any]) -> list[Mode]:
    """List the ways of taking part that an audience is limited to; none = all."""
    return [Mode(mode) for mode in audience.get("modes") or ()]


def languages_of(audience: Mapping[str, Any]) -> list[str]:
    """List the languages that an audience is limited to; none = all."""
    return list(audience.get("languages") or ())


def reaches(audience: Mapping[str, Any], registration: Registration | Place) -> bool:
    """Say whether somebody belongs to an audience."""
    modes, languages = modes_of(audience), languages_of(audience)
    return (
        not registration.held
        and registration.state in states_of(audience)
        and (not modes or registration.mode in modes)
        and (not languages or registration.language in languages)
    )


def in_scope(announcement: Announcement, place: Place) -> bool:
    """Say whether a place is at what an announcement is about."""
    if announcement.webinar_id is not None:
        return place.webinar_id == announcement.webinar_id
    return place.series_id == announcement.series_id and place.webinar_state != WebinarState.DRAFT


def place_for(announcement: Announcement, own: int, places: Iterable[Place]) -> int:
    """Choose among the places of an address the one that its letter is about: its own, else the newest it reaches."""
    reached = [
        place.id
        for place in places
        if in_scope(announcement, place)
        and reaches(announcement.audience, place)
        and not called_off_since(announcement, place.cancelled_at)
    ]
    return own if own in reached else max(reached, default=own)


def called_off_since(announcement: Announcement, cancelled_at: datetime | None) -> bool:
    """Say whether a webinar was called off after staff last decided on an announcement, so that nobody knew."""
    return cancelled_at is not None and cancelled_at > announcement.updated_at


def changed_since(announcement: Announcement) -> Since | None:
    """Say what became of the webinar after staff last decided on an announcement; a series has no such thing."""
    webinar = announcement.webinar
    if webinar is None:
        return None
    if called_off_since(announcement, webinar.cancelled_at):
        return Since.CALLED_OFF
    moved = webinar.state == WebinarState.PUBLISHED and webinar.start_set_at > announcement.updated_at
    return Since.MOVED if moved else None


def why_not(news: News, facts: Facts) -> NotSent | None:
    """Say why an announcement must not go to somebody any more, or None."""
    if not facts.registration.email:
        return NotSent(Reason.NO_ADDRESS, MessageState.FAILED)
    if news.stopped:
        return NotSent(Reason.STOPPED)
    if not facts.registration.active:
        return NotSent(Reason.PLACE_CANCELLED)
    if called_off_since(news.announcement, facts.webinar.cancelled_at):
        return NotSent(Reason.WEBINAR_CANCELLED)
    if news.doubled:
        return NotSent(Reason.ALREADY_TOLD)
    if facts.bounced:
        # Nobody misses anything they need: unlike letters about a place it is no failure for staff to mend.
        return NotSent(Reason.BOUNCED)
    if not reaches(news.announcement.audience, facts.registration):
        return NotSent(Reason.STATE_CHANGED)
    return None
