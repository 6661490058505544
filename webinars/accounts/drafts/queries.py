"""Every look at drafts."""

from sqlalchemy import select

from webinars.accounts.drafts.models import Draft
from webinars.core.database import db


def find_draft(user_id: int, place: str) -> Draft | None:
    """Find what somebody typed into a form and has not saved yet."""
    return db.session.scalar(select(Draft).where(Draft.user_id == user_id, Draft.place == place))
