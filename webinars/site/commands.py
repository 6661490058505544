"""`flask privacy`, `flask backup`, `flask restore`."""

import dataclasses
import json
from datetime import datetime
from pathlib import Path

import click
from flask.cli import AppGroup, with_appcontext

from webinars.core import backup
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.http import current_settings
from webinars.core.migrations import pending_migrations
from webinars.mail import outbox
from webinars.site import health
from webinars.site import privacy as people

privacy = AppGroup("privacy", help="What a person may ask for: everything held about an address, and its erasure.")
_FILE = click.Path(dir_okay=False, path_type=Path)
_EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@privacy.command("erase")
@click.argument("email")
def erase(email: str) -> None:
    """Erase everything held about EMAIL; freed seats go to the next in line."""
    with transaction():
        erased = people.erase(email, utc_now())
    for kind, count in dataclasses.asdict(erased).items():
        click.echo(f"{kind}: {count}")
    click.echo("Backups made before still hold it, until they are deleted.")


@privacy.command("export")
@click.argument("email")
def export(email: str) -> None:
    """Print everything held about EMAIL as JSON."""
    click.echo(json.dumps(people.held(email), default=datetime.isoformat, ensure_ascii=False, indent=2))


@click.command("backup")
@click.argument("file", type=_FILE)
@with_appcontext
def backup_command(file: Path) -> None:
    """Write a verified copy of the database to FILE; the service may run meanwhile."""
    try:
        counts = backup.back_up(file)
    except UserError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{sum(counts.values())} rows of {len(counts)} tables are in {file}, verified.")
    media = "the bucket of MEDIA_STORE_URL" if current_settings().media_store_url else "MEDIA_ROOT"
    click.echo(f"Keep {media} and SECRET_KEY too: videos, and links in letters, depend on them.")


@click.command("restore")
@click.argument("file", type=_EXISTING)
@click.option("--force", is_flag=True, help="Also when a worker was seen within the last two minutes.")
@with_appcontext
def restore_command(file: Path, force: bool) -> None:
    """Replace the database by the backup FILE, with mail on hold. Stop web server and workers first."""
    if not force and health.worker_was_seen(utc_now()):
        raise click.ClickException(
            "A worker was seen within the last two minutes. Stop web server and workers. If they are stopped: --force"
        )
    try:
        kept = backup.restore(file, [outbox.HOLD])
    except UserError as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"{file} is restored. Mail is on hold, so that nobody gets old letters again.")
    if kept:
        click.echo(f"The former database is kept as {kept}; delete it when all is well.")
    if pending_migrations():
        click.echo("It is older than the program: run flask db upgrade before starting anything.")
    click.echo("Look at flask outbox status, then let mail go with: flask outbox release")
