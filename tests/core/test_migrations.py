"""Migrations on a database with data in it, on each kind of database."""

import os
from pathlib import Path

import flask_migrate
import pytest
import sqlalchemy as sa

from tests.conftest import test_settings
from tests.support import postgres
from webinars import create_app
from webinars.core.database import db, is_sqlite
from webinars.core.links import address_key

WHEN = "2026-11-22 15:00:00+00:00"


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/data.sqlite"
    server = os.environ.get("WEBINARS_TEST_SERVER") or pytest.skip("no PostgreSQL here")
    return postgres.make_database(server, f"webinars_migrated_{os.getpid()}")


def write(table: str, **values: object) -> None:
    columns, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    db.session.execute(sa.text(f"INSERT INTO {table} ({columns}) VALUES ({places})"), values)


def write_places(emails: list[str]) -> None:
    write("series", id=1, slug="s", title="S", time_zone="UTC", reminders="[60]", created_at=WHEN, updated_at=WHEN)
    write("webinars", id=1, slug="w", series_id=1, title="W", local_start="2026-12-03 13:00:00", time_zone="UTC",
          duration_minutes=60, starts_at=WHEN, ends_at=WHEN, uid="u", created_at=WHEN, updated_at=WHEN,
          start_set_at=WHEN, state="published")  # fmt: skip
    for number, email in enumerate(emails, 1):
        write("registrations", id=number, public_id=str(number), webinar_id=1, name="A", name_key=str(number),
              email=email, email_key=email, state="confirmed", time_zone="UTC", uid=str(number), state_since=WHEN,
              created_at=WHEN)  # fmt: skip


def test_mailboxes_get_their_codes_and_those_of_nobody_go(database_url, tmp_path):
    app = create_app(test_settings(tmp_path, database_url))
    emails = [f"person{number}@example.org" for number in range(2100)]
    with app.app_context():
        flask_migrate.upgrade(revision="0003")
        write_places(emails)
        for email in (emails[0], "nobody@example.org"):
            write("addresses", key=address_key(email), bounced_at=WHEN)
        db.session.commit()
        flask_migrate.upgrade()
        codes = db.session.scalars(sa.text("SELECT address_key FROM registrations ORDER BY id")).all()
        known = db.session.scalars(sa.text("SELECT key FROM addresses")).all()
        db.session.remove()
        db.engine.dispose()
    assert codes == [address_key_in(app, email) for email in emails]
    assert known == [codes[0]]


def address_key_in(app, email: str) -> str:
    with app.app_context():
        return address_key(email)


def test_numbers_of_deleted_people_are_never_given_again(database_url, tmp_path):
    app = create_app(test_settings(tmp_path, database_url))
    person = {"public_id": "new", "webinar_id": 1, "name": "B", "name_key": "b", "email_key": "b", "uid": "b",
              "state": "confirmed", "time_zone": "UTC", "state_since": WHEN, "created_at": WHEN}  # fmt: skip
    newest = sa.text("SELECT max(id) FROM registrations")
    given = []
    with app.app_context():
        flask_migrate.upgrade(revision="0004")
        write_places([])
        write("registrations", **person)
        first = db.session.scalar(newest)
        write("messages", id=1, notice="confirmation", subject=f"r{first}", occasion="1", created_at=WHEN,
              message_id="1", next_attempt_at=WHEN, reference="1")  # fmt: skip
        db.session.execute(sa.text("DELETE FROM registrations"))
        db.session.commit()
        flask_migrate.upgrade()
        for _time in range(2):
            write("registrations", **person)
            given.append(db.session.scalar(newest))
            db.session.execute(sa.text("DELETE FROM registrations"))
            db.session.commit()
        triggers = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name <> 'audit_entries'"
        assert not is_sqlite() or db.session.scalar(sa.text(triggers)) == 13, "the search index is still kept true"
        db.session.remove()
        db.engine.dispose()
    assert given == [first + 1, first + 2]
