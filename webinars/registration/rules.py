"""Decisions about places, as pure functions of facts."""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum

from webinars.core.quiet import QUARTER, end_of_quiet, quarter_before
from webinars.core.text import email_key, many_lines, name_key, one_line
from webinars.core.zones import is_zone
from webinars.mail.models import MessageState
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.questions.rules import Extras, Given
from webinars.schedule.models import Webinar, WebinarState

#: two people may share a mailbox, a family too; more through one form is no family
MOST_PLACES_PER_ADDRESS = 6
#: the same form within this time causes no further letter
QUIET_AFTER_LETTER = timedelta(hours=1)
#: how long a cancellation can be taken back with one button
UNDO_WITHIN = timedelta(hours=24)
#: how long the browser that sent a form may send the very same one again and still be taken for the same person
SAME_FORM_WITHIN = timedelta(hours=2)
#: a seat is offered only while so much is left between the end of the offer and the start
OFFERS_END_BEFORE = timedelta(hours=2)
#: whoever sleeps when an offer would end has this long in the morning
MORNING = timedelta(hours=2)
#: how long a place is held until its address is proven, at least and at most
HELD_AT_LEAST, HELD_AT_MOST = timedelta(minutes=30), timedelta(hours=24)
#: a held place ends so long before the start that the next in line can still come
HOLDS_END_BEFORE = timedelta(hours=1)
LONGEST_NAME = 200
LONGEST_PHONE = 60
LONGEST_QUESTION = 2000
LONGEST_KEY = 300
_UNDELIVERED = frozenset({MessageState.FAILED, MessageState.EXPIRED})


class Refusal(Enum):
    """Why nobody can register for a webinar now."""

    NOT_PUBLIC = "not public"
    CANCELLED = "cancelled"
    OVER = "over"
    NOT_RECORDED = "not recorded"


class Letters(Enum):
    """How a place that somebody got is told to them."""

    #: by a letter of its own
    EACH = "each"
    #: by nobody: whoever enters it has told the person already
    NONE = "none"
    #: one of several dates of a series: one letter lists all, and an invitation follows to each seat
    TOGETHER = "together"


class Kept(Enum):
    """Which part of a seat count a registration holds."""

    SEAT = "seat"
    OFFER = "offer"
    PLACE_IN_LINE = "place in line"
    NOTHING = "nothing"


class CalendarState(Enum):
    """What a person's calendar holds, as far as our letters go."""

    #: the entry as it is now
    CURRENT = "current"
    #: a letter that gives, changes or takes the entry is owed
    UNDER_WAY = "under way"
    #: the letter that should have done so did not arrive
    STALE = "stale"
    #: the entry was taken away again
    WITHDRAWN = "withdrawn"
    #: none was ever sent
    NONE = "none"


@dataclass(frozen=True)
class Application:
    """What somebody asks for when registering, from whichever side it comes."""

    name: str
    email: str | None
    time_zone: str = ""
    language: str = "en"
    mode: str = Mode.LIVE
    discreet: bool = False
    question: str = ""
    phone: str = ""
    suspicious: bool = False
    #: the number of the form, while the same form once more means the same place; None = each is a new one
    form_nonce: str | None = None
    letters: Letters = Letters.EACH
    #: keyed hash of the network it came from, and when letters that it causes may go
    client_key: str | None = None
    letters_from: datetime | None = None
    #: what else the form carried, as it came
    given: Given = Given()
    #: nothing has to be answered: an earlier form has asked
    asked_before: bool = False
    #: what is kept of that, once it was read against what is asked
    extras: Extras = Extras()
    #: the same for all whom the form registers; None for one
    party: str | None = None

    @property
    def email_key(self) -> str:
        """Fold the address for comparing, or the telephone number of a person without one."""
        return email_key(self.email) if self.email else f"tel:{phone_digits(self.phone)}"

    @property
    def name_key(self) -> str:
        """Fold the name for comparing."""
        return name_key(self.name)[:LONGEST_KEY]

    @property
    def wants_seat(self) -> bool:
        """Say whether they want to take part while it happens."""
        return self.mode != Mode.RECORDING


def phone_digits(phone: str) -> str:
    """Reduce a telephone number to what tells it apart: its digits, and a leading plus."""
    text = phone.strip()
    return ("+" if text.startswith("+") else "") + re.sub(r"\D", "", text)


