"""Which letters a person gets beyond those about a place: read and chosen on their own pages, by series and class."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from webinars.core.database import db
from webinars.mail.classes import (
    EVERYWHERE,
    LEAVABLE,
    Left,
    MailClass,
    find_left,
    join_again,
    leave,
    left_at,
    list_of,
)
from webinars.registration import queries
from webinars.registration.models import Registration
from webinars.schedule.languages import in_our_language
from webinars.schedule.models import Series

CLASSES = {
    MailClass.FOLLOW_UP: lazy_gettext("Recordings and what follows a webinar"),
    MailClass.NEWS: lazy_gettext("News and announcements"),
}


@dataclass(frozen=True)
class Choice:
    """The letters of one class and series, and whether a person gets them."""

    series: Series
    mail_class: MailClass
    wanted: bool

    @property
    def name(self) -> str:
        """Name the tick box."""
        return f"{self.mail_class}-{self.series.id}"

    @property
    def words(self) -> str:
        """Say what comes."""
        return str(CLASSES[self.mail_class])


def choices(places: Sequence[Registration]) -> list[Choice]:
    """List what can be chosen by who holds places of one address, by series; nothing without an address."""
    found = find_left(db.session(), {place.address_key for place in places if place.email})
    series = {place.webinar.series_id: place for place in places if place.email}
    shown = {series_id: in_our_language(place.webinar.series) for series_id, place in series.items()}
    return [
        Choice(shown[series_id], mail_class, not left_at(found, place.address_key, mail_class, list_of(series_id)))
        for series_id, place in sorted(series.items(), key=lambda item: shown[item[0]].title)
        for mail_class in LEAVABLE
    ]


def choose(places: Sequence[Registration], shown: Collection[str], ticked: Collection[str], now: datetime) -> None:
    """Let the address of these places get of what was ``shown`` to it what is ``ticked``, both by Choice.name.

    What came to its choices since the page was made stays as it is.
    """
    for choice in choices(places):
        if choice.name not in shown:
            continue
        key, about = places[0].address_key, list_of(choice.series.id)
        if choice.wanted and choice.name not in ticked:
            leave(key, choice.mail_class, about, now)
        elif not choice.wanted and choice.name in ticked:
            _want(places[0], choice.mail_class, about, now)


def _want(place: Registration, mail_class: MailClass, about: str, now: datetime) -> None:
    """Give back the letters of one series; who had left all of a class still gets those of no other."""
    key = place.address_key
    if Left(key, mail_class, EVERYWHERE) in find_left(db.session(), [key]):
        join_again(key, mail_class, EVERYWHERE)
        for other in {list_of(one.webinar.series_id) for one in queries.of_address(place.email_key)} - {about}:
            leave(key, mail_class, other, now)
    join_again(key, mail_class, about)


def left_words(place: Registration) -> list[str]:
    """Say which letters the person of a place left, of its series and of all."""
    found = find_left(db.session(), [place.address_key]) if place.email else {}
    said = []
    for mail_class, words in CLASSES.items():
        if Left(place.address_key, mail_class, EVERYWHERE) in found:
            said.append(_("%(letters)s, of all series", letters=words))
        elif left_at(found, place.address_key, mail_class, list_of(place.webinar.series_id)):
            said.append(_("%(letters)s, of this series", letters=words))
    return said
