"""How states and choices are called, on public and staff pages alike."""

from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext, ngettext

from webinars.core.formats import clock, day_and_time, in_zone, long_date, zone_name
from webinars.core.language import current_language
from webinars.mail.models import Message, MessageState
from webinars.registration.models import Mode, Registration, RegistrationState, Wave, WaveKind
from webinars.registration.rules import CalendarState
from webinars.schedule.models import WebinarState

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
#: what discretion means, said the same wherever somebody may ask for it
DISCREET = lazy_gettext("Sender, subject, text and calendar entry then name neither the topic nor us.")
#: why a registration is marked (forms.RegistrationForm), for staff
MARKED = lazy_gettext(
    "“Have a look” means one of three: the form was sent within 2 seconds, a field that people do not see was filled "
    "in, or the name holds a web address. It may be a person all the same."
)
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
    "DECLINED-EARLIER": lazy_gettext("declined an earlier time or invitation; the place was kept"),
}


def state_words(state: str, position: int | None = None, held: bool = False) -> str:
    """Say a state in a word or two: "Confirmed", "Waiting, place 3", "Held"."""
    if held and state == RegistrationState.CONFIRMED:
        return str(_("Held, not confirmed"))
    if state == RegistrationState.WAITLISTED and position:
        return str(_("Waiting, place %(position)s", position=position))
    return str(STATES[RegistrationState(state)])


def standing(
    registration: Registration, position: int | None = None, held: bool | None = None
) -> tuple[str, str | None]:
    """Say where somebody stands, with the kind of its chip; nobody has a place at a webinar that was called off.

    held: what a page says of that which is not to tell; None = as it is.
    """
    if registration.active and registration.webinar.state == WebinarState.CANCELLED:
        return str(_("Webinar called off")), "plain"
    held = registration.held if held is None else held
    return state_words(registration.state, position, held), state_kind(registration.state, held)


def state_kind(state: str, held: bool = False) -> str | None:
    """Give the kind of chip that goes with a state."""
    if held and state == RegistrationState.CONFIRMED:
        return "sun"
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


def letter_time(moment: datetime | None, zone: str, now: datetime) -> str:
    """Say when a letter goes that waits for its turn: "7:46 pm", with the day unless it is today; else nothing."""
    if moment is None or moment < now + timedelta(minutes=1):
        return ""
    time = f"{clock(moment, zone)} ({zone_name(zone, moment)})"
    if in_zone(moment, zone).date() == in_zone(now, zone).date():
        return time
    return str(_("%(time)s on %(day)s", time=time, day=long_date(moment, zone)))


def held_until(registration: Registration) -> str:
    """Say until when a seat is held for somebody, in their own zone; empty when none is."""
    moment = registration.offered_until
    return day_and_time(moment, registration.time_zone) if moment else ""


def proof_until(registration: Registration, zone: str | None = None) -> str:
    """Say until when a place is held until its address is proven, in a zone or their own; empty when it is not."""
    moment = registration.proof_until if registration.active else None
    return day_and_time(moment, zone or registration.time_zone) if moment else ""


def letter_follows(registration: Registration, moment: datetime | None, now: datetime, usual: str) -> str:
    """Say when a letter goes that somebody caused; None for one that is not sent, ``usual`` for one that goes now."""
    if moment is None:
        return str(
            _(
                "No letter goes out now: this address got several from us within a day, and the newest of them still "
                "holds. Ask again tomorrow if you need it."
            )
        )
    time = letter_time(moment, registration.time_zone, now)
    if time:
        return str(_("You got several letters from us just now. This one goes out at %(time)s.", time=time))
    return usual


def headline(registration: Registration, position: int | str | None, proven: bool = True, held: bool = False) -> str:
    """Say in one sentence where somebody stands; ``position`` may be a mark that stands for it."""
    if registration.state == RegistrationState.WAITLISTED:
        return str(_("You are waiting, place %(position)s", position=position or 1))
    sentences = {
        RegistrationState.CONFIRMED: _("Your place is held") if held else _("Your place is confirmed"),
        RegistrationState.OFFERED: _("A place is held for you"),
        RegistrationState.RECORDING_ONLY: _("You will get the recording"),
        RegistrationState.CANCELLED: _("Your place is cancelled") if proven else _("This sign-up is cancelled"),
    }
    return str(sentences[RegistrationState(registration.state)])


