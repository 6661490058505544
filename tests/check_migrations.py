"""Migrations on both databases: up, equal to the models, down to nothing, and up again. Run by `make check`."""

import os
import sys
import tempfile
from pathlib import Path

import flask_migrate
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from config import settings_from
from tests.support import postgres
from webinars import create_app
from webinars.core.database import db
from webinars.core.migrations import include_name


def main() -> int:
    """Check each database there is; give the exit code."""
    with tempfile.TemporaryDirectory(prefix="webinars-migrations-") as folder:
        problems = check(f"sqlite:///{folder}/check.sqlite", Path(folder))
        try:
            problems += check(postgres.make_database(postgres.server_url(), "webinars_migrations"), Path(folder))
        except postgres.Unavailable as reason:
            print(f"MIGRATIONS ON POSTGRESQL ARE NOT CHECKED: {reason}")
            problems += [str(reason)] if os.environ.get("CI") == "true" else []
    for problem in problems:
        print(problem)
    print("migrations: " + ("1 failed" if problems else "up, down and up again on every database; models equal"))
    return 1 if problems else 0


def check(url: str, folder: Path) -> list[str]:
    """Migrate a database up, down and up; give what is wrong."""
    app = create_app(settings_from({"DATABASE_URL": url, "SECRET_KEY": "0123456789abcdef" * 2}, folder))
    with app.app_context():
        flask_migrate.upgrade()
        problems = [f"{db.engine.dialect.name}: models differ: {difference}" for difference in _differences()]
        flask_migrate.downgrade(revision="base")
        left = set(sa.inspect(db.engine).get_table_names()) - {"alembic_version"}
        problems += [f"{db.engine.dialect.name}: downgrading leaves {', '.join(sorted(left))}"] if left else []
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()
    return problems


def _differences() -> list[object]:
    with db.engine.connect() as connection:
        options = {"include_name": include_name, "compare_type": False}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), db.metadata))


if __name__ == "__main__":
    sys.exit(main())
