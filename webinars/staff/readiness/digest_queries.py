"""Who is owed a letter about their webinars, and what stands in it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import contains_eager, selectinload

from webinars.accounts.models import Role, User, UserRole
from webinars.accounts.service import NOTICE
from webinars.core.audience import Audience
from webinars.core.database import db
from webinars.core.http import current_settings
from webinars.core.language import DEFAULT_LANGUAGE
from webinars.mail.models import Message
from webinars.registration.models import Registration
from webinars.schedule.models import Part, TeamPlace, Webinar, WebinarSpeaker, WebinarState
from webinars.schedule.rules import LONGEST
from webinars.staff.readiness import digest_rules as rules
from webinars.staff.readiness.digest_rules import Reader
from webinars.staff.readiness.models import DigestChoice

#: how long after the end of a webinar the letter on Monday asks for what follows it
BEHIND = LONGEST * 60
#: webinars that a letter names
MOST = 20


class Tomorrow(NamedTuple):
    """A webinar that begins soon, and one of those who have a part in it."""

    user_id: int
    webinar_id: int
    starts_at: datetime
    start_sequence: int


def readers() -> dict[int, Reader]:
    """List who of the staff has a part in any webinar, with what they chose, by number (one statement)."""
    has_part = exists().where(TeamPlace.user_id == User.id)
    rows = db.session.execute(_readers().where(User.active.is_(True), has_part))
    return {row[0]: _reader(*row) for row in rows}


def _readers() -> Select[int, str, bool, DigestChoice]:
    theirs = exists().where(UserRole.user_id == User.id, UserRole.role_id == Role.id)
    looks = theirs.where(Role.name.in_(Audience.VIEWER.value))
    return select(User.id, User.email, looks, DigestChoice).outerjoin(DigestChoice, DigestChoice.user_id == User.id)


def _reader(number: int, email: str, looks: bool, choice: DigestChoice | None) -> Reader:
    usual = (DEFAULT_LANGUAGE, current_settings().home_zone, True, True)
    chosen = (choice.language, choice.time_zone, choice.weekly, choice.day_before) if choice else usual
    return Reader(number, email, *chosen, looks)


def tomorrow(now: datetime) -> list[Tomorrow]:
    """List the webinars that begin within the next days with everybody who has a part in them (one statement)."""
    columns = (TeamPlace.user_id, Webinar.id, Webinar.starts_at, Webinar.start_sequence)
    wanted = select(*columns).join(Webinar, Webinar.id == TeamPlace.webinar_id).distinct()
    soon = wanted.where(
        Webinar.state == WebinarState.PUBLISHED, Webinar.starts_at > now, Webinar.starts_at <= now + rules.EARLIEST
    )
    return [Tomorrow(*row) for row in db.session.execute(soon.order_by(Webinar.starts_at, Webinar.id))]


def given(subjects: Collection[str], occasions: Collection[str]) -> set[tuple[str, str]]:
    """List the letters to staff among some that are written already, as (subject, occasion)."""
    wanted = select(Message.subject, Message.occasion).where(Message.notice == NOTICE)
    rows = db.session.execute(wanted.where(Message.subject.in_(subjects), Message.occasion.in_(occasions)))
    return {(subject, occasion) for subject, occasion in rows}


def find_reader(email: str) -> Reader | None:
    """Find who gets the letters that go to an address."""
    row = db.session.execute(_readers().where(User.email == email, User.active.is_(True))).first()
    return _reader(*row) if row else None


def webinars_of(user_id: int, now: datetime, made_before: datetime) -> Sequence[Webinar]:
    """List the webinars somebody is responsible for, ahead and behind, with series and speakers (two statements).

    ``made_before``: who wrote one since knows all about it.
    """
    mine = exists().where(
        TeamPlace.webinar_id == Webinar.id, TeamPlace.user_id == user_id, TeamPlace.part == Part.RESPONSIBLE
    )
    speakers = selectinload(Webinar.speaker_places).joinedload(WebinarSpeaker.speaker)
    wanted = select(Webinar).join(Webinar.series).options(contains_eager(Webinar.series), speakers)
    wanted = wanted.where(
        mine,
        Webinar.created_at < made_before,
        Webinar.state != WebinarState.CANCELLED,
        Webinar.starts_at.between(now - BEHIND, now + rules.AHEAD),
    )
    return db.session.scalars(wanted.order_by(Webinar.starts_at, Webinar.id)).all()


def find_mine(user_id: int, webinar_id: int) -> Webinar | None:
    """Find a published webinar in which somebody has a part, with series and speakers."""
    mine = exists().where(TeamPlace.webinar_id == Webinar.id, TeamPlace.user_id == user_id)
    wanted = select(Webinar).where(Webinar.id == webinar_id, Webinar.state == WebinarState.PUBLISHED, mine)
    return db.session.scalar(wanted)


def new_places(webinar_ids: Collection[int], since: datetime) -> dict[int, int]:
    """Count who registered for webinars since an instant (one statement)."""
    counted = select(Registration.webinar_id, func.count()).where(Registration.created_at >= since)
    rows = db.session.execute(counted.where(Registration.webinar_id.in_(webinar_ids)).group_by(Registration.webinar_id))
    return dict(rows.all())
