"""Deeds on several webinars at once: made, moved, published, called off. All of one form or none, in one transaction:
half a series that moved is what nobody asked for."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from webinars.core.database import db, lock
from webinars.core.errors import Conflict, UserError
from webinars.schedule import queries
from webinars.schedule.models import Batch, Series, Webinar
from webinars.schedule.planning import Slot
from webinars.schedule.service import (
    Problems,
    cancel_webinar,
    create_webinar,
    duplicate_webinar,
    move_webinar,
    publish_webinar,
)


def create_many(
    series: Series,
    slots: Iterable[Slot],
    now: datetime,
    *,
    key: str,
    original: Webinar | None = None,
    without: Collection[str] = (),
    publish: bool = False,
    join_url: str = "",
) -> list[Webinar]:
    """Make a webinar for each date that is wanted; nothing more when the form with this key was sent before.

    Parameters: original, what they are copies of, and without, what of it does not come along; publish, at once;
    join_url, of the room that all but copies use.
    Raises Problems and Conflict, beginning with the title of the webinar that it is about.
    """
    # First: the row of the form holds the series too, and two forms would wait for each other.
    lock(series)
    if not _first_time(key, series, now):
        return []
    made = []
    for slot in slots:
        if not slot.wanted:
            continue
        fields = {"title": slot.title, **_timing(slot)}
        if slot.minutes == (original or series).duration_minutes:
            del fields["duration_minutes"]
        if original:
            webinar = duplicate_webinar(original, now, fields=fields, without=without)
        else:
            fields |= {"speakers": list(slot.speakers), "join_url": join_url}
            webinar = create_webinar({"series": series, **fields}, now)
        made.append(publish_webinar(webinar, now) if publish else webinar)
    return made


def _timing(slot: Slot) -> dict[str, Any]:
    return {
        "local_start": slot.local, "time_zone": slot.time_zone, "fold": slot.fold, "duration_minutes": slot.minutes,
    }  # fmt: skip


def _first_time(key: str, series: Series, now: datetime) -> bool:
    """Note that a form is acted on; somebody who sends it at the same moment waits here."""
    try:
        with db.session.begin_nested():
            db.session.add(Batch(key=key, series_id=series.id, created_at=now))
    except IntegrityError:
        return False
    return True


def move_many(slots: Sequence[Slot], seen: Mapping[str, str], now: datetime) -> list[Webinar]:
    """Move each webinar that is wanted to its date, as move_webinar does, with letters and SEQUENCE.

    Parameters: seen, the version of each by its address. Raises what move_webinar raises, with the title before.
    """
    moving = sorted(((slot.moves, slot) for slot in slots if slot.wanted and slot.moves), key=lambda pair: pair[0].id)
    for webinar, slot in moving:
        with _named(webinar):
            move_webinar(webinar, now=now, seen=seen.get(webinar.slug), **_timing(slot))
    return [webinar for webinar, _slot in moving]


def publish_many(slugs: Collection[str], now: datetime) -> list[Webinar]:
    """Publish some drafts. Raises Conflict with what stands against one."""
    return _each(slugs, lambda webinar: publish_webinar(webinar, now))


def cancel_many(slugs: Collection[str], reason: str, now: datetime, reasons: Mapping[str, str]) -> list[Webinar]:
    """Call some webinars off for the same reason. Raises Conflict when one is over, Problems."""
    if not reason.strip():
        raise Problems({"reason": _("Give a short reason. People read it in their letter and on the page.")})
    return _each(slugs, lambda webinar: cancel_webinar(webinar, reason, now, reasons))


def _each(slugs: Collection[str], deed: Callable[[Webinar], Webinar]) -> list[Webinar]:
    """Do a deed to some webinars in the order in which everybody locks them."""
    webinars = sorted(queries.webinars_by_slug(slugs), key=lambda webinar: webinar.id)
    if len(webinars) < len(set(slugs)):
        raise Conflict(_("One of these webinars is not there any more. Choose them again from the list."))
    for webinar in webinars:
        with _named(webinar):
            deed(webinar)
    return webinars


@contextmanager
def _named(webinar: Webinar) -> Iterator[None]:
    """Say in what stands against a deed which webinar it is about."""
    title = webinar.title
    try:
        yield
    except UserError as error:
        raise Conflict(f"{title}: {error}") from error
