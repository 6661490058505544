"""What a backup has to pass before anybody relies on it."""

from collections.abc import Mapping, Set
from pathlib import Path

import sqlalchemy as sa

from webinars.core.errors import UserError

#: a database of ours has these
_OURS = {"alembic_version", "registrations"}


class BackupError(UserError):
    """Say why there is no backup, or why nothing was restored."""


def ensure_kind(file: Path, magic: bytes, kind: str) -> None:
    """Check how a file begins; raises BackupError, OSError."""
    with file.open("rb") as opened:
        start = opened.read(len(magic))
    if start != magic:
        raise BackupError(f"{file} is not a backup of {kind} database.")


def ensure_ours(tables: Set[str]) -> None:
    """Check that a file holds this service's tables; raises BackupError."""
    if not tables >= _OURS:
        raise BackupError("The file holds another program's database.")


def ensure_equal(counts: Mapping[str, int], copied: Mapping[str, int]) -> None:
    """Compare the numbers of rows by table; raises BackupError."""
    wrong = sorted(name for name in counts if counts[name] != copied.get(name))
    if wrong:
        raise BackupError(f"The copy does not hold the same rows as the original: {', '.join(wrong)}.")


def plain_sql(change: sa.Update, dialect: sa.Dialect) -> str:
    """Write a statement out with its values, for what takes only text."""
    return str(change.compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
