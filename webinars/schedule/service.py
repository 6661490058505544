"""Writing the schedule of webinars; series, topics, news and speakers are in ``catalogue``.

Every deed takes plain values under the names of the form and the API, checks them all, and raises ``Problems`` with a
sentence for each field. Callers open the transaction.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _

from webinars.accounts import audit
from webinars.core.database import db, lock
from webinars.core.errors import Conflict, UserError
from webinars.schedule import checking, events, queries, rules, team
from webinars.schedule.catalogue import (
    ASKING,
    change,
    create_news_item,
    create_series,
    create_speaker,
    create_topic,
    edit_news_item,
    edit_speaker,
    edit_topic,
    insert,
    readdress,
    refuse_outdated,
)
from webinars.schedule.changing import apply, assign_speakers, set_end, settle_change
from webinars.schedule.cleaning import Problems, Values, read
from webinars.schedule.copying import COPIED, duplicate_webinar
from webinars.schedule.defaults import edit_series, settle_following
from webinars.schedule.fields import cancelling_readers, reason_field
from webinars.schedule.models import Webinar, WebinarState

__all__ = [
    "MovePlan",
    "Problems",
    "Rederived",
    "cancel_webinar",
    "create_news_item",
    "create_series",
    "create_speaker",
    "create_topic",
    "create_webinar",
    "duplicate_webinar",
    "edit_news_item",
    "edit_series",
    "edit_speaker",
    "edit_topic",
    "edit_webinar",
    "move_webinar",
    "plan_move",
    "publish_webinar",
    "rederive_instants",
    "webinar_version",
]

_TIMING = ("local_start", "time_zone", "fold", "duration_minutes")
_VERSIONED = (*COPIED, "slug", "local_start", "fold", "state", "sequence")


@dataclass
class Rederived:
    """What a new zone database did: whose instant changed, and whose zone is gone."""

    moved: list[Webinar] = field(default_factory=list)
    unresolved: list[Webinar] = field(default_factory=list)


@dataclass(frozen=True)
class MovePlan:
    """What a move would lead to."""

    starts_at: datetime
    ends_at: datetime
    time_zone: str
    #: False when everything stays as it is
    changed: bool


def webinar_version(webinar: Webinar) -> str:
    """Fingerprint what staff can change; pass it back as ``seen`` to notice that somebody else saved in between."""
    speakers = [place.speaker_id for place in webinar.speaker_places]
    return rules.fingerprint([*(getattr(webinar, name) for name in _VERSIONED), speakers])


def create_webinar(fields: Mapping[str, Any], now: datetime) -> Webinar:
    """Write a new draft, also with a start in the past.

    Needs ``series`` (slug or Series), ``title``, ``local_start``; the zone comes from the series when absent.
    Raises Problems, and AmbiguousTime for a wall-clock time that does not exist or exists twice.
    """
    needed = {"series": None, "title": None, "local_start": None}
    values = checking.checked({**needed, **fields}, now)
    speakers, slug = values.pop("speakers", []), values.pop("slug", "")
    values = {"time_zone": values["series"].time_zone, "language": values["series"].language, **values}
    settle_following(None, values)
    webinar = Webinar(state=WebinarState.DRAFT, created_at=now, updated_at=now, start_set_at=now, fold=0)
    apply(webinar, {**values, **checking.timing(webinar, values)})
    set_end(webinar)
    assign_speakers(webinar, speakers)
    insert(webinar, slug)
    team.begin_team(webinar)
    audit.record("webinar created", "webinar", webinar.id, after={"title": webinar.title}, now=now)
    events.asking_changed.send(webinar, now=now)
    return webinar


def edit_webinar(webinar: Webinar, changes: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Webinar:
    """Change some fields; the calendars of registered people follow when time, title, length or joining changed.

    Raises Problems, AmbiguousTime, and Conflict when somebody saved after the version ``seen``.
    """
    lock(webinar)
    refuse_outdated(webinar_version(webinar), seen, about=("webinar", webinar.id))
    values = checking.checked(changes, now)
    speakers, slug = values.pop("speakers", None), values.pop("slug", "")
    values.update(checking.timing(webinar, values))
    settle_following(webinar, values)
    checking.check_edit(webinar, values, slug, now)
    reminders = set(webinar.reminder_minutes)
    before = apply(webinar, values)
    if speakers is not None:
        assign_speakers(webinar, speakers)
    if slug and slug != webinar.slug:
        before["slug"] = readdress(webinar, slug)
    settle_change(webinar, before, now, "webinar edited")
    if added := set(webinar.reminder_minutes) - reminders:
        events.reminders_added.send([webinar.id], minutes=added, now=now)
    if not (ASKING | {"series"}).isdisjoint(before):
        events.asking_changed.send(webinar, now=now)
    return webinar


def move_webinar(
    webinar: Webinar,
    local_start: datetime | str,
    *,
    now: datetime,
    time_zone: str | None = None,
    duration_minutes: int | str | None = None,
    fold: int | None = None,
    seen: str | None = None,
) -> Webinar:
    """Give a webinar a new start; the same one again changes nothing.

    Raises Problems for a start in the past, AmbiguousTime, and Conflict for a cancelled or meanwhile changed webinar.
    """
    lock(webinar)
    refuse_outdated(webinar_version(webinar), seen, about=("webinar", webinar.id))
    given = {"local_start": local_start, "time_zone": time_zone, "duration_minutes": duration_minutes, "fold": fold}
    before = apply(webinar, _planned(webinar, given, now))
    settle_change(webinar, before, now, "webinar moved")
    return webinar


def plan_move(webinar: Webinar, fields: Mapping[str, Any], now: datetime) -> MovePlan:
    """Say what a move would lead to, and write nothing.

    Parameters: fields, the arguments of move_webinar by name. Raises what move_webinar raises.
    """
    values = _planned(webinar, fields, now)
    starts_at = values.get("starts_at", webinar.starts_at)
    minutes = values.get("duration_minutes", webinar.duration_minutes)
    zone = values.get("time_zone", webinar.time_zone)
    changed = any(getattr(webinar, name) != value for name, value in values.items())
    return MovePlan(starts_at, starts_at + timedelta(minutes=minutes), zone, changed)


def _planned(webinar: Webinar, fields: Mapping[str, Any], now: datetime) -> Values:
    asked = {name: fields[name] for name in _TIMING if fields.get(name) is not None}
    values = checking.checked({"local_start": None, **asked}, now)
    if values.get("duration_minutes", webinar.duration_minutes) != webinar.duration_minutes:
        settle_following(webinar, values)
    values.update(checking.timing(webinar, values))
    checking.check_edit(webinar, values, "", now)
    if values.get("starts_at", webinar.starts_at) != webinar.starts_at and values["starts_at"] <= now:
        raise Problems({"local_start": _("This start is in the past. Choose a later one.")})
    return values


def publish_webinar(webinar: Webinar, now: datetime) -> Webinar:
    """Make a draft public; a published one stays as it is.

    To load webinars of the past, pass a ``now`` before their start. Raises Conflict with what stands against it.
    """
    lock(webinar)
    if webinar.state == WebinarState.PUBLISHED:
        return webinar
    problems = rules.publishing_problems(webinar, now)
    if problems:
        raise Conflict(_("This webinar cannot be published yet.") + " " + " ".join(problems))
    webinar.state = WebinarState.PUBLISHED
    webinar.published_at = webinar.updated_at = now
    db.session.flush()
    audit.record("webinar published", "webinar", webinar.id, after={"title": webinar.title}, now=now)
    events.webinar_published.send(webinar, now=now)
    return webinar


def cancel_webinar(webinar: Webinar, reason: str, now: datetime, reasons: Mapping[str, str] | None = None) -> Webinar:
    """Call a webinar off for good; a cancelled one stays as it is.

    Parameters: reason, shown on its page and in the letters; may be empty. reasons, the same by further language.
    Raises Problems, and Conflict when it is over.
    """
    lock(webinar)
    if webinar.state == WebinarState.CANCELLED:
        return webinar
    known = webinar.state == WebinarState.PUBLISHED
    if known and now >= webinar.ends_at:
        raise Conflict(_("This webinar is over, so it cannot be cancelled any more."))
    texts = {language: {"cancel_reason": words} for language, words in (reasons or {}).items()}
    values, problems = read({"cancel_reason": reason, "translations": texts}, cancelling_readers())
    if problems:
        raise Problems({reason_field(name): sentence for name, sentence in problems.items()})
    change(webinar, values)
    webinar.sequence += known
    webinar.state = WebinarState.CANCELLED
    webinar.cancelled_at = webinar.updated_at = now
    db.session.flush()
    audit.record("webinar cancelled", "webinar", webinar.id, after={"reason": webinar.cancel_reason}, now=now)
    if known:
        events.webinar_cancelled.send(webinar, now=now)
    return webinar


def rederive_instants(now: datetime) -> Rederived:
    """Derive the instants of all webinars that are not over again, after new zone rules; a difference is a move."""
    outcome = Rederived()
    for webinar_id in queries.not_over(now):
        webinar = db.session.get(Webinar, webinar_id, populate_existing=True, with_for_update={"of": Webinar})
        if webinar is None:
            # a draft deleted meanwhile
            continue
        try:
            local, fold, starts_at = rules.settle(webinar.local_start, webinar.time_zone, webinar.fold)
        except UserError:
            outcome.unresolved.append(webinar)
            continue
        if starts_at != webinar.starts_at:
            before = apply(webinar, {"local_start": local, "fold": fold, "starts_at": starts_at})
            settle_change(webinar, before, now, "webinar moved by new zone rules")
            outcome.moved.append(webinar)
    return outcome
