"""Announcements falling due: one INSERT … SELECT writes the letters of everybody an announcement reaches.

An announcement is written once. Whoever registers afterwards gets none; whoever leaves in between, or the class of
mail, is left out when the letter is made.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from webinars.core.language import speaking
from webinars.mail import outbox
from webinars.notices import announcement_queries as queries
from webinars.notices import wording
from webinars.notices.announcement_rules import about_of, words_in
from webinars.notices.kinds import Notice
from webinars.notices.models import Announcement
from webinars.notices.rendering import words_on_page
from webinars.registration.models import Registration
from webinars.schedule.languages import in_our_language

#: how long an announcement is tried
LASTS = timedelta(days=7)


def write_due(now: datetime) -> int:
    """Write the letters of what is due by now, inside the caller's transaction; give how many are new."""
    return sum(_write(announcement, now) for announcement in queries.due_announcements(now, hold=True))


def _write(announcement: Announcement, now: datetime) -> int:
    count = outbox.owe_all(
        queries.reached(announcement),
        notice=Notice.ANNOUNCEMENT,
        about=about_of(announcement),
        occasion=str(announcement.id),
        now=now,
        due_at=announcement.send_at,
        not_after=now + LASTS,
        lane=Notice.ANNOUNCEMENT.lane,
    )
    announcement.written_at = now
    return count


@dataclass(frozen=True)
class PlaceNews:
    """An announcement as the page of a place shows it, also to whom the letter said no more than that there is one."""

    at: datetime
    language: str
    subject: str
    text: Markup


def news_of(place: Registration) -> list[PlaceNews]:
    """List what was announced to a place, the newest first, for a reader who has proven the address (one query)."""
    return [_shown(announcement, at, place) for announcement, at in queries.given_to(place)]


def _shown(announcement: Announcement, at: datetime, place: Registration) -> PlaceNews:
    words = words_in(announcement, place.language)
    with speaking(words.language):
        values = wording.values(words, in_our_language(place.webinar), place.time_zone)
        text = words_on_page(words, {**values, "name": place.name})
    return PlaceNews(at, words.language, wording.subject_of(words, values), text)
