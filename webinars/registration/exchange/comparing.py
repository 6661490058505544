"""What becomes of the rows of an import, in one statement for all of them: the same as one registration after another.

Of two rows about one person the one that asks for a seat counts, else the first. Seats are given in the order of the
file, as ``seats.take`` gives them: nobody passes those who wait.
"""

from datetime import datetime

from sqlalchemy import CTE, and_, case, func, literal, null, select, text, update
from sqlalchemy.orm import Session

from webinars.core.database import db, is_sqlite
from webinars.registration.exchange.models import ENTERED, Fate, Import, ImportRow
from webinars.registration.models import Mode, Registration, RegistrationState
from webinars.registration.rules import modes_of, why_closed
from webinars.schedule.models import Webinar

_QUIETLY = {"synchronize_session": False}


def compare(found: Import, webinar: Webinar, now: datetime) -> None:
    """Say of each readable row what it leads to, and count; true for as long as the caller holds the webinar."""
    if not is_sqlite():
        # Until the end of the transaction: the rows were written a moment ago, and by statistics that know nothing of
        # them the database would go through all of them for each.
        _session().execute(text("SET LOCAL enable_nestloop = off"))
    placed = _placed(_judged(found, webinar, now), webinar)
    change = (
        update(ImportRow)
        .where(ImportRow.import_id == found.id, ImportRow.number == placed.c.number)
        .values(fate=placed.c.fate, state=placed.c.state, line_number=placed.c.line_number)
    )
    _session().execute(change, execution_options=_QUIETLY)
    found.counts = _counts(found.id)


def _judged(found: Import, webinar: Webinar, now: datetime) -> CTE:
    """Compare the rows with each other and with who is registered."""
    row, place = ImportRow, Registration
    first = func.row_number().over(
        partition_by=(row.email_key, row.name_key), order_by=(row.mode == Mode.RECORDING, row.number)
    )
    readable = (row.import_id == found.id, row.fate != Fate.BAD)
    people = select(row.number, row.mode, row.email_key, row.name_key, first.label("turn")).where(*readable).cte()
    shut = [mode for mode in Mode if mode not in modes_of(webinar) or why_closed(webinar, now, mode)]
    fate = case(
        (people.c.mode.in_(shut), Fate.SHUT),
        (people.c.turn > 1, Fate.TWICE),
        (place.id.is_(None), Fate.NEW),
        (place.state == RegistrationState.CANCELLED, Fate.BACK),
        (and_(place.state == RegistrationState.RECORDING_ONLY, people.c.mode != Mode.RECORDING), Fate.SEAT),
        else_=Fate.KNOWN,
    )
    same = and_(
        place.webinar_id == webinar.id, place.email_key == people.c.email_key, place.name_key == people.c.name_key
    )
    return select(people.c.number, people.c.mode, fate.label("fate")).outerjoin_from(people, place, same).cte()


def _placed(judged: CTE, webinar: Webinar) -> CTE:
    """Give out seats and places in line."""
    seated = and_(judged.c.fate.in_(ENTERED), judged.c.mode != Mode.RECORDING)
    draw = func.sum(case((seated, 1), else_=0)).over(order_by=judged.c.number, rows=(None, 0))
    drawn = select(judged.c.number, judged.c.mode, judged.c.fate, draw.label("draw")).cte()
    left = 0 if webinar.waitlisted_count else webinar.places_left
    entered, wants_seat = drawn.c.fate.in_(ENTERED), drawn.c.mode != Mode.RECORDING
    has_seat = literal(True) if left is None else drawn.c.draw <= left
    waits = and_(entered, wants_seat, ~has_seat)
    state = case(
        (~entered, null()),
        (~wants_seat, RegistrationState.RECORDING_ONLY.value),
        (has_seat, RegistrationState.CONFIRMED.value),
        else_=RegistrationState.WAITLISTED.value if webinar.waiting_list else null(),
    )
    fate = drawn.c.fate if webinar.waiting_list else case((waits, Fate.FULL), else_=drawn.c.fate)
    in_line = case((waits, webinar.next_in_line + drawn.c.draw - (left or 0) - 1), else_=null())
    chosen = (fate.label("fate"), state.label("state"), in_line.label("line_number"))
    return select(drawn.c.number, *chosen).cte()


def _counts(import_id: int) -> dict[str, int]:
    rows = _session().execute(
        select(ImportRow.fate, ImportRow.state, func.count())
        .where(ImportRow.import_id == import_id)
        .group_by(ImportRow.fate, ImportRow.state)
    )
    counts: dict[str, int] = {}
    for fate, state, number in rows:
        counts[fate] = counts.get(fate, 0) + number
        if state:
            counts[f"{fate} {state}"] = number
    return counts


def _session() -> Session:
    return db.session()
