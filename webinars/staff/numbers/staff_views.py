"""The pages of the numbers: the whole programme, its series side by side, one webinar."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.errors import NotFound
from webinars.core.http import current_settings
from webinars.core.text import slugify
from webinars.mail.models import Mailing
from webinars.notices.kinds import Notice
from webinars.registration.exchange.export import csv_of, download
from webinars.schedule.models import Series, Webinar
from webinars.schedule.queries import find_series, find_topic, get_webinar, list_series, list_topics
from webinars.schedule.rules import Phase, phase
from webinars.staff import words
from webinars.staff.numbers import pictures, queries, rules
from webinars.staff.numbers.pictures import Picture
from webinars.staff.numbers.queries import Asked
from webinars.staff.views import staff_pages

#: what is shown of the past as long as nobody chose anything else
_USUAL = timedelta(days=365)


@staff_pages.get("/numbers")
def numbers() -> ResponseReturnValue:
    """Show the numbers of the whole programme, or of a part of it."""
    asked = asked_for()
    cells = queries.cells_of(asked.which)
    return render_template(
        "staff/numbers.html",
        now=utc_now(),
        asked=asked,
        counted=queries.freshness(asked),
        figures=pictures.key_figures(cells),
        pictures=[
            pictures.months(queries.months_of(asked.which)),
            *pictures.about_people(cells),
            pictures.letters(cells),
        ],
        series=list_series(),
        topics=list_topics(),
        chosen=chosen(asked),
    )


@staff_pages.get("/numbers/series")
def numbers_of_series() -> ResponseReturnValue:
    """Show the series of the programme side by side."""
    asked = replace(asked_for(), series=None)
    return render_template(
        "staff/numbers_series.html",
        now=utc_now(),
        asked=asked,
        counted=queries.freshness(asked),
        compared=_compared(asked),
        by_series=_by_series(asked),
        topics=list_topics(),
        chosen=chosen(asked),
    )


@staff_pages.get("/numbers/<picture>.csv")
def numbers_csv(picture: str) -> ResponseReturnValue:
    """Give one picture of the programme as a table."""
    asked = asked_for()
    if picture == "months":
        offered = [pictures.months(queries.months_of(asked.which))]
    elif picture == "series":
        offered = [_by_series(asked)]
    else:
        cells = queries.cells_of(asked.which)
        offered = [*pictures.about_people(cells), pictures.letters(cells)]
    return _as_csv(offered, picture, f"{asked.first}-{asked.last}")


@staff_pages.get("/webinars/<slug>/numbers")
@needs(Audience.STAFF, Scope.WEBINAR)
def webinar_numbers(slug: str) -> ResponseReturnValue:
    """Show the numbers of one webinar, how its sign-ups went, and where they may lead."""
    now, webinar = utc_now(), get_webinar(slug)
    cells = queries.cells_of(Webinar.id == webinar.id)
    standing = phase(webinar, now)
    return render_template(
        "staff/webinar_numbers.html",
        now=now,
        webinar=webinar,
        phase=standing,
        counting=queries.counting_of(webinar.id),
        figures=pictures.key_figures(cells),
        forecast=_forecast(webinar, now) if standing in (Phase.OPEN, Phase.UPCOMING) else None,
        least=(rules.FEWEST_SIGN_UPS, rules.FEWEST_ALIKE),
        pictures=_of_webinar(webinar, cells, now),
    )


@staff_pages.get("/webinars/<slug>/numbers/<picture>.csv")
@needs(Audience.STAFF, Scope.WEBINAR)
def webinar_numbers_csv(slug: str, picture: str) -> ResponseReturnValue:
    """Give one picture of a webinar as a table."""
    webinar = get_webinar(slug)
    cells = queries.cells_of(Webinar.id == webinar.id)
    return _as_csv(_of_webinar(webinar, cells, utc_now()), picture, webinar.slug)


def asked_for() -> Asked:
    """Read from the address what is looked at; what makes no sense there is taken for nothing."""
    today = utc_now().astimezone(ZoneInfo(current_settings().home_zone)).date()
    last = _day("to") or today
    first = _day("from") or last - _USUAL
    series, topic = request.args.get("series", ""), request.args.get("topic", "")
    return Asked(
        min(first, last),
        max(first, last),
        find_series(series) if series else None,
        find_topic(topic) if topic else None,
    )


def chosen(asked: Asked) -> dict[str, str]:
    """Give what is looked at as it stands in an address."""
    found = {"from": asked.first.isoformat(), "to": asked.last.isoformat()}
    found |= {"series": asked.series.slug} if asked.series else {}
    return found | ({"topic": asked.topic.slug} if asked.topic else {})


def _day(name: str) -> date | None:
    try:
        day = date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None
    return day if 1970 <= day.year < 2200 else None


def _as_csv(offered: Sequence[Picture], key: str, title: str) -> ResponseReturnValue:
    picture = next((one for one in offered if one.key == key), None)
    if picture is None:
        raise NotFound
    return download(csv_of(picture.columns, picture.table, mark=True), f"{slugify(picture.title)}-{title}", "csv")


def _compared(asked: Asked) -> list[tuple[Series, int, dict[str, int]]]:
    """List the series that had webinars, with how many and their figures, the one with most sign-ups first."""
    numbers = queries.cells_by(Webinar.series_id, asked.which)
    webinars = queries.webinars_by_series(asked.which)
    series = queries.series_by_id(webinars)
    rows = [(series[one], webinars[one], pictures.key_figures(numbers.get(one, {}))) for one in webinars]
    return sorted(rows, key=lambda row: (-row[2]["sign_ups"], row[0].title))


def _by_series(asked: Asked) -> Picture:
    rows = [
        (series.title, [figures["sign_ups"], figures["came"], figures["plays"]])
        for series, _number, figures in _compared(asked)
    ]
    columns = [_("Series"), _("Signed up"), _("Came"), _("Plays of the recording")]
    nothing = _("No webinar took place in this time.")
    return Picture("series", _("Sign-ups, people who came and plays, by series"), columns, rows, nothing=nothing)


def _of_webinar(webinar: Webinar, cells: rules.Cells, now: datetime) -> list[Picture]:
    zone = ZoneInfo(webinar.time_zone)
    until = min(now, webinar.ends_at).astimezone(zone).date()
    sign_ups = pictures.days(queries.days_of(webinar.id), until, _marks(webinar, now))
    return [sign_ups, *pictures.about_people(cells), pictures.letters(cells)]


def _marks(webinar: Webinar, now: datetime) -> list[tuple[date, str]]:
    """Name what went to everybody, at its day: people who hear of a webinar register."""
    zone = ZoneInfo(webinar.time_zone)
    return [
        (one.due_at.astimezone(zone).date(), words.notice_name(Notice(one.notice), _minutes(one)))
        for one in queries.mailings_about(webinar, now)
        if one.notice in set(Notice)
    ]


def _minutes(mailing: Mailing) -> int | None:
    """Give how long before the start a reminder goes."""
    minutes = mailing.occasion.rpartition("-")[2]
    return int(minutes) if mailing.notice == Notice.REMINDER and minutes.isdecimal() else None


def _forecast(webinar: Webinar, now: datetime) -> rules.Forecast | None:
    today = now.astimezone(ZoneInfo(webinar.time_zone)).date()
    so_far = sum(queries.days_of(webinar.id).values())
    return rules.forecast(so_far, (webinar.local_start.date() - today).days, queries.curves_like(webinar, now))
