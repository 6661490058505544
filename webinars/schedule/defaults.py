"""What webinars take from their series until they have their own, and how a change of the series flows down to them.

A webinar holds the values in force itself, so that nobody who reads it has to look into its series; ``follows`` names
those that are the series'.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from webinars.core.database import lock
from webinars.schedule import catalogue, checking, queries
from webinars.schedule.changing import apply, settle_change
from webinars.schedule.cleaning import Problems, Values, read
from webinars.schedule.fields import series_readers
from webinars.schedule.models import Series, Webinar, WebinarState
from webinars.schedule.rules import FOLLOWED, LOOKED_UP, Effect, differing, effect_of, follows


def settle_following(webinar: Webinar | None, values: Values, *, hold: bool = True) -> None:
    """Put what the series says into the values of a new webinar, or of one that is changed.

    What was given is the webinar's own, unless it is what it has already or ``follows`` says otherwise. What it follows
    already stays as it is, also when it is over and the series has moved on.

    Parameters: hold, keep others from changing the series until the transaction ends; not for a mere look.
    """
    before = frozenset(FOLLOWED if webinar is None else webinar.follows)
    series = values["series"] if webinar is None else values.get("series", webinar.series)
    elsewhere = webinar is None or series.id != webinar.series_id
    named = values.get("follows")
    if named is None:
        own = [name for name in before & values.keys() if elsewhere or values[name] != getattr(webinar, name)]
        named = before.difference(own)
    follows = frozenset(named)
    taken = follows if elsewhere else follows - before
    if taken and hold:
        # Who changes the series at this moment would not find what follows it only now.
        lock(series)
    for name in follows:
        values.pop(name, None)
        if name in taken:
            values[name] = getattr(series, name)
    values["follows"] = [name for name in FOLLOWED if name in follows]


def edit_series(series: Series, changes: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Series:
    """Change some fields of a series, and of the webinars ahead that follow it in them.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    if differing(series, changes, FOLLOWED):
        catalogue.lock_series(series)
    was = {name: getattr(series, name) for name in FOLLOWED}
    catalogue.edit_series(series, changes, now, seen=seen)
    changed = {name: getattr(series, name) for name in FOLLOWED if getattr(series, name) != was[name]}
    if changed:
        for webinar in queries.webinars_following(series.id, now):
            _follow(webinar, changed, now)
    return series


def _follow(webinar: Webinar, changed: Values, now: datetime) -> None:
    values = {name: value for name, value in changed.items() if name in webinar.follows}
    if not values:
        return
    try:
        checking.check_edit(webinar, values, "", now)
    except Problems as problems:
        raise Problems({name: f"{webinar.title}: {words}" for name, words in problems.fields.items()}) from None
    settle_change(webinar, apply(webinar, values), now, "webinar followed its series")


@dataclass(frozen=True)
class Following:
    """How many webinars ahead follow their series in a field, and how many have their own."""

    following: int
    own: int


def count_following(series: Series, now: datetime) -> dict[str, Following]:
    """Count for each default of a series who follows it (one query)."""
    ahead = queries.webinars_following(series.id, now)
    counts = Counter(name for webinar in ahead for name in (*FOLLOWED, *LOOKED_UP) if follows(webinar, name))
    return {name: Following(counts[name], len(ahead) - counts[name]) for name in (*FOLLOWED, *LOOKED_UP)}


@dataclass(frozen=True)
class Flow:
    """What a change of a series means for one of its webinars."""

    webinar: Webinar
    fields: list[str]
    #: everybody who is registered gets a letter
    tells: bool
    #: whoever waits may get a place, and a letter with it
    lets_in: bool


def plan_series(series: Series, changes: Mapping[str, Any], now: datetime) -> list[Flow]:
    """Say what changing some fields of a series would change of its webinars ahead; writes nothing."""
    values, problems = read(
        {name: changes[name] for name in (*FOLLOWED, *LOOKED_UP) if name in changes}, series_readers()
    )
    changed = [name for name, value in values.items() if getattr(series, name) != value]
    if problems or not changed:
        return []
    flows = []
    for webinar in queries.webinars_following(series.id, now):
        fields = [name for name in changed if follows(webinar, name)]
        published = webinar.state == WebinarState.PUBLISHED
        tells = published and effect_of(fields) is not Effect.NONE
        lets_in = published and webinar.waitlisted_count > 0 and "capacity" in fields
        if fields:
            flows.append(Flow(webinar, fields, tells, lets_in))
    return flows
