"""A letter that a member of staff sends to themselves: as registrants get it, but about nobody's place.

Its calendar entry says that it is a test, and is published, not an invitation: calendars add it only when asked to, and
answer nobody (RFC 5546 section 3.2.1).
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from icalendar import Calendar, vText

from webinars.accounts.models import User
from webinars.accounts.queries import find_user_by_id
from webinars.core.database import db
from webinars.core.language import speaking
from webinars.mail.letters import CalendarPart, Letter, NotSent
from webinars.mail.models import Message
from webinars.notices import preview, wording_queries
from webinars.notices.announcement_rules import series_of, words_in
from webinars.notices.kinds import Notice, Reason
from webinars.notices.models import Announcement
from webinars.notices.wording import Wording
from webinars.schedule.models import Series, Webinar

_GONE = NotSent(Reason.TEST_IS_OLD)


def write(message: Message, now: datetime) -> Letter | NotSent:
    """Write the test that a row asks for; reads what it needs.

    The row names the user, the language, the webinar if there is one, and either the announcement, or the series and
    the kind of letter, perhaps with words that are not saved.
    """
    asked: dict[str, Any] = message.payload or {}
    user = find_user_by_id(int(asked.get("user", 0)))
    if user is None or not user.active:
        return _GONE
    shown = _announcement(asked, user, now) if "announcement" in asked else _letter(asked, user, now)
    if shown is None:
        return _GONE
    letter = shown.letter
    with speaking(letter.language):
        subject = _("Test: %(subject)s", subject=letter.subject)
        calendar = _as_test(letter.calendar) if letter.calendar else None
    return replace(letter, subject=subject, calendar=calendar, told_sequence=None, entry_sequence=None)


def _as_test(part: CalendarPart) -> CalendarPart:
    calendar: Any = Calendar.from_ical(part.ics)
    calendar["METHOD"] = vText("PUBLISH")
    for event in calendar.events:
        event["SUMMARY"] = vText(_("Test: %(subject)s", subject=event["SUMMARY"]))
        event.pop("ATTENDEE", None)
    return CalendarPart("PUBLISH", bytes(calendar.to_ical()))


def _letter(asked: dict[str, Any], user: User, now: datetime) -> preview.Shown | None:
    series = db.session.get(Series, int(asked["series"]))
    if series is None:
        return None
    notice = Notice(asked["notice"])
    facts = preview.invented(
        notice, _webinar(asked, series, now), asked["language"], name=user.name, address=user.email
    )
    if "words" in asked:
        words = Wording(asked["language"], *asked["words"])
        return preview.show(notice, facts, now, {(series.id, notice.value, words.language): words})
    return preview.show(notice, facts, now, wording_queries.words_of(series.id, notice))


def _announcement(asked: dict[str, Any], user: User, now: datetime) -> preview.Shown | None:
    announcement = db.session.get(Announcement, int(asked["announcement"]))
    if announcement is None:
        return None
    webinar, language = _webinar(asked, series_of(announcement), now), asked["language"]
    facts = preview.invented(Notice.ANNOUNCEMENT, webinar, language, name=user.name, address=user.email)
    return preview.show(Notice.ANNOUNCEMENT, facts, now, {}, words_in(announcement, language))


def _webinar(asked: dict[str, Any], series: Series, now: datetime) -> Webinar:
    known = db.session.get(Webinar, int(asked["webinar"])) if asked.get("webinar") else None
    return known or preview.invented_webinar(series, now)
