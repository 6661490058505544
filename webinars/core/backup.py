"""Backups of the database: into a temporary name, verified, then renamed; restored as a whole or not at all."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

from webinars.core import backup_postgresql, backup_sqlite
from webinars.core.backup_checks import BackupError
from webinars.core.database import db, is_sqlite
from webinars.core.files import appearing


def back_up(file: Path) -> dict[str, int]:
    """Write the database as it is at one instant into a file that only its owner can read.

    Gives the number of rows by table, which were counted in the backup too. Raises BackupError.
    """
    _ensure_apart(file)
    db.session.remove()
    try:
        with appearing(file) as unfinished:
            if is_sqlite():
                return backup_sqlite.copy_into(unfinished, _sqlite_file())
            return backup_postgresql.dump_into(unfinished, db.engine)
    except OSError as error:
        raise BackupError(f"{file} cannot be written: {error.strerror}.") from None
    except (sqlite3.Error, DBAPIError) as error:
        raise BackupError(f"The database could not be copied: {_first_line(error)}.") from None


def restore(file: Path, changes: Sequence[sa.Update] = ()) -> Path | None:
    """Replace the database by a backup; ``changes`` are made in it before anybody can see it.

    Gives where the former database is kept (SQLite). Raises BackupError; then everything is as it was.
    """
    _ensure_apart(file)
    db.session.remove()
    db.engine.dispose()
    try:
        if is_sqlite():
            return backup_sqlite.restore(file, _sqlite_file(), changes)
        backup_postgresql.restore(file, db.engine, changes)
    except OSError as error:
        raise BackupError(f"{error.filename} cannot be used: {error.strerror}.") from None
    except sqlite3.Error as error:
        raise BackupError(f"The backup could not be restored: {_first_line(error)}.") from None
    return None


def _ensure_apart(file: Path) -> None:
    if is_sqlite() and file.resolve() == _sqlite_file().resolve():
        raise BackupError("This is the database in use. Name another file.")


def _sqlite_file() -> Path:
    return Path(str(db.engine.url.database)).absolute()


def _first_line(error: Exception) -> str:
    # SQL and values may follow.
    return str(error).partition("\n")[0]
