"""Freshly migrated databases: migrated once a run, then emptied (PostgreSQL) or copied (SQLite) before each test."""

import shutil
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from flask import Flask

from webinars.core.database import db


class SqliteDatabase:
    """One SQLite file, replaced by a copy of the migrated one before each test."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "test.sqlite"
        self._template = folder / "template.sqlite"
        self.url = f"sqlite:///{self.file}"

    def migrate(self, app: Flask) -> None:
        """Migrate, and keep a copy."""
        with app.app_context():
            flask_migrate.upgrade()
            db.session.remove()
            with db.engine.connect() as connection:
                connection.exec_driver_sql("ROLLBACK")
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            db.engine.dispose()
        shutil.copy(self.file, self._template)

    def reset(self, app: Flask) -> None:
        """Give the next test an empty database."""
        with app.app_context():
            db.session.remove()
            db.engine.dispose()
        # Not the queue beside it, which a thread of the test before may be opening.
        for leftover in ("test.sqlite", "test.sqlite-wal", "test.sqlite-shm"):
            (self.file.parent / leftover).unlink(missing_ok=True)
        shutil.copy(self._template, self.file)


class PostgresDatabase:
    """One PostgreSQL database, emptied before each test."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._empty = ""

    def migrate(self, app: Flask) -> None:
        """Migrate, and remember which tables to empty, those that point to others first."""
        kept = {"alembic_version", "outbox_control", "roles"}
        with app.app_context():
            flask_migrate.upgrade()
            ours = [table.name for table in reversed(db.metadata.sorted_tables)]
            names = [*ours, *(name for name in sa.inspect(db.engine).get_table_names() if name not in ours)]
        # For the few rows of a test many times faster than TRUNCATE, which writes new files.
        self._empty = "; ".join(f'DELETE FROM "{name}"' for name in names if name not in kept)

    def reset(self, app: Flask) -> None:
        """Give the next test an empty database."""
        released = "UPDATE outbox_control SET on_hold = false, paused_until = NULL, pause_step = 0, next_bulk_at = NULL"
        again = "SELECT setval(seqrelid, 1, false) FROM pg_sequence WHERE seqrelid::regclass::text <> 'roles_id_seq'"
        with app.app_context():
            db.session.remove()
            with db.engine.begin() as connection:
                connection.exec_driver_sql(f"{self._empty}; {released}; {again}")
