"""What delivery asks for: a letter, or the named reason why none is sent."""

from collections.abc import Callable, Sequence
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
class Text:
    """A text with a person's own values in the places of an outline, which many letters share.

    ``fixed`` is one longer than ``places``; each place names the value that stands there.
    """

    fixed: tuple[str, ...]
    places: tuple[int, ...] = ()
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        filled = "".join(part + self.values[place] for part, place in zip(self.fixed, self.places, strict=False))
        return filled + self.fixed[-1]


def plain(text: str) -> Text:
    """Make a text of its own, without places."""
    return Text((text,))


#: what is remembered of a letter once it is sent: the SEQUENCE of the webinar that it told, that of its calendar part,
#: and whether that took the entry away
Receipt = tuple[int | None, int | None, bool]


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter to one address, ready to be put on paper."""

    to_address: str
    sender_name: str
    subject: str
    text: Text
    html: Text | None = None
    calendar: CalendarPart | None = None
    #: further headers, such as ("List-Id", "Side Effects <side-effects.example.org>")
    headers: tuple[tuple[str, str], ...] = ()
    #: the https address that ends this class of mail by one POST (RFC 8058); empty for what belongs to a place
    leave_url: str = ""
    discreet: bool = False
    #: SEQUENCE of the webinar that this letter tells; kept with the registration once sent
    told_sequence: int | None = None
    #: SEQUENCE of the calendar part, which gives or, as a CANCEL, takes an entry; kept with the registration once sent
    entry_sequence: int | None = None
    language: str = "en"

    @property
    def receipt(self) -> Receipt:
        """Give what is remembered of it once it is sent."""
        taken = self.calendar is not None and self.calendar.method == "CANCEL"
        return self.told_sequence, self.entry_sequence, taken


@dataclass(frozen=True, slots=True)
class NotSent:
    """Why a letter is not sent after all."""

    #: a short name such as "registration cancelled"
    reason: str
    #: EXPIRED, SUPERSEDED or FAILED
    state: MessageState = MessageState.SUPERSEDED


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that the mail server took."""

    #: the outbox's name of whom it went to
    subject: str
    receipt: Receipt


#: reads what letters need, for all of them at once, outside any write transaction; each letter is made when its turn
#: comes, by a call that reads nothing more
Prepare = Callable[[Sequence[Message], datetime], Sequence[Callable[[], Letter | NotSent]]]
#: writes the letters that fall due by the clock; called inside a write transaction
Derive = Callable[[datetime], object]
#: does a piece of long work until told to stop; says whether there was one
Chores = Callable[[Callable[[], bool]], bool]
