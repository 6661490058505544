"""Keeping drafts, and throwing them away."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, func, select, update

from webinars.accounts.drafts.models import Draft
from webinars.core.database import db
from webinars.mail.outbox import insert_into

#: of one person; the oldest go
MOST_DRAFTS = 50
DRAFT_DAYS = 14


def keep(user_id: int, place: str, fields: Sequence[tuple[str, str]], now: datetime) -> None:
    """Keep what somebody typed into a form, in place of what was kept of it before."""
    pairs = [list(pair) for pair in fields]
    kept = insert_into(Draft).values(user_id=user_id, place=place, fields=pairs, kept_at=now)
    after = {"fields": pairs, "kept_at": now}
    db.session.execute(kept.on_conflict_do_update(index_elements=["user_id", "place"], set_=after))
    newest = select(Draft.id).where(Draft.user_id == user_id).order_by(Draft.kept_at.desc(), Draft.id.desc())
    too_many = db.session.scalars(newest.offset(MOST_DRAFTS)).all()
    db.session.execute(delete(Draft).where(Draft.id.in_(too_many)))


def follow(before: str, after: str) -> None:
    """Let drafts go along with a thing whose pages have another address; both as beginnings of paths."""
    # What is there was typed about something that is gone.
    forget(after)
    new = after + func.substr(Draft.place, len(before) + 1)
    db.session.execute(update(Draft).where(Draft.place.startswith(before, autoescape=True)).values(place=new))


def forget(pages: str) -> None:
    """Delete everybody's drafts about a thing that is gone; pages, the beginning of the paths of its pages."""
    db.session.execute(delete(Draft).where(Draft.place.startswith(pages, autoescape=True)))


def throw_away(user_id: int, place: str) -> None:
    """Delete a draft: it was saved, or is not wanted any more."""
    db.session.execute(delete(Draft).where(Draft.user_id == user_id, Draft.place == place))
