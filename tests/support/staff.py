"""Signing in once for many tests: what a true sign-in leaves behind is written again into the next empty database."""

from typing import Any, NamedTuple

import sqlalchemy as sa

from tests.support.pages import CheckedClient
from webinars.accounts import service as accounts
from webinars.accounts.models import Role, StaffSession, User, UserRole
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction

PASSWORD = "correct horse battery"


class _SignedIn(NamedTuple):
    user: dict[str, Any]
    session: dict[str, Any]
    cookie: str


_known: dict[tuple[str, str], _SignedIn] = {}


def sign_in(client: CheckedClient, role: str = "editor", email: str = "") -> CheckedClient:
    """Give a browser in which a member of staff is signed in; nobody may have that address yet."""
    email = email or f"{role}@harbor.example"
    if (email, role) in _known:
        _write(client, role, _known[email, role])
    else:
        _known[email, role] = _truly(client, role, email)
    return client


def _truly(client: CheckedClient, role: str, email: str) -> _SignedIn:
    with transaction():
        accounts.add_user(email, role, PASSWORD, utc_now())
    answer = client.submit(client.page("/staff/sign-in"), "sign-in", email=email, password=PASSWORD)
    assert "sign-in" not in answer.request.path
    cookie = client.get_cookie("session")
    assert cookie is not None
    with transaction() as session:
        user = session.execute(sa.select(*_columns(User)).where(User.email == email)).mappings().one()
        newest = sa.select(*_columns(StaffSession)).order_by(StaffSession.id.desc()).limit(1)
        kept = session.execute(newest).mappings().one()
    return _SignedIn(dict(user), dict(kept), cookie.value)


def _columns(model: type[User | StaffSession]) -> list[sa.Column[Any]]:
    return [column for column in model.__table__.columns if column.name not in {"id", "user_id"}]


def _write(client: CheckedClient, role: str, known: _SignedIn) -> None:
    with transaction() as session:
        user_id = session.scalar(sa.insert(User).values(known.user).returning(User.id))
        session.execute(sa.insert(UserRole).values(user_id=user_id, role_id=_role_id(role)))
        # As if they came in just now: what is asked again after some minutes depends on no test before this one.
        fresh = {"proved_at": utc_now(), "used_at": utc_now()}
        session.execute(sa.insert(StaffSession).values(**known.session | fresh, user_id=user_id))
    client.set_cookie("session", known.cookie)


def _role_id(role: str) -> int:
    known = db.session.scalar(sa.select(Role.id).where(Role.name == role))
    return known or db.session.scalars(sa.insert(Role).values(name=role).returning(Role.id)).one()
