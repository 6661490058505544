"""`flask demo` and `flask start`."""

import sys
from datetime import datetime

import click
import flask_migrate
from rich.console import Console
from rich.progress import Progress

from webinars.accounts import service as accounts
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.http import current_settings
from webinars.demo import doings, large, launcher, load
from webinars.staff.numbers import work as numbers


@click.command("demo")
@click.option("--webinars", default=0, help="Make this many webinars more.")
@click.option("--registrations", default=0, help="Make this many registrations, spread over them.")
@click.option("--videos", default=0, help="Make this many videos more.")
@click.option("--seed", default=1, help="The same seed makes the same programme.")
def demo(webinars: int, registrations: int, videos: int, seed: int) -> None:
    """Fill an empty database with the demonstration content."""
    amounts = large.Amounts(webinars, registrations, videos)
    with transaction():
        if not load.is_empty():
            click.echo("There is content already; nothing was changed.")
            return
        load.load(utc_now(), seed)
        _fill(amounts, seed)
    # What is ahead or was last, so that there is something to see before a worker runs; the rest is a worker's.
    numbers.go_on(lambda: False)
    click.echo("The demonstration content is loaded.")


def _fill(amounts: large.Amounts, seed: int) -> None:
    total = amounts.webinars + amounts.registrations + amounts.videos
    if not total:
        return
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Making a large programme", total=total)
        large.fill(amounts, seed, utc_now(), lambda count: progress.advance(task, count))


@click.command("start")
def start() -> None:
    """Start everything on this machine: database, demonstration content, mailbox, worker, web server."""
    settings = current_settings()
    runner = launcher.Launcher(settings)
    try:
        launcher.ensure_ports_free(settings, runner.own_mailbox)
        flask_migrate.upgrade()
        _ensure_content()
        code = runner.run()
    except launcher.CannotStart as problem:
        click.echo(str(problem), err=True)
        code = 1
    raise SystemExit(code)


def _ensure_content() -> None:
    now = utc_now()
    with transaction():
        if load.is_empty():
            click.echo("Loading the demonstration content …")
            load.load(now)
        load.ensure_soon(now)
        ensure_staff(now)


def ensure_staff(now: datetime) -> None:
    """Let in the two whom the banner names, each unless they are there, and give them their webinars."""
    password = launcher.owner_password(current_settings())
    owner = accounts.find_user(launcher.OWNER_EMAIL)
    owner = owner or accounts.add_user(launcher.OWNER_EMAIL, "owner", password, now)
    if not accounts.find_user(launcher.HOST_EMAIL):
        doings.assign(owner, accounts.add_user(launcher.HOST_EMAIL, "host", password, now))
