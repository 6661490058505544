"""Who left which class of mail: by the link in a letter, by a mail program's button, by mail, on their own page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from webinars.core.database import db, reading
from webinars.core.links import open_token
from webinars.mail.classes import EVERYWHERE, LEAVABLE, Left, MailClass, find_left, left_at, list_of
from webinars.mail.classes import has_left as has_left
from webinars.mail.classes import join_again as join_again
from webinars.mail.classes import leave as leave
from webinars.mail.leaving import open_leaving
from webinars.mail.models import Message
from webinars.notices.facts import Facts
from webinars.notices.kinds import Notice
from webinars.registration import links, queries
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Series


@dataclass(frozen=True)
class Subscription:
    """A class of mail about a series that an address gets; the place that brought it may be gone."""

    address_key: str
    mail_class: MailClass
    #: the list of the series (mail.classes.list_of)
    about: str

    @property
    def series(self) -> Series | None:
        """Give the series, unless it was deleted."""
        return db.session.get(Series, int(self.about[1:]))

    def scopes_left(self) -> set[str]:
        """List what was left already: the list of this series, EVERYWHERE, both or nothing."""
        found = find_left(db.session(), [self.address_key])
        return {left.about for left in found if left.mail_class == self.mail_class} & {self.about, EVERYWHERE}

    def leave(self, now: datetime, *, everywhere: bool = False) -> None:
        """Leave the list of this series, or of all."""
        leave(self.address_key, self.mail_class, EVERYWHERE if everywhere else self.about, now)

    def join_again(self) -> None:
        """Get these letters again, whichever list was left."""
        for about in (self.about, EVERYWHERE):
            join_again(self.address_key, self.mail_class, about)


def open_link(token: str) -> Subscription | None:
    """Give what the link in a letter ends, or None for a wrong or revoked one."""
    named = open_leaving(token)
    return Subscription(named.address_key, MailClass(named.mail_class), named.about) if named else _open_older(token)


def _open_older(token: str) -> Subscription | None:
    """Open a link as the first letters had it, which leads to the address over its registration."""
    for mail_class in LEAVABLE:
        purpose = links.leaving(mail_class)
        opened = open_token(purpose, token)
        registration = queries.find_by_public_id(opened[0]) if opened else None
        if registration is not None and registration.email and links.opens(purpose, token, registration):
            return _of_place(registration, mail_class)
    return None


def leave_by_message(message: Message, now: datetime) -> bool:
    """Leave what a letter belongs to, since a mail came to the address that ends it.

    Says whether there was anything to leave: not for letters about a place, nor for a person who is not there any more.
    """
    registration = db.session.get(Registration, int(message.subject[1:])) if message.subject[:1] == "r" else None
    mail_class = Notice(message.notice).mail_class
    if registration is None or mail_class not in LEAVABLE:
        return False
    _of_place(registration, mail_class).leave(now)
    return True


def _of_place(registration: Registration, mail_class: MailClass) -> Subscription:
    return Subscription(registration.address_key, mail_class, list_of(registration.webinar.series_id))


def withheld(messages: Sequence[Message], places: Mapping[int, Facts]) -> set[int]:
    """Name the letters, by id, whose readers left their class: one query, and none where all are about places."""
    known = [(message, places[message.id]) for message in messages if message.id in places]
    asked = [(message, facts) for message, facts in known if Notice(message.notice).mail_class in LEAVABLE]
    if not asked:
        return set()
    with reading() as session:
        found = find_left(session, {facts.registration.address_key for _message, facts in asked})
    return {message.id for message, facts in asked if _stays_away(Notice(message.notice), facts, found)}


def _stays_away(notice: Notice, facts: Facts, found: Mapping[Left, datetime]) -> bool:
    place = facts.registration
    at = left_at(found, place.address_key, notice.mail_class, list_of(facts.series.id))
    # Who asked for this very recording afterwards gets it all the same.
    booked = notice is Notice.RECORDING_READY and place.state == RegistrationState.RECORDING_ONLY
    return at is not None and not (booked and place.state_since > at)
