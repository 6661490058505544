"""Database access for SQLite and PostgreSQL: naming, UTC instants, pragmas, and the one write transaction."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_babel import gettext as _
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, DateTime, Dialect, Integer, MetaData, event
from sqlalchemy.exc import DisconnectionError, InvalidRequestError
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

from webinars.core.errors import NotFound
from webinars.core.sockets import has_input

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

#: SQLite numbers rows by itself only for INTEGER keys
BigKey = BigInteger().with_variant(Integer, "sqlite")
#: numbers beyond it are nobody's: the smallest of the keys takes no more, and no table comes near it
LARGEST_KEY = 2**31 - 1


class UtcInstant(TypeDecorator[datetime]):
    """Stores aware instants in UTC and refuses naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Turn an aware instant into UTC; raises ValueError for a naive one."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the instant back aware, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Names every constraint, so that migrations can speak of it on both databases."""

    metadata = MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=Base, disable_autonaming=True)
# Flask-SQLAlchemy makes its own base class out of ours and refuses a type map written in the class body.
db.Model.registry.update_type_annotation_map({datetime: UtcInstant})  # type: ignore[attr-defined]
if TYPE_CHECKING:
    # Type checkers cannot see the base class that Flask-SQLAlchemy makes.
    Model = Base
else:
    Model = db.Model


def is_sqlite() -> bool:
    """Say whether the current application runs on SQLite."""
    return db.engine.dialect.name == "sqlite"


_AUTOCOMMIT = {"isolation_level": "AUTOCOMMIT"}


def read_alone() -> None:
    """Read without a transaction around it, unless one has begun; called first in pages that only read.

    Each statement sees what is committed, as it would on PostgreSQL anyway. What is saved there is the ROLLBACK at the
    end: it makes the driver forget its prepared statements, and planning them anew costs more than running them.
    """
    if not is_sqlite() and not db.session().in_transaction():
        db.session.connection(execution_options=_AUTOCOMMIT)


@contextmanager
def reading() -> Iterator[Session]:
    """Read apart from the current session; what was read stays usable afterwards, detached."""
    with Session(db.engine) as session:
        if not is_sqlite():
            session.connection(execution_options=_AUTOCOMMIT)
        yield session


@contextmanager
def transaction(*, durable: bool = True) -> Iterator[Session]:
    """Open the one write transaction of a request, command or job: commit at the end, roll back on any exception.

    On SQLite it takes the write lock at the start (BEGIN IMMEDIATE): a transaction that read first and wrote later
    could not wait for another writer, only fail. One that is not durable commits without waiting for the disk: a killed
    process loses nothing by it, a power cut may (the books of delivery).
    """
    session: Session = db.session()
    session.rollback()
    session.connection(execution_options={"write": True, "durable": durable})
    try:
        yield session
        session.commit()
    except BaseException:
        session.rollback()
        raise


def lock(thing: Model) -> None:
    """Hold the row of a thing until the transaction ends, with its present values: others decide on them too.

    Raises NotFound when it was deleted since it was read.
    """
    # What cannot be written is another matter than what is gone.
    db.session.flush()
    try:
        # Its parents may be joined: PostgreSQL locks no optional side of a join.
        db.session.refresh(thing, with_for_update={"of": type(thing)})
    except InvalidRequestError:
        raise NotFound(_("This is not there any more: somebody deleted it meanwhile.")) from None


def init_database(app: Flask) -> None:
    """Bind the database to the application and make a new SQLite file private."""
    db.init_app(app)
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        _create_private_file(str(engine.url.database))
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    else:
        event.listen(engine, "begin", _relax)
        event.listen(engine, "checkout", _refuse_dead)


def _create_private_file(path: str) -> None:
    Path(path).absolute().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def _set_pragmas(connection: Any, record: Any) -> None:
    # The driver must not begin transactions by itself: _begin does, with the right kind of lock.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=15000",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-20000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def spare_memory() -> None:
    """Keep few pages of an SQLite database in memory from now on: for a process that needs each row once."""
    if is_sqlite():
        event.listen(db.engine, "connect", lambda connection, _record: connection.execute("PRAGMA cache_size=-4000"))
        db.engine.dispose()


def _begin(connection: Any) -> None:
    options = connection.get_execution_options()
    durable = options.get("durable", True)
    if connection.info.get("durable", True) != durable:
        # SQLite refuses to change it inside a transaction.
        connection.exec_driver_sql(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        connection.info["durable"] = durable
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("write") else "BEGIN")


def _relax(connection: Any) -> None:
    if not connection.get_execution_options().get("durable", True):
        connection.exec_driver_sql("SET LOCAL synchronous_commit = off")


def _refuse_dead(connection: Any, _record: Any, _proxy: Any) -> None:
    """Have the pool replace a connection whose server went away.

    An idle one has nothing to say: what can be read from it is its end. Asking the server would cost every request.
    """
    if connection.closed or has_input(connection.fileno()):
        raise DisconnectionError


def engine_options(database_url: str) -> dict[str, Any]:
    """Choose pool settings for the database; a silent network shows within minutes that the other end is gone."""
    # Errors must not quote names and addresses.
    private = {"hide_parameters": True}
    if database_url.startswith("sqlite"):
        return private
    watched = {"keepalives_idle": 60, "keepalives_interval": 10, "keepalives_count": 3}
    return private | {"connect_args": watched, "pool_size": 8, "max_overflow": 8, "pool_recycle": 1800}
