"""What holds for announcements, as pure functions of facts."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from webinars.mail.letters import NotSent
from webinars.mail.models import MessageState
from webinars.notices.facts import Facts
from webinars.notices.kinds import Reason
from webinars.notices.models import Announcement, AnnouncementState
from webinars.notices.wording import Wording
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.schedule.models import Series

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


def reaches(audience: Mapping[str, Any], registration: Registration) -> bool:
    """Say whether somebody belongs to an audience."""
    modes, languages = modes_of(audience), languages_of(audience)
    return (
        registration.state in states_of(audience)
        and (not modes or registration.mode in modes)
        and (not languages or registration.language in languages)
    )


def why_not(news: News, facts: Facts) -> NotSent | None:
    """Say why an announcement must not go to somebody any more, or None."""
    if not facts.registration.email:
        return NotSent(Reason.NO_ADDRESS, MessageState.FAILED)
    if news.stopped:
        return NotSent(Reason.STOPPED)
    if not facts.registration.active:
        return NotSent(Reason.PLACE_CANCELLED)
    if facts.bounced:
        # Nobody misses anything they need: unlike letters about a place it is no failure for staff to mend.
        return NotSent(Reason.BOUNCED)
    if not reaches(news.announcement.audience, facts.registration):
        return NotSent(Reason.STATE_CHANGED)
    return None
