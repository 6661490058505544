"""Waves of sign-ups: noticed by the worker, shown to staff, and let go or removed in one step.

Neither refuses a person: a wave is a question to staff. Whoever showed that their address is theirs belongs to none,
and neither do people whom staff, a program or a file entered.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, delete, exists, func, literal, select, update

from webinars.accounts import audit
from webinars.core.database import db
from webinars.mail import outbox
from webinars.mail.models import Address, Heartbeat, Message, MessageState
from webinars.registration import erasure, events, seats
from webinars.registration.models import Registration, RegistrationState, Wave, WaveKind

#: how far back a wave is looked for, and how long after its last sign-up it may still grow
SPAN = timedelta(hours=1)
#: sign-ups within the span that make a wave
FROM_NETWORK, MARKED, MANY = 60, 20, 600
#: and more of them than so many times the usual
TIMES_USUAL = 10
USUAL_SPAN = timedelta(days=7)
#: how long staff who took a wave for people are not asked again about the same network
TRUSTED_FOR = timedelta(days=1)
#: least time between two looks, among all workers
PAUSE = timedelta(minutes=1)
#: the name under which the last look is noted
JOB = "waves"
#: registrations that one statement removes
_BATCH = 1000
_QUIETLY = {"synchronize_session": False}
#: who registers once for a dozen dates is no crowd
_PEOPLE = func.count(Registration.address_key.distinct())


@dataclass(frozen=True)
class Facts:
    """What staff need to know of a wave to tell people from programs."""

    #: those who belong to it now: not proven, not removed
    sign_ups: int
    #: filled in as a machine would
    marked: int
    #: who showed that their address is theirs; they stay whatever is pressed
    proven: int
    #: letters to them that wait
    waiting: int
    #: seats they hold
    seats: int
    #: (title, slug, number) of the webinars, the most wanted first
    webinars: Sequence[tuple[str, str, int]]
    #: (domain, number) of the addresses, the most frequent first
    domains: Sequence[tuple[str, int]]


def notice_now_and_then(now: datetime) -> None:
    """Look for waves once a minute among all workers."""
    last = db.session.get(Heartbeat, JOB)
    if last is not None and now - last.beat_at < PAUSE:
        return
    noted = outbox.insert_into(Heartbeat).values(worker=JOB, beat_at=now)
    db.session.execute(noted.on_conflict_do_update(index_elements=["worker"], set_={"beat_at": now}))
    notice(now)


def notice(now: datetime) -> list[Wave]:
    """Write down the waves of the last hour that are not known yet, and let known ones grow; gives the new ones."""
    found = [*_of_networks(now), *_of_all(now)]
    return [wave for one in found if (wave := _note(one, now)) is not None]


@dataclass(frozen=True)
class _Found:
    kind: WaveKind
    key: str
    sign_ups: int
    began_at: datetime
    last_at: datetime


def _of_networks(now: datetime) -> Iterable[_Found]:
    key = Registration.client_key
    rows = db.session.execute(
        _counting(key).where(*_lately(now), key.is_not(None)).group_by(key).having(_PEOPLE >= FROM_NETWORK)
    )
    return [_Found(WaveKind.NETWORK, *row) for row in rows]


def _of_all(now: datetime) -> Iterable[_Found]:
    marked = _PEOPLE.filter(Registration.suspicious.is_(True))
    [row] = db.session.execute(_counting(marked).add_columns(_PEOPLE).where(*_lately(now)))
    machines, everybody, began_at, last_at, people = row
    if machines >= MARKED:
        yield _Found(WaveKind.MARKED, "", machines, began_at, last_at)
    if people >= MANY and people > TIMES_USUAL * _usual(now):
        yield _Found(WaveKind.MANY, "", everybody, began_at, last_at)


def _counting(first: ColumnElement[Any] | Any) -> Any:
    created = Registration.created_at
    return select(first, func.count(), func.min(created), func.max(created))


def _lately(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Registration.created_at > now - SPAN, Registration.entered_by_staff.is_(False)


def _usual(now: datetime) -> float:
    """Say how many sign-ups an hour there were in the week before."""
    before = select(func.count()).where(Registration.created_at.between(now - USUAL_SPAN, now - SPAN))
    return (db.session.scalar(before) or 0) / ((USUAL_SPAN - SPAN) / timedelta(hours=1))


def _note(found: _Found, now: datetime) -> Wave | None:
    latest = db.session.scalar(
        select(Wave).filter_by(kind=found.kind, key=found.key).order_by(Wave.id.desc()).limit(1).with_for_update()
    )
    if latest is not None and _goes_on(latest, found, now):
        latest.last_at, latest.sign_ups = found.last_at, max(latest.sign_ups, found.sign_ups)
        db.session.flush()
        return None
    values = {"kind": found.kind, "key": found.key, "began_at": found.began_at, "last_at": found.last_at}
    row = outbox.insert_into(Wave).values(**values, sign_ups=found.sign_ups, noticed_at=now)
    # Another worker may have looked in the same moment.
    number = db.session.scalar(row.on_conflict_do_nothing().returning(Wave.id))
    wave = db.session.get(Wave, number) if number is not None else None
    if wave is not None:
        events.wave_noticed.send(wave, now=now)
    return wave


def _goes_on(wave: Wave, found: _Found, now: datetime) -> bool:
    """Say whether what was found belongs to a wave that is known."""
    if wave.settled_at is None:
        return True
    trusted = wave.are_people and wave.settled_at > now - TRUSTED_FOR
    # What stayed of a wave that was removed had shown that it was people.
    return bool(trusted) or found.last_at <= wave.settled_at


def open_waves() -> Sequence[Wave]:
    """List the waves that staff have not looked at, the latest first."""
    return db.session.scalars(select(Wave).where(Wave.settled_at.is_(None)).order_by(Wave.id.desc())).all()


def settled_waves(limit: int = 20) -> Sequence[Wave]:
    """List the waves that were dealt with, the latest first."""
    done = select(Wave).where(Wave.settled_at.is_not(None))
    return db.session.scalars(done.order_by(Wave.settled_at.desc()).limit(limit)).all()


def find(number: int) -> Wave | None:
    """Find a wave."""
    return db.session.get(Wave, number)


def facts_of(wave: Wave) -> Facts:
    """Count what a wave holds (four statements)."""
    belongs = _belongs(wave)
    seated = Registration.state.in_((RegistrationState.CONFIRMED, RegistrationState.OFFERED))
    counted = select(
        func.count().filter(~_is_proven()),
        func.count().filter(Registration.suspicious.is_(True), ~_is_proven()),
        func.count().filter(_is_proven()),
        func.count().filter(seated, ~_is_proven()),
    )
    sign_ups, marked, proven, taken = db.session.execute(counted.where(*belongs)).one()
    return Facts(
        sign_ups, marked, proven, _count_waiting(wave), taken, _webinars_of(belongs), _domains_of(belongs)
    )  # fmt: skip


def _webinars_of(belongs: Iterable[ColumnElement[bool]]) -> Sequence[tuple[str, str, int]]:
    webinar = Registration.webinar.property.mapper.class_
    named = select(webinar.title, webinar.slug, func.count()).join(Registration, Registration.webinar_id == webinar.id)
    listed = named.where(*belongs, ~_is_proven()).group_by(webinar.id).order_by(func.count().desc(), webinar.id)
    return [(title, slug, number) for title, slug, number in db.session.execute(listed.limit(20))]


def _domains_of(belongs: Iterable[ColumnElement[bool]]) -> Sequence[tuple[str, int]]:
    domain = _domain().label("domain")
    listed = select(domain, func.count()).where(*belongs, ~_is_proven(), Registration.email.is_not(None))
    ordered = listed.group_by(domain).order_by(func.count().desc(), domain)
    return [(name, number) for name, number in db.session.execute(ordered.limit(20))]


def _domain() -> ColumnElement[str]:
    """Give what follows the last @ of a folded address, which holds no other."""
    key = Registration.email_key
    if db.engine.dialect.name == "sqlite":
        return func.substr(key, func.instr(key, "@") + 1)
    return func.split_part(key, "@", 2)


def _count_waiting(wave: Wave) -> int:
    return db.session.scalar(select(func.count()).where(Message.subject.in_(_subjects(wave)), *_waits())) or 0


def _waits() -> tuple[ColumnElement[bool], ...]:
    return (Message.state == MessageState.PENDING,)


def _subjects(wave: Wave) -> Any:
    named = literal("r") + cast(Registration.id, String)
    return select(named).where(*_belongs(wave), ~_is_proven())


def _belongs(wave: Wave) -> tuple[ColumnElement[bool], ...]:
    """Say who came with a wave; who proved their address among them."""
    theirs = {
        WaveKind.NETWORK: Registration.client_key == wave.key,
        WaveKind.MARKED: Registration.suspicious.is_(True),
        WaveKind.MANY: literal(True),
    }
    came = Registration.created_at.between(wave.began_at, wave.last_at)
    return came, Registration.entered_by_staff.is_(False), theirs[WaveKind(wave.kind)]


def _is_proven() -> ColumnElement[bool]:
    return exists().where(Address.key == Registration.address_key, Address.proven_at.is_not(None))


def let_in(wave: Wave, now: datetime) -> int:
    """Take a wave for people: their letters go out now, and nothing about them stands out any more.

    Gives how many letters waited. Settling a wave twice changes nothing.
    """
    if not _settle(wave, now, are_people=True):
        return 0
    held = update(Message).where(Message.subject.in_(_subjects(wave)), *_waits(), Message.next_attempt_at > now)
    let_go = db.session.execute(held.values(next_attempt_at=now), execution_options=_QUIETLY)
    freed = update(Registration).where(*_belongs(wave))
    db.session.execute(freed.values(letters_from=None, suspicious=False), execution_options=_QUIETLY)
    audit.record("wave let in", "wave", wave.id, after={"registrations": wave.sign_ups}, now=now)
    outbox.look_soon()
    return int(getattr(let_go, "rowcount", 0))


def remove(wave: Wave, now: datetime, *, marked: bool = False, domain: str = "") -> int:
    """Delete the registrations of a wave with their letters; give how many.

    ``marked``: only those filled in as a machine would; ``domain``: only those with addresses there. What they held
    goes to whoever waits. Nobody who showed that their address is theirs is touched.
    """
    if not _settle(wave, now, are_people=False):
        return 0
    going = [*_belongs(wave), ~_is_proven()]
    if marked:
        going.append(Registration.suspicious.is_(True))
    if domain:
        going.append(_domain() == domain)
    webinars = db.session.scalars(
        select(Registration.webinar_id).where(*going).distinct().order_by(Registration.webinar_id)
    ).all()
    wave.removed = sum(_remove_from(webinar_id, going, now) for webinar_id in webinars)
    audit.record("wave removed", "wave", wave.id, after={"registrations": wave.removed}, now=now)
    db.session.flush()
    return wave.removed


def _remove_from(webinar_id: int, going: Iterable[ColumnElement[bool]], now: datetime) -> int:
    seats.lock(webinar_id)
    wanted = select(Registration.id, Registration.state, Registration.address_key)
    rows = db.session.execute(wanted.where(Registration.webinar_id == webinar_id, *going)).all()
    for start in range(0, len(rows), _BATCH):
        part = rows[start : start + _BATCH]
        # Letters first, as a worker does that marks them.
        db.session.execute(
            delete(Message).where(Message.subject.in_([f"r{row.id}" for row in part])), execution_options=_QUIETLY
        )
        db.session.execute(
            delete(Registration).where(Registration.id.in_([row.id for row in part])), execution_options=_QUIETLY
        )
        erasure.forget_addresses([row.address_key for row in part])
    seats.give_back(webinar_id, [row.state for row in rows], now)
    return len(rows)


def _settle(wave: Wave, now: datetime, *, are_people: bool) -> bool:
    settling = update(Wave).where(Wave.id == wave.id, Wave.settled_at.is_(None))
    done = db.session.execute(settling.values(settled_at=now, are_people=are_people), execution_options=_QUIETLY)
    db.session.refresh(wave)
    return getattr(done, "rowcount", 0) == 1
