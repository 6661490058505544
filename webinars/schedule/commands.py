"""`flask zones`: after an update of the time-zone rules."""

import click
from flask.cli import AppGroup

from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.schedule import service

zones = AppGroup("zones", help="Time zones: derive starts again after their rules were updated.")


@zones.command("update")
def update() -> None:
    """Derive the instants of all webinars ahead again from their local times; a difference is told as a move.

    Exits 1 when a webinar's local time or zone no longer exists: a person has to choose another.
    """
    with transaction():
        outcome = service.rederive_instants(utc_now())
        moved = [f"{one.slug}: now {one.starts_at.isoformat(timespec='minutes')}" for one in outcome.moved]
        unresolved = [f"{one.slug}: {one.local_start} in {one.time_zone}" for one in outcome.unresolved]
    click.echo(f"moved: {len(moved)}")
    for line in moved:
        click.echo(f"  {line}")
    click.echo(f"unresolved: {len(unresolved)}")
    for line in unresolved:
        click.echo(f"  {line} does not exist; choose another on its staff page")
    raise SystemExit(1 if unresolved else 0)
