"""Which settings are in force now: kept in the process, looked at again every few seconds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

import structlog
from flask import Flask, current_app
from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError

from config import Settings
from webinars.core.database import db, is_sqlite, reading
from webinars.core.organization.models import OrganizationSetting
from webinars.core.organization.table import InForce, overlay

LOG = structlog.get_logger("webinars.core.organization")
#: within which every process of an installation follows a change
SECONDS = 5.0
#: names the row that whoever writes locks first
_REVISION = "revision"


@dataclass(frozen=True)
class _Kept:
    base: Settings
    stored: Mapping[str, str]
    looked_at: float
    found: InForce


def base_settings() -> Settings:
    """Give the settings of the environment alone."""
    return cast(Settings, current_app.extensions["settings"])


def in_force() -> InForce:
    """Give the settings that hold: the environment's, and over them what was set in the browser."""
    base, now = base_settings(), time.monotonic()
    kept: _Kept | None = current_app.extensions.get("organization")
    # Inside a transaction a second connection could wait for others, which wait for what this one holds.
    fresh = kept is not None and (now - kept.looked_at <= SECONDS or db.session().in_transaction())
    if kept is None or not fresh or kept.base is not base:
        kept = current_app.extensions["organization"] = _looked(base, kept, now)
    return kept.found


def _looked(base: Settings, kept: _Kept | None, now: float) -> _Kept:
    stored = _stored(kept.stored if kept else {})
    if kept is not None and kept.base is base and stored == kept.stored:
        return _Kept(base, stored, now, kept.found)
    found = overlay(base, stored)
    if found.broken:
        LOG.warning("stored settings cannot be used; the configuration holds instead", names=found.broken)
    return _Kept(base, stored, now, found)


def _stored(otherwise: Mapping[str, str]) -> Mapping[str, str]:
    """Read what was set; what was known before where the database does not answer, or has no such table yet."""
    wanted = select(OrganizationSetting.name, OrganizationSetting.value)
    try:
        if db.session().in_transaction():
            connection = db.session.connection()
            with connection.begin_nested():
                rows = connection.execute(wanted).all()
        else:
            with reading() as session:
                rows = session.execute(wanted).all()
    except SQLAlchemyError:
        return otherwise
    return {name: value for name, value in rows if name != _REVISION}


def stored() -> Mapping[str, str]:
    """Give what was set in the browser, as it is stored now."""
    return _stored({})


def look_again(app: Flask | None = None) -> None:
    """Forget what is kept: this process has changed it."""
    (app or current_app).extensions.pop("organization", None)


def lock_stored() -> dict[str, str]:
    """Keep others from writing until the transaction ends; give what is stored now."""
    insert = sqlite.insert if is_sqlite() else postgresql.insert
    row = insert(OrganizationSetting).values(name=_REVISION, value="")
    db.session.execute(row.on_conflict_do_update(index_elements=["name"], set_={"value": ""}))
    rows = db.session.execute(select(OrganizationSetting.name, OrganizationSetting.value)).all()
    return {name: value for name, value in rows if name != _REVISION}


def write(changes: Mapping[str, str | None]) -> None:
    """Write texts by name, None to take one back; inside the transaction, after ``lock_stored``."""
    db.session.execute(delete(OrganizationSetting).where(OrganizationSetting.name.in_(changes)))
    db.session.add_all(OrganizationSetting(name=name, value=text) for name, text in changes.items() if text is not None)
    db.session.flush()
