"""Copying a webinar into a new draft: what comes along, and what never does (people, their answers, letters)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from webinars.accounts import audit
from webinars.core.database import lock
from webinars.schedule import checking, events, rules, team
from webinars.schedule.catalogue import insert
from webinars.schedule.changing import assign_speakers, set_end
from webinars.schedule.cleaning import Values
from webinars.schedule.languages import translated
from webinars.schedule.models import Webinar, WebinarState
from webinars.schedule.rules import FOLLOWED

COPIED = (
    "series_id", "title", "summary", "description", "language", "access_text", "recorded", "time_zone",
    "duration_minutes", "capacity", "waiting_list", "offer_hours", "join_url", "phone_number", "phone_pin", "reminders",
    "asks_role", "asks_access", "companions", "require_proof", "follows",
    "translations",
)  # fmt: skip
#: what may be left behind, with the columns it is; "speakers" and "questions" are rows of their own
PARTS: dict[str, tuple[str, ...]] = {
    "speakers": (),
    "questions": (),
    "translations": ("translations",),
    "access": ("access_text",),
    "places": ("capacity", "waiting_list", "offer_hours"),
    "reminders": ("reminders",),
    "asking": ("asks_role", "asks_access", "companions", "require_proof"),
    "phone": ("phone_number", "phone_pin"),
    "joining": ("join_url",),
}


def duplicate_webinar(
    webinar: Webinar,
    now: datetime,
    *,
    fields: Mapping[str, Any] | None = None,
    without: Collection[str] = (),
) -> Webinar:
    """Copy a webinar into a new draft, four weeks later on the same weekday at the same time of day.

    Parameters: fields, another title or start under the names of create_webinar; without, the names of PARTS that do
    not come along: the copy has there what its series says, or nothing.
    Raises Problems, and AmbiguousTime for a wall-clock time that does not exist or exists twice.
    """
    left = {column for part in without for column in PARTS[part]}
    copy = Webinar(
        **{name: getattr(webinar, name) for name in COPIED if name not in left},
        state=WebinarState.DRAFT, created_at=now, updated_at=now, start_set_at=now,
    )  # fmt: skip
    _leave(copy, webinar, left)
    _set(copy, webinar, checking.checked(fields or {}, now), now)
    assign_speakers(copy, [] if "speakers" in without else webinar.speakers)
    insert(copy, "")
    team.begin_team(copy, webinar)
    audit.record("webinar duplicated", "webinar", copy.id, after={"from": webinar.slug}, now=now)
    events.webinar_duplicated.send(copy, original=webinar, now=now, without=without)
    return copy


def _leave(copy: Webinar, webinar: Webinar, left: Collection[str]) -> None:
    """Let a copy follow its series in what did not come along, and take the reason of a cancellation away."""
    copy.translations = {}
    if "translations" not in left:
        without_reason = {language: {"cancel_reason": ""} for language in webinar.translations}
        copy.translations = translated(webinar.translations, without_reason)
    follows = {*webinar.follows, *left}
    copy.follows = [name for name in FOLLOWED if name in follows]
    if copy.follows:
        # As in settle_following.
        lock(webinar.series)
    for name in copy.follows:
        setattr(copy, name, getattr(webinar.series, name))


def _set(copy: Webinar, webinar: Webinar, values: Values, now: datetime) -> None:
    """Set what was asked for, which is the copy's own, and a start."""
    if "local_start" in values:
        values |= checking.timing(copy, values)
    else:
        local = rules.next_occasion(webinar.local_start, webinar.time_zone, now)
        settled = rules.settle(local, webinar.time_zone, 0)
        values |= dict(zip(("local_start", "fold", "starts_at"), settled, strict=True))
    for name, value in values.items():
        setattr(copy, name, value)
    copy.follows = [name for name in copy.follows if name not in values]
    set_end(copy)
