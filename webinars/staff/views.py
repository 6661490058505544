"""The shell of the staff area: today, and one webinar at a glance."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webinars.accounts.queries import host_id
from webinars.archive.queries import videos_of_webinar
from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.http import current_settings, home_zone
from webinars.core.zones import bounds_of, days_until
from webinars.live.queries import came_in
from webinars.live.rules import lets_in
from webinars.mail import queries as mail
from webinars.notices import desk, desk_words
from webinars.registration.queries import counts, per_day, sign_ups_between
from webinars.registration.questions.queries import waiting_needs
from webinars.registration.waves import open_waves
from webinars.schedule import team
from webinars.schedule.models import Webinar, WebinarState
from webinars.schedule.queries import get_webinar
from webinars.schedule.rules import offer_words, phase
from webinars.schedule.team_views import PARTS
from webinars.staff import queries, rules, words
from webinars.staff import today as news
from webinars.staff.readiness import words as readiness_words
from webinars.staff.readiness.queries import preparations
from webinars.staff.readiness.rules import Preparation
from webinars.staff.readiness.staff_views import checklist

staff_pages = Blueprint("staff", __name__)
PLOT_DAYS = 30
#: how far the programme on today's page goes
PROGRAMME = timedelta(days=14)
#: webinars that are on at once and shown there
MOST_ON = 4
MARK_APART = timedelta(days=8)
#: how long before its start, and after its end, a webinar's own page begins with what is at hand during it
EVE, AFTERMATH = timedelta(days=1), timedelta(days=14)


@staff_pages.get("/")
@needs(Audience.STAFF, Scope.OWN)
def today() -> ResponseReturnValue:
    """Show what is next, what is late or broken, what is to do this week, and how sign-ups go."""
    now, zone = utc_now(), home_zone()
    # Of hosts it asks what they can do at their webinars, and shows nobody's letters.
    host = host_id() is not None
    unreached = [] if host else desk.counted(now, queries.shown(), queries.MOST_AHEAD)
    ahead, behind = queries.webinars_ahead(now), queries.webinars_behind(now)
    known = preparations([*ahead, *behind], now, {one.id: count for one, count in unreached})
    trouble = news.Trouble(mail.status(now), open_waves(), unreached, known)
    days = [] if host else days_until(now, zone, PLOT_DAYS)
    numbers = sign_ups_between(bounds_of(days, zone)) if days else []
    return render_template(
        "staff/today.html",
        now=now,
        zone=zone,
        **_next(known, now),
        lets_in=lets_in,
        phase=phase,
        lines=[] if host else news.needs_you(trouble, now),
        week=news.this_week(known, now),
        first_steps=[] if host else news.first_steps(queries.begun(now), current_settings()),
        progress=readiness_words.progress,
        sign_ups=[[words.day_label(day), number] for day, number in zip(days, numbers, strict=True)],
    )


def _next(known: Sequence[Preparation], now: datetime) -> dict[str, Any]:
    """Give what is on, else what comes next, and the programme of the next weeks."""
    coming = [one for one in known if one.webinar.state == WebinarState.PUBLISHED and not one.over]
    on = [one for one in coming if one.webinar.starts_at <= now]
    after = queries.next_webinar(now) if not coming else None
    first = preparations([after], now) if after else coming[:1]
    programme = [one for one in coming if one.webinar.starts_at <= now + PROGRAMME]
    shown = (on or first)[:MOST_ON]
    return {"coming": programme[: news.MOST], "next": shown, "came": came_in([one.webinar.id for one in shown])}


@staff_pages.get("/webinars/<slug>")
@needs(Audience.STAFF, Scope.WEBINAR)
def webinar(slug: str) -> ResponseReturnValue:
    """Show one webinar: its numbers, its letters, its recording, and what can be done."""
    now, found = utc_now(), get_webinar(slug)
    letters, missing = rules.letter_rows(found, queries.letters_about(found.id), now), desk.count_of(found, now)
    return render_template(
        "staff/webinar.html",
        webinar=found,
        phase=phase(found, now),
        counts=counts(found.id),
        last_week=sign_ups_between([now - timedelta(days=7), now], found.id)[0],
        letters=letters,
        failed=sum(row.failed for row in letters),
        missing=missing,
        needs=waiting_needs(found.id),
        miss_words=desk_words.heading,
        offer_words=offer_words,
        parts=PARTS,
        team=team.names_by_part(found.id),
        letter_name=words.letter_name,
        goes_out=words.goes_out,
        videos=videos_of_webinar(found.id, published=False),
        **checklist(found, missing, compact=True),
        sign_ups=_sign_ups(found, now),
        marks={words.day_label(day): name for day, name in _marks(found, letters, now)},
        at_hand=found.state == WebinarState.PUBLISHED and found.starts_at - EVE <= now <= found.ends_at + AFTERMATH,
        came=came_in([found.id]),
        lets_in=lets_in,
    )


@staff_pages.get("/webinars/<slug>/came")
@needs(Audience.STAFF, Scope.WEBINAR)
def came(slug: str) -> ResponseReturnValue:
    """Give the line that says how many came in, which asks again by itself; to a reader, the webinar's page."""
    if "HX-Request" not in request.headers:
        return redirect(url_for(".webinar", slug=slug))
    found, now = get_webinar(slug), utc_now()
    people = came_in([found.id])
    return render_template("staff/_came.html", webinar=found, came=people, lets_in=lets_in, now=now, zone=home_zone())


def _sign_ups(found: Webinar, now: datetime) -> list[list[object]]:
    """Count the sign-ups per day until today or the end."""
    days = per_day(found.id, found.time_zone, min(now, found.ends_at), PLOT_DAYS)
    return [[words.day_label(day), number] for day, number in days]


def _marks(found: Webinar, letters: list[rules.LetterRow], now: datetime) -> list[tuple[datetime, str]]:
    """Name what went to everybody, at its day: people who hear of a webinar register."""
    zone, marks = ZoneInfo(found.time_zone), list[tuple[datetime, str]]()
    for row in letters:
        # Marks close to each other would be written over each other.
        free = row.due_at and (not marks or row.due_at - marks[-1][0] >= MARK_APART)
        if row.due_at and free and row.due_at <= now and row.sent and not row.outdated:
            marks.append((row.due_at.astimezone(zone), words.letter_name(row)))
    return marks
