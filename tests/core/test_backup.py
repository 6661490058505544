"""`flask backup` and `flask restore`."""

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from tests.factories import make_registration, make_webinar
from webinars.core import backup
from webinars.core.clock import utc_now
from webinars.core.database import db, is_sqlite, transaction
from webinars.mail import outbox
from webinars.mail.models import Heartbeat, OutboxControl
from webinars.registration.models import Registration


def run(app, *arguments):
    db.session.remove()
    return app.test_cli_runner().invoke(args=[str(argument) for argument in arguments])


def names():
    db.session.rollback()
    return sorted(db.session.scalars(select(Registration.name)))


def on_hold():
    return db.session.scalar(select(OutboxControl.on_hold))


@pytest.fixture
def file(app, tmp_path):
    """Give a backup that knows Alice, of a database that now knows Bob too."""
    webinar = make_webinar()
    make_registration(webinar, "Alice", question="line\nwith \\ and\ttab")
    file = tmp_path / "backup"
    result = run(app, "backup", file)
    assert result.exit_code == 0, result.output
    assert "verified" in result.output
    make_registration(make_webinar(), "Bob")
    return file


def test_backup_is_private_and_alone_in_its_folder(file):
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in file.parent.iterdir()] == ["backup"]


def test_backup_replaces_an_earlier_one_only_when_whole(app, file, monkeypatch):
    before = file.read_bytes()
    monkeypatch.setattr(os, "fsync", _full)
    result = run(app, "backup", file)
    assert result.exit_code == 1
    assert file.read_bytes() == before
    assert [one.name for one in file.parent.iterdir()] == ["backup"]


def _full(_handle):
    raise OSError(28, "No space left on device")


def test_restore_brings_back_what_was_and_holds_mail(app, file):
    assert names() == ["Alice", "Bob"]
    result = run(app, "restore", file)
    assert result.exit_code == 0, result.output
    assert "flask outbox release" in result.output
    assert "flask db upgrade" not in result.output
    assert names() == ["Alice"]
    assert db.session.scalars(select(Registration)).one().question == "line\nwith \\ and\ttab"
    assert on_hold()
    # Numbers go on where they were, and everything can be written.
    make_registration(make_webinar(), "Charlie")
    assert names() == ["Alice", "Charlie"]


def test_restore_refuses_while_a_worker_beats_unless_forced(app, file):
    with transaction() as session:
        session.add(Heartbeat(worker="w", beat_at=utc_now() - timedelta(seconds=60)))
    refused = run(app, "restore", file)
    assert refused.exit_code == 1
    assert "--force" in refused.output
    assert names() == ["Alice", "Bob"] and not on_hold()
    assert run(app, "restore", "--force", file).exit_code == 0
    assert names() == ["Alice"]


def test_restore_forgives_a_worker_that_is_long_gone(app, file):
    with transaction() as session:
        session.add(Heartbeat(worker="w", beat_at=utc_now() - timedelta(seconds=180)))
    assert run(app, "restore", file).exit_code == 0


def test_restore_of_something_else_changes_nothing(app, file, tmp_path):
    other = tmp_path / "other"
    other.write_text("name,email\n")
    foreign = tmp_path / "foreign"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE shoes (size)")
    for wrong in (other, foreign):
        result = run(app, "restore", wrong)
        assert result.exit_code == 1
        assert "backup of" in result.output or "another program" in result.output
    assert names() == ["Alice", "Bob"] and not on_hold()


def test_damaged_backup_changes_nothing(app, file):
    content = bytearray(file.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 6000] = b"\xff" * 6000
    file.write_bytes(content[: len(content) - 3000])
    result = run(app, "restore", file)
    assert result.exit_code == 1, result.output
    assert result.output.startswith("Error: ") and len(result.output.splitlines()) == 1
    assert names() == ["Alice", "Bob"] and not on_hold()


def test_counts_are_of_every_table(app, file, tmp_path):
    db.session.remove()
    counts = backup.back_up(tmp_path / "second")
    assert counts["registrations"] == 2 and counts["webinars"] == 2 and counts["outbox_control"] == 1


def test_sqlite_backup_under_writers_is_of_one_instant(app, tmp_path):
    if not is_sqlite():
        pytest.skip("PostgreSQL's snapshots are its own business")
    path = str(db.engine.url.database)
    script = (
        "import sqlite3, sys, time\n"
        "c = sqlite3.connect(sys.argv[1], timeout=15, isolation_level=None)\n"
        "end = time.monotonic() + 1.0\n"
        "while time.monotonic() < end:\n"
        "    c.execute(\"INSERT INTO heartbeats VALUES (hex(randomblob(9)), '2026-01-01 00:00:00')\")\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", script, path])
    try:
        for number in range(5):
            backup.back_up(tmp_path / f"b{number}")
    finally:
        assert writer.wait() == 0
    assert not list(tmp_path.glob(".*"))


def test_sqlite_restore_refuses_while_somebody_has_the_database_open(app, file):
    if not is_sqlite():
        pytest.skip("PostgreSQL locks for itself")
    path = str(db.engine.url.database)
    with sqlite3.connect(path) as reader:
        reader.execute("SELECT count(*) FROM registrations").fetchone()
        result = run(app, "restore", "--force", file)
    reader.close()
    assert result.exit_code == 1
    assert "Stop the web server" in result.output
    assert names() == ["Alice", "Bob"]


def test_sqlite_restore_keeps_the_former_database_beside(app, file):
    if not is_sqlite():
        pytest.skip("only files are kept")
    result = run(app, "restore", file)
    kept = str(db.engine.url.database) + ".before-restore"
    assert kept in result.output
    with sqlite3.connect(kept) as former:
        assert former.execute("SELECT count(*) FROM registrations").fetchone() == (2,)
    former.close()


def test_sqlite_database_in_use_is_no_place_for_a_backup(app):
    if not is_sqlite():
        pytest.skip("only files can be mixed up")
    result = run(app, "backup", db.engine.url.database)
    assert result.exit_code == 1
    assert "database in use" in result.output


def test_postgresql_restore_clears_what_the_backup_does_not_know(app, file):
    if is_sqlite():
        pytest.skip("SQLite swaps the file")
    with transaction() as session:
        session.execute(text("CREATE TABLE later (id integer)"))
        session.execute(text("CREATE FUNCTION later_too() RETURNS int LANGUAGE sql AS 'SELECT 1'"))
    assert run(app, "restore", file).exit_code == 0
    assert db.session.scalar(text("SELECT to_regclass('later') IS NULL"))
    assert db.session.scalar(text("SELECT count(*) FROM pg_proc WHERE proname = 'later_too'")) == 0


def test_postgresql_restore_that_fails_half_way_changes_nothing(app, file):
    if is_sqlite():
        pytest.skip("about psql")
    with pytest.raises(backup.BackupError, match="psql failed"):
        backup.restore(file, [outbox.HOLD.where(text("no_such_column = 1"))])
    assert names() == ["Alice", "Bob"]


def test_postgresql_programs_that_are_missing_are_named(app, tmp_path, monkeypatch):
    if is_sqlite():
        pytest.skip("SQLite needs no programs")
    monkeypatch.setenv("PATH", str(tmp_path))
    result = run(app, "backup", tmp_path / "b")
    assert result.exit_code == 1
    assert "pg_dump is not installed" in result.output
    assert not list(tmp_path.iterdir())
