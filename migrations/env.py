"""Run migrations inside the application that `flask db` made."""

from alembic import context
from flask import current_app

extension = current_app.extensions["migrate"]
database = extension.db


def run() -> None:
    """Apply the migrations, each in a transaction of its own."""
    with database.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # Tables are copied and renamed while others point at them. Past SQLAlchemy, which would open a
            # transaction first, in which SQLite ignores this.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(connection=connection, target_metadata=database.metadata, transaction_per_migration=True,
                          **extension.configure_args)  # fmt: skip
        with context.begin_transaction():
            context.run_migrations()
        if connection.dialect.name == "sqlite":
            connection.rollback()
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=ON")


run()