def said_of(typed: str) -> dict[str, str]:
    """Say what words that were looked for tell about a person: an address, a telephone number, or else a name."""
    text = one_line(typed)[:LONGEST_NAME]
    if "@" in text:
        return {"email": tidy_address(text)}
    if len(phone_digits(text)) >= 4 and not any(character.isalpha() for character in text):
        return {"phone": text[:LONGEST_PHONE]}
    return {"name": text} if text else {}


def tidy_address(typed: str) -> str:
    """Forgive what people paste around an address: "mailto:", angle brackets, white space, a trailing dot or comma."""
    text = one_line(typed).strip(" <>,;\"'")
    if text.lower().startswith("mailto:"):
        text = text[7:].partition("?")[0]
    return text.replace(" ", "").rstrip(".,;>")


def tidy(application: Application, fallback_zone: str, has_phone: bool = True) -> Application:
    """Clean every value; an unknown zone becomes the webinar's, a way to take part that is not offered live."""
    known = application.mode in set(Mode) and (has_phone or application.mode != Mode.PHONE)
    return replace(
        application,
        name=one_line(application.name)[:LONGEST_NAME],
        email=tidy_address(application.email) if application.email else None,
        phone=one_line(application.phone)[:LONGEST_PHONE],
        time_zone=application.time_zone if is_zone(application.time_zone) else fallback_zone,
        mode=application.mode if known else Mode.LIVE,
        question=many_lines(application.question)[:LONGEST_QUESTION],
    )


def companion_of(application: Application, name: str) -> Application:
    """Make what a form asks for somebody else whom it names: the same, but for what is said of one person."""
    return replace(application, name=one_line(name)[:LONGEST_NAME], question="", phone="", extras=Extras())


def is_complete(application: Application) -> bool:
    """Say whether somebody can be told apart and reached: a name, and an address or a telephone number."""
    reachable = "@" in (application.email or "") or bool(phone_digits(application.phone))
    return bool(application.name_key) and reachable and len(application.email_key) <= LONGEST_KEY


def why_closed(webinar: Webinar, now: datetime, mode: str = Mode.LIVE) -> Refusal | None:
    """Say why a webinar takes no registrations, or None; the recording can be asked for after the end."""
    if webinar.state == WebinarState.DRAFT:
        return Refusal.NOT_PUBLIC
    if webinar.state == WebinarState.CANCELLED:
        return Refusal.CANCELLED
    if webinar.ends_at <= now and (mode != Mode.RECORDING or not webinar.recorded):
        return Refusal.OVER
    if mode == Mode.RECORDING and not webinar.recorded:
        return Refusal.NOT_RECORDED
    return None


def modes_of(webinar: Webinar) -> list[Mode]:
    """List the ways of taking part that a webinar offers."""
    offered = {Mode.PHONE: bool(webinar.phone_number), Mode.RECORDING: webinar.recorded}
    return [mode for mode in Mode if offered.get(mode, True)]


def gives_anything(webinar: Webinar, now: datetime) -> bool:
    """Say whether somebody who comes now can have a seat, a place in line or at least the recording."""
    seated = may_register(webinar, now) and newcomer_state(webinar) is not None
    return seated or why_closed(webinar, now, Mode.RECORDING) is None


def may_register(webinar: Webinar, now: datetime) -> bool:
    """Say whether somebody may register to take part live."""
    return why_closed(webinar, now) is None


def seats_are_given(webinar: Webinar, now: datetime) -> bool:
    """Say whether a free seat still goes to who waits."""
    return webinar.state == WebinarState.PUBLISHED and now < webinar.ends_at


def newcomer_state(webinar: Webinar, mode: str = Mode.LIVE) -> RegistrationState | None:
    """Say what somebody who registers now would get; None when all is taken and nobody may wait."""
    if mode == Mode.RECORDING:
        return RegistrationState.RECORDING_ONLY
    left = webinar.places_left
    if webinar.waitlisted_count == 0 and (left is None or left > 0):
        return RegistrationState.CONFIRMED
    return RegistrationState.WAITLISTED if webinar.waiting_list else None


def next_place(webinar: Webinar) -> int | None:
    """Say which place in line a newcomer would get, 0 for a seat; None when all is taken and nobody may wait."""
    state = newcomer_state(webinar)
    if state is None:
        return None
    return webinar.waitlisted_count + 1 if state == RegistrationState.WAITLISTED else 0


