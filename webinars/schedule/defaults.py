"""What webinars take from their series until they have their own, and how a change of the series flows down to them.

A webinar holds the values in force itself, so that nobody who reads it has to look into its series; ``follows`` names
those that are the series'.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from webinars.core.database import lock
from webinars.schedule import catalogue, checking, queries
from webinars.schedule.changing import apply, settle_change
from webinars.schedule.cleaning import Problems, Values
from webinars.schedule.models import Series, Webinar
from webinars.schedule.rules import FOLLOWED, differing


def settle_following(webinar: Webinar | None, values: Values) -> None:
    """Put what the series says into the values of a new webinar, or of one that is changed.

    What was given is the webinar's own, unless ``follows`` says otherwise. What it follows already stays as it is,
    also when it is over and the series has moved on.
    """
    before = frozenset(FOLLOWED if webinar is None else webinar.follows)
    named = values.get("follows")
    follows = before - values.keys() if named is None else frozenset(named)
    series = values["series"] if webinar is None else values.get("series", webinar.series)
    elsewhere = webinar is None or series.id != webinar.series_id
    for name in follows:
        values.pop(name, None)
        if elsewhere or name not in before:
            values[name] = getattr(series, name)
    values["follows"] = [name for name in FOLLOWED if name in follows]


def edit_series(series: Series, changes: Mapping[str, Any], now: datetime, *, seen: str | None = None) -> Series:
    """Change some fields of a series, and of the webinars ahead that follow it in them.

    Raises Problems, and Conflict when somebody saved after the version ``seen``.
    """
    if differing(series, changes, FOLLOWED):
        catalogue.lock_webinars(series.id)
        lock(series)
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