#: names of letters as staff read them; a kind that is not here is shown as it is stored
LETTERS = {
    "proof": lazy_gettext("Please confirm by button"),
    "confirmation": lazy_gettext("Confirmation with invitation"),
    "waitlisted": lazy_gettext("Place on the waiting list"),
    "promoted": lazy_gettext("A place became free"),
    "offer": lazy_gettext("A place is held for them"),
    "offer-lapsed": lazy_gettext("The held place went on"),
    "recording-place": lazy_gettext("Will get the recording"),
    "reminder": lazy_gettext("Reminder"),
    "moved": lazy_gettext("New time"),
    "changed": lazy_gettext("Something changed"),
    "cancelled": lazy_gettext("Webinar called off"),
    "own-cancellation": lazy_gettext("Cancellation confirmed"),
    "recording-ready": lazy_gettext("Recording is ready"),
    "dates": lazy_gettext("Dates of a series"),
    "repeated": lazy_gettext("Sent once more"),
    "link": lazy_gettext("Links asked for"),
    "new-address": lazy_gettext("Question whether an address is theirs"),
    "address-changed": lazy_gettext("Note to the former address"),
    "announcement": lazy_gettext("Announcement"),
    "test": lazy_gettext("Test to oneself"),
}
LETTER_STATES = {
    MessageState.PENDING: lazy_gettext("waiting"),
    MessageState.SENDING: lazy_gettext("being sent"),
    MessageState.SENT: lazy_gettext("sent"),
    MessageState.FAILED: lazy_gettext("failed"),
    MessageState.EXPIRED: lazy_gettext("too late"),
    MessageState.SUPERSEDED: lazy_gettext("no longer needed"),
}
#: reasons by which the room of notices, a later one, names why a letter is not sent (notices.kinds.Reason)
_DEAD, _REPLACED = "mailbox takes no mail", "told by a later letter"


def letter_words(notice: str) -> str:
    """Name a kind of letter."""
    return str(LETTERS.get(notice, notice))


def letter_state_words(letter: Message) -> str:
    """Say where a letter stands."""
    reason = letter.last_error or ""
    if reason == _DEAD:
        return str(_("not sent: this address takes no mail"))
    if letter.state == MessageState.SUPERSEDED and reason.startswith(_REPLACED):
        return str(_("replaced by a later letter"))
    return str(LETTER_STATES[MessageState(letter.state)])


def server_words(letter: Message) -> str:
    """Give what a server said about a letter, or the named reason of ours; empty where its state says it all."""
    reason = letter.last_error or ""
    return "" if reason == _DEAD else reason.removeprefix(_REPLACED).removeprefix("; ")


def letter_moment(letter: Message, zone: str) -> str:
    """Say when a letter went, or goes next: "22 Nov 2026, 1:41 pm", which no line end divides."""
    moment = letter.sent_at or letter.next_attempt_at
    day = format_date(in_zone(moment, zone).date(), "d MMM y", locale=current_language())
    return f"{day}, {clock(moment, zone)}".replace(" ", "\N{NO-BREAK SPACE}")


def letter_state_kind(letter: Message) -> str | None:
    """Give the kind of chip that goes with a letter's state."""
    if letter.state == MessageState.FAILED or letter.last_error == _DEAD:
        return "live"
    return "sun" if letter.state in {MessageState.PENDING, MessageState.SENDING} else "plain"


def wave_words(wave: Wave) -> str:
    """Say in a sentence what stood out."""
    sentences = {
        WaveKind.NETWORK: ngettext(
            "%(num)s person registered from one network within an hour.",
            "%(num)s people registered from one network within an hour.",
            wave.sign_ups,
        ),
        WaveKind.MARKED: ngettext(
            "%(num)s form was filled in like a machine would within an hour.",
            "%(num)s forms were filled in like a machine would within an hour.",
            wave.sign_ups,
        ),
        WaveKind.MANY: ngettext(
            "%(num)s person registered within an hour, far more than usual.",
            "%(num)s people registered within an hour, far more than usual.",
            wave.sign_ups,
        ),
    }
    return sentences[WaveKind(wave.kind)]