def what_is_kept(state: str) -> Kept:
    """Say which count a registration in this state is part of."""
    return {
        RegistrationState.CONFIRMED: Kept.SEAT,
        RegistrationState.OFFERED: Kept.OFFER,
        RegistrationState.WAITLISTED: Kept.PLACE_IN_LINE,
    }.get(RegistrationState(state), Kept.NOTHING)


def offered_until(
    now: datetime, hours: int, starts_at: datetime, zone: str, quiet: tuple[int, int] | None
) -> datetime | None:
    """Say until when a freed seat is held for somebody, or None when it is theirs at once: there is no time to ask.

    hours: how long staff want seats to be held, 0 = not at all. zone, quiet: of the person, as reminders have them.
    """
    if not hours:
        return None
    end = _quarter_after(now + timedelta(hours=hours))
    morning = end_of_quiet(end, zone, quiet) if quiet else None
    end = morning + MORNING if morning else end
    return end if end <= starts_at - OFFERS_END_BEFORE else None


def _quarter_after(moment: datetime) -> datetime:
    return quarter_before(moment + QUARTER - timedelta(microseconds=1))


def held_until_proof(now: datetime, starts_at: datetime | None, letter_at: datetime | None = None) -> datetime:
    """Say until when a place is held for somebody whose address nobody has proven.

    starts_at: None for who needs to be nowhere by then. letter_at: when the letter goes that asks for it; None = now.
    """
    asked_at = max(now, letter_at or now)
    end = asked_at + HELD_AT_MOST
    if starts_at is not None:
        end = min(end, max(starts_at - HOLDS_END_BEFORE, asked_at + HELD_AT_LEAST))
    return _quarter_after(end)


def has_lapsed(registration: Registration, now: datetime) -> bool:
    """Say whether the seat held for somebody goes to the next in line."""
    held = registration.state == RegistrationState.OFFERED and registration.offered_until is not None
    begins = registration.webinar.starts_at
    return held and now >= min(registration.offered_until or begins, begins)


def may_undo(registration: Registration, now: datetime) -> bool:
    """Say whether a cancellation can still be taken back."""
    recent = now - registration.state_since <= UNDO_WITHIN
    return (
        registration.state == RegistrationState.CANCELLED
        and recent
        and why_closed(registration.webinar, now, registration.mode) is None
    )


def may_cancel(registration: Registration) -> bool:
    """Say whether there is a place to give up."""
    return registration.state != RegistrationState.CANCELLED


def may_change(registration: Registration, now: datetime) -> bool:
    """Say whether choices can still be changed: the place stands and the webinar is not over."""
    return registration.active and why_closed(registration.webinar, now) is None


def may_swap(registration: Registration, now: datetime) -> bool:
    """Say whether there is a place to come to that can be given up for one on another date."""
    return what_is_kept(registration.state) is not Kept.NOTHING and may_change(registration, now)


def begins_at(registration: Registration, now: datetime) -> datetime | None:
    """Say when what a letter about the place must come in time for begins; None for who needs to be nowhere by then."""
    comes = registration.active and registration.state != RegistrationState.RECORDING_ONLY
    return registration.webinar.starts_at if comes and now < registration.webinar.ends_at else None


def holds_entry(registration: Registration) -> bool:
    """Say whether a person's calendar counts as holding an entry that we sent."""
    return registration.entry_sequence is not None and not registration.entry_withdrawn


def calendar_state(registration: Registration, newest: str | None = None) -> CalendarState:
    """Say what a person's calendar holds, next to what it should; newest: the state of the newest letter to them."""
    webinar, held = registration.webinar, holds_entry(registration)
    takes_part = registration.state == RegistrationState.CONFIRMED and webinar.state == WebinarState.PUBLISHED
    takes_part = takes_part and not registration.held
    if held and takes_part and _says_what_holds(registration, newest):
        return CalendarState.CURRENT
    if not held and not takes_part:
        return CalendarState.NONE if registration.entry_sequence is None else CalendarState.WITHDRAWN
    if not registration.email:
        return CalendarState.NONE
    return CalendarState.STALE if newest in _UNDELIVERED else CalendarState.UNDER_WAY


def _says_what_holds(registration: Registration, newest: str | None) -> bool:
    if (registration.entry_sequence or 0) >= registration.sequence:
        return True
    # Moved away and back: SEQUENCE has grown, and nobody who knows the webinar as it is was sent anything.
    knows = registration.told_sequence is not None and registration.told_sequence >= registration.webinar.sequence
    return knows and newest in {None, MessageState.SENT, MessageState.SUPERSEDED}
