"""How the staff shell calls things."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask_babel import gettext as _

from webinars.core.formats import clock
from webinars.core.language import current_language
from webinars.notices.kinds import Notice
from webinars.registration.words import letter_words
from webinars.schedule.rules import format_reminder
from webinars.staff.rules import LetterRow


def letter_name(row: LetterRow) -> str:
    """Name a letter the way staff speak of it."""
    name = notice_name(row.notice, row.minutes)
    return _("%(reminder)s (of the former time)", reminder=name) if row.outdated else name


def notice_name(notice: Notice, minutes: int | None = None) -> str:
    """Name a kind of letter; ``minutes``: of a reminder, before the start."""
    if notice is Notice.REMINDER and minutes:
        return _("Reminder, %(time)s before", time=format_reminder(minutes))
    return letter_words(notice)


def goes_out(row: LetterRow, zone: str) -> str:
    """Say when a letter goes out: a moment, or what it answers."""
    if row.due_at:
        return f"{day_label(row.due_at.astimezone(ZoneInfo(zone)).date())}, {clock(row.due_at, zone)}"
    return {
        Notice.PROOF: _("as people register"),
        Notice.CONFIRMATION: _("as people register"),
        Notice.WAITLISTED: _("as people join the line"),
        Notice.PROMOTED: _("when somebody leaves"),
        Notice.OFFER: _("when somebody leaves"),
        Notice.OFFER_LAPSED: _("when nobody answers in time"),
        Notice.RECORDING_READY: _("when the video is published"),
        Notice.OWN_CANCELLATION: _("as people cancel"),
    }.get(row.notice, _("as it happens"))


def day_label(day: date | datetime) -> str:
    """Say "3 Dec"."""
    language = current_language()
    if language == "en":
        return f"{day.day} {format_skeleton('MMM', day, locale=language)}"
    return str(format_skeleton("MMMd", day, locale=language))
