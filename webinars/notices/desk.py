"""Who will miss a letter they need, for each webinar of the next two weeks: a handful of queries, however many letters.

Sent letters cost nothing: what failed is found by the index of what a letter is about, and only for those few is
looked whether a later one arrived.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Select,
    Subquery,
    TextClause,
    and_,
    case,
    cast,
    exists,
    func,
    null,
    or_,
    select,
    text,
    true,
    union_all,
)
from sqlalchemy.orm import aliased

from webinars.accounts.models import AuditEntry
from webinars.core.database import db
from webinars.mail.claims import PENDING
from webinars.mail.models import Address, Lane, Message, MessageState
from webinars.notices import desk_rules
from webinars.notices.desk_rules import Missed, missed
from webinars.notices.owed import about
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Webinar, WebinarState

#: people shown of each webinar; more are counted
MOST_SHOWN = 25
#: webinars shown, the soonest first
MOST_WEBINARS = 100
#: the audit entry that says that somebody was told by telephone; it holds for the webinar as it was then
TOLD = "told by telephone"
_PLACE = (RegistrationState.CONFIRMED, RegistrationState.WAITLISTED, RegistrationState.OFFERED)
_LOST = (MessageState.FAILED, MessageState.EXPIRED)
# Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
_FAILED, _EXPIRED = text("messages.state = 'failed'"), text("messages.state = 'expired'")
#: whose letter it is; some go to no registration, and one database would stumble over reading a number there
_REGISTRATION: ColumnElement[Any] = case(
    (Message.subject.startswith("r"), cast(func.substr(Message.subject, 2), BigInteger))
).label("registration_id")


@dataclass(frozen=True)
class Miss:
    """A webinar and the people who will miss a letter about it."""

    webinar: Webinar
    #: all of them; ``people`` are the first
    count: int
    people: Sequence[Missed]


def overview(now: datetime) -> list[Miss]:
    """List the webinars of which somebody will miss a letter, the soonest first, with the first people of each."""
    webinars = _webinars(now)
    if not webinars:
        return []
    rows = _shown(_people(webinars, now))
    known = _addresses(registration for _, registration, _ in rows)
    people: dict[int, list[Missed]] = {}
    counts: dict[int, int] = {}
    for count, registration, letter in rows:
        address = known.get(registration.address_key) if registration.email else None
        people.setdefault(registration.webinar_id, []).append(missed(registration, letter, address))
        counts[registration.webinar_id] = count
    return [Miss(one, counts[one.id], people[one.id]) for one in webinars if one.id in people]


def counted(
    now: datetime, which: ColumnElement[bool] | None = None, most: int = MOST_WEBINARS
) -> list[tuple[Webinar, int]]:
    """Count who will miss a letter, for each webinar where somebody will, the soonest first.

    ``which``: a condition on the webinars, ``most``: how many are looked at.
    """
    webinars = _webinars(now, which, most)
    counts = _counts(webinars, now)
    return [(one, counts[one.id]) for one in webinars if one.id in counts]


def count_of(webinar: Webinar, now: datetime) -> int:
    """Count who will miss a letter about one webinar."""
    watched = [webinar] if desk_rules.is_watched(webinar, now) else []
    return _counts(watched, now).get(webinar.id, 0)


def _counts(webinars: Sequence[Webinar], now: datetime) -> dict[int, int]:
    if not webinars:
        return {}
    people = _people(webinars, now)
    rows = db.session.execute(select(people.c.webinar_id, func.count()).group_by(people.c.webinar_id))
    return dict(rows.all())


def lost_letters(registration: Registration, notice: str) -> list[int]:
    """List the ids of somebody's failed letters of a kind."""
    wanted = select(Message.id).where(Message.subject == registration.subject, Message.notice == notice)
    return list(db.session.scalars(wanted.where(Message.state == MessageState.FAILED)))


def _webinars(now: datetime, which: ColumnElement[bool] | None = None, most: int = MOST_WEBINARS) -> Sequence[Webinar]:
    """List the webinars that the desk watches, the soonest first."""
    wanted = select(Webinar).where(
        true() if which is None else which,
        Webinar.state.in_(desk_rules.WATCHED),
        Webinar.ends_at > now - desk_rules.BEHIND,
        Webinar.starts_at <= now + desk_rules.AHEAD,
    )
    return db.session.scalars(wanted.order_by(Webinar.starts_at, Webinar.id).limit(most)).all()


def _people(webinars: Sequence[Webinar], now: datetime) -> Subquery:
    """Select (webinar, registration, newest letter that matters) of those whom nothing reaches."""
    ahead = [one.id for one in webinars if one.ends_at > now]
    soon = [one for one in webinars if one.ends_at > now and one.starts_at <= now + desk_rules.CLOSE]
    sources = [_lost(webinars, state, now) for state in (_FAILED, _EXPIRED)]
    sources += [_held(webinars, soon, now), _still_tried(soon), _without_address(ahead), _with_dead_address(ahead)]
    found = union_all(*sources).subquery()
    columns = (found.c.webinar_id, found.c.registration_id, func.max(found.c.letter_id).label("letter_id"))
    return select(*columns).group_by(found.c.webinar_id, found.c.registration_id).subquery()


