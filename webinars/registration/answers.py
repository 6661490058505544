"""What follows when a calendar answers an invitation, and whose mailbox a letter that came back was for."""

from datetime import datetime, timedelta

from sqlalchemy import select

from webinars.core.database import db
from webinars.core.links import address_key
from webinars.mail.inbound.replies import Answered, CalendarAnswer, Followed
from webinars.mail.models import Message
from webinars.registration import queries, rules, seats, service
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.schedule.models import DeclineMeans

#: who has something that a decline gives up
_SEATED = frozenset({RegistrationState.CONFIRMED, RegistrationState.OFFERED})
#: how far the clock of somebody's calendar may be from ours
_CLOCKS_DIFFER = timedelta(minutes=5)
#: kept in place of an answer: a decline that gives nothing up, because it is to an earlier invitation
DECLINED_EARLIER = "DECLINED-EARLIER"


def take_answer(answer: CalendarAnswer, now: datetime) -> Followed | None:
    """Note what somebody's calendar answered, and do with a decline what the series chose.

    None when the invitation is no registration's, or another person answers it.
    """
    registration = _find(answer)
    if registration is None:
        return None
    seats.lock_place(registration)
    if _is_outdated(registration, answer):
        return Followed("stale answer", registration.subject)
    if _is_to_an_earlier_one(registration, answer):
        return Followed(_keep_earlier(registration, answer), registration.subject)
    registration.partstat = answer.partstat
    # A clock that runs ahead must not make every later answer look older.
    registration.partstat_at = min(answer.answered_at or now, now)
    db.session.flush()
    return Followed(_follow(registration, answer, now), registration.subject)


def _is_outdated(registration: Registration, answer: CalendarAnswer) -> bool:
    """Say whether a newer answer is known."""
    known, given = registration.partstat_at, answer.answered_at
    return known is not None and given is not None and given < known


def _is_to_an_earlier_one(registration: Registration, answer: CalendarAnswer) -> bool:
    """Say whether an answer is to an invitation to another time, or to a place they had before (RFC 5546 2.1.5)."""
    if answer.sequence < _oldest_to_answer(registration):
        return True
    given, taken_again = answer.answered_at, registration.state_changes > 1
    if given is None or not taken_again or answer.sequence >= registration.sequence:
        # Nobody saw this SEQUENCE before they had the place, whatever a clock says.
        return False
    return given < registration.state_since + _CLOCKS_DIFFER


def _oldest_to_answer(registration: Registration) -> int:
    """Give the lowest SEQUENCE of an entry with the present start."""
    webinar = registration.webinar
    present = webinar.start_sequence + registration.sequence_offset
    knows = registration.told_sequence is not None and registration.told_sequence >= webinar.start_sequence
    if knows and registration.entry_sequence is not None and rules.holds_entry(registration):
        # Moved away and back: whoever was told nothing holds the right entry, though SEQUENCE has grown.
        return min(present, registration.entry_sequence)
    return present


def _keep_earlier(registration: Registration, answer: CalendarAnswer) -> str:
    """Leave it to staff whether somebody meant more by declining what holds no more; give what is remembered."""
    if answer.partstat is not Answered.DECLINED or registration.state not in _SEATED:
        return "stale answer"
    registration.partstat = DECLINED_EARLIER
    db.session.flush()
    return "declined earlier"


def _address_of(message: Message) -> str | None:
    """Give the key of the address that a letter would go to now (Address.key); None when nobody's is known."""
    registration = _registration_of(message)
    return registration.address_key if registration is not None and registration.email else message.address_key


def returned_address(message: Message, recipients: frozenset[str]) -> str | None:
    """Give the key of the address that a letter came back from; None when it is not certain.

    ``recipients``: the folded addresses that the report names. Staff may have corrected the address since the letter
    went out, and a report may name any: only one that both know is believed.
    """
    named = {address_key(recipient) for recipient in recipients}
    likely = {message.address_key, _address_of(message)} - {None}
    return next(iter(likely & named), None) if named else message.address_key


def _find(answer: CalendarAnswer) -> Registration | None:
    """Find the invited person; an entry's number is known to them alone, and the answer must be in their name.

    Looked for by the address, which has an index.
    """
    theirs = [address for address in {answer.attendee, answer.sender} if address]
    wanted = select(Registration).where(Registration.email_key.in_(theirs), Registration.uid == answer.uid)
    return db.session.scalars(wanted).first() if theirs else None


def _follow(registration: Registration, answer: CalendarAnswer, now: datetime) -> str:
    said = answer.partstat.lower()
    if answer.partstat is not Answered.DECLINED or registration.state not in _SEATED:
        return said
    if not rules.may_change(registration, now):
        return f"{said} too late"
    means = DeclineMeans(registration.webinar.series.decline_means)
    if means is DeclineMeans.NOTE:
        return said
    if means is DeclineMeans.RECORDING and Mode.RECORDING in rules.modes_of(registration.webinar):
        service.change_mode(registration, Mode.RECORDING, now)
        return f"{said}: gets the recording"
    service.cancel(registration, now)
    return f"{said}: place given up"


def _registration_of(message: Message) -> Registration | None:
    number = message.subject.removeprefix("r")
    return queries.find(int(number)) if number != message.subject and number.isdecimal() else None
