"""Taking back what is harmless: texts that nobody got a letter about, and ticks, as they stood before a change."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.accounts.models import AuditEntry
from webinars.archive.models import Video
from webinars.archive.service import edit_video
from webinars.core.database import Model, db, lock
from webinars.core.errors import Conflict
from webinars.schedule import service
from webinars.schedule.languages import field_told, told_apart
from webinars.schedule.models import NewsItem, Series, Speaker, Topic, Webinar
from webinars.staff.readiness import service as readiness
from webinars.staff.readiness.models import Mark
from webinars.staff.readiness.queries import marks_of
from webinars.staff.readiness.rules import is_as_told


@dataclass(frozen=True)
class _Kind:
    """One kind of thing: where it is kept, how it is edited, and which of its texts can be put back."""

    model: type[Model]
    edit: Callable[..., Any]
    texts: frozenset[str]


_ONCE_CUT = 200
_FOLLOWS = "follows"
#: the one text that a webinar can have from its series
_FOLLOWED_TEXT = "access_text"
#: the title of a webinar is missing: people hold it in their calendars and were told of the change
_KINDS = {
    "webinar": _Kind(Webinar, service.edit_webinar, frozenset({"summary", "description", "access_text"})),
    "series": _Kind(Series, service.edit_series, frozenset({"title", "summary", "sponsor_text"})),
    "topic": _Kind(Topic, service.edit_topic, frozenset({"title", "summary", "body"})),
    "news item": _Kind(NewsItem, service.edit_news_item, frozenset({"title", "body"})),
    "speaker": _Kind(Speaker, service.edit_speaker, frozenset({"name", "credentials", "role", "bio", "interests"})),
    "video": _Kind(Video, edit_video, frozenset({"title", "summary", "description"})),
}


def may_be_undone(entry: AuditEntry) -> bool:
    """Say whether an entry tells of a tick, or of a change to nothing but texts that can be put back."""
    # What does not say all of before and after cannot be compared with what is there now.
    if not entry.before or not entry.after:
        return False
    if _is_tick(entry):
        return "key" in entry.before
    kind = _KINDS.get(entry.object_kind)
    if kind is None or entry.action != f"{entry.object_kind} edited" or entry.before.keys() != entry.after.keys():
        return False
    texts = [name for name in entry.before if name != _FOLLOWS]
    # Entries of earlier versions hold the beginnings of texts alone.
    whole = all(len(str(entry.before[name] or "")) != _ONCE_CUT for name in texts)
    return whole and _follows_otherwise(entry) <= {*texts} and all(field_told(name) in kind.texts for name in texts)


def _is_tick(entry: AuditEntry) -> bool:
    return entry.object_kind == "webinar" and entry.action in readiness.TICKS


def _follows_otherwise(entry: AuditEntry) -> set[str]:
    """Give what began or ceased to follow the series with a change."""
    was, became = ((values or {}).get(_FOLLOWS) or () for values in (entry.before, entry.after))
    return set(was) ^ set(became)


def standing(entries: list[AuditEntry]) -> set[int]:
    """Give the ids of the entries that can be undone now: nothing they changed was changed again.

    One query a kind of thing, and one for ticks.
    """
    found: set[int] = set()
    for name, kind in _KINDS.items():
        of_kind = [entry for entry in entries if entry.object_kind == name and may_be_undone(entry)]
        if of_kind:
            things = _things(kind.model, {int(entry.object_id) for entry in of_kind})
            marks = marks_of([_step(entry) for entry in of_kind if _is_tick(entry)]) if name == "webinar" else {}
            found |= {entry.id for entry in of_kind if _stands(things.get(int(entry.object_id)), entry, marks)}
    return found


def _step(entry: AuditEntry) -> tuple[int, str]:
    return int(entry.object_id), str((entry.before or {})["key"])


def _things(model: Any, ids: set[int]) -> dict[int, Any]:
    return {thing.id: thing for thing in db.session.scalars(db.select(model).where(model.id.in_(ids)))}


def _stands(thing: Any, entry: AuditEntry, marks: Mapping[tuple[int, str], Mark]) -> bool:
    after = entry.after or {}
    if thing is None:
        return False
    if _is_tick(entry):
        return is_as_told(marks.get(_step(entry)), after)
    # What follows the series since then is not what somebody wrote any more.
    following = _FOLLOWED_TEXT in after and _FOLLOWED_TEXT in thing.follows
    same = following == (_FOLLOWED_TEXT in after.get(_FOLLOWS, ()))
    return same and all(_text(thing, name) == value for name, value in _texts(after).items())


def undo(entry: AuditEntry, now: datetime) -> None:
    """Put what a change says back as it stood before, which is a change that can be undone in turn.

    Raises Conflict when it is no change of texts or ticks, or they were changed again, and whatever the edit raises.
    """
    if not may_be_undone(entry):
        raise Conflict(_("This cannot be taken back by itself."))
    kind = _KINDS[entry.object_kind]
    thing: Any = db.session.get(kind.model, int(entry.object_id))
    if thing is None:
        raise Conflict(_("What it was done to is not there any more."))
    lock(thing)
    if not _stands(thing, entry, marks_of([_step(entry)]) if _is_tick(entry) else {}):
        raise Conflict(_("It was changed again in the meantime. Have a look at it as it is now."))
    audit.record("change taken back", entry.object_kind, entry.object_id, after={"entry": entry.id}, now=now)
    if _is_tick(entry):
        readiness.put_back(thing, entry.before or {}, entry.after or {}, now)
        return
    changes = _changes(_texts(entry.before))
    if _FOLLOWED_TEXT in (entry.before or {}).get(_FOLLOWS, ()):
        # It had the words of its series, and has them again as they are today.
        del changes[_FOLLOWED_TEXT]
        changes[_FOLLOWS] = [*thing.follows, _FOLLOWED_TEXT]
    kind.edit(thing, changes, now)


def _texts(values: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: str(value or "") for name, value in (values or {}).items() if name != _FOLLOWS}


def _text(thing: Any, name: str) -> str:
    if name == field_told(name):
        return str(getattr(thing, name) or "")
    return told_apart(thing.translations).get(name, "")


def _changes(texts: Mapping[str, str]) -> dict[str, Any]:
    """Give texts under the names of the trail as an edit takes them."""
    changes: dict[str, Any] = {}
    for name, text in texts.items():
        field, _bracket, language = name.partition(" (")
        if language:
            changes.setdefault("translations", {}).setdefault(language.rstrip(")"), {})[field] = text
        else:
            changes[field] = text
    return changes
