"""Writing what staff say of the steps of a webinar."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.core.database import db, lock
from webinars.core.errors import Conflict, NotFound, UserError
from webinars.core.text import one_line, whole_number
from webinars.mail.outbox import insert_into
from webinars.schedule.models import Series, Webinar
from webinars.staff.readiness import queries, rules
from webinars.staff.readiness.models import DigestChoice, Mark, MarkState, OwnStep
from webinars.staff.readiness.rules import State

LONGEST_TITLE, MOST_DAYS = 120, 365
#: what a page showed of a step of which staff say nothing
UNSAID = ""
_DEEDS: dict[MarkState | None, str] = {
    MarkState.DONE: "step ticked",
    MarkState.NOT_NEEDED: "step not needed",
    None: "step open again",
}
#: what the trail calls them
TICKS = frozenset(_DEEDS.values())


def mark(webinar: Webinar, step: str, said: MarkState | None, now: datetime, *, seen: str) -> None:
    """Say that a step is done, is not needed, or is open again; the same said twice changes nothing.

    ``seen``: what the page showed that staff said of it, as a word of MarkState, or UNSAID.
    Raises NotFound, Conflict when somebody else said something else meanwhile, and UserError for what only the service
    can know.
    """
    lock(webinar)
    own = _refuse_unknown(webinar, step)
    known = queries.find_mark(webinar.id, step)
    current = rules.holding(known, step, webinar)
    if current == said:
        return
    if (current or UNSAID) != seen:
        raise Conflict(_("Somebody else changed this step just now. Look at it once more."))
    if said is MarkState.DONE:
        _refuse_unticked(webinar, step)
    before = _told(step, own, known)
    after = _write(webinar, step, known, said, now)
    audit.record(_DEEDS[said], "webinar", webinar.id, before=before, after=_told(step, own, after), now=now)


def put_back(webinar: Webinar, told: Mapping[str, Any], since: Mapping[str, Any], now: datetime) -> None:
    """Let what was said of a step before a deed stand again, which is told as a deed of its own.

    Parameters: told and since, what the trail holds of it before and after the deed.
    Raises NotFound, and Conflict when something else was said since.
    """
    step = str(told["key"])
    lock(webinar)
    own = _refuse_unknown(webinar, step)
    known = queries.find_mark(webinar.id, step)
    if not rules.is_as_told(known, since):
        raise Conflict(_("Somebody else changed this step just now. Look at it once more."))
    before, said = _told(step, own, known), MarkState(told["said"]) if told["said"] != State.OPEN else None
    after = _write(webinar, step, known, said, now)
    if after:
        after.seen, after.by, after.at = told["seen"], told["said_by"], datetime.fromisoformat(told["said_at"])
    audit.record(_DEEDS[said], "webinar", webinar.id, before=before, after=_told(step, own, after), now=now)


def add_step(owner: Webinar | Series, title: str, days: int, now: datetime) -> OwnStep:
    """Add a step to a webinar, or to all that come in a series; days: counted from the start, before it below zero.

    Raises UserError.
    """
    words = one_line(title)
    if not words:
        raise UserError(_("Say what is to be done."))
    if len(words) > LONGEST_TITLE or abs(days) > MOST_DAYS:
        raise UserError(_("At most 120 characters, and at most a year before or after."))
    step = OwnStep(title=words, days=days, created_at=now)
    step.webinar_id, step.series_id = (owner.id, None) if isinstance(owner, Webinar) else (None, owner.id)
    db.session.add(step)
    db.session.flush()
    audit.record("step added", *_owner(step), after=_fields(step), now=now)
    return step


def remove_step(number: int, now: datetime) -> None:
    """Take a step away that staff added; what was ticked is kept for the day it comes back. Raises NotFound."""
    step = queries.get_own_step(number)
    lock(step)
    if step.removed_at is None:
        step.removed_at = now
        audit.record("step removed", *_owner(step), before=_fields(step), after={"step": rules.own_key(step)}, now=now)


def copy_steps(original: Webinar, copy: Webinar, now: datetime) -> None:
    """Give a copied webinar the steps that were added to the original alone; none of them is ticked."""
    for step in queries.own_steps_of(original.id):
        add_step(copy, step.title, step.days, now)


def choose_digests(user_id: int, fields: dict[str, Any], now: datetime) -> None:
    """Note which letters about their webinars somebody wants; fields: the columns of DigestChoice."""
    known = queries.find_choice(user_id)
    before = {name: getattr(known, name) for name in fields} if known else None
    if before == fields:
        return
    row = insert_into(DigestChoice).values(user_id=user_id, **fields)
    db.session.execute(row.on_conflict_do_update(index_elements=["user_id"], set_=fields))
    audit.record("digests chosen", "user", user_id, before=before, after=fields, now=now)


def _refuse_unknown(webinar: Webinar, step: str) -> OwnStep | None:
    """Give the step if staff added it. Raises NotFound."""
    number = whole_number(rules.own_number(step))
    own = queries.get_own_step(number) if number is not None else None
    if step not in rules.BY_KEY and (own is None or not rules.belongs(own, webinar)):
        raise NotFound(_("There is no such step."))
    return own


def _refuse_unticked(webinar: Webinar, key: str) -> None:
    step = rules.BY_KEY.get(key)
    if step is not None and not step.by_hand:
        raise UserError(_("The service ticks this step by itself. Say that it is not needed if that is so."))
    if key == "join-tested" and not webinar.join_url:
        raise UserError(_("There is no join link yet."))


def _write(webinar: Webinar, step: str, known: Mark | None, said: MarkState | None, now: datetime) -> Mark | None:
    if said is None:
        db.session.delete(known)
        return None
    mark = known or Mark(webinar_id=webinar.id, step=step)
    mark.state, mark.by, mark.at = said, audit.actor(), now
    mark.seen = rules.seen_now(step, webinar)
    db.session.add(mark)
    return mark


def _told(step: str, own: OwnStep | None, mark: Mark | None) -> dict[str, Any]:
    """Say all of a mark, so that it can be made again."""
    told: dict[str, Any] = {"step": own.title if own else step, "said": mark.state if mark else State.OPEN}
    kept = {"key": step, "seen": mark.seen, "said_by": mark.by, "said_at": mark.at} if mark else {"key": step}
    return told | kept


def _owner(step: OwnStep) -> tuple[str, int]:
    return ("webinar", step.webinar_id) if step.webinar_id is not None else ("series", step.series_id or 0)


def _fields(step: OwnStep) -> dict[str, Any]:
    return {"step": step.title, "key": rules.own_key(step), "days": step.days}
