"""What is printed for the day of a webinar: whom to call, and how each person joins. Reads only."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from flask_babel import gettext as _
from sqlalchemy import Select, case, or_, select
from sqlalchemy.orm import joinedload

from webinars.core.among import among
from webinars.core.database import db
from webinars.core.paging import Page, page_of
from webinars.mail.models import Address, Message, MessageState
from webinars.registration import queries
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.schedule.models import Webinar, WebinarState

CALLS_A_PAGE = 150
SHEETS_A_PAGE = 100
_COMING = (RegistrationState.CONFIRMED, RegistrationState.OFFERED, RegistrationState.WAITLISTED)
_DEAD = select(Address.key).where(Address.bounced_at.is_not(None))
#: by telephone first, then by name
_CALL_FIRST = case((Registration.mode == Mode.PHONE, 0), else_=1)


@dataclass(frozen=True)
class Call:
    """One line of the list of calls."""

    person: Registration
    position: int | None
    #: why letters do not reach them; empty for whom they do
    unreached: str


def webinars_of_day(day: date) -> list[Webinar]:
    """List the published webinars that begin on a day by the organiser's clock, in order."""
    wanted = (
        select(Webinar)
        .options(joinedload(Webinar.series))
        .where(Webinar.local_start.between(datetime.combine(day, time.min), datetime.combine(day, time.max)))
        .where(Webinar.state == WebinarState.PUBLISHED)
        .order_by(Webinar.starts_at, Webinar.id)
    )
    return list(db.session.scalars(wanted))


def calls(webinars: Sequence[Webinar], page: int) -> tuple[Page[Registration], dict[int, list[Call]]]:
    """Give a page of everybody who comes or waits, and its lines by webinar (five queries)."""
    wanted = _people(webinars).where(Registration.state.in_(_COMING))
    order = (Webinar.starts_at, Webinar.id, _CALL_FIRST, Registration.name_key, Registration.id)
    found = page_of(wanted, order, page, CALLS_A_PAGE)
    positions, letters = queries.positions(found.items), queries.newest_letters(found.items)
    keys = [one.address_key for one in found.items]
    dead = set(db.session.scalars(_DEAD.where(among(Address.key, "keys")), {"keys": keys}))
    lines: dict[int, list[Call]] = {}
    for one in found.items:
        unreached = _why_unreached(one, dead, letters.get(one.id))
        lines.setdefault(one.webinar_id, []).append(Call(one, positions.get(one.id), unreached))
    return found, lines


def joining(webinars: Sequence[Webinar], who: str, page: int) -> Page[Registration]:
    """Give a page of those with a seat; who: "phone" = by telephone, "unreached" = no letter reaches them, else all."""
    wanted = _people(webinars).where(
        Registration.state == RegistrationState.CONFIRMED, Webinar.state == WebinarState.PUBLISHED
    )
    if who == "phone":
        wanted = wanted.where(Registration.mode == Mode.PHONE)
    elif who == "unreached":
        wanted = wanted.where(or_(Registration.email.is_(None), Registration.address_key.in_(_DEAD)))
    order = (Webinar.starts_at, Webinar.id, Registration.name_key, Registration.id)
    return page_of(wanted, order, page, SHEETS_A_PAGE)


def _people(webinars: Sequence[Webinar]) -> Select[Registration]:
    ids = [webinar.id for webinar in webinars]
    return select(Registration).join(Registration.webinar).where(Registration.webinar_id.in_(ids), queries.NOT_HELD)


def _why_unreached(person: Registration, dead: set[str], newest: Message | None) -> str:
    if not person.email:
        return _("no email address")
    if person.address_key in dead:
        return _("the address takes no mail")
    if newest is not None and newest.state in {MessageState.FAILED, MessageState.EXPIRED}:
        return _("the last letter did not arrive")
    return ""
