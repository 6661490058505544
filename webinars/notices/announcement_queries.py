"""Whom announcements reach, what is due, how far each is."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, Select, String, and_, cast, distinct, func, literal, or_, select, union
from sqlalchemy.orm import joinedload

from webinars.core.database import db, reading
from webinars.core.errors import NotFound
from webinars.core.paging import Page, page_of
from webinars.mail.classes import EVERYWHERE, MailClass, list_of
from webinars.mail.models import Address, Mailing, Message, MessageState, Unsubscription
from webinars.notices import announcement_rules as rules
from webinars.notices.announcement_rules import News
from webinars.notices.kinds import Notice, Reason
from webinars.notices.models import Announcement, AnnouncementState
from webinars.registration.models import Registration
from webinars.registration.queries import NOT_HELD
from webinars.schedule.models import Webinar, WebinarState

PAGE_SIZE = 30
_OPEN = (MessageState.PENDING, MessageState.SENDING)
_WITH_AUDIENCE = (
    joinedload(Announcement.webinar).joinedload(Webinar.series),
    joinedload(Announcement.series),
)


@dataclass(frozen=True)
class Reach:
    """Whom an announcement would go to if it went out now."""

    #: addresses, each of which gets one letter
    people: int
    #: registrations without an address
    without_address: int
    #: addresses that left this class of mail
    left: int
    #: addresses whose mailbox takes no mail any more
    bounced: int


@dataclass(frozen=True)
class Tally:
    """How far an announcement is."""

    total: int = 0
    sent: int = 0
    open: int = 0
    failed: int = 0
    #: taken back when staff stopped it
    stopped: int = 0
    #: not sent because the person left this class of mail
    left: int = 0
    #: not sent because the address takes no mail
    dead: int = 0

    @property
    def withheld(self) -> int:
        """Count the letters that became superfluous for another reason, such as a place that was given up."""
        return self.total - self.sent - self.open - self.failed - self.stopped - self.left - self.dead


def get_announcement(announcement_id: int) -> Announcement:
    """Give an announcement with what it is about.

    Raises NotFound.
    """
    wanted = select(Announcement).where(Announcement.id == announcement_id).options(*_WITH_AUDIENCE)
    found = db.session.scalar(wanted)
    if found is None:
        raise NotFound(_("There is no such announcement."))
    return found


def list_announcements(
    *, webinar_id: int | None = None, series_id: int | None = None, page: int = 1
) -> Page[Announcement]:
    """List a page of announcements, the newest first: all, those to a webinar, or those to a series."""
    wanted = select(Announcement).options(*_WITH_AUDIENCE)
    if webinar_id is not None:
        wanted = wanted.where(Announcement.webinar_id == webinar_id)
    if series_id is not None:
        wanted = wanted.where(Announcement.series_id == series_id)
    return page_of(wanted, [Announcement.id.desc()], page, PAGE_SIZE)


def due_announcements(now: datetime, *, hold: bool = False) -> list[Announcement]:
    """List what has to be written now.

    ``hold`` keeps each for this transaction, and passes over those that another one keeps.
    """
    scheduled = Announcement.state == AnnouncementState.SCHEDULED.value
    wanted = select(Announcement).where(scheduled, Announcement.send_at <= now, Announcement.written_at.is_(None))
    wanted = wanted.order_by(Announcement.id)
    return list(db.session.scalars(wanted.with_for_update(skip_locked=True) if hold else wanted))


def planned_for(webinar_id: int) -> list[Announcement]:
    """List what waits for its moment to go out about a webinar, and hold it for this transaction, as it is now."""
    held = select(Announcement).where(*_planned(webinar_id)).with_for_update().execution_options(populate_existing=True)
    return list(db.session.scalars(held.order_by(Announcement.id)))


def planned_between(start: datetime, end: datetime) -> list[Announcement]:
    """List what is planned to go out within a span, the first one first (one query)."""
    wanted = select(Announcement).where(
        Announcement.state == AnnouncementState.SCHEDULED, Announcement.send_at >= start, Announcement.send_at < end
    )
    return list(db.session.scalars(wanted.order_by(Announcement.send_at, Announcement.id)))


def subject_of(announcement: Announcement) -> str:
    """Give the subject that staff know it by."""
    return next((texts.get("subject", "") for texts in announcement.texts.values()), "")


def count_planned(webinar_id: int) -> int:
    """Count what waits for its moment to go out about a webinar."""
    return db.session.scalar(select(func.count()).where(*_planned(webinar_id))) or 0


def _planned(webinar_id: int) -> tuple[ColumnElement[bool], ...]:
    waits = Announcement.state == AnnouncementState.SCHEDULED.value, Announcement.written_at.is_(None)
    return Announcement.webinar_id == webinar_id, *waits


def reached(announcement: Announcement) -> Select[Any]:
    """Select the outbox's names of those it goes to: one place of each address, the newest."""
    newest = cast(func.max(Registration.id), String)
    subject = (literal("r", String) + newest).label("subject")
    return select(subject).where(*_audience(announcement), _HAS_ADDRESS).group_by(Registration.email_key)


def reach(announcement: Announcement) -> Reach:
    """Count whom an announcement would go to: a few queries, and a pass over the addresses where some get none."""
    addresses = func.count(distinct(Registration.email_key)).filter(_HAS_ADDRESS)
    missing = func.count().filter(~_HAS_ADDRESS)
    counted = select(addresses, missing).select_from(Registration).where(*_audience(announcement))
    people, without_address = db.session.execute(counted).one()
    left, bounced = _count_unreached(announcement)
    return Reach(people - left - bounced, without_address, left, bounced)


_HAS_ADDRESS = Registration.email.is_not(None)


