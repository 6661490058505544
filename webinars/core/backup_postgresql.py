"""Dumping and restoring with PostgreSQL's own programs."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from webinars.core.backup_checks import BackupError, ensure_equal, ensure_kind, ensure_ours, plain_sql
from webinars.core.logs import scrub

_MAGIC = b"PGDMP"
#: drops what migrations made, also what the backup does not know of; waits some seconds for who is using it
_EMPTY = b"""
SET lock_timeout = '15s';
SET client_min_messages = warning;
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE 'DROP TABLE public.' || one || ' CASCADE';
  END LOOP;
  FOR one IN SELECT oid::regprocedure FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prokind = 'f'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e') LOOP
    EXECUTE 'DROP FUNCTION ' || one || ' CASCADE';
  END LOOP;
END $$;
"""


def dump_into(file: Path, engine: sa.Engine) -> dict[str, int]:
    """Dump a database as it is at one instant, count the dump's rows, and give their number by table.

    Raises BackupError, sqlalchemy's DBAPIError.
    """
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        counts = _count_rows(connection)
        snapshot = connection.scalar(sa.text("SELECT pg_export_snapshot()"))
        arguments = ("--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={file}")
        with _running("pg_dump", *arguments, reach=engine.url):
            pass
    ensure_equal(counts, _count_dumped(file))
    return counts


def restore(file: Path, engine: sa.Engine, changes: Sequence[sa.Update]) -> None:
    """Fill the database anew from a dump; all of it becomes visible at one instant, or nothing does.

    Raises BackupError, OSError.
    """
    ensure_kind(file, _MAGIC, "a PostgreSQL")
    with _running("pg_restore", "--list", str(file), output=True) as listing:
        ensure_ours({_table_of(line) for line in listing})
    script = ("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1", "--file=-")
    with _running("psql", *script, reach=engine.url, takes_input=True) as session:
        session.write(_EMPTY)
        dump = ("--clean", "--if-exists", "--no-owner", "--file=-", str(file))
        with _running("pg_restore", *dump, output=True) as statements:
            shutil.copyfileobj(statements, session)
        # The dump leaves an empty search path behind.
        session.write(b"\nSET search_path = public;\n")
        for change in changes:
            session.write(f"{plain_sql(change, postgresql.dialect())};\n".encode())


def _count_rows(connection: sa.Connection) -> dict[str, int]:
    names = sa.inspect(connection).get_table_names(schema="public")
    return {name: connection.scalar(sa.text(f'SELECT count(*) FROM public."{name}"')) or 0 for name in names}


def _count_dumped(file: Path) -> dict[str, int]:
    """Count the rows of a dump by reading all of it, as a restore would."""
    counts: dict[str, int] = {}
    table = None
    with _running("pg_restore", "--data-only", "--schema=public", "--file=-", str(file), output=True) as lines:
        for line in lines:
            if table is None and line.startswith(b"COPY ") and line.endswith(b" FROM stdin;\n"):
                table = line.split()[1].decode().rpartition(".")[2].strip('"')
                counts[table] = 0
            elif line == b"\\.\n":
                table = None
            elif table is not None:
                counts[table] += 1
    return counts


def _table_of(line: bytes) -> str:
    """Give the table that a line of a dump's table of contents speaks of, or nothing."""
    words = line.decode(errors="replace").split()
    return words[5] if len(words) > 5 and words[3:5] == ["TABLE", "public"] else ""


@contextmanager
def _running(
    program: str, *arguments: str, reach: sa.URL | None = None, output: bool = False, takes_input: bool = False
) -> Iterator[IO[bytes]]:
    """Run one of PostgreSQL's programs around a block, and give the end of its pipe.

    It is killed when the block fails: psql has then committed nothing. Raises BackupError with its own words.
    """
    path = shutil.which(program)
    if path is None:
        raise BackupError(
            f"{program} is not installed. It comes with PostgreSQL's client programs (postgresql-client)."
        )
    where, environment = _address(reach)
    with tempfile.TemporaryFile() as words:
        process = subprocess.Popen(
            [path, *arguments, *where],
            env=environment,
            stdin=subprocess.PIPE if takes_input else subprocess.DEVNULL,
            stdout=subprocess.PIPE if output else subprocess.DEVNULL,
            stderr=words,
        )
        try:
            yield process.stdin or process.stdout or words
            if process.stdin:
                process.stdin.close()
        except BaseException as fault:
            # A psql that ended before its input did says why; everything else must not go on without us.
            if not (takes_input and isinstance(fault, BrokenPipeError)):
                process.kill()
                raise
        finally:
            process.wait()
            _close(process)
        if process.returncode:
            raise BackupError(f"{program} failed: {_complaint(words)}")


def _close(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        with suppress(BrokenPipeError):
            if pipe:
                pipe.close()


def _address(url: sa.URL | None) -> tuple[list[str], dict[str, str]]:
    """Give the argument and the environment with which a program reaches the database.

    The password travels in the environment, since every user of the machine can read arguments.
    """
    if url is None:
        return [], dict(os.environ)
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    return ["--no-password", f"--dbname={address}"], os.environ | (
        {"PGPASSWORD": str(url.password)} if url.password else {}
    )


def _complaint(words: IO[bytes]) -> str:
    """Give the first line in which a program names an error; further ones may quote rows."""
    words.seek(0)
    lines = words.read(20_000).decode(errors="replace").splitlines()
    errors = [line for line in lines if "error" in line.lower()]
    return scrub((errors or lines or ["it said nothing"])[0])[:300]
