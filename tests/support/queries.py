"""The statements that reach the database."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from webinars.core.database import db, is_sqlite
from webinars.core.http import current_settings


@contextmanager
def sent_queries() -> Iterator[list[str]]:
    """Collect the statements that a block sends, but for the beginning of a transaction."""
    sent: list[str] = []
    with _told(lambda statement, _values: sent.append(statement)):
        yield sent


@contextmanager
def sent_with_values() -> Iterator[list[tuple[str, Any]]]:
    """Collect the statements that a block sends, each with its values."""
    sent: list[tuple[str, Any]] = []
    with _told(lambda statement, values: sent.append((statement, values))):
        yield sent


def count_queries(deed: Callable[[], object]) -> int:
    """Count the statements that a deed sends."""
    with sent_queries() as sent:
        deed()
    return len(sent)


def steps_about(table: str, sent: list[tuple[str, Any]]) -> list[str]:
    """List the steps by which the database reads a table in statements that were sent."""
    explain = "EXPLAIN QUERY PLAN " if is_sqlite() else "EXPLAIN "
    connection = db.session.connection()
    rows = [row for statement, values in sent for row in connection.exec_driver_sql(explain + statement, values).all()]
    return [step for step in (str(row[-1]) for row in rows) if f" {table}" in step]


@contextmanager
def _told(note: Callable[[str, Any], None]) -> Iterator[None]:
    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        # Settings are looked at again by the clock, whoever happens to ask then.
        if not statement.startswith("BEGIN") and "organization_settings" not in statement:
            note(statement, values)

    # The first look of a process takes a savepoint where a transaction is open.
    current_settings()
    event.listen(db.engine, "before_cursor_execute", hear)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", hear)
