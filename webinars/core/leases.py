"""Long work that one worker at a time has in hand: a row is taken for a while, and goes to another when that passes."""

from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, String, or_, select
from sqlalchemy.orm import Mapped, mapped_column

from webinars.core.database import BigKey, db
from webinars.core.text import random_id


class Leased:
    """What the table of such work has: its number, and who has it in hand."""

    id: Mapped[int] = mapped_column(BigKey, primary_key=True)
    #: whose worker has it in hand, and until when nobody else may take it
    claim_token: Mapped[str | None] = mapped_column(String(32))
    lease_until: Mapped[datetime | None]

    def hold(self, until: datetime) -> str:
        """Take it in hand; gives the token that proves it."""
        self.claim_token, self.lease_until = random_id(), until
        return self.claim_token

    def release(self, until: datetime | None = None) -> None:
        """Let others take it, at some time."""
        self.claim_token, self.lease_until = None, until


Work = TypeVar("Work", bound=Leased)


def is_free(kind: type[Leased], now: datetime) -> ColumnElement[bool]:
    """Make the condition that nobody has a row in hand."""
    return or_(kind.lease_until.is_(None), kind.lease_until <= now)


def find_free(kind: type[Work], number: int, now: datetime) -> Work | None:
    """Lock a row that nobody has in hand; None when somebody has, or is just taking it."""
    wanted = select(kind).where(kind.id == number, is_free(kind, now)).with_for_update(skip_locked=True)
    return db.session.scalar(wanted.execution_options(populate_existing=True))


def find_held(kind: type[Work], number: int, token: str) -> Work | None:
    """Lock a row that is still in the hand that the token proves."""
    wanted = select(kind).where(kind.id == number, kind.claim_token == token).with_for_update()
    return db.session.scalar(wanted.execution_options(populate_existing=True))
