"""The one write transaction, and instants."""

from datetime import datetime

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import StatementError

from tests.factories import NOW, make_series, make_webinar
from webinars.core.database import db, is_sqlite, transaction
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
