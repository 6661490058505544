"""Checking what is to be written of a webinar: what fields point to is looked up, what stands against it is told."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webinars.core.errors import Conflict, UserError
from webinars.core.formats import number
from webinars.core.zones import resolve
from webinars.schedule import queries
from webinars.schedule.cleaning import Problems, Values, read
from webinars.schedule.fields import webinar_readers
from webinars.schedule.models import Series, Speaker, Webinar, WebinarState


def checked(fields: Mapping[str, Any], now: datetime) -> Values:
    """Read the fields and look up what they point to; raises Problems with all of them at once."""
    values, problems = read(fields, webinar_readers(now))
    for name, look_up in (("series", _series), ("speakers", _speakers)):
        if name not in values:
            continue
        try:
            values[name] = look_up(values[name])
        except UserError as error:
            problems[name] = str(error)
    if problems:
        raise Problems(problems)
    return values


def _series(given: Any) -> Series:
    if isinstance(given, Series):
        return given
    if not given or not isinstance(given, str):
        raise UserError(_("Choose a series."))
    return queries.get_series(given)


def _speakers(given: Any) -> list[Speaker]:
    """Give the speakers of a list of ids or Speakers in their order, each once."""
    if not isinstance(given, list | tuple):
        raise UserError(_("Choose speakers from the list."))
    ids = [item.id if isinstance(item, Speaker) else item for item in given]
    if not all(type(item) is int for item in ids):
        raise UserError(_("Choose speakers from the list."))
    known = queries.speakers_by_id(ids)
    if len(known) != len(set(ids)):
        raise UserError(_("One of these speakers is not there any more."))
    return [known[item] for item in dict.fromkeys(ids)]


def timing(webinar: Webinar, values: Values) -> Values:
    """Derive the instant when time or zone change; the reading of a double hour is kept while both stay the same.

    Raises AmbiguousTime.
    """
    fold = values.pop("fold", None)
    local = values.get("local_start", webinar.local_start)
    zone = values.get("time_zone", webinar.time_zone)
    same = (local, zone) == (webinar.local_start, webinar.time_zone)
    if same and fold is None:
        return {}
    starts_at = resolve(local, zone, fold)
    # Whoever names a reading of a time that exists once means that one time.
    doubled = resolve(local, zone, 1) != resolve(local, zone, 0)
    return {"fold": fold or 0 if doubled else 0, "starts_at": starts_at}


def check_edit(webinar: Webinar, values: Values, slug: str, now: datetime) -> None:
    """Refuse what can no longer be changed: raises Problems, and Conflict for a cancelled webinar that is to move."""
    problems: dict[str, str] = {}
    starts_at = values.get("starts_at", webinar.starts_at)
    if starts_at != webinar.starts_at or values.get("time_zone", webinar.time_zone) != webinar.time_zone:
        if webinar.state == WebinarState.CANCELLED:
            raise Conflict(_("This webinar was cancelled, so it cannot be moved. Duplicate it to offer it again."))
        if webinar.state == WebinarState.PUBLISHED and starts_at <= now:
            problems["local_start"] = _("This start is in the past. Choose a later one.")
    taken = webinar.confirmed_count + webinar.offered_count
    capacity = values.get("capacity")
    if capacity is not None and capacity < taken:
        problems["capacity"] = _(
            "%(taken)s places are taken already, so there cannot be fewer. Cancel places first.", taken=number(taken)
        )
    if slug and slug != webinar.slug and webinar.published_at is not None:
        problems["slug"] = _("The address is fixed once a webinar was published, because people hold links to it.")
    if problems:
        raise Problems(problems)
