"""Reminders as people write them, and as minutes before the start."""

import re
from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import ngettext

from webinars.core.errors import UserError
from webinars.core.text import name_key

LEAST_REMINDER, MOST_REMINDER = 5, 60 * 24 * 60
MOST_REMINDERS = 10
_MINUTES = {"week": 10080, "day": 1440, "hour": 60, "minute": 1}
#: every spelling that is understood, folded; what format_reminders writes in any language is among them
_UNITS = {
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "semana", "semanas"), 10080),
    **dict.fromkeys(("d", "day", "days", "dia", "dias"), 1440),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours", "hora", "horas"), 60),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes", "minuto", "minutos"), 1),
}
_ONE_REMINDER = re.compile(r"(\d{1,6})\s*([a-z]+)\.?(?:\s+(?:before|antes))?")


def check_reminders(minutes: Iterable[int]) -> list[int]:
    """Order reminders from the earliest to the latest, each once.

    Parameters: minutes before the start. Raises UserError for one outside 5 minutes … 60 days, or for too many.
    """
    ordered = sorted(set(minutes), reverse=True)
    if ordered and (ordered[-1] < LEAST_REMINDER or ordered[0] > MOST_REMINDER):
        raise UserError(_("A reminder can go out from 60 days to 5 minutes before the start."))
    if len(ordered) > MOST_REMINDERS:
        raise UserError(_("Ten reminders are the most. People tire of more."))
    return ordered


def parse_reminders(text: str) -> list[int]:
    """Read "1 week, 1 day, 1 hour" as minutes before the start; an empty text means none.

    Raises UserError with the part that was not understood.
    """
    parts = [part.strip() for part in re.split(r"[,;\n]|\band\b|\by\b", text.replace("·", ",")) if part.strip()]
    return check_reminders(_parse_reminder(part) for part in parts)


def _parse_reminder(part: str) -> int:
    found = _ONE_REMINDER.fullmatch(name_key(part))
    minutes = _UNITS.get(found.group(2)) if found else None
    if not found or minutes is None:
        raise UserError(_("“%(part)s” is not clear. Write for example: 1 week, 1 day, 1 hour.", part=part[:40]))
    return int(found.group(1)) * minutes


def format_reminders(minutes: Iterable[int]) -> str:
    """Write reminders the way people say them: "1 week, 1 day, 1 hour"."""
    return ", ".join(format_reminder(offset) for offset in minutes)


def format_reminder(minutes: int) -> str:
    """Write one offset in the largest unit that divides it: "1 week", "90 minutes"."""
    unit = next(name for name, size in _MINUTES.items() if minutes % size == 0)
    count = minutes // _MINUTES[unit]
    words = {
        "week": ngettext("%(num)d week", "%(num)d weeks", count),
        "day": ngettext("%(num)d day", "%(num)d days", count),
        "hour": ngettext("%(num)d hour", "%(num)d hours", count),
        "minute": ngettext("%(num)d minute", "%(num)d minutes", count),
    }
    return str(words[unit])
