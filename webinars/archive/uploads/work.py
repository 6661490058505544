"""What becomes of uploads that have arrived, and of the files of those that were given up."""

from collections.abc import Callable
from contextlib import suppress

from webinars.archive.media import NotMedia
from webinars.archive.store import Going, Stopped, StoreAway, current_store, nobody
from webinars.archive.uploads import parts, queries, service
from webinars.core.clock import utc_now
from webinars.core.database import db, transaction
from webinars.core.errors import NotFound

#: a file younger than this may belong to an upload that is just being written down
_YOUNG_SECONDS = 3600


def go_on(stop: Callable[[], bool]) -> bool:
    """Finish what has arrived, delete what was given up; says whether there was something."""

    def going() -> None:
        if stop():
            raise Stopped

    root = current_store().work
    under_way = [(one.public_id, one.length) for one in queries.under_way()]
    db.session.rollback()
    whole = [public_id for public_id, length in under_way if parts.received(root, public_id) == length]
    try:
        for public_id in whole:
            with suppress(NotMedia):
                finish(public_id, going)
    except Stopped:
        return False
    except StoreAway:
        # What has arrived stays for as long as that takes.
        with transaction():
            service.touch(whole, utc_now())
        return False
    known = {public_id for public_id, _length in under_way}
    if (root / parts.FOLDER).is_dir():
        for path in (root / parts.FOLDER).iterdir():
            old = path.stat().st_mtime < utc_now().timestamp() - _YOUNG_SECONDS
            if old and path.name.partition(".")[0] not in known:
                path.unlink(missing_ok=True)
    return bool(whole)


def named(public_id: str) -> str | None:
    """Name what has arrived in the store; None when nothing is to be done any more.

    Raises NotMedia for another kind, which is forgotten with its file.
    """
    path = parts.part_path(current_store().work, public_id)
    try:
        found = queries.get_upload(public_id)
        return None if found.finished else service.name_of(found, path)
    except (NotFound, FileNotFoundError):
        return None
    except NotMedia:
        with transaction():
            service.end(queries.get_upload(public_id))
        path.unlink(missing_ok=True)
        raise
    finally:
        db.session.rollback()


def finish(public_id: str, going: Going = nobody) -> None:
    """Put what has arrived into the store and make it the recording. Outside any transaction: it takes its time.

    Raises StoreAway, NotMedia, and what ``going`` raises.
    """
    store = current_store()
    path = parts.part_path(store.work, public_id)
    with parts.alone(path) as alone:
        name = named(public_id) if alone else None
        if name is None:
            return
        store.keep(path, name, going)
        try:
            with transaction():
                service.finish(queries.get_upload(public_id), name, utc_now())
        except NotFound:
            # It was given up meanwhile.
            store.delete(name)
        path.unlink(missing_ok=True)
