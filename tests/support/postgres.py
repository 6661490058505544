"""A throw-away PostgreSQL for one test run, on loopback, as fast and as forgetful as it can be."""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import psycopg


class Unavailable(Exception):
    """Say why there is no PostgreSQL here."""


def server_url(kept: Path | None = None) -> str:
    """Give the address of a server to make databases on: TEST_DATABASE_URL, else one started for this run.

    ``kept``: a folder that keeps the databases for the next run. Raises Unavailable.
    """
    given = os.environ.get("TEST_DATABASE_URL")
    return given or _start(kept)


def make_database(server: str, name: str) -> str:
    """Make an empty database on the server and give its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')  # type: ignore[arg-type]
    return ensure_database(server, name)


def ensure_database(server: str, name: str) -> str:
    """Make a database on the server unless there is one of this name, and give its address."""
    with psycopg.connect(server, autocommit=True) as connection:
        if connection.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}" ENCODING UTF8 TEMPLATE template0')  # type: ignore[arg-type]
    return server.rpartition("/")[0] + "/" + name


def _start(kept: Path | None) -> str:
    programs = _programs()
    folder = kept / "postgresql" if kept else Path(tempfile.mkdtemp(prefix="webinars-postgres-"))
    folder.mkdir(parents=True, exist_ok=True)
    prefix, owner = _unprivileged()
    if owner:
        shutil.chown(folder, owner)
    data, port = folder / "data", _free_port()
    if not data.exists():
        subprocess.run(
            [*prefix, programs / "initdb", "-D", data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
    reach = f"-p {port} -c listen_addresses=127.0.0.1 -k {folder} -c max_connections=300"
    options = f"{reach} -c fsync=off -c synchronous_commit=off"
    subprocess.run(
        [*prefix, programs / "pg_ctl", "-D", data, "-o", options, "-w", "-l", folder / "log", "start"],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    how = "fast" if kept else "immediate"
    atexit.register(_stop, [*prefix, programs / "pg_ctl", "-D", data, "-m", how, "stop"], None if kept else folder)
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def _stop(command: list[object], folder: Path | None) -> None:
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)  # type: ignore[arg-type]
    if folder:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"))
    on_path = shutil.which("pg_ctl")
    if not found and not on_path:
        raise Unavailable("PostgreSQL is not installed (apt-get install postgresql), and TEST_DATABASE_URL is not set")
    return found[-1].parent if found else Path(str(on_path)).parent


def _unprivileged() -> tuple[list[str], str | None]:
    """PostgreSQL refuses to run as root; its package brings a user for it."""
    if os.geteuid() != 0:
        return [], None
    try:
        pwd.getpwnam("postgres")
    except KeyError:
        raise Unavailable("running as root, and there is no user postgres to start the server as") from None
    return ["runuser", "-u", "postgres", "--"], "postgres"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
