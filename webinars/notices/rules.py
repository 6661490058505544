"""Decisions about letters, as pure functions of facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from webinars.archive.models import VideoState
from webinars.mail.letters import NotSent
from webinars.mail.models import MessageState
from webinars.notices.facts import Facts
from webinars.notices.kinds import Notice, Reason
from webinars.registration.models import RegistrationState
from webinars.schedule.models import WebinarState

#: the states whose letter each notice is
_STATE_OF = {
    Notice.CONFIRMATION: RegistrationState.CONFIRMED,
    Notice.PROMOTED: RegistrationState.CONFIRMED,
    Notice.WAITLISTED: RegistrationState.WAITLISTED,
    Notice.RECORDING_PLACE: RegistrationState.RECORDING_ONLY,
    Notice.OWN_CANCELLATION: RegistrationState.CANCELLED,
}
#: letters that still make sense when the webinar is over
_ALSO_AFTERWARDS = {Notice.RECORDING_READY, Notice.CANCELLED, Notice.RECORDING_PLACE}


@dataclass(frozen=True)
class DueReminder:
    """The one reminder of a webinar that is in force."""

    #: before the start
    minutes: int
    due_at: datetime
    #: when the next one falls due; of the last one, the start
    expires_at: datetime


def reminder_in_force(starts_at: datetime, reminders: Iterable[int], now: datetime) -> DueReminder | None:
    """Give the latest reminder that has fallen due, or None before the first and from the start on.

    Earlier ones that were missed are not made up for: several at once would only confuse.
    """
    if now >= starts_at:
        return None
    expires_at = starts_at
    for minutes in sorted(set(reminders)):
        due_at = starts_at - timedelta(minutes=minutes)
        if due_at <= now:
            return DueReminder(minutes, due_at, expires_at)
        expires_at = due_at
    return None


def reminder_occasion(start_sequence: int, minutes: int) -> str:
    """Name a reminder so that a move makes it due again, and another change does not."""
    return f"{start_sequence}-{minutes}"


def why_not(notice: Notice, occasion: str, facts: Facts, now: datetime) -> NotSent | None:
    """Say why a letter about a place must not go out any more, or None."""
    if not facts.registration.email:
        return NotSent(Reason.NO_ADDRESS, MessageState.FAILED)
    waits_for_recording = facts.registration.state == RegistrationState.RECORDING_ONLY
    in_time = notice in _ALSO_AFTERWARDS or (notice is Notice.REPEATED and waits_for_recording)
    if not in_time and now >= facts.webinar.ends_at:
        return NotSent(Reason.WEBINAR_OVER, MessageState.EXPIRED)
    reason = _reason(notice, occasion, facts)
    return NotSent(reason) if reason else None


def _reason(notice: Notice, occasion: str, facts: Facts) -> Reason | None:
    if notice in _STATE_OF:
        return _answer_is_stale(notice, occasion, facts)
    if not facts.registration.active:
        return Reason.PLACE_CANCELLED
    if notice is Notice.CANCELLED:
        return None if facts.webinar.state == WebinarState.CANCELLED else Reason.WEBINAR_NOT_CANCELLED
    if notice is Notice.RECORDING_READY:
        return _recording_is_gone(facts)
    if facts.webinar.state != WebinarState.PUBLISHED:
        return Reason.WEBINAR_CANCELLED
    if notice is Notice.REMINDER:
        return _reminder_is_stale(occasion, facts)
    if notice in {Notice.MOVED, Notice.CHANGED}:
        return _is_told(notice, facts)
    return None


def _answer_is_stale(notice: Notice, occasion: str, facts: Facts) -> Reason | None:
    """Check a letter that answers a deed: the state it speaks of must still be the present one."""
    registration = facts.registration
    if registration.state != _STATE_OF[notice] or occasion != str(registration.state_changes):
        return Reason.STATE_CHANGED
    if notice is not Notice.OWN_CANCELLATION and facts.webinar.state != WebinarState.PUBLISHED:
        return Reason.WEBINAR_CANCELLED
    return None


def _reminder_is_stale(occasion: str, facts: Facts) -> Reason | None:
    start_sequence, _, minutes = occasion.partition("-")
    if facts.registration.state != RegistrationState.CONFIRMED:
        return Reason.NO_SEAT
    if start_sequence != str(facts.webinar.start_sequence):
        return Reason.MOVED_SINCE
    if int(minutes) not in facts.webinar.reminder_minutes:
        return Reason.REMINDER_DROPPED
    return None


def _is_told(notice: Notice, facts: Facts) -> Reason | None:
    """Check a letter that tells a change: whoever knows it already, or is owed the weightier *moved*, gets none."""
    told, webinar = facts.registration.told_sequence, facts.webinar
    if notice is Notice.MOVED:
        return Reason.ALREADY_TOLD if told is not None and told >= webinar.start_sequence else None
    if told is None or told >= webinar.sequence:
        return Reason.ALREADY_TOLD
    return Reason.MOVED_SINCE if told < webinar.start_sequence else None


def _recording_is_gone(facts: Facts) -> Reason | None:
    video = facts.video
    gone = video is None or video.state != VideoState.PUBLISHED or video.webinar_id != facts.webinar.id
    return Reason.RECORDING_WITHDRAWN if gone else None
