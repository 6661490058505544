"""Whom the letters of announcements go to when they leave: places come, go and change after letters were written.

A letter is written for one place of each address. An address that still has a place which the announcement reaches gets
its letter, about that place, and never gets two.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import select

from webinars.core.among import among
from webinars.core.database import reading
from webinars.mail.models import Message, MessageState
from webinars.notices import announcement_rules as rules
from webinars.notices.announcement_rules import News, Place
from webinars.notices.facts import Facts
from webinars.notices.kinds import Notice
from webinars.registration.models import Registration
from webinars.registration.queries import NOT_HELD
from webinars.schedule.models import Webinar


class Reader(NamedTuple):
    """Whom a letter of an announcement goes to."""

    #: the place that it is about
    place_id: int
    #: another letter of the announcement goes to the same address
    doubled: bool


class _Letter(NamedTuple):
    id: int
    subject: str
    occasion: str
    state: str


# Built once, as those of facts are. Most addresses have no other place: what is known already is not read again.
_OTHERS = (
    select(
        Registration.id, Registration.address_key, Registration.state, Registration.mode, Registration.language,
        Registration.webinar_id, Webinar.series_id, Webinar.state, Webinar.cancelled_at,
    )
    .join(Webinar, Webinar.id == Registration.webinar_id)
    .where(
        among(Registration.address_key, "keys"),
        ~among(Registration.id, "known"),
        Registration.email.is_not(None),
        NOT_HELD,
    )
)  # fmt: skip
_LETTERS = select(Message.id, Message.subject, Message.occasion, Message.state).where(
    Message.notice == Notice.ANNOUNCEMENT.value,
    among(Message.subject, "subjects"),
    among(Message.occasion, "occasions"),
)


def find(messages: Iterable[Message], news: Mapping[int, News], places: Mapping[int, Facts]) -> dict[int, Reader]:
    """Say, by message id, whom letters of announcements go to.

    One query, and a second one where an address has several places; none where there is no announcement.
    """
    asked = {one.id: one for one in messages if one.id in news and one.id in places}
    if not asked:
        return {}
    own = {number: places[number].registration for number in asked}
    theirs: dict[str, list[Place]] = {}
    for place in {place.id: _known(place) for place in own.values()}.values():
        theirs.setdefault(place.address_key, []).append(place)
    with reading() as session:
        known = list({place.id for place in own.values()})
        for row in session.execute(_OTHERS, {"keys": list(theirs), "known": known}):
            theirs[row.address_key].append(Place(*row))
        others = {
            number: {
                f"r{place.id}"
                for place in theirs[own[number].address_key]
                if place.id != own[number].id and rules.in_scope(news[number].announcement, place)
            }
            for number in asked
        }
        subjects = list(set().union(*others.values()))
        occasions = list({one.occasion for one in asked.values()})
        rows = session.execute(_LETTERS, {"subjects": subjects, "occasions": occasions}).all() if subjects else ()
        letters = [_Letter(*row) for row in rows]
    return {
        number: Reader(
            rules.place_for(news[number].announcement, own[number].id, theirs[own[number].address_key]),
            any(other.subject in others[number] and _goes_first(other, one) for other in letters),
        )
        for number, one in asked.items()
    }


def _known(place: Registration) -> Place:
    webinar = place.webinar
    own = place.id, place.address_key, place.state, place.mode, place.language
    return Place(*own, webinar.id, webinar.series_id, webinar.state, webinar.cancelled_at, place.held)


def _goes_first(other: _Letter, message: Message) -> bool:
    """Say whether another letter to the same address is the one that it gets."""
    open_before = other.state in (MessageState.PENDING, MessageState.SENDING) and other.id < message.id
    return other.occasion == message.occasion and (other.state == MessageState.SENT or open_before)
