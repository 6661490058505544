"""Staff pages that show all webinars: the list and the month, with the same filters in the address."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue

from webinars.accounts.queries import current_staff, host_id
from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.http import home_zone
from webinars.core.zones import bounds_of
from webinars.schedule import events, queries, rules
from webinars.schedule.days_off import usual_countries
from webinars.schedule.month import Dated, fill, month_of, read_month
from webinars.schedule.queries import WebinarFilter
from webinars.schedule.staff_views import staff_pages

#: more are no month that somebody could read; the page says that there are more
_MOST_IN_MONTH = 500


@staff_pages.get("/webinars")
@needs(Audience.STAFF, Scope.OWN)
def webinar_list() -> ResponseReturnValue:
    """List webinars, filtered, sorted and paged."""
    now = utc_now()
    asked = _asked("coming")
    page = queries.staff_webinars(asked, now)
    phases = {webinar.id: rules.phase(webinar, now) for webinar in page.items}
    return render_template(
        "schedule_staff/webinar_list.html",
        page=page,
        asked=asked,
        kept=_kept("coming"),
        # Those from this number on; from 0 on it is all.
        ticked=request.args.get("ticked", type=int),
        phases=phases,
        series=queries.list_series(),
        languages=queries.spoken_languages(),
        zone=_zone(),
    )


@staff_pages.get("/calendar")
@needs(Audience.STAFF, Scope.OWN)
def calendar() -> ResponseReturnValue:
    """Show a month of webinars, filtered as the list is, in the zone of whoever looks."""
    now, zone = utc_now(), _zone()
    today = now.astimezone(ZoneInfo(zone)).date()
    month = month_of(read_month(request.args.get("month", ""), today), usual_countries(zone))
    bounds = bounds_of([day.day for day in month.days], zone)
    asked = _asked("all")
    webinars = queries.webinars_between(asked, bounds[0], bounds[-1], now, _MOST_IN_MONTH)
    # What has no series, speaker or state is shown where nothing is looked for.
    alone = host_id() is not None or request.args.keys() - {"month", "state"}
    others = [] if alone else _others(bounds[0], bounds[-1])
    fill(month, webinars, others, zone)
    return render_template(
        "schedule_staff/calendar.html",
        month=month,
        today=today,
        asked=asked,
        kept=_kept("all"),
        phases={webinar.id: rules.phase(webinar, now) for webinar in webinars},
        series=queries.list_series(),
        languages=queries.spoken_languages(),
        zone=zone,
        now=now,
        cut=len(webinars) == _MOST_IN_MONTH,
    )


def _others(start: datetime, end: datetime) -> list[Dated]:
    return [one for _receiver, found in events.dates_asked.send((start, end)) for one in found]


def _zone() -> str:
    return home_zone()


def _asked(state: str) -> WebinarFilter:
    """Read what is asked of the list from the address."""
    given = request.args
    state, user = given.get("state", state), current_staff()
    return WebinarFilter(
        text=given.get("q", ""),
        series=given.get("series", ""),
        language=given.get("language", ""),
        since=_instant(given.get("since", ""), 0),
        until=_instant(given.get("until", ""), 1),
        team_of=host_id() or (user.id if user and given.get("mine") else None),
        state=state,
        sort=given.get("sort", "start"),
        direction=given.get("direction", "desc" if state == "past" else "asc"),
        page=given.get("page", 1, type=int),
    )


def _instant(typed: str, days: int) -> datetime | None:
    """Give the beginning of a day in the zone of whoever looks, or of one so many days later."""
    try:
        day = date.fromisoformat(typed) + timedelta(days=days)
        return datetime.combine(day, time(), ZoneInfo(_zone())) if 1970 <= day.year < 2200 else None
    except (ValueError, OverflowError):
        return None


def _kept(state: str) -> dict[str, str | None]:
    """Give the filters as they stand in the address, for links that keep them."""
    names = ("q", "series", "language", "since", "until", "mine")
    return {**{name: request.args.get(name) or None for name in names}, "state": request.args.get("state", state)}
