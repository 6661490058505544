"""Commands about mail: the outbox and the worker."""

import dataclasses
import json
from datetime import datetime

import click
from flask import current_app
from flask.cli import AppGroup

from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.mail import checks, flow, queries, service
from webinars.mail.letters import Chores, Derive, Prepare
from webinars.mail.worker import run_worker

outbox_commands = AppGroup("outbox", help="Letters that are owed: how they are doing, hold them, try them again.")


@outbox_commands.command("status")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def status(as_json: bool) -> None:
    """Say how many letters wait, are retried, failed, how fast they leave, and what is missing or stuck."""
    now = utc_now()
    current = flow.flow(now)
    facts = dataclasses.asdict(queries.status(now)) | {
        "sent_last_minute": current.last_minute,
        "sent_last_five_minutes": current.last_five,
        "workers": current.workers,
    }
    found = checks.findings(now)
    facts |= found.figures
    if as_json:
        click.echo(json.dumps(facts, default=datetime.isoformat))
        return
    for name, value in facts.items():
        click.echo(f"{name.replace('_', ' ')}: {_plain(value)}")
    for sentence in found.sentences:
        click.echo(sentence)


@outbox_commands.command("retry")
@click.argument("ids", nargs=-1, type=int)
def retry(ids: tuple[int, ...]) -> None:
    """Try again now what waits for its next attempt; with IDS also letters that failed."""
    with transaction():
        count = service.try_again(utc_now(), ids)
    click.echo(f"{count} letters are tried again now.")


@outbox_commands.command("hold")
def hold() -> None:
    """Stop sending; letters owed in the meantime wait."""
    with transaction():
        service.hold(utc_now())
    click.echo("Mail is on hold. Release it with: flask outbox release")


@outbox_commands.command("release")
def release() -> None:
    """Send again."""
    with transaction():
        service.release(utc_now())
    click.echo("Mail goes out again.")


def work(prepare: Prepare, derive: Derive, *chores: Chores) -> None:
    """Send what is owed until stopped (the body of `flask worker`)."""
    run_worker(current_app._get_current_object(), prepare, derive, *chores)  # type: ignore[attr-defined]


def _plain(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return "-" if value is None else str(value)
