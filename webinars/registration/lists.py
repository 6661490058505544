"""Long lists of registrations: searched, sorted, a page at a time, or all of them as they are written out."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Result, Select, case, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute, aliased
from sqlalchemy.sql.base import ExecutableOption

from webinars.core.database import db
from webinars.core.paging import Page, few_of, page_of
from webinars.core.text import email_key, name_key, one_line
from webinars.registration.models import Registration, RegistrationState
from webinars.registration.queries import WITH_WEBINAR
from webinars.registration.rules import phone_digits, said_of
from webinars.schedule.models import Webinar

PAGE_SIZE = 50
#: rows of an export held in memory at a time
STREAMED = 500

#: what a list of registrations can be sorted by
SORTS: dict[str, tuple[InstrumentedAttribute[Any], ...]] = {
    "arrival": (Registration.created_at, Registration.id),
    "name": (Registration.name_key, Registration.id),
    "email": (Registration.email_key, Registration.id),
    "state": (Registration.state, Registration.line_number, Registration.id),
}


def list_for_webinar(
    webinar_id: int, *, words: str = "", state: str = "", sort: str = "arrival", descending: bool = False, page: int = 1
) -> Page[Registration]:
    """List one page of a webinar's registrations, filtered by a part of name, address or telephone number."""
    wanted = select(Registration.id).where(Registration.webinar_id == webinar_id)
    return _page(_filtered(wanted, words, state), words, _order(sort, descending), page)


def search(words: str, *, sort: str = "arrival", descending: bool = True, page: int = 1) -> Page[Registration]:
    """Search all registrations by a part of name, address or telephone number, newest first."""
    wanted = _filtered(select(Registration.id), words, "")
    return _page(wanted, words, _order(sort, descending), page, WITH_WEBINAR)


def exported(which: ColumnElement[bool], *, words: str = "", state: str = "") -> Result[Any]:
    """Give registrations in order of arrival, filtered as lists are, each with its place among those waiting; streamed.

    ``which``: a condition on the registration, or on its webinar.
    """
    line = (Registration.webinar_id, Registration.state)
    order = func.row_number().over(partition_by=line, order_by=Registration.line_number)
    place = case((Registration.state == RegistrationState.WAITLISTED, order))
    # Before anything is left out: a place in line counts those ahead, whoever is looked for.
    placed = select(Registration.id, place.label("position")).join(Webinar).where(which).subquery()
    columns = (*Registration.__table__.columns, placed.c.position, Webinar.slug.label("webinar"))
    everybody = select(*columns).join(placed, placed.c.id == Registration.id).join(Webinar)
    found = _filtered(everybody, words, state).order_by(Webinar.starts_at, Registration.created_at, Registration.id)
    return db.session.execute(found.execution_options(yield_per=STREAMED))


def count_exported(which: ColumnElement[bool], *, words: str = "", state: str = "") -> int:
    """Count the same."""
    everybody = select(func.count(Registration.id)).join_from(Registration, Webinar).where(which)
    return db.session.scalar(_filtered(everybody, words, state)) or 0


def _filtered(statement: Select[Any], words: str, state: str) -> Select[Any]:
    if state:
        statement = statement.where(Registration.state == state)
    for condition in _conditions(words):
        statement = statement.where(condition)
    return statement


def _conditions(words: str) -> list[ColumnElement[bool]]:
    """Every word must be found somewhere, so that "ruth alv" finds Ruth Alvarez."""
    text = one_line(words)[:200]
    if "phone" in said_of(text):
        return [_has_digits(phone_digits(text))]
    if "@" in text and not text.startswith("@"):
        return [Registration.email_key.contains(email_key(text), autoescape=True)]
    return [_has_word(word) for word in text.split()]


def _has_digits(digits: str) -> ColumnElement[bool]:
    # Few gave a number; asked in one breath with addresses it would be looked for in the row of everybody.
    caller = aliased(Registration)
    # Written out, not bound: SQLite uses a partial index only when it can read its condition in the statement.
    given = caller.phone != literal_column("''")
    callers = select(caller.id).where(given, _bare(caller.phone).contains(digits, autoescape=True))
    return or_(Registration.email_key.contains(digits, autoescape=True), Registration.id.in_(callers))


def _has_word(word: str) -> ColumnElement[bool]:
    return or_(
        Registration.name_key.contains(name_key(word), autoescape=True),
        Registration.email_key.contains(word.casefold(), autoescape=True),
    )


def _bare(phone: ColumnElement[str] | InstrumentedAttribute[str]) -> ColumnElement[str]:
    bare: ColumnElement[str] = phone.expression
    for character in (" ", "-", "(", ")", ".", "/"):
        bare = func.replace(bare, character, "")
    return bare


def _order(sort: str, descending: bool) -> list[ColumnElement[Any]]:
    columns = SORTS.get(sort, SORTS["arrival"])
    return [column.desc() if descending else column.asc() for column in columns]


def _page(
    wanted: Select[int], words: str, order: Sequence[ColumnElement[Any]], page: int, *options: ExecutableOption
) -> Page[Registration]:
    """Find out which make the page, then read their rows: to sort whole rows costs many times more."""
    # Names and addresses stand alone in an index; where they are looked for is not in the order of the list.
    few = few_of(wanted) if words else None
    if few is not None:
        wanted = select(Registration.id).where(Registration.id.in_(few))
    found = page_of(wanted, order, page, PAGE_SIZE)
    everybody = select(Registration).options(*options).where(Registration.id.in_(found.items))
    rows = {one.id: one for one in db.session.scalars(everybody)}
    return Page([rows[number] for number in found.items if number in rows], found.total, found.number, found.pages)