def _of_place(letter_id: Any) -> Select[Any]:
    """Select places that are kept, of people who were not told by telephone what there is to know now."""
    told = exists().where(
        AuditEntry.object_kind == "registration",
        AuditEntry.object_id == Registration.public_id,
        AuditEntry.action == TOLD,
        AuditEntry.after["sequence"].as_integer() == Webinar.sequence,
    )
    recording = and_(Registration.state == RegistrationState.RECORDING_ONLY, Webinar.state == WebinarState.CANCELLED)
    columns: tuple[Any, ...] = (
        Registration.webinar_id,
        Registration.id.label("registration_id"),
        cast(letter_id, BigInteger).label("letter_id"),
    )
    # Who only waits for the recording misses nothing of a webinar that takes place.
    return (
        select(*columns)
        .join(Webinar, Webinar.id == Registration.webinar_id)
        .where(or_(Registration.state.in_(_PLACE), recording), ~told)
    )


def _lost(webinars: Sequence[Webinar], state: TextClause, now: datetime) -> Select[Any]:
    """Select places by letters that were given up."""
    found = _letters(webinars).where(state).subquery()
    return _places(found).where(or_(Webinar.ends_at > now, found.c.notice.in_(desk_rules.STILL_MATTER)))


def _still_tried(soon: Sequence[Webinar]) -> Select[Any]:
    """Select places by letters that did not get through yet, of webinars that are about to start."""
    return _places(_letters(soon).where(PENDING, Message.attempts > 0).subquery())


def _held(webinars: Sequence[Webinar], soon: Sequence[Webinar], now: datetime) -> Select[Any]:
    """Select places by letters that nothing went wrong with and that leave too late all the same."""
    waiting = _letters(webinars).where(
        PENDING,
        Message.lane == Lane.TRANSACTIONAL,
        Message.attempts == 0,
        Message.next_attempt_at > now + desk_rules.HELD,
    )
    found = waiting.subquery()
    after_start = found.c.next_attempt_at >= Webinar.starts_at
    return _places(found).where(or_(after_start, Webinar.id.in_([one.id for one in soon])), Webinar.ends_at > now)


def _letters(webinars: Sequence[Webinar]) -> Select[Any]:
    """Select the letters that people of some webinars need, unless one followed that they got, or that failed too."""
    columns: tuple[Any, ...] = (Message.id, Message.notice, Message.next_attempt_at, _REGISTRATION)
    abouts = [about(one.id) for one in webinars]
    later = aliased(Message)
    followed = exists().where(
        later.subject == Message.subject,
        later.about == Message.about,
        later.id > Message.id,
        later.notice.in_(desk_rules.NEEDED),
        or_(
            later.state.in_((MessageState.SENT, MessageState.SENDING, *_LOST)),
            # A mailing says nothing of the address before it was tried; an answer to a deed is gone in a moment.
            and_(later.state == MessageState.PENDING, or_(later.lane == Lane.TRANSACTIONAL, later.attempts > 0)),
        ),
    )
    return select(*columns).where(Message.about.in_(abouts), Message.notice.in_(desk_rules.NEEDED), ~followed)


def _places(letters: Subquery) -> Select[Any]:
    return _of_place(letters.c.id).join(letters, letters.c.registration_id == Registration.id)


def _without_address(webinar_ids: Collection[int]) -> Select[Any]:
    return _of_place(null()).where(Registration.webinar_id.in_(webinar_ids), Registration.email.is_(None))


def _with_dead_address(webinar_ids: Collection[int]) -> Select[Any]:
    """Select the places whose address takes no mail: nothing more goes there, whatever arrived before.

    The failure may be that of another webinar's letter.
    """
    # From the few addresses to their places: not a database must come to look at the address of everybody who comes.
    # Adding nothing keeps SQLite from it.
    theirs = select(Registration.id).join(Address, Address.key == Registration.address_key)
    theirs = theirs.where(Address.bounced_at.is_not(None), (Registration.webinar_id + 0).in_(webinar_ids))
    return _of_place(null()).where(Registration.id.in_(theirs), Registration.email.is_not(None))


def _shown(people: Subquery) -> list[tuple[int, Registration, Message | None]]:
    """Read the first people of each webinar, in the order of their names, each with the number of all."""
    of_webinar: dict[str, Any] = {"partition_by": people.c.webinar_id}
    order = func.row_number().over(order_by=(Registration.name_key, Registration.id), **of_webinar).label("place")
    numbered = (
        select(*people.c, order, func.count().over(**of_webinar).label("number"))
        .join(Registration, Registration.id == people.c.registration_id)
        .subquery()
    )
    wanted = (
        select(numbered.c.number, Registration, Message)
        .join(numbered, numbered.c.registration_id == Registration.id)
        .outerjoin(Message, Message.id == numbered.c.letter_id)
        .where(numbered.c.place <= MOST_SHOWN)
        .order_by(numbered.c.place)
    )
    return [(count, registration, letter) for count, registration, letter in db.session.execute(wanted)]


def _addresses(registrations: Iterable[Registration]) -> dict[str, Address]:
    """Read what is known of people's mailboxes, by their keys."""
    keys = {one.address_key for one in registrations if one.email}
    found = db.session.scalars(select(Address).where(Address.key.in_(keys))) if keys else ()
    return {one.key: one for one in found}
