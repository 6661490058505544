"""Webinars, series, topics and news as they would be with what is typed; nothing of it reaches the database."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from webinars.schedule import checking
from webinars.schedule.catalogue import checked
from webinars.schedule.cleaning import Reader, Values
from webinars.schedule.defaults import settle_following
from webinars.schedule.fields import news_readers, series_readers, topic_readers
from webinars.schedule.languages import Translated, translated
from webinars.schedule.models import NewsItem, Series, Topic, Webinar, WebinarSpeaker, WebinarState

_READERS: dict[type[Any], Callable[[], Mapping[str, Reader]]] = {
    Series: series_readers,
    Topic: topic_readers,
    NewsItem: news_readers,
}
#: stands for the address of something new
NO_ADDRESS = "preview"


def as_typed(model: type[Any], thing: Translated | None, fields: Mapping[str, Any], now: datetime) -> Any:
    """Give a copy of a thing, or a new one, with the values of a form; it belongs to no session.

    Raises what saving it would raise: Problems, AmbiguousTime.
    """
    copy = _copy(thing) if thing else _blank(model)
    values = (
        checking.checked(fields, now) if model is Webinar else checked(fields, _READERS[model](), model is NewsItem)
    )
    values.pop("slug", None)
    if "translations" in values:
        values["translations"] = translated(copy.translations, values["translations"])
    if model is Webinar:
        settle_following(thing if isinstance(thing, Webinar) else None, values, hold=False)
        _time(copy, values)
        # What a form asks is kept under this number: one of its own, so that no visitor gets what is only typed.
        values["asks"] = secrets.randbits(62) + 1
    for name, value in values.items():
        setattr(copy, name, value)
    return copy


def _time(copy: Webinar, values: Values) -> None:
    if "series" in values:
        values["series_id"] = values["series"].id
        values.setdefault("time_zone", copy.time_zone or values["series"].time_zone)
    values.update(checking.timing(copy, values))
    starts_at = values.get("starts_at", copy.starts_at)
    values["ends_at"] = starts_at + timedelta(minutes=values.get("duration_minutes", copy.duration_minutes))
    if "speakers" in values:
        values["speaker_places"] = [WebinarSpeaker(speaker=one) for one in values.pop("speakers")]


def _copy(thing: Any) -> Any:
    """Copy the columns, and what it leads to."""
    copy = type(thing)(**{column.key: getattr(thing, column.key) for column in type(thing).__mapper__.column_attrs})
    for name in ("series", "topic"):
        if hasattr(thing, name):
            setattr(copy, name, getattr(thing, name))
    if isinstance(thing, Webinar):
        copy.speaker_places = [WebinarSpeaker(speaker=one) for one in thing.speakers]
    return copy


def _blank(model: type[Any]) -> Any:
    """Make a new one with what the database would fill in."""
    blank = model(slug=NO_ADDRESS)
    for column in model.__table__.columns:
        default = column.default
        if default is not None:
            setattr(blank, column.key, default.arg if default.is_scalar else default.arg(None))
    if isinstance(blank, Webinar):
        blank.state, blank.fold = WebinarState.DRAFT, 0
    return blank
