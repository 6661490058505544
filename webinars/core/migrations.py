"""Migrations: where they live and which tables they leave alone."""

from pathlib import Path
from typing import Any

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask_migrate import Migrate

from webinars.core.database import db

#: tables that the queue engine or full-text search make for themselves
FOREIGN_TABLES = ("huey_", "search_", "sqlite_")


def include_name(name: str | None, type_: str, parents: Any) -> bool:
    """Say whether migrations look after a table."""
    return not (type_ == "table" and name is not None and name.startswith(FOREIGN_TABLES))


def pending_migrations() -> bool:
    """Say whether the database is behind the code."""
    folder = current_app.extensions["migrate"].directory
    config = Config()
    config.set_main_option("script_location", str(folder))
    newest = set(ScriptDirectory.from_config(config).get_heads())
    with db.engine.connect() as connection:
        present = set(MigrationContext.configure(connection).get_current_heads())
    return present != newest


def init_migrations(app: Flask, folder: Path) -> None:
    """Offer `flask db`."""
    Migrate(app, db, directory=str(folder), render_as_batch=True, include_name=include_name, compare_type=True)
