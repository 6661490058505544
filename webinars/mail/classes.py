"""Classes of mail, and who left which: leaving one touches no other."""

from collections.abc import Collection, Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webinars.core.among import among
from webinars.core.database import db
from webinars.mail.models import Unsubscription
from webinars.mail.outbox import insert_into


class MailClass(StrEnum):
    """Classes of mail; leaving one touches no other."""

    #: what belongs to a place somebody took; nobody can be unsubscribed from it
    PLACE = "place"
    FOLLOW_UP = "follow-up"
    NEWS = "news"


#: the classes that can be left, in the order in which pages offer them
LEAVABLE = (MailClass.FOLLOW_UP, MailClass.NEWS)
#: the list of all series
EVERYWHERE = ""


class Left(NamedTuple):
    """A list that an address left."""

    address_key: str
    mail_class: str
    #: "s<series id>", or EVERYWHERE
    about: str


def list_of(series_id: int) -> str:
    """Name the lists of a series."""
    return f"s{series_id}"


def leave(address_key: str, mail_class: MailClass, about: str, now: datetime) -> None:
    """Leave a class of mail, of one series or EVERYWHERE; leaving again only renews the date.

    Raises ValueError for letters about places, which always come.
    """
    if mail_class not in LEAVABLE:
        raise ValueError("letters about a place cannot be left")
    row = insert_into(Unsubscription).values(address_key=address_key, mail_class=mail_class, about=about, at=now)
    known = ["address_key", "mail_class", "about"]
    db.session.execute(row.on_conflict_do_update(index_elements=known, set_={"at": now}))


def join_again(address_key: str, mail_class: MailClass, about: str) -> None:
    """Take back that an address left a list; lists it left apart from that one stay left."""
    gone = sa.delete(Unsubscription).filter_by(address_key=address_key, mail_class=mail_class, about=about)
    db.session.execute(gone, execution_options={"synchronize_session": False})


def find_left(session: Session, address_keys: Collection[str]) -> dict[Left, datetime]:
    """Give what several addresses left, and when, in one query; nothing for no address."""
    rows = session.execute(_LEFT, {"keys": list(address_keys)}) if address_keys else ()
    return {Left(key, mail_class, about): at for key, mail_class, about, at in rows}


def left_at(found: Mapping[Left, datetime], address_key: str, mail_class: str, about: str) -> datetime | None:
    """Say when an address left a list last, by itself or with all others, given what ``find_left`` found."""
    left = (found.get(Left(address_key, mail_class, scope)) for scope in (about, EVERYWHERE))
    return max((at for at in left if at is not None), default=None)


def has_left(session: Session, address_keys: Collection[str], mail_class: str, about: str) -> set[str]:
    """Give those of several addresses that left a list, by itself or with all others, in one query."""
    found = find_left(session, address_keys)
    return {key for key in address_keys if left_at(found, key, mail_class, about)}


_LEFT = sa.select(Unsubscription.address_key, Unsubscription.mail_class, Unsubscription.about, Unsubscription.at).where(
    among(Unsubscription.address_key, "keys")
)
