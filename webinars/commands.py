"""The flask commands, a few lines each."""

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

import click
from flask import Flask, current_app

from webinars.accounts import letters as staff_letters
from webinars.accounts.commands import staff
from webinars.api.commands import api_token
from webinars.archive import search_pieces
from webinars.archive.commands import media_commands
from webinars.archive.processing import earlier
from webinars.archive.processing import work as recordings
from webinars.archive.speech import work as speech
from webinars.archive.uploads import work as uploads
from webinars.core.audience import audience_of
from webinars.core.http import current_settings
from webinars.demo.commands import demo, start
from webinars.mail.commands import outbox_commands, work
from webinars.mail.inbound.commands import inbound
from webinars.mail.letters import Letter, NotSent
from webinars.mail.models import Message
from webinars.notices import derive, prepare
from webinars.registration import deadlines, waves
from webinars.registration.commands import registrations
from webinars.registration.exchange import work as imports
from webinars.schedule.commands import zones
from webinars.site import production, retention
from webinars.site.commands import backup_command, privacy, restore_command
from webinars.staff.numbers import work as numbers
from webinars.staff.readiness import digests

#: the notice of letters to staff
STAFF_LETTER = "staff-letter"


def init_commands(app: Flask) -> None:
    """Offer the commands."""
    commands: tuple[click.Command, ...] = (
        worker, pages, check, demo, start, outbox_commands, inbound, staff, api_token,
        registrations, privacy, backup_command, restore_command, zones, media_commands,
    )  # fmt: skip
    for command in commands:
        app.cli.add_command(command)


@click.command("worker")
def worker() -> None:
    """Send what is owed, until stopped. Any number of workers may run, on any number of machines."""
    production.refuse_to_start_unfit()
    chores = (
        imports.go_on, recordings.go_on, speech.go_on, uploads.go_on, search_pieces.go_on, numbers.go_on,
    )  # fmt: skip
    work(_prepare, _derive, *chores)


def _prepare(messages: Sequence[Message], now: datetime) -> list[Callable[[], Letter | NotSent]]:
    others = [message for message in messages if message.notice != STAFF_LETTER]
    prepared = iter(prepare.prepare(others, now))
    return [
        partial(_staff_letter, message, now) if message.notice == STAFF_LETTER else next(prepared)
        for message in messages
    ]


def _staff_letter(message: Message, now: datetime) -> Letter | NotSent:
    return (digests if digests.is_digest(message) else staff_letters).prepare(message, now)


def _derive(now: datetime) -> None:
    # Here the worker holds no transaction, so that it sees what was set in the browser.
    current_settings()
    deadlines.pass_on(now)
    derive.derive_due(now)
    digests.derive_due(now)
    retention.enforce_now_and_then(now)
    waves.notice_now_and_then(now)
    earlier.ask_now_and_then(now)


@click.command("pages")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def pages(as_json: bool) -> None:
    """List every route: methods, who may enter, whether it changes state."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]
    rows = [
        {
            "path": rule.rule,
            "methods": sorted((rule.methods or set()) - {"OPTIONS"}),
            "endpoint": rule.endpoint,
            "audience": audience_of(app, rule.endpoint).name.lower(),
            "changes_state": bool((rule.methods or set()) - {"GET", "HEAD", "OPTIONS"}),
        }
        for rule in sorted(app.url_map.iter_rules(), key=lambda rule: rule.rule)
    ]
    if as_json:
        click.echo(json.dumps(rows, indent=1))
        return
    for row in rows:
        click.echo(f"{row['audience']:8} {','.join(row['methods']):16} {row['path']}")


@click.command("check")
def check() -> None:
    """Say whether this installation is fit for production, and what is missing."""
    problems = production.problems()
    for problem in problems:
        click.echo(f"- {problem}")
    click.echo("Fit for production." if not problems else f"{len(problems)} to mend before this is public.")
    raise SystemExit(1 if problems else 0)
