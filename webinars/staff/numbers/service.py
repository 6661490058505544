"""Keeping the numbers true: counted anew while the rows are there, frozen before they go. Callers hold the transaction.

Each begins by holding the row of ``webinar_countings``, of several webinars in the order of their ids, so that nobody
counts what somebody else is deleting. Who also holds webinars takes those first, and registrations afterwards.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, select, update

from webinars.core.database import db
from webinars.mail.models import Message
from webinars.mail.outbox import insert_into
from webinars.registration.models import Registration, RegistrationState
from webinars.schedule.models import Webinar
from webinars.staff.numbers import live, queries
from webinars.staff.numbers.models import Counting, Number
from webinars.staff.numbers.rules import Cells, What

#: people of a webinar that ended so long ago may have been deleted before it was counted for the first time
LONG_OVER = timedelta(days=80)
_SEATED = (What.STATE.value, RegistrationState.CONFIRMED.value)
_QUIETLY = {"synchronize_session": False}


def recount(webinar_id: int, now: datetime, *, last_time: bool = False) -> None:
    """Count a webinar anew; of one whose people are deleted only the plays. ``last_time``: they are deleted next."""
    webinar = db.session.get(Webinar, webinar_id)
    if webinar is None:
        return
    counting = _hold(webinar_id)
    if counting.frozen_at is not None and webinar.ends_at > counting.frozen_at:
        _thaw(webinar, counting)
    if counting.frozen_at is not None:
        _write(webinar_id, {(What.PLAYS.value, ""): live.plays(webinar_id)}, Number.what == What.PLAYS)
    else:
        cells = live.everybody(webinar)
        if counting.counted_at is None and webinar.ends_at < now - LONG_OVER:
            _take_seats_for_people(webinar, counting, cells)
        _write(webinar_id, cells)
    counting.counted_at = now
    if last_time:
        counting.frozen_at = counting.frozen_at or now
    db.session.flush()


def freeze(before: datetime, now: datetime) -> None:
    """Count for the last time the webinars that ended before an instant: their people are deleted next."""
    for webinar_id in queries.to_freeze(before):
        recount(webinar_id, now, last_time=True)
    # Nothing is there any more to be counted of these.
    over = select(Webinar.id).where(Webinar.ends_at < before)
    bare = update(Counting).where(Counting.frozen_at.is_(None), Counting.webinar_id.in_(over))
    db.session.execute(bare.values(frozen_at=now), execution_options=_QUIETLY)


def keep_people(ids: Collection[int], now: datetime) -> None:
    """Go on counting people, without their names, whose rows are deleted next."""
    rows = select(Registration.webinar_id, Registration.id).where(Registration.id.in_(ids))
    theirs: dict[int, list[int]] = {}
    for webinar_id, number in db.session.execute(rows):
        theirs.setdefault(webinar_id, []).append(number)
    for webinar_id in sorted(theirs):
        _keep(webinar_id, live.some(db.session.get_one(Webinar, webinar_id), theirs[webinar_id], now))


def keep_letters(ids: Collection[int]) -> None:
    """Go on counting letters that are deleted next."""
    gone = live.letters_by_webinar(Message.id.in_(ids))
    for webinar_id in sorted(gone):
        _keep(webinar_id, gone[webinar_id])


def _keep(webinar_id: int, cells: Cells) -> None:
    """Count what goes as gone, unless it is counted for good."""
    counting = _hold(webinar_id)
    if counting.frozen_at is not None:
        return
    for (what, key), number in cells.items():
        row = insert_into(Number.__table__).values(
            webinar_id=webinar_id, what=what, key=key, number=number, gone=number
        )
        more = {"gone": Number.gone + row.excluded.gone}
        db.session.execute(row.on_conflict_do_update(index_elements=["webinar_id", "what", "key"], set_=more))


def _hold(webinar_id: int) -> Counting:
    """Hold the row that says when a webinar was counted."""
    made = insert_into(Counting.__table__).values(webinar_id=webinar_id)
    db.session.execute(made.on_conflict_do_nothing(index_elements=["webinar_id"]))
    held = select(Counting).where(Counting.webinar_id == webinar_id).with_for_update()
    return db.session.scalars(held.execution_options(populate_existing=True)).one()


def _thaw(webinar: Webinar, counting: Counting) -> None:
    """Go on counting a webinar that was moved into the future after its people were deleted: those are gone."""
    # Of what was counted then this is still there, and counted from its rows.
    known = {key: number for key, number in live.everybody(webinar).items() if key[0] in {What.ROLE, What.PLAYS}}
    letters = and_(Message.about == f"w{webinar.id}", Message.created_at <= counting.frozen_at)
    cells = known | live.letters_by_webinar(letters).get(webinar.id, {})
    for row in db.session.scalars(select(Number).where(Number.webinar_id == webinar.id)):
        row.gone = max(0, row.number - cells.get((row.what, row.key), 0))
    counting.frozen_at = None
    db.session.flush()


def _take_seats_for_people(webinar: Webinar, counting: Counting, cells: Cells) -> None:
    """Note that more people had a seat than are there: the others were deleted before anybody counted."""
    missing = webinar.confirmed_count - cells.get(_SEATED, 0)
    if missing > 0:
        counting.partial = True
        _keep(webinar.id, {_SEATED: missing})


def _write(webinar_id: int, cells: Cells, which: ColumnElement[bool] | None = None) -> None:
    """Write what was counted and what is gone; ``which``: of these kinds alone."""
    known = select(Number.what, Number.key, Number.number, Number.gone).where(Number.webinar_id == webinar_id)
    rows = db.session.execute(known if which is None else known.where(which)).all()
    before, gone = {row[:2]: row.number for row in rows}, {row[:2]: row.gone for row in rows}
    after = {one: cells.get(one, 0) + gone.get(one, 0) for one in {*cells, *before}}
    changed = [
        {"webinar_id": webinar_id, "what": what, "key": key, "number": number, "gone": gone.get((what, key), 0)}
        for (what, key), number in after.items()
        if number != before.get((what, key))
    ]
    if changed:
        row = insert_into(Number.__table__)
        anew = row.on_conflict_do_update(
            index_elements=["webinar_id", "what", "key"], set_={"number": row.excluded.number}
        )
        db.session.execute(anew, changed)
    db.session.execute(delete(Number).where(Number.webinar_id == webinar_id, Number.number == 0, Number.gone == 0))
