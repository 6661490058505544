"""Copying an SQLite file while it is in use, and putting a copy in its place while it is not."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from webinars.core.backup_checks import BackupError, ensure_equal, ensure_kind, ensure_ours, plain_sql
from webinars.core.files import appearing
from webinars.core.progress import progress

#: pages copied between two looks at the progress
_PAGES = 2000
_MAGIC = b"SQLite format 3\0"


def copy_into(file: Path, database: Path) -> dict[str, int]:
    """Copy a database as it is at one instant, verify the copy, and give its number of rows by table.

    Raises BackupError, sqlite3.Error.
    """
    with closing(_open(database)) as source, closing(_open(file)) as copy:
        return _copy(source, copy)


def restore(file: Path, database: Path, changes: Sequence[sa.Update]) -> Path | None:
    """Put a verified copy of a backup in the database's place; gives where the former one is kept.

    Raises BackupError, sqlite3.Error, OSError.
    """
    ensure_kind(file, _MAGIC, "an SQLite")
    with appearing(database) as unfinished:
        with closing(_open(file, "ro")) as source, closing(_open(unfinished)) as copy:
            ensure_ours(_copy(source, copy).keys())
            for change in changes:
                copy.execute(plain_sql(change, sqlite.dialect()))
        return _set_aside(database)


def _copy(source: sqlite3.Connection, copy: sqlite3.Connection) -> dict[str, int]:
    # One reading transaction around all: the copy never begins anew, and the counts are of the same instant.
    source.execute("BEGIN")
    counts = _count_rows(source)
    pages = source.execute("PRAGMA page_count").fetchone()[0]
    with progress("Pages copied", pages) as advance:
        source.backup(copy, pages=_PAGES, progress=lambda *_: advance(_PAGES))
    source.execute("COMMIT")
    # One file, without a journal beside it.
    copy.execute("PRAGMA journal_mode=DELETE")
    found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
    if found != "ok":
        raise BackupError("The file is damaged: its inner order is broken.")
    ensure_equal(counts, _count_rows(copy))
    return counts


def _open(file: Path, mode: str = "rw") -> sqlite3.Connection:
    # The driver must not begin transactions by itself.
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode={mode}", uri=True, timeout=15, isolation_level=None)


def _count_rows(connection: sqlite3.Connection) -> dict[str, int]:
    names = connection.execute(
        r"SELECT name FROM sqlite_schema WHERE type = 'table'"
        r" AND name NOT LIKE 'sqlite\_%' ESCAPE '\' AND name NOT LIKE 'search\_%' ESCAPE '\'"
    ).fetchall()
    return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for (name,) in names}


def _set_aside(database: Path) -> Path | None:
    """Keep the former database under another name; the restored one takes its name directly afterwards."""
    if not database.exists():
        return None
    kept = database.with_name(f"{database.name}.before-restore")
    with closing(_open(database)) as former:
        former.execute("PRAGMA busy_timeout=1000")
        try:
            # Works only while nobody else has the file open; and the new file must find no journal of the former one.
            former.execute("PRAGMA journal_mode=DELETE")
        except sqlite3.OperationalError:
            raise BackupError("The database is in use. Stop the web server and every worker first.") from None
        kept.unlink(missing_ok=True)
        os.link(database, kept)
    return kept
