"""Why a letter reaches nobody and what staff can do about it now, as pure functions of facts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from webinars.core.typos import suggested_address
from webinars.mail.causes import Cause, cause_of
from webinars.mail.models import Address, Message, MessageState
from webinars.notices.kinds import Notice, Reason
from webinars.registration.models import Registration
from webinars.schedule.models import Webinar, WebinarState

#: how far ahead the desk looks, and how long after the end it still tells of a time or a cancellation nobody heard of
AHEAD, BEHIND = timedelta(days=14), timedelta(days=1)
WATCHED = (WebinarState.PUBLISHED, WebinarState.CANCELLED)
#: from when on before the start a letter that is tried again may well come too late
CLOSE = timedelta(hours=2)
#: a letter that leaves later than this although nothing went wrong is held back
HELD = timedelta(minutes=5)
#: from this hour on people say "tonight"
_EVENING = 17
#: letters that people need: with their place, its links and times
NEEDED = frozenset({
    Notice.PROOF, Notice.CONFIRMATION, Notice.WAITLISTED, Notice.PROMOTED, Notice.OFFER, Notice.RECORDING_PLACE,
    Notice.DATES, Notice.REPEATED, Notice.REMINDER, Notice.MOVED, Notice.CHANGED, Notice.CANCELLED,
})  # fmt: skip
#: of those, the ones that still matter to who learns it after the end
STILL_MATTER = frozenset({Notice.MOVED, Notice.CANCELLED})


class Trouble(StrEnum):
    """What keeps a letter from somebody, in kinds that call for different deeds."""

    NO_ADDRESS = "no-address"
    #: the server takes none of it, and the part after the @ is a slip away from one that many use
    MISTYPED = "mistyped"
    NO_DOMAIN = "no-domain"
    NO_MAILBOX = "no-mailbox"
    MISWRITTEN = "miswritten"
    CLOSED = "closed"
    MAILBOX_FULL = "mailbox-full"
    SPAM = "spam"
    BLOCKED = "blocked"
    TOO_LARGE = "too-large"
    #: given up
    SERVER_AWAY = "server-away"
    #: still tried, and the start is near
    STILL_TRIED = "still-tried"
    HELD_BACK = "held-back"
    UNMADE = "unmade"
    LATE = "late"
    UNKNOWN = "unknown"


class Remedy(StrEnum):
    """What staff can do."""

    CORRECT = "correct"
    RESEND = "resend"
    CALL = "call"


class When(StrEnum):
    """How people speak of the day of a webinar."""

    TONIGHT = "tonight"
    TODAY = "today"
    TOMORROW = "tomorrow"
    LATER = "later"
    CALLED_OFF = "called-off"
    OVER = "over"


_CORRECT, _RESEND, _CALL = (Remedy.CORRECT, Remedy.CALL), (Remedy.RESEND, Remedy.CALL), (Remedy.CALL,)
#: what to do, the best first; correcting is never wrong where there may be a better address
REMEDIES = {
    Trouble.NO_ADDRESS: (Remedy.CALL, Remedy.CORRECT),
    Trouble.MISTYPED: _CORRECT,
    Trouble.NO_DOMAIN: _CORRECT,
    Trouble.NO_MAILBOX: _CORRECT,
    Trouble.MISWRITTEN: _CORRECT,
    Trouble.CLOSED: _CORRECT,
    Trouble.MAILBOX_FULL: _RESEND,
    Trouble.SPAM: (Remedy.CALL, Remedy.CORRECT, Remedy.RESEND),
    Trouble.BLOCKED: (Remedy.CALL, Remedy.CORRECT, Remedy.RESEND),
    Trouble.TOO_LARGE: (Remedy.CALL, Remedy.RESEND),
    Trouble.SERVER_AWAY: (Remedy.RESEND, Remedy.CALL, Remedy.CORRECT),
    Trouble.STILL_TRIED: (Remedy.CALL, Remedy.RESEND),
    Trouble.HELD_BACK: _RESEND,
    Trouble.UNMADE: (Remedy.CALL, Remedy.RESEND),
    Trouble.LATE: _RESEND,
    Trouble.UNKNOWN: (Remedy.CORRECT, Remedy.RESEND, Remedy.CALL),
}
_OF_CAUSE = {
    Cause.NO_MAILBOX: Trouble.NO_MAILBOX,
    Cause.NO_DOMAIN: Trouble.NO_DOMAIN,
    Cause.MISWRITTEN: Trouble.MISWRITTEN,
    Cause.CLOSED: Trouble.CLOSED,
    Cause.MAILBOX_FULL: Trouble.MAILBOX_FULL,
    Cause.SPAM: Trouble.SPAM,
    Cause.BLOCKED: Trouble.BLOCKED,
    Cause.TOO_LARGE: Trouble.TOO_LARGE,
    Cause.SERVER_AWAY: Trouble.SERVER_AWAY,
    Cause.UNMADE: Trouble.UNMADE,
    Cause.LATE: Trouble.LATE,
    Cause.UNKNOWN: Trouble.UNKNOWN,
}
#: what a slip in the domain explains: a mailbox that is not there as well, since real domains lie one letter away
_OF_A_SLIP = {Trouble.NO_DOMAIN, Trouble.NO_MAILBOX, Trouble.MISWRITTEN, Trouble.SERVER_AWAY, Trouble.UNKNOWN}


@dataclass(frozen=True)
class Missed:
    """Somebody whom a letter cannot reach."""

    registration: Registration
    #: the letter that failed; None for who has no address, or one that takes no mail
    letter: Message | None
    trouble: Trouble
    #: the address that was probably meant
    meant: str | None
    #: what the server said of the letter, or of the address before; empty where it said nothing
    said: str = ""

    @property
    def remedies(self) -> tuple[Remedy, ...]:
        """List what can be done, the best first; nobody can be called without a number."""
        return tuple(one for one in REMEDIES[self.trouble] if one is not Remedy.CALL or self.registration.phone)


def missed(registration: Registration, letter: Message | None, address: Address | None) -> Missed:
    """Judge why somebody cannot be reached; ``address``: what is known of their mailbox."""
    meant = suggested_address(registration.email or "")
    said = _said(letter, address)
    trouble = _trouble(registration, letter, said)
    return Missed(registration, letter, Trouble.MISTYPED if meant and trouble in _OF_A_SLIP else trouble, meant, said)


def _said(letter: Message | None, address: Address | None) -> str:
    words = letter.last_error or "" if letter is not None else Reason.BOUNCED
    if words == Reason.BOUNCED:
        # Not tried, because of what a server said before.
        return address.bounce_words if address is not None else ""
    return words


def _trouble(registration: Registration, letter: Message | None, said: str) -> Trouble:
    if not registration.email:
        return Trouble.NO_ADDRESS
    if letter is not None and letter.state == MessageState.PENDING:
        return Trouble.STILL_TRIED if letter.attempts else Trouble.HELD_BACK
    return _OF_CAUSE[cause_of(said)]


def is_watched(webinar: Webinar, now: datetime) -> bool:
    """Say whether the desk looks at a webinar."""
    near = now - BEHIND < webinar.ends_at and webinar.starts_at <= now + AHEAD
    return webinar.state in WATCHED and near


def day_of(webinar: Webinar, now: datetime) -> When:
    """Say how people speak of a webinar's day, on the clock of its zone."""
    if webinar.state == WebinarState.CANCELLED:
        return When.CALLED_OFF
    if webinar.ends_at <= now:
        return When.OVER
    zone = ZoneInfo(webinar.time_zone)
    start, today = webinar.starts_at.astimezone(zone), now.astimezone(zone).date()
    if start.date() <= today:
        return When.TONIGHT if start.hour >= _EVENING else When.TODAY
    return When.TOMORROW if start.date() == today + timedelta(days=1) else When.LATER
