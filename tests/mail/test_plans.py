"""The state of the outbox is told from what is open or in trouble, however many letters were sent."""

import sqlalchemy as sa
from flask import Flask

from tests.mail.support import NOW, owe_many
from tests.support.queries import sent_with_values, steps_about
from webinars.core.database import db, is_sqlite, transaction
from webinars.mail import queries
from webinars.mail.models import Message

SENT = 3000


def plan_of_status() -> list[str]:
    """List the steps by which the database answers for the messages."""
    with sent_with_values() as sent:
        queries.status(NOW)
    return steps_about("messages", sent[:1])


def test_status_reads_only_what_is_open_or_in_trouble(app: Flask) -> None:
    owe_many(SENT, now=NOW)
    with transaction() as session:
        session.execute(sa.update(Message).values(state="sent"))
    owe_many(3, now=NOW, occasion="0-1440")
    if is_sqlite():
        steps = plan_of_status()
        assert len(steps) >= 6
        assert all("COVERING" in one and "mailing" not in one for one in steps)
    gather_statistics()
    steps = plan_of_status()
    assert len(steps) >= 6
    assert [one for one in steps if "Seq Scan" in one or "mailing" in one] == []


def gather_statistics() -> None:
    """Let the database learn what there is; PostgreSQL also forgets that the letters sent once waited."""
    db.session.rollback()
    if is_sqlite():
        with transaction() as session:
            session.execute(sa.text("ANALYZE"))
    else:
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("VACUUM FULL ANALYZE messages, registrations, webinars, addresses")
