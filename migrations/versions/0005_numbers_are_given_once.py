"""Never give the number of a deleted row to another one, on SQLite as on PostgreSQL.

Letters, what came back, the audit trail and journals name people and things by their numbers for months after those are
deleted. SQLite gives the highest number again unless a table says AUTOINCREMENT (https://sqlite.org/autoinc.html), and
only a copy of a table can begin to.
"""

import re
from collections.abc import Callable

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_AUDITED = "SELECT max(CAST(object_id AS INTEGER)) FROM audit_entries WHERE object_kind = '{kind}'"
#: what is named by number elsewhere, and where numbers of deleted rows may still stand
_TABLES: dict[str, tuple[str, ...]] = {
    "registrations": (
        "SELECT max(CAST(substr(subject, 2) AS INTEGER)) FROM messages WHERE subject LIKE 'r%'",
        "SELECT max(CAST(substr(subject, 2) AS INTEGER)) FROM inbound WHERE subject LIKE 'r%'",
    ),
    "webinars": ("SELECT max(CAST(substr(about, 2) AS INTEGER)) FROM messages", _AUDITED.format(kind="webinar")),
    "series": ("SELECT max(CAST(substr(about, 2) AS INTEGER)) FROM unsubscriptions", _AUDITED.format(kind="series")),
    "videos": (
        "SELECT max(CAST(occasion AS INTEGER)) FROM messages WHERE notice = 'recording-ready'",
        _AUDITED.format(kind="video"),
    ),
    "announcements": (
        "SELECT max(CAST(occasion AS INTEGER)) FROM messages WHERE notice = 'announcement'",
        _AUDITED.format(kind="announcement"),
    ),
    "users": (_AUDITED.format(kind="user"),),
    "speakers": (_AUDITED.format(kind="speaker"),),
    "topics": (_AUDITED.format(kind="topic"),),
    "news_items": (_AUDITED.format(kind="news item"),),
    "messages": (),
}
_KEY = re.compile(r",\s*CONSTRAINT \w+ PRIMARY KEY \(id\)")
_COLUMN = re.compile(r"^(\s*id INTEGER NOT NULL)(?: PRIMARY KEY)?", re.MULTILINE)
_GROWING = " PRIMARY KEY AUTOINCREMENT"


def upgrade() -> None:
    """Copy each table into one whose numbers only grow, and let them begin above all that were ever given."""
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, named in _TABLES.items():
        _copy(table, _growing)
        _begin_above(table, named)


def downgrade() -> None:
    """Copy each table back."""
    if op.get_bind().dialect.name == "sqlite":
        for table in _TABLES:
            _copy(table, lambda sql: sql.replace(_GROWING, " PRIMARY KEY", 1))


def _growing(sql: str) -> str:
    """Move the primary key to its column, where SQLite takes the word."""
    changed, times = _COLUMN.subn(rf"\1{_GROWING}", _KEY.sub("", sql))
    if times != 1:
        raise ValueError(f"the table is not as expected: {sql}")
    return changed


def _copy(table: str, change: Callable[[str], str]) -> None:
    connection = op.get_bind()
    parts = sa.text("SELECT type, sql FROM sqlite_master WHERE tbl_name = :table AND sql IS NOT NULL")
    found = [(kind, sql) for kind, sql in connection.execute(parts, {"table": table})]
    [created] = [sql for kind, sql in found if kind == "table"]
    # Triggers of other tables name this one, which is away for a moment.
    connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
    connection.exec_driver_sql(_named(change(created), "copied"))
    columns = ", ".join(row[1] for row in connection.exec_driver_sql(f"PRAGMA table_info({table})"))
    connection.exec_driver_sql(f"INSERT INTO copied ({columns}) SELECT {columns} FROM {table} ORDER BY id")
    connection.exec_driver_sql(f"DROP TABLE {table}")
    connection.exec_driver_sql(f"ALTER TABLE copied RENAME TO {table}")
    connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")
    for kind, sql in found:
        if kind != "table":
            connection.exec_driver_sql(sql)


def _named(sql: str, name: str) -> str:
    return re.sub(r'^CREATE TABLE\s+"?\w+"?', f"CREATE TABLE {name}", sql, count=1)


def _begin_above(table: str, named: tuple[str, ...]) -> None:
    connection = op.get_bind()
    known = [connection.exec_driver_sql(query).scalar() or 0 for query in named]
    known.append(connection.exec_driver_sql(f"SELECT max(id) FROM {table}").scalar() or 0)
    connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = ?", (table,))
    connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (table, max(known)))
