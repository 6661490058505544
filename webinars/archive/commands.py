"""`flask media`: looking after the store of films, pictures and papers."""

from pathlib import Path

import click
from flask.cli import AppGroup

from webinars.archive import upkeep
from webinars.archive.album import service as album
from webinars.archive.store import PIECE, Folder, StoreAway, Stored, current_store
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.http import current_settings
from webinars.core.progress import progress

media_commands = AppGroup("media", help="The media store: remove what nobody needs, bring a folder into a bucket.")
_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_AWAY = "The media store does not answer. What is done stays done; run this again to go on."


@media_commands.command("clean")
@click.option("--dry-run", is_flag=True, help="Only list what would go.")
def clean(dry_run: bool) -> None:
    """Remove replaced recordings, removed papers and what was left half done, all of it a day old at least.

    Pictures that no text shows go 30 days after a run of this first found that, so run it now and then.

    Files whose names are not of our making stay. Never run it on a store that another installation uses too: it would
    remove what only that one knows.
    """
    now, store, count, size = utc_now(), current_store(), 0, 0
    if not dry_run:
        with transaction():
            for number in album.give_up_unused(now):
                click.echo(f"picture {number}  shown in no text for {album.GRACE.days} days")
    try:
        for file in upkeep.unneeded(store, now):
            if dry_run or upkeep.remove(store, file):
                count, size = count + 1, size + file.size
                click.echo(f"{file.name}  {_megabytes(file.size)}")
    except StoreAway:
        raise click.ClickException(_AWAY) from None
    for path in upkeep.left_behind(store, now):
        count += 1
        click.echo(f"{path.name}  left half done")
        if not dry_run:
            upkeep.remove_half(path)
    click.echo(f"{count} {'would go' if dry_run else 'removed'}, {_megabytes(size)}.")


@media_commands.command("copy-to-bucket")
@click.argument("folder", type=_FOLDER, required=False)
def copy_to_bucket(folder: Path | None) -> None:
    """Copy all files of FOLDER (MEDIA_ROOT if not given) into the bucket of MEDIA_STORE_URL; nothing is deleted.

    What is there already in the same size is left out, so that a second run goes on where the first one stopped. Run it
    while the service still uses the folder, switch MEDIA_STORE_URL over, then run it once more for what came meanwhile.
    """
    settings, store = current_settings(), current_store()
    if not settings.media_store_url:
        raise click.ClickException("Set MEDIA_STORE_URL and the keys for this command: they say where to copy to.")
    try:
        files = upkeep.not_copied(Folder(folder or settings.media_root), store)
        _copy_all(files)
    except StoreAway:
        raise click.ClickException(_AWAY) from None
    except upkeep.NotWhole as file:
        raise click.ClickException(f"{file} is not as long in the bucket as here. Run this again.") from None
    click.echo(f"{len(files)} copied, {_megabytes(sum(file.size for file in files))}. All files are in the bucket.")


def _copy_all(files: list[Stored]) -> None:
    store = current_store()
    with progress("Megabytes copied", sum(-(-file.size // PIECE) for file in files)) as advance:
        for file in files:
            upkeep.copy(file, store, lambda: advance(1))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
