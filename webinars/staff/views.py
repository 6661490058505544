"""The shell of the staff area: today, and one webinar at a glance."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from webinars.archive.queries import videos_of_webinar
from webinars.core.audience import Audience, Scope, needs
from webinars.core.clock import utc_now
from webinars.core.http import home_zone
from webinars.core.zones import bounds_of, days_until
from webinars.mail import queries as mail
from webinars.notices import desk, desk_words
from webinars.registration.queries import counts, per_day, sign_ups_between
from webinars.registration.questions.queries import waiting_needs, webinars_with_needs
from webinars.registration.waves import open_waves
from webinars.registration.words import wave_words
from webinars.schedule import team
from webinars.schedule.models import Webinar
from webinars.schedule.queries import get_webinar
from webinars.schedule.rules import offer_words, phase
from webinars.schedule.team_views import PARTS
from webinars.staff import queries, rules, words

staff_pages = Blueprint("staff", __name__)
PLOT_DAYS = 30
MARK_APART = timedelta(days=8)


@staff_pages.get("/")
def today() -> ResponseReturnValue:
    """Show what is next, what is late or broken, and how sign-ups go."""
    now, zone = utc_now(), home_zone()
    status = mail.status(now)
    days = days_until(now, zone, PLOT_DAYS)
    numbers = sign_ups_between(bounds_of(days, zone))
    return render_template(
        "staff/today.html",
        now=now,
        zone=zone,
        coming=queries.coming_webinars(now),
        phase=phase,
        status=status,
        worker_silent=rules.worker_is_silent(status.last_tick, now),
        mail_late=rules.mail_is_late(status.oldest_due, now),
        misses=desk.counted(now),
        waves=open_waves(),
        wave_words=wave_words,
        miss_words=desk_words.heading,
        offer_words=offer_words,
        without_joining=queries.without_joining(now),
        late_drafts=queries.late_drafts(now),
        without_recording=queries.without_recording(now),
        needs=webinars_with_needs(now, queries.MOST),
        sign_ups=[[words.day_label(day), number] for day, number in zip(days, numbers, strict=True)],
    )


@staff_pages.get("/webinars/<slug>")
@needs(Audience.STAFF, Scope.WEBINAR)
def webinar(slug: str) -> ResponseReturnValue:
    """Show one webinar: its numbers, its letters, its recording, and what can be done."""
    now, found = utc_now(), get_webinar(slug)
    letters = rules.letter_rows(found, queries.letters_about(found.id), now)
    return render_template(
        "staff/webinar.html",
        now=now,
        webinar=found,
        phase=phase(found, now),
        counts=counts(found.id),
        last_week=sign_ups_between([now - timedelta(days=7), now], found.id)[0],
        letters=letters,
        failed=sum(row.failed for row in letters),
        missing=desk.count_of(found, now),
        needs=waiting_needs(found.id),
        miss_words=desk_words.heading,
        offer_words=offer_words,
        parts=PARTS,
        team=team.names_by_part(found.id),
        letter_name=words.letter_name,
        goes_out=words.goes_out,
        videos=videos_of_webinar(found.id, published=False),
        sign_ups=_sign_ups(found, now),
        marks={words.day_label(day): name for day, name in _marks(found, letters, now)},
    )


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
