"""The one write transaction, and instants."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from tests.factories import NOW, make_series, make_webinar
from tests.support.meanwhile import deleted_after_reading
from webinars.core.database import db, is_sqlite, lock, transaction
from webinars.core.errors import NotFound
from webinars.schedule.models import Series, Webinar


def test_transaction_keeps_what_was_written(app: Flask) -> None:
    with transaction() as session:
        session.add(Series(slug="a", title="A", created_at=NOW, updated_at=NOW))
    db.session.remove()
    assert db.session.query(Series).one().title == "A"


def test_transaction_that_raises_keeps_nothing(app: Flask) -> None:
    with pytest.raises(RuntimeError), transaction() as session:
        session.add(Series(slug="a", title="A", created_at=NOW, updated_at=NOW))
        session.flush()
        raise RuntimeError
    assert db.session.query(Series).count() == 0


def test_lock_says_that_a_thing_was_deleted_since_it_was_read(app: Flask) -> None:
    with pytest.raises(NotFound, match="somebody deleted it meanwhile"), deleted_after_reading(make_webinar()) as gone:
        lock(gone)


def test_lock_gives_the_present_values(app: Flask) -> None:
    webinar = make_webinar()
    number = webinar.id
    with transaction() as session:
        known = session.get_one(Webinar, number)
        session.execute(text("UPDATE webinars SET capacity = 7"))
        lock(known)
        assert known.capacity == 7


def test_lock_hides_no_refusal_of_what_was_to_be_written(app: Flask) -> None:
    webinar = make_webinar()
    with pytest.raises(IntegrityError), transaction() as session:
        session.add(Series(slug="side-effects", title="A", created_at=NOW, updated_at=NOW))
        lock(session.merge(webinar))


def test_connection_that_the_server_closed_is_replaced(app: Flask) -> None:
    if is_sqlite():
        pytest.skip("there is no server")
    db.session.remove()
    db.engine.dispose()
    with db.engine.connect() as other:
        with db.engine.connect() as idle:
            number = idle.scalar(text("SELECT pg_backend_pid()"))
        other.execute(text("SELECT pg_terminate_backend(:number, 5000)"), {"number": number})
        with db.engine.connect() as replaced:
            assert replaced.scalar(text("SELECT pg_backend_pid()")) != number


def test_instant_without_zone_is_refused(app: Flask) -> None:
    with pytest.raises(StatementError, match="without a zone"):
        make_series(created_at=datetime(2026, 1, 1))
    db.session.rollback()


def test_instant_comes_back_in_utc(app: Flask) -> None:
    slug = make_webinar().slug
    db.session.remove()
    webinar = db.session.query(Webinar).filter_by(slug=slug).one()
    assert webinar.starts_at.utcoffset().total_seconds() == 0  # type: ignore[union-attr]
    assert webinar.local_start.tzinfo is None
