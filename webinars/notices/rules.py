"""Decisions about letters, as pure functions of facts."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from webinars.archive.models import VideoState
from webinars.core.quiet import end_of_quiet
from webinars.mail.letters import NotSent
from webinars.mail.models import MessageState
from webinars.notices.facts import Facts
from webinars.notices.kinds import ALSO_TO_HELD, Notice, Reason
from webinars.notices.starts import revision_of
from webinars.registration.models import RegistrationState
from webinars.schedule.models import WebinarState

#: the states whose letter each notice is
_STATES_OF = {
    Notice.PROOF: {RegistrationState.CONFIRMED, RegistrationState.WAITLISTED, RegistrationState.RECORDING_ONLY},
    Notice.CONFIRMATION: {RegistrationState.CONFIRMED},
    Notice.PROMOTED: {RegistrationState.CONFIRMED},
    Notice.WAITLISTED: {RegistrationState.WAITLISTED},
    Notice.OFFER: {RegistrationState.OFFERED},
    Notice.OFFER_LAPSED: {RegistrationState.RECORDING_ONLY, RegistrationState.CANCELLED},
    Notice.RECORDING_PLACE: {RegistrationState.RECORDING_ONLY},
    Notice.OWN_CANCELLATION: {RegistrationState.CANCELLED},
}
#: letters that still make sense when the webinar is over
_ALSO_AFTERWARDS = {Notice.RECORDING_READY, Notice.CANCELLED, Notice.RECORDING_PLACE}


#: reminders of this many minutes or less before the start are never delayed
NEVER_DELAYED = 12 * 60
#: what must be left between the end of quiet hours and the end of a reminder's use for it to wait
TIME_TO_SEND = timedelta(minutes=15)


class NotOwed(StrEnum):
    """Why a reminder is not owed to somebody when it falls due."""

    NO_SEAT = "no seat"
    #: they got their seat after it had fallen due, with all that it says
    CAME_LATER = "came later"
    #: the same, and the letter that says it has not left yet
    CAME_LATER_UNTOLD = "came later, not told yet"
    #: the start was set after it had fallen due, and told at once
    START_SET_LATER = "start set later"
    #: another one was due when there was time to send it, or staff added it after its moment
    PASSED_OVER = "passed over"


@dataclass(frozen=True)
class DueReminder:
    """A reminder of a webinar, and when it is in force."""

    #: before the start
    minutes: int
    due_at: datetime
    #: when the next one falls due; of the last one, the start
    expires_at: datetime


def reminders_of(starts_at: datetime, reminders: Iterable[int]) -> list[DueReminder]:
    """List all reminders before a start, the first to fall due first."""
    found, expires_at = list[DueReminder](), starts_at
    for minutes in sorted(set(reminders)):
        due_at = starts_at - timedelta(minutes=minutes)
        found.append(DueReminder(minutes, due_at, expires_at))
        expires_at = due_at
    return found[::-1]


def reminder_in_force(starts_at: datetime, reminders: Iterable[int], now: datetime) -> DueReminder | None:
    """Give the latest reminder that has fallen due, or None before the first and from the start on.

    Earlier ones that were missed are not made up for: several at once would only confuse.
    """
    in_force = (one for one in reminders_of(starts_at, reminders) if one.due_at <= now < one.expires_at)
    return next(in_force, None)


def reminder_occasion(start_sequence: int, minutes: int) -> str:
    """Name a reminder so that a move makes it due again, and another change does not."""
    return f"{start_sequence}-{minutes}"


def why_no_reminder(reminder: DueReminder, facts: Facts) -> NotOwed | None:
    """Say why somebody is not owed a reminder that falls due, by where they stand now (queries.owed_reminder)."""
    place, webinar, starts = facts.registration, revision_of(facts.webinar), facts.starts
    if place.state != RegistrationState.CONFIRMED:
        return NotOwed.NO_SEAT
    if place.state_since > reminder.due_at:
        return NotOwed.CAME_LATER
    held = place.told_sequence in starts.same and starts.known_by(reminder.due_at, webinar)
    return None if webinar.start_set_at <= reminder.due_at or held else NotOwed.START_SET_LATER


def goes_at(reminder: DueReminder, zone: str, quiet: tuple[int, int] | None, now: datetime) -> datetime:
    """Say when a reminder goes to a reader of a zone: not in their quiet hours, unless that would be too late.

    quiet: from and until which hour of the reader's day; None = no such hours. now: it has fallen due, or will.
    """
    moment = max(reminder.due_at, now)
    end = end_of_quiet(moment, zone, quiet) if reminder.minutes > NEVER_DELAYED and quiet else None
    return end if end is not None and end + TIME_TO_SEND <= reminder.expires_at else moment


def why_not(notice: Notice, occasion: str, facts: Facts, now: datetime) -> NotSent | None:
    """Say why a letter about a place must not go out any more, or None."""
    if not facts.registration.email:
        return NotSent(Reason.NO_ADDRESS, MessageState.FAILED)
    waits_for_recording = facts.registration.state == RegistrationState.RECORDING_ONLY
    in_time = notice in _ALSO_AFTERWARDS or (notice in ALSO_TO_HELD and waits_for_recording)
    if not in_time and now >= facts.webinar.ends_at:
        return NotSent(Reason.WEBINAR_OVER, MessageState.EXPIRED)
    reason = _reason(notice, occasion, facts)
    if reason is None and facts.bounced and not facts.by_hand:
        return NotSent(Reason.BOUNCED, MessageState.FAILED)
    return NotSent(reason) if reason else None


def _reason(notice: Notice, occasion: str, facts: Facts) -> Reason | NotOwed | None:
    if facts.registration.held and notice not in ALSO_TO_HELD:
        return Reason.NOT_PROVEN
    if notice is Notice.PROOF and not facts.registration.held:
        return Reason.STATE_CHANGED
    if notice in _STATES_OF:
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
    if registration.state not in _STATES_OF[notice] or occasion != str(registration.state_changes):
        return Reason.STATE_CHANGED
    if notice is not Notice.OWN_CANCELLATION and facts.webinar.state != WebinarState.PUBLISHED:
        return Reason.WEBINAR_CANCELLED
    return None


def _reminder_is_stale(occasion: str, facts: Facts) -> Reason | NotOwed | None:
    start_sequence, _, minutes = occasion.partition("-")
    place = facts.registration
    if place.state != RegistrationState.CONFIRMED:
        return Reason.NO_SEAT
    if int(start_sequence) not in {facts.webinar.start_sequence, *facts.starts.same}:
        return Reason.MOVED_SINCE
    if int(minutes) not in facts.webinar.reminder_minutes:
        return Reason.REMINDER_DROPPED
    # It may have waited for the morning while they left and came back, told everything anew.
    due_at = facts.webinar.starts_at - timedelta(minutes=int(minutes))
    return NotOwed.CAME_LATER if place.state_since > due_at else None


def _is_told(notice: Notice, facts: Facts) -> Reason | None:
    """Check a letter that tells a change: whoever knows it already, or is owed the weightier *moved*, gets none."""
    told, webinar = facts.registration.told_sequence, facts.webinar
    if notice is Notice.MOVED:
        return Reason.ALREADY_TOLD if told is not None and told >= webinar.start_sequence else None
    if told is None or told >= webinar.sequence:
        return Reason.ALREADY_TOLD
    return Reason.MOVED_SINCE if told < webinar.start_sequence and told not in facts.starts.same else None


def _recording_is_gone(facts: Facts) -> Reason | None:
    video = facts.video
    gone = video is None or video.state != VideoState.PUBLISHED or video.webinar_id != facts.webinar.id
    return Reason.RECORDING_WITHDRAWN if gone else None
