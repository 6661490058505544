"""`flask registrations`: whole lists of them in and out."""

from collections.abc import Iterable
from pathlib import Path

import click
from flask.cli import AppGroup

from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.files import appearing
from webinars.core.progress import progress
from webinars.registration import exchange
from webinars.registration.exchange import Row, Tally
from webinars.schedule.models import Webinar
from webinars.schedule.queries import find_webinar

registrations = AppGroup("registrations", help="Registrations of a webinar as a CSV file: import, export.")


@registrations.command("import")
@click.argument("webinar")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--no-letters", is_flag=True, help="Owe nobody a confirmation: they were told by other means.")
def import_(webinar: str, file: Path, dry_run: bool, no_letters: bool) -> None:
    """Enter everybody in FILE for WEBINAR (the last part of its address), or nobody if a row is bad.

    FILE is CSV in UTF-8; its first line names the columns: name, email, and any of phone, mode, time_zone, language,
    discreet, question. Whoever is registered already keeps their place. On SQLite nobody else can register meanwhile,
    a few seconds for each thousand rows; the dry run too.
    """
    try:
        found = _webinar(webinar)
        exchange.ensure_takes_people(found)
        checked = _check(file, found)
        tally = checked if checked.bad else _enter(file, webinar, checked.rows, dry_run, letters=not no_letters)
    except UserError as error:
        raise click.ClickException(str(error)) from None
    if tally.bad:
        click.echo(f"{tally.bad} of {tally.rows} rows are bad. Nothing was written.")
        raise SystemExit(1)
    _say(tally, dry_run, letters=not no_letters)


def _check(file: Path, webinar: Webinar) -> Tally:
    """Look through the whole file before anybody has to wait for it, and print what is wrong."""
    tally = Tally()
    for row in exchange.read(file, webinar):
        tally.rows += 1
        if row.problems:
            tally.bad += 1
            _report(row)
    return tally


def _enter(file: Path, slug: str, rows: int, dry_run: bool, letters: bool) -> Tally:
    now = utc_now()
    with transaction() as session, progress("Rows", rows) as advance:
        webinar = _webinar(slug)
        found = exchange.read(file, webinar)
        tally = exchange.enter(found, webinar, now, letters=letters, report=_report, advance=advance)
        if dry_run or tally.bad:
            session.rollback()
    return tally


def _report(row: Row) -> None:
    click.echo(f"line {row.line}: {'; '.join(row.problems)}")


def _say(tally: Tally, dry_run: bool, letters: bool) -> None:
    click.echo(f"{tally.rows} rows, all good." + (" Dry run: nothing was written." if dry_run else ""))
    for state, count in tally.new.items():
        click.echo(f"  new, {state}: {count}")
    if tally.known:
        click.echo(f"  known already: {tally.known} (they keep their place; whoever had cancelled comes back)")
    if letters and not dry_run:
        click.echo("Confirmations are owed; flask worker sends them.")


@registrations.command("export")
@click.argument("webinar")
@click.option("--output", default="-", show_default=True, help="A file to write; - is standard output.")
def export(webinar: str, output: str) -> None:
    """Write all registrations of WEBINAR (the last part of its address) as CSV, in order of arrival."""
    try:
        parts = exchange.csv_of(_webinar(webinar))
    except UserError as error:
        raise click.ClickException(str(error)) from None
    if output != "-":
        _write(Path(output), parts)
        return
    for part in parts:
        click.echo(part, nl=False)


def _write(path: Path, parts: Iterable[bytes]) -> None:
    """Write a file that only its owner can read, whole or not at all."""
    try:
        with appearing(path) as unfinished, unfinished.open("wb") as file:
            file.writelines(parts)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None


def _webinar(slug: str) -> Webinar:
    found = find_webinar(slug)
    if found is None:
        raise UserError(f'There is no webinar "{slug[:90]}".')
    return found
