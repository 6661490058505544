"""Counting what is watched, and the pages on which staff see it."""

import csv
import io
from datetime import timedelta

from flask import Response, abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from webinars.archive import counting, numbers, oembed, queries, rules
from webinars.archive.staff_views import staff_pages
from webinars.archive.views import pages
from webinars.archive.world_queries import public_id
from webinars.core.clock import utc_now
from webinars.core.database import transaction
from webinars.core.http import csrf, current_settings
from webinars.core.language import current_language

#: days the overview looks back
_SPANS = (30, 90, 365)


@pages.post("/videos/<slug>/played")
@csrf.exempt
def played(slug: str) -> ResponseReturnValue:
    """Count a play, a minute or a stop that the player of one of our own pages tells; nobody's name is with it."""
    told = counting.what_is_told(request.form.get("what", ""), request.form.get("tenth", ""))
    if told is None:
        abort(400)
    # Wrong ones were refused before; a browser that plays our films sends at least one of the two.
    if not (request.headers.get("Origin") or request.headers.get("Sec-Fetch-Site")):
        abort(403)
    now, video_id = utc_now(), public_id(slug)
    asks_not = request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1"
    bounded = current_settings().ratelimit_enabled
    if video_id is not None and not asks_not and (not bounded or counting.has_room(now)):
        with transaction(durable=False):
            counting.count(video_id, told, current_language(), now)
    return Response(status=204, headers={"Cache-Control": "no-store"})


@staff_pages.get("/video-numbers")
def video_numbers() -> ResponseReturnValue:
    """Show which videos are watched most, and where people stop."""
    days = request.args.get("days", 90, int)
    days = days if days in _SPANS else 90
    since = utc_now().date() - timedelta(days=days)
    page, sums = numbers.most_watched(since, request.args.get("page", 1, int))
    stops = numbers.stops_since(since)
    return render_template(
        "archive_staff/most_watched.html", page=page, sums=sums, stops=stops, tenths=tenths(), days=days, spans=_SPANS
    )


def tenths() -> list[str]:
    """Name the tenths of a film."""
    return [_("%(from)d to %(to)d %%", **{"from": 10 * tenth, "to": 10 * tenth + 10}) for tenth in range(10)]


@staff_pages.get("/videos/<slug>/numbers")
def numbers_of_video(slug: str) -> ResponseReturnValue:
    """Show how often a video was watched, and how other sites can show it."""
    video = queries.get_video(slug)
    width, height = oembed.size_within(None, None)
    return render_template(
        "archive_staff/numbers.html",
        video=video,
        numbers=numbers.numbers_of(video.id),
        days=numbers.days_of(video.id, utc_now().date()),
        tenths=tenths(),
        frame=oembed.frame(video, video.language, width, height) if rules.is_public(video) else "",
        origins=current_settings().embed_origins,
    )


@staff_pages.get("/videos/<slug>/numbers.csv")
def numbers_csv(slug: str) -> ResponseReturnValue:
    """Give all that was counted of a video as a file."""
    video = queries.get_video(slug)
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(("day", "language", "what", "number"))
    writer.writerows(numbers.rows_of(video.id))
    answer = Response("\ufeff" + sheet.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="{video.slug}-numbers.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