def _audience(announcement: Announcement, webinar: ColumnElement[int] | None = None) -> list[ColumnElement[bool]]:
    """Give the conditions on whom it is for; ``webinar``: the webinar of a place as they are to read it."""
    audience, webinar = announcement.audience, Registration.webinar_id.expression if webinar is None else webinar
    conditions: list[ColumnElement[bool]] = [Registration.state.in_(rules.states_of(audience)), NOT_HELD]
    if modes := rules.modes_of(audience):
        conditions.append(Registration.mode.in_(modes))
    if languages := rules.languages_of(audience):
        conditions.append(Registration.language.in_(languages))
    if announcement.webinar_id is not None:
        return [*conditions, webinar == announcement.webinar_id]
    public = select(Webinar.id).where(
        Webinar.series_id == announcement.series_id, Webinar.state != WebinarState.DRAFT.value
    )
    return [*conditions, webinar.in_(public)]


def _count_unreached(announcement: Announcement) -> tuple[int, int]:
    """Count the addresses that left, and the others that bounce: from these few to their places."""
    lists = (list_of(rules.series_of(announcement).id), EVERYWHERE)
    left = select(Unsubscription.address_key).where(
        Unsubscription.mail_class == MailClass.NEWS.value, Unsubscription.about.in_(lists)
    )
    dead = select(Address.key).where(Address.bounced_at.is_not(None))
    theirs = select(Registration.id).where(Registration.address_key.in_(union(left, dead))).correlate(None)
    # Adding nothing keeps SQLite from looking through everybody of the webinar instead.
    asked = _audience(announcement, Registration.webinar_id + 0)
    gone = Registration.address_key.in_(left)
    each = select(Registration.address_key, gone.label("gone")).where(Registration.id.in_(theirs), *asked, _HAS_ADDRESS)
    found = each.distinct().subquery()
    counts = select(func.count().filter(found.c.gone), func.count().filter(~found.c.gone)).select_from(found)
    away, bounced = db.session.execute(counts).one()
    return away, bounced


def gather(messages: Iterable[Message]) -> dict[int, News]:
    """Read the announcements of a batch, by message id, in one query; none where there are none. Detached."""
    asked = {message.id: int(message.occasion) for message in messages if message.notice == Notice.ANNOUNCEMENT}
    if not asked:
        return {}
    wanted = select(Announcement, Mailing.stopped_at).outerjoin(Mailing, _ITS_MAILING)
    with reading() as session:
        rows = session.execute(wanted.where(Announcement.id.in_(set(asked.values())))).all()
    news = {one.id: News(one, at is not None or one.state == AnnouncementState.STOPPED) for one, at in rows}
    return {message_id: news[number] for message_id, number in asked.items() if number in news}


_ITS_MAILING = and_(Mailing.notice == Notice.ANNOUNCEMENT.value, Mailing.occasion == cast(Announcement.id, String))


def find_mailing(announcement: Announcement) -> Mailing | None:
    """Find the mailing of an announcement, which is there from the moment its letters were written."""
    found = select(Mailing).where(_ITS_MAILING, Announcement.id == announcement.id)
    return db.session.scalar(found)


def is_stopped(mailing_id: int | None) -> bool:
    """Say whether staff stopped a mailing; who is just deciding on that is waited for."""
    wanted = select(Mailing.stopped_at).where(Mailing.id == mailing_id).with_for_update()
    return db.session.scalar(wanted) is not None


def tallies(announcements: Collection[Announcement]) -> dict[int, Tally]:
    """Count the letters of announcements by their ids, in one query."""
    ids = [one.id for one in announcements if one.written_at is not None]
    if not ids:
        return {}
    state, reason = Message.state, Message.last_error
    wanted = (
        select(
            Announcement.id,
            func.count(),
            func.count().filter(state == MessageState.SENT),
            func.count().filter(state.in_(_OPEN)),
            func.count().filter(state.in_((MessageState.FAILED, MessageState.EXPIRED))),
            func.count().filter(state == MessageState.SUPERSEDED, reason == Reason.STOPPED),
            func.count().filter(state == MessageState.SUPERSEDED, reason == Reason.UNSUBSCRIBED),
            func.count().filter(state == MessageState.SUPERSEDED, reason == Reason.BOUNCED),
        )
        .join(Mailing, _ITS_MAILING)
        .join(Message, Message.mailing_id == Mailing.id)
        .where(Announcement.id.in_(ids))
        .group_by(Announcement.id)
    )
    return {row[0]: Tally(*row[1:]) for row in db.session.execute(wanted)}


def given_to(registration: Registration) -> list[tuple[Announcement, datetime]]:
    """List the announcements that went to a place, the newest first, each with when it was written.

    Also those that went to its address in the name of another place, where this one could have been meant as well.
    """
    number = cast(Announcement.id, String)
    taken = or_(Message.state == MessageState.SENT, Message.state == MessageState.SENDING)
    subject = literal("r", String) + cast(Registration.id, String)
    theirs = select(subject).where(Registration.address_key == registration.address_key)
    wanted = (
        select(Announcement, Message.created_at, Message.subject)
        .join(Message, Message.occasion == number)
        .where(Message.subject.in_(theirs), Message.notice == Notice.ANNOUNCEMENT.value, taken)
        .order_by(Message.id.desc())
    )
    found: dict[int, tuple[Announcement, datetime]] = {}
    for announcement, at, written_for in db.session.execute(wanted):
        if written_for == registration.subject or _meant(announcement, registration):
            found.setdefault(announcement.id, (announcement, at))
    return list(found.values())


def _meant(announcement: Announcement, registration: Registration) -> bool:
    about = announcement.webinar_id == registration.webinar_id
    of_series = announcement.series_id is not None and announcement.series_id == registration.webinar.series_id
    return (about or of_series) and rules.reaches(announcement.audience, registration)
