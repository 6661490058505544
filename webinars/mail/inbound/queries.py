"""Reading what came back."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from webinars.core.among import among
from webinars.core.database import db
from webinars.core.paging import Page, page_of
from webinars.mail.models import Inbound, InboundKind, Message

PAGE_SIZE = 50
#: how long letters that staff have read stay in the list; their text is deleted then
READ_FOR = timedelta(days=30)
_WAITS = sa.text("inbound.handled_at IS NULL")
#: the words of a message are kept only where staff have to read them, whatever kind it is
_FOR_STAFF = sa.or_(Inbound.kind == InboundKind.LETTER, Inbound.sender != "", Inbound.title != "", Inbound.text != "")


def find_letter(references: Sequence[str]) -> Message | None:
    """Find the letter of ours that the surest of these references names."""
    if not references:
        return None
    found = {one.reference: one for one in db.session.scalars(_BY_REFERENCE, {"references": list(references)})}
    return next((found[reference] for reference in references if reference in found), None)


def find(inbound_id: int) -> Inbound | None:
    """Find a message that came back by its number."""
    return db.session.get(Inbound, inbound_id)


def tray(now: datetime, page: int = 1) -> Page[Inbound]:
    """List a page of what staff have to read, what waits first, then what they have read lately; newest first."""
    lately = sa.and_(_FOR_STAFF, Inbound.received_at > now - READ_FOR)
    order = [sa.case((_WAITS, 0), else_=1), Inbound.id.desc()]
    return page_of(sa.select(Inbound).where(sa.or_(_WAITS, lately)), order, page, PAGE_SIZE)


def count_waiting() -> int:
    """Count what waits for staff to read."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(Inbound).where(_WAITS)) or 0


def counts_since(since: datetime) -> dict[str, int]:
    """Count what came back since an instant, by kind; as letters all that staff had to read, of whatever kind."""
    counted = sa.select(Inbound.kind, sa.func.count(), sa.func.count().filter(_FOR_STAFF))
    rows: Any = db.session.execute(counted.where(Inbound.received_at >= since).group_by(Inbound.kind)).all()
    return {kind: number for kind, number, _ in rows} | {InboundKind.LETTER: sum(row[2] for row in rows)}


_BY_REFERENCE = sa.select(Message).where(among(Message.reference, "references"))
