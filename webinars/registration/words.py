"""How states and choices are called, on public and staff pages alike."""

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from webinars.mail.models import MessageState
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.rules import CalendarState

STATES = {
    RegistrationState.CONFIRMED: lazy_gettext("Confirmed"),
    RegistrationState.WAITLISTED: lazy_gettext("Waiting"),
    RegistrationState.OFFERED: lazy_gettext("Place offered"),
    RegistrationState.RECORDING_ONLY: lazy_gettext("Recording"),
    RegistrationState.CANCELLED: lazy_gettext("Cancelled"),
}
MODES = {
    Mode.LIVE: lazy_gettext("Online, live"),
    Mode.PHONE: lazy_gettext("By telephone"),
    Mode.RECORDING: lazy_gettext("Send me the recording"),
}
#: how a chip of the state looks (see docs/look.md)
STATE_KINDS = {
    RegistrationState.WAITLISTED: "sun",
    RegistrationState.OFFERED: "sun",
    RegistrationState.CANCELLED: "plain",
}
#: what a calendar holds, with the kind of its chip
CALENDARS: dict[CalendarState, tuple[Any, str | None]] = {
    CalendarState.CURRENT: (lazy_gettext("calendar current"), None),
    CalendarState.UNDER_WAY: (lazy_gettext("update under way"), "sun"),
    CalendarState.STALE: (lazy_gettext("update did not arrive"), "live"),
    CalendarState.WITHDRAWN: (lazy_gettext("withdrawn"), "plain"),
    CalendarState.NONE: (lazy_gettext("no entry"), "plain"),
}
#: what a calendar may answer (RFC 5545 section 3.2.12)
ANSWERS = {
    "ACCEPTED": lazy_gettext("accepted"),
    "TENTATIVE": lazy_gettext("tentatively accepted"),
    "DECLINED": lazy_gettext("declined"),
}


def state_words(state: str, position: int | None = None) -> str:
    """Say a state in a word or two: "Confirmed", "Waiting, place 3"."""
    if state == RegistrationState.WAITLISTED and position:
        return str(_("Waiting, place %(position)s", position=position))
    return str(STATES[RegistrationState(state)])


def state_kind(state: str) -> str | None:
    """Give the kind of chip that goes with a state."""
    return STATE_KINDS.get(RegistrationState(state))


def calendar_chip(state: CalendarState) -> tuple[str, str | None]:
    """Say what somebody's calendar holds, and the kind of chip that goes with it."""
    words, kind = CALENDARS[state]
    return str(words), kind


def answer_words(partstat: str) -> str:
    """Say what somebody's calendar answered to the invitation; empty when it answered nothing."""
    return str(ANSWERS.get(partstat.upper(), ""))


def mode_words(mode: str) -> str:
    """Say a way of taking part."""
    return str(MODES[Mode(mode)])


def headline(registration: Registration, position: int | None, proven: bool = True) -> str:
    """Say in one sentence where somebody stands."""
    if registration.state == RegistrationState.WAITLISTED:
        return str(_("You are waiting, place %(position)s", position=position or 1))
    sentences = {
        RegistrationState.CONFIRMED: _("Your place is confirmed"),
        RegistrationState.OFFERED: _("A place is held for you"),
        RegistrationState.RECORDING_ONLY: _("You will get the recording"),
        RegistrationState.CANCELLED: _("Your place is cancelled") if proven else _("This sign-up is cancelled"),
    }
    return str(sentences[RegistrationState(registration.state)])


#: names of letters as staff read them; a kind that is not here is shown as it is stored
LETTERS = {
    "confirmation": lazy_gettext("Confirmation with invitation"),
    "waitlisted": lazy_gettext("Place on the waiting list"),
    "promoted": lazy_gettext("A place became free"),
    "recording-place": lazy_gettext("Will get the recording"),
    "reminder": lazy_gettext("Reminder"),
    "moved": lazy_gettext("New time"),
    "changed": lazy_gettext("Something changed"),
    "cancelled": lazy_gettext("Webinar called off"),
    "own-cancellation": lazy_gettext("Cancellation confirmed"),
    "recording-ready": lazy_gettext("Recording is ready"),
    "repeated": lazy_gettext("Sent once more"),
    "link": lazy_gettext("Links asked for"),
    "announcement": lazy_gettext("Announcement"),
}
LETTER_STATES = {
    MessageState.PENDING: lazy_gettext("waiting"),
    MessageState.SENDING: lazy_gettext("being sent"),
    MessageState.SENT: lazy_gettext("sent"),
    MessageState.FAILED: lazy_gettext("failed"),
    MessageState.EXPIRED: lazy_gettext("too late"),
    MessageState.SUPERSEDED: lazy_gettext("no longer needed"),
}


def letter_words(notice: str) -> str:
    """Name a kind of letter."""
    return str(LETTERS.get(notice, notice))


def letter_state_words(state: str) -> str:
    """Say where a letter stands."""
    return str(LETTER_STATES[MessageState(state)])


def letter_state_kind(state: str) -> str | None:
    """Give the kind of chip that goes with a letter's state."""
    if state == MessageState.FAILED:
        return "live"
    return "sun" if state in {MessageState.PENDING, MessageState.SENDING} else "plain"
