"""What staff do with imports. Whoever calls holds the transaction."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from flask_babel import gettext as _
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from webinars.accounts import audit
from webinars.core import leases
from webinars.core.database import db, lock
from webinars.core.errors import Conflict, UserError
from webinars.core.language import current_language, speaking
from webinars.core.text import one_line
from webinars.mail import outbox
from webinars.registration.exchange import asked, columns, queries
from webinars.registration.exchange.comparing import compare
from webinars.registration.exchange.files import MOST_UPLOADED
from webinars.registration.exchange.models import (
    ENDED,
    PROBLEMS,
    ColumnMemory,
    Import,
    ImportPiece,
    ImportRow,
    ImportState,
)
from webinars.registration.exchange.sheets import storable
from webinars.schedule.models import Webinar, WebinarState

_PIECE = 1_000_000
_QUIETLY = {"synchronize_session": False}


def ensure_takes_people(webinar: Webinar) -> None:
    """Refuse a webinar that nobody can be entered for. Raises Conflict."""
    if webinar.state == WebinarState.DRAFT:
        raise Conflict(_("This webinar is a draft. Publish it first."))
    if webinar.state == WebinarState.CANCELLED:
        raise Conflict(_("This webinar was cancelled, so it takes no more registrations."))


def begin(webinar: Webinar, file_name: str, now: datetime) -> Import:
    """Begin an import; a worker looks at its file. Raises Conflict."""
    ensure_takes_people(webinar)
    name = one_line(storable(Path(file_name.replace("\\", "/")).name))[-200:] or "?"
    found = Import(webinar_id=webinar.id, state=ImportState.READING, file_name=name, acted_by=audit.actor(),
                   language=current_language(), created_at=now, rows=0, left_out=0, counts={})  # fmt: skip
    _session().add(found)
    _session().flush()
    outbox.look_soon()
    return found


def keep_file(found: Import, file: BinaryIO) -> None:
    """Keep an uploaded file until the import is over. Raises UserError for an empty or a large one."""
    size = number = 0
    while data := file.read(_PIECE):
        size += len(data)
        if size > MOST_UPLOADED:
            raise too_large()
        _session().execute(insert(ImportPiece), {"import_id": found.id, "number": number, "data": data})
        number += 1
    if not size:
        raise UserError(_("The file is empty. Please choose another one."))


def too_large() -> UserError:
    """Say that a file is too large for the browser, and what to do."""
    most = MOST_UPLOADED // 1_000_000
    return UserError(
        _("The file is larger than %(number)s MB. Split it, or leave in only what is needed.", number=most)
    )


def choose_columns(found: Import, fields: list[str], now: datetime) -> None:
    """Note what the columns hold, also for the next file like it, and let the rows be checked (anew).

    Raises Conflict when the import has moved on, UserError for a choice nobody can be told apart by.
    """
    lock(found)
    if found.state not in {ImportState.COLUMNS, ImportState.CHECKED}:
        raise Conflict(_moved_on())
    labels = asked.labels(asked.asked_by(found.webinar, now))
    if len(fields) != len(found.headers) or any(field not in labels for field in fields if field):
        raise UserError(_("Please choose what each column holds."))
    mistake = columns.mistake_in(fields, labels)
    if mistake:
        raise UserError(mistake)
    _remember(found.headers, fields, now)
    forget_rows(found.id)
    found.columns, found.rows, found.left_out, found.counts = fields, 0, 0, {}
    found.state, found.held_up, found.acted_by = ImportState.CHECKING, False, audit.actor()
    outbox.look_soon()


def _remember(headers: list[str], fields: list[str], now: datetime) -> None:
    """Keep a choice for every file whose columns have the same names."""
    kept: Mapping[str, str] = {key: field for key, field in zip(columns.keys_of(headers), fields, strict=True) if key}
    said = {"columns": dict(kept), "used_at": now}
    # Two may say it at the same moment.
    noted = outbox.insert_into(ColumnMemory).values(key=columns.memory_key(headers), **said)
    _session().execute(noted.on_conflict_do_update(index_elements=["key"], set_=said))


def leave_out_problems(found: Import, webinar: Webinar, now: datetime) -> None:
    """Leave out the rows with problems, as staff chose to, and compare the others anew. Raises Conflict."""
    lock(found)
    if found.state != ImportState.CHECKED:
        raise Conflict(_moved_on())
    which = (ImportRow.import_id == found.id, ImportRow.fate.in_(PROBLEMS))
    gone = _session().execute(delete(ImportRow).where(*which), execution_options=_QUIETLY)
    found.left_out += getattr(gone, "rowcount", 0)
    found.held_up = False
    compare(found, webinar, now)


def press(found: Import, letters: bool, now: datetime) -> None:
    """Let everybody be entered; pressing again changes nothing. Raises Conflict when it cannot be entered as it is."""
    lock(found)
    if found.state in {ImportState.ENTERING, ImportState.DONE}:
        return
    if found.state != ImportState.CHECKED or found.problems:
        raise Conflict(_moved_on())
    found.letters, found.state, found.held_up = letters, ImportState.ENTERING, False
    found.acted_by = audit.actor()
    outbox.look_soon()


def discard(found: Import) -> None:
    """Put an end to an import; nobody is entered, and all it holds is deleted. Raises Conflict once it is entered."""
    lock(found)
    if found.state in {ImportState.ENTERING, ImportState.DONE}:
        raise Conflict(_("It is too late: these people are registered, or are just being entered."))
    end(found, ImportState.DISCARDED)


def end(found: Import, state: ImportState, reason: str = "") -> None:
    """Note that nothing follows; what it holds of people goes first, the rows and the file a batch at a time."""
    found.state, found.reason, found.samples = state, reason, []
    outbox.look_soon()


def forget(key: str) -> int:
    """Delete what imports hold of an address (folded) and put an end to each that may name it; give how many rows.

    The caller holds their webinars: nothing is being entered.
    """
    for found in queries.naming(key):
        lock(found)
        with speaking(found.language):
            reason = _(
                "Somebody’s data had to be deleted, and they may be in this file. Please upload it again without them."
            )
        end(found, ImportState.DISCARDED, str(reason))
    over = select(Import.id).where(Import.state.in_(ENDED))
    _session().execute(delete(ImportPiece).where(ImportPiece.import_id.in_(over)), execution_options=_QUIETLY)
    gone = _session().execute(delete(ImportRow).where(queries.is_about(key)), execution_options=_QUIETLY)
    return max(0, getattr(gone, "rowcount", 0))


def clean(import_id: int, most: int) -> int:
    """Delete what an import that is over holds, so many rows at most; give how many."""
    some = select(ImportRow.number).where(ImportRow.import_id == import_id).limit(most)
    which = (ImportRow.import_id == import_id, ImportRow.number.in_(some))
    gone: int = getattr(_session().execute(delete(ImportRow).where(*which), execution_options=_QUIETLY), "rowcount", 0)
    if gone < most:
        pieces = delete(ImportPiece).where(ImportPiece.import_id == import_id)
        _session().execute(pieces, execution_options=_QUIETLY)
    return gone


def forget_rows(import_id: int) -> None:
    """Delete the rows of an import that is checked anew."""
    _session().execute(delete(ImportRow).where(ImportRow.import_id == import_id), execution_options=_QUIETLY)


def take(import_id: int, now: datetime, lease: timedelta) -> str | None:
    """Take an import in hand, so that no other worker does; gives the token of it, None when somebody was faster."""
    found = leases.find_free(Import, import_id, now)
    return found.hold(now + lease) if found else None


def add_rows(found: Import, rows: Iterable[Mapping[str, object]]) -> None:
    """Keep rows that were read."""
    written = list(rows)
    if written:
        _session().execute(insert(ImportRow), written)
    found.rows += len(written)


def _moved_on() -> str:
    return str(_("This import has moved on since the page was shown. Please look again."))


def _session() -> Session:
    return db.session()
