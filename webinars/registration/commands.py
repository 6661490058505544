"""`flask registrations`: whole lists of them in and out."""

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import click
from flask.cli import AppGroup
from flask_babel import gettext as _

from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.errors import UserError
from webinars.core.files import appearing
from webinars.core.progress import progress
from webinars.registration import lists
from webinars.registration.exchange import asked, columns, export, problems, queries, service, work
from webinars.registration.exchange.models import Fate, Import, ImportState
from webinars.registration.exchange.sheets import Unreadable
from webinars.registration.models import Registration
from webinars.registration.questions.queries import questions_of
from webinars.schedule.models import Webinar
from webinars.schedule.queries import find_webinar

registrations = AppGroup("registrations", help="Registrations of a webinar as a file: import, export.")


@registrations.command("import")
@click.argument("webinar")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--no-letters", is_flag=True, help="Owe nobody a confirmation: they were told by other means.")
def import_(webinar: str, file: Path, dry_run: bool, no_letters: bool) -> None:
    """Enter everybody in FILE for WEBINAR (the last part of its address), or nobody if a row is bad.

    FILE is CSV or XLSX; its first line names the columns: name (or first_name and last_name), email, and any of phone,
    mode, time_zone, language, discreet, question; where the webinar asks for it, also role, access_needs, and each of
    its questions by its words or as answer_NUMBER. Whoever is registered already keeps their place.
    """
    try:
        bad = _import(_webinar(webinar), file, dry_run, letters=not no_letters)
    except UserError as error:
        raise click.ClickException(str(error)) from None
    if bad:
        raise SystemExit(1)


def _import(webinar: Webinar, file: Path, dry_run: bool, letters: bool) -> bool:
    """Take an import through all its steps; says whether something stood against it."""
    job = work.begin(webinar, file)
    try:
        job.look()
        found = _in_hand(job)
        if found.state == ImportState.COLUMNS:
            raise Unreadable(_unknown(found))
        with progress("Rows", found.expected or 0) as job.advance:
            _check(job)
        found = _in_hand(job)
        if found.problems or dry_run:
            return _say(found, dry_run, letters)
        with transaction():
            service.press(_in_hand(job), letters, utc_now())
        job.enter()
        return _say(_in_hand(job), dry_run, letters)
    finally:
        _end(job)


def _check(job: work.Job) -> None:
    """Check the rows; when somebody among them is erased meanwhile, the next step says so."""
    with suppress(work.LostTrack):
        job.check()


def _in_hand(job: work.Job) -> Import:
    found = job.found()
    if found.state in {ImportState.REFUSED, ImportState.DISCARDED}:
        raise Unreadable(found.reason)
    return found


def _end(job: work.Job) -> None:
    """Leave nothing of the file behind, whatever came of it."""
    with transaction():
        found = job.found()
        if found.state != ImportState.DONE:
            service.end(found, ImportState.DISCARDED)
    work.clean_up(job.import_id)


def _unknown(found: Import) -> str:
    """Say what is wrong with the names of the columns."""
    asking = asked.asked_by(found.webinar, utc_now())
    labels = asked.labels(asking)
    known = ", ".join(labels)
    fields = columns.recognised(found.headers, asked.names(asking))
    unknown = [f'"{name[:40]}"' for name, field in zip(found.headers, fields, strict=True) if field is None]
    if not any(fields):
        return f"The first line must name the columns. They can be: {known}."
    if unknown and not any(columns.is_known(name) for name in found.headers if f'"{name[:40]}"' in unknown):
        return f"Unknown column {', '.join(unknown)}. Columns can be: {known}."
    return (
        _("A column is named twice in the first line.") if unknown else columns.mistake_in(found.columns, labels) or ""
    )


def _say(found: Import, dry_run: bool, letters: bool) -> bool:
    if found.problems:
        for row, wrong in problems.explained(queries.problem_rows(found), found):
            click.echo(f"line {row.line}: {problems.in_a_line(wrong)}")
        click.echo(f"{found.problems} of {found.rows} rows are bad. Nothing was written.")
        return True
    click.echo(f"{found.rows} rows, all good." + (" Dry run: nothing was written." if dry_run else ""))
    for key, count in sorted(found.counts.items()):
        fate, _space, state = key.partition(" ")
        if fate == Fate.NEW and state:
            click.echo(f"  new, {state}: {count}")
    known = sum(found.counts.get(fate, 0) for fate in (Fate.KNOWN, Fate.TWICE, Fate.BACK, Fate.SEAT))
    if known:
        click.echo(f"  known already: {known} (they keep their place; whoever had cancelled comes back)")
    if letters and not dry_run:
        click.echo("Confirmations are owed; flask worker sends them.")
    return False


@registrations.command("export")
@click.argument("webinar")
@click.option("--output", default="-", show_default=True, help="A file to write; - is standard output.")
@click.option("--xlsx", is_flag=True, help="Write a workbook instead of CSV.")
@click.option("--answers", is_flag=True, help="Also write who they are, what they need, and what they answered.")
def export_(webinar: str, output: str, xlsx: bool, answers: bool) -> None:
    """Write all registrations of WEBINAR (the last part of its address), in order of arrival."""
    try:
        found = _webinar(webinar)
    except UserError as error:
        raise click.ClickException(str(error)) from None
    questions = questions_of(found) if answers else []
    names = [*export.OF_ONE_WEBINAR, *(export.TOLD if answers else ()), *(one.field for one in questions)]
    rows = export.values_of(lists.exported(Registration.webinar_id == found.id), names, questions)
    heads = export.heads_of(names, questions)
    parts = export.xlsx_of(heads, rows, found.title) if xlsx else export.csv_of(heads, rows)
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
