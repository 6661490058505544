"""What delivery asks for: a letter, or the named reason why none is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from webinars.mail.models import Message, MessageState


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """A calendar object that travels with a letter (RFC 6047)."""

    #: the METHOD inside: REQUEST, CANCEL, PUBLISH
    method: str
    #: RFC 5545 text: UTF-8, CRLF
    ics: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address, ready to be put on paper."""

    to_address: str
    sender_name: str
    subject: str
    text: str
    html: str | None = None
    calendar: CalendarPart | None = None
    #: further headers, such as ("List-Id", "Side Effects <side-effects.example.org>")
    headers: tuple[tuple[str, str], ...] = ()
    discreet: bool = False
    #: SEQUENCE of the webinar that this letter tells; kept with the registration once sent
    told_sequence: int | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True)
class NotSent:
    """Why a letter is not sent after all."""

    #: a short name such as "registration cancelled"
    reason: str
    #: EXPIRED, SUPERSEDED or FAILED
    state: MessageState = MessageState.SUPERSEDED


#: makes the letter of a message from the facts of this moment; called outside any write transaction
Prepare = Callable[[Message, datetime], Letter | NotSent]
#: writes the letters that fall due by the clock; called inside a write transaction
Derive = Callable[[datetime], object]
