"""Everything that is asked about imports."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, String, cast, exists, func, or_, select, text
from sqlalchemy.orm import joinedload

from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.leases import is_free
from webinars.core.paging import Page, page_of
from webinars.registration.exchange.models import (
    ENDED,
    PROBLEMS,
    ColumnMemory,
    Import,
    ImportPiece,
    ImportRow,
    ImportState,
)

PAGE_SIZE = 50
_FEW = 20
STREAMED = 500
# Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
AT_WORK = text("imports.state IN ('reading', 'checking', 'entering')")


def get_import(webinar_id: int, import_id: int) -> Import:
    """Give an import of a webinar. Raises NotFound."""
    wanted = select(Import).options(joinedload(Import.webinar))
    found = db.session.scalar(wanted.where(Import.id == import_id, Import.webinar_id == webinar_id))
    if found is None:
        raise NotFound(_("There is no such import. What is not entered is deleted after a day."))
    return found


def under_way(webinar_id: int) -> Sequence[Import]:
    """List a webinar's imports that are not over, newest first."""
    wanted = select(Import).where(Import.webinar_id == webinar_id, Import.state.not_in(ENDED))
    return db.session.scalars(wanted.order_by(Import.id.desc()).limit(_FEW)).all()


def free_to_take(now: datetime) -> int | None:
    """Find an import that a worker has to go on with and nobody has in hand."""
    return db.session.scalar(select(Import.id).where(AT_WORK, is_free(Import, now)).order_by(Import.id).limit(1))


def over_but_kept() -> int | None:
    """Find an import that is over and still holds people or a file."""
    rows = exists().where(ImportRow.import_id == Import.id)
    pieces = exists().where(ImportPiece.import_id == Import.id)
    over = select(Import.id).where(Import.state.in_(ENDED), or_(rows, pieces))
    return db.session.scalar(over.order_by(Import.id).limit(1))


def pieces(import_id: int) -> Iterator[bytes]:
    """Give the parts of a file, one at a time."""
    number = 0
    wanted = select(ImportPiece.data).where(ImportPiece.import_id == import_id)
    while (data := db.session.scalar(wanted.where(ImportPiece.number == number))) is not None:
        yield data
        number += 1


def remembered(key: str) -> Mapping[str, str] | None:
    """Give what staff said such columns hold."""
    return db.session.scalar(select(ColumnMemory.columns).where(ColumnMemory.key == key))


def problem_page(found: Import, page: int) -> Page[ImportRow]:
    """List a page of the rows that stand against entering anything."""
    wanted = select(ImportRow).where(ImportRow.import_id == found.id, ImportRow.fate.in_(PROBLEMS))
    return page_of(wanted, [ImportRow.number], page, PAGE_SIZE)


def problem_rows(found: Import) -> Iterator[ImportRow]:
    """Give all of them, streamed."""
    wanted = select(ImportRow).where(ImportRow.import_id == found.id, ImportRow.fate.in_(PROBLEMS))
    rows = db.session.scalars(wanted.order_by(ImportRow.number).execution_options(yield_per=STREAMED))
    for row in rows:
        yield row
        # Nobody looks at it again.
        db.session.expunge(row)


def naming(key: str) -> Sequence[Import]:
    """List the imports that hold an address (folded), or may: files that nobody has read yet hold anybody."""
    row = exists().where(ImportRow.import_id == Import.id, is_about(key))
    sample = func.lower(cast(Import.samples, String)).contains(key, autoescape=True)
    unread = Import.state.in_([ImportState.READING, ImportState.COLUMNS, ImportState.CHECKING])
    wanted = select(Import).where(or_(row, sample, unread), Import.state.not_in(ENDED))
    return db.session.scalars(wanted.order_by(Import.webinar_id, Import.id)).all()


def is_about(key: str) -> ColumnElement[bool]:
    """Find the rows about an address (folded), or in which it is written."""
    word = func.lower(cast(ImportRow.written, String)).contains(key, autoescape=True)
    return or_(ImportRow.email_key == key, word)
