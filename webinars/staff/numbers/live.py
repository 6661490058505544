"""Counting a webinar from the rows that are there, in a bounded number of statements."""

from collections.abc import Collection
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, String, and_, cast, exists, func, select
from sqlalchemy.orm import aliased

from webinars.archive.counting import STARTS
from webinars.archive.models import Video
from webinars.archive.world_models import Count
from webinars.core.database import db, is_sqlite
from webinars.live.models import Attendance
from webinars.mail.models import Message, MessageState
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.queries import NOT_HELD
from webinars.registration.questions.queries import counts as counts_of_answers
from webinars.schedule.models import Webinar
from webinars.staff.numbers.rules import Cells, What, add, region_of

_OUTCOMES = {
    MessageState.SENT: What.SENT,
    MessageState.FAILED: What.FAILED,
    MessageState.EXPIRED: What.FAILED,
    MessageState.SUPERSEDED: What.WITHHELD,
    MessageState.PENDING: What.WAITING,
    MessageState.SENDING: What.WAITING,
}
_STANDS = Registration.state != RegistrationState.CANCELLED


def everybody(webinar: Webinar) -> Cells:
    """Count all that is there of a webinar (ten statements)."""
    of_it = Registration.webinar_id == webinar.id
    cells = _people(of_it, webinar)
    places, forms = db.session.execute(
        select(func.count(Registration.party), func.count(Registration.party.distinct())).where(
            of_it, NOT_HELD, _STANDS, Registration.party.is_not(None)
        )
    ).one()
    add(cells, What.BROUGHT, "", places - forms)
    for role, number in counts_of_answers(webinar.id).get("role", {}).items():
        add(cells, What.ROLE, role, number)
    cells |= letters_by_webinar(Message.about == f"w{webinar.id}").get(webinar.id, {})
    add(cells, What.PLAYS, "", plays(webinar.id))
    return cells


def some(webinar: Webinar, ids: Collection[int], now: datetime) -> Cells:
    """Count what is there of some people at a webinar; of who they are nothing.

    Ahead of it they count as having cancelled: nobody is to wait for them.
    """
    cells = _people(Registration.id.in_(ids), webinar)
    others = aliased(Registration)
    beside = exists().where(others.party == Registration.party, others.webinar_id == webinar.id, others.id.not_in(ids))
    brought = select(func.count()).where(Registration.id.in_(ids), NOT_HELD, _STANDS, beside)
    add(cells, What.BROUGHT, "", db.session.scalar(brought) or 0)
    if webinar.starts_at > now:
        days = {key: number for key, number in cells.items() if key[0] == What.DAY}
        cells = days | {(What.STATE.value, RegistrationState.CANCELLED.value): sum(days.values())}
    subjects = [f"r{number}" for number in ids]
    theirs = and_(Message.subject.in_(subjects), Message.about == f"w{webinar.id}")
    return cells | letters_by_webinar(theirs).get(webinar.id, {})


def plays(webinar_id: int) -> int:
    """Count how often a recording of a webinar was played."""
    counted = select(func.sum(Count.number)).join(Video, Video.id == Count.video_id)
    return db.session.scalar(counted.where(Video.webinar_id == webinar_id, Count.what == STARTS)) or 0


def _people(which: ColumnElement[bool], webinar: Webinar) -> Cells:
    cells: Cells = {}
    kinds = (Registration.state, Registration.mode, Registration.language, Registration.time_zone)
    rows = db.session.execute(select(*kinds, func.count()).where(which, NOT_HELD).group_by(*kinds))
    for state, mode, language, zone, number in rows:
        add(cells, What.STATE, state, number)
        if state != RegistrationState.CANCELLED:
            add(cells, What.MODE, Mode.RECORDING if state == RegistrationState.RECORDING_ONLY else mode, number)
            add(cells, What.LANGUAGE, language, number)
            add(cells, What.REGION, region_of(zone), number)
    for moment, number in db.session.execute(_by_minutes(which)):
        add(cells, What.DAY, _day(moment, webinar.time_zone).isoformat(), number)
    came = select(Attendance.via, func.count()).join(Registration, Registration.id == Attendance.registration_id)
    for via, number in db.session.execute(came.where(which).group_by(Attendance.via)):
        add(cells, What.ATTENDED, via, number)
    said = select(func.count(Registration.surveyed_at)).where(which, _STANDS)
    add(cells, What.SURVEYED, "", db.session.scalar(said) or 0)
    return cells


def _by_minutes(which: ColumnElement[bool]) -> Select[Any]:
    """Count sign-ups by ten minutes of UTC: a database knows no zones, and a day begins where the webinar is."""
    stamp = Registration.created_at
    moment = (
        func.substr(cast(stamp, String), 1, 15)
        if is_sqlite()
        else func.substr(func.to_char(func.timezone("UTC", stamp), "YYYY-MM-DD HH24:MI"), 1, 15)
    )
    return select(moment.label("moment"), func.count()).where(which, NOT_HELD).group_by("moment")


def _day(moment: str, zone: str) -> date:
    return datetime.fromisoformat(f"{moment}0").replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).date()


def letters_by_webinar(which: ColumnElement[bool]) -> dict[int, Cells]:
    """Count letters by what became of them, for each webinar that they are about."""
    found: dict[int, Cells] = {}
    counted = select(Message.about, Message.state, Message.notice, func.count()).where(which, Message.about.like("w%"))
    each = (Message.about, Message.state, Message.notice)
    for about, state, notice, number in db.session.execute(counted.group_by(*each)):
        add(found.setdefault(int(about[1:]), {}), _OUTCOMES[MessageState(state)], notice, number)
    # What was sent and came back has failed since.
    returned = counted.where(Message.state == MessageState.FAILED, Message.sent_at.is_not(None))
    for about, _state, notice, number in db.session.execute(returned.group_by(*each)):
        add(found[int(about[1:])], What.BOUNCED, notice, number)
        add(found[int(about[1:])], What.FAILED, notice, -number)
    return found
