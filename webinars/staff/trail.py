"""Looks into the audit trail: by words, person, kind of thing, one thing, and time."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import ColumnElement, String, and_, cast, or_, select

from webinars.accounts.models import AuditEntry
from webinars.accounts.queries import staff_named
from webinars.core.database import db
from webinars.core.errors import NotFound
from webinars.core.paging import Page, few_of, page_of
from webinars.staff import queries
from webinars.staff.deeds import actions_named

PAGE_SIZE = 50
_MOST_WORDS = 100
#: kinds of things that can be asked for, as people call them
KINDS: Mapping[str, Any] = {
    "webinar": _l("Webinars"),
    "series": _l("Series"),
    "topic": _l("Topics"),
    "news item": _l("News"),
    "speaker": _l("Speakers"),
    "video": _l("Videos"),
    "picture": _l("Pictures"),
    "registration": _l("Registrations"),
    "announcement": _l("Announcements"),
    "question": _l("Questions"),
    "term": _l("Medical terms"),
    "user": _l("People and access"),
    "mail": _l("Mail"),
    "settings": _l("Settings"),
}
#: who may have acted beside members of staff
OTHERS: Mapping[str, Any] = {"api": _l("A program"), "system": _l("The service itself")}


@dataclass(frozen=True)
class Asked:
    """What somebody wants to see of the trail; empty values ask for everything."""

    words: str = ""
    #: "staff:3", "api" for every program, "system"
    who: str = ""
    kind: str = ""
    #: the thing's number, as the trail has it
    thing: str = ""
    #: days in the reader's zone, both included
    since: date | None = None
    until: date | None = None


def asked_of(given: Mapping[str, str]) -> Asked:
    """Read what an address asks for; what means nothing is left out."""
    return Asked(
        words=given.get("q", "").strip()[:_MOST_WORDS],
        who=given.get("who", ""),
        kind=given.get("kind", ""),
        thing=given.get("thing", "")[:40],
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
    )


def _day(typed: str) -> date | None:
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return None
    return day if 1970 <= day.year < 2200 else None


def page_of_trail(asked: Asked, page: int, zone: str) -> Page[AuditEntry]:
    """List a page of the audit trail, newest first."""
    conditions = _conditions(asked, ZoneInfo(zone))
    few = few_of(select(AuditEntry.id).where(*conditions)) if asked.words else None
    wanted = select(AuditEntry).where(*conditions if few is None else [AuditEntry.id.in_(few)])
    return page_of(wanted, [AuditEntry.id.desc()], page, PAGE_SIZE)


def get_entry(number: int) -> AuditEntry:
    """Give an entry of the trail. Raises NotFound."""
    found = db.session.get(AuditEntry, number)
    if found is None:
        raise NotFound()
    return found


def _conditions(asked: Asked, zone: ZoneInfo) -> list[ColumnElement[bool]]:
    found = []
    if asked.words:
        found.append(_holds(asked.words))
    if asked.who:
        who = AuditEntry.actor.startswith("api:") if asked.who == "api" else AuditEntry.actor == asked.who
        found.append(who)
    if asked.kind:
        # Words are looked for in every entry: in the order of an index that would take several times as long.
        kind = AuditEntry.object_kind.concat("") if asked.words else AuditEntry.object_kind
        found.append(kind == asked.kind)
    if asked.thing:
        found.append(AuditEntry.object_id == asked.thing)
    if asked.since:
        found.append(AuditEntry.at >= _midnight(asked.since, zone))
    if asked.until:
        found.append(AuditEntry.at < _midnight(asked.until + timedelta(days=1), zone))
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone)


def _holds(words: str) -> ColumnElement[bool]:
    """Look for words in deeds as people read them, in who did it, in what it was done to, and in what changed."""
    kept = json.dumps(words)[1:-1]
    columns = (AuditEntry.action, AuditEntry.object_id, AuditEntry.note)
    things = queries.things_named(words)
    return or_(
        AuditEntry.actor.in_(staff_named(words)),
        AuditEntry.action.in_(actions_named(words)),
        *(column.icontains(words, autoescape=True) for column in columns),
        # JSON keeps what is not ASCII as escapes.
        *(cast(column, String).icontains(kept, autoescape=True) for column in (AuditEntry.before, AuditEntry.after)),
        *(and_(AuditEntry.object_kind == kind, AuditEntry.object_id.in_(ids)) for kind, ids in things.items()),
    )
