"""Series."""

from datetime import datetime
from typing import Any

from webinars.api import queries, schemas
from webinars.api.answers import Made, ensure_unchanged
from webinars.api.blueprint import pages
from webinars.core.database import lock
from webinars.schedule import queries as schedule
from webinars.schedule import service
from webinars.schedule.catalogue import ASKING, lock_series
from webinars.schedule.models import Series


@pages.lists("/series", schemas.Series, schemas.ListQuery)
def list_series(query: dict[str, int]) -> queries.Part[Series]:
    """List the series in the order they were made."""
    return queries.series_part(queries.Window(query["cursor"], query["limit"]))


@pages.shows("/series/<slug>", schemas.Series)
def get_series(slug: str) -> Series:
    """Get a series."""
    return schedule.get_series(slug)


@pages.makes("/series", schemas.Series, schemas.NewSeries)
def create_series(given: dict[str, Any], now: datetime) -> Made:
    """Make a series."""
    series = service.create_series(given, now)
    return Made(series, "api.get_series", {"slug": series.slug})


@pages.changes("/series/<slug>", schemas.Series, schemas.SeriesChanges, method="PATCH", needs_body=True)
def edit_series(given: dict[str, Any], slug: str, now: datetime) -> Series:
    """Change fields of a series."""
    series = schedule.get_series(slug)
    if ASKING & given.keys():
        lock_series(series)
    else:
        lock(series)
    ensure_unchanged(series)
    return service.edit_series(series, given, now)
