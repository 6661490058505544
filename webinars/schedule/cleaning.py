"""Reading what a form or a program sent: types, lengths, ranges, with one sentence for each field that will not do.

Pure: what has to be looked up (a series, a speaker, whether an address is free) is the service's part.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit

from babel import Locale, UnknownLocaleError
from flask_babel import gettext as _

from config import LANGUAGES
from webinars.core.errors import UserError
from webinars.core.text import many_lines, one_line, slugify
from webinars.core.zones import get_zone
from webinars.schedule.models import DeclineMeans
from webinars.schedule.rules import FOLLOWED, check_reminders, parse_reminders

Values = dict[str, Any]
Reader = Callable[[Any], Any]

FIRST_YEAR, YEARS_AHEAD = 2000, 10
MOST_CAPACITY = 1_000_000
MOST_OFFER_HOURS = 7 * 24
MOST_ACCESS_DAYS = 90
#: one form registers no more people than an address may have places
MOST_COMPANIONS = 5


class Problems(UserError):
    """Refuse values; ``fields`` holds one translated sentence for each field that needs another one."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(dict.fromkeys(fields.values())))
        self.fields = dict(fields)


def read(fields: Mapping[str, Any], readers: Mapping[str, Reader]) -> tuple[Values, dict[str, str]]:
    """Read the fields that were given with the reader of each.

    Returns (clean values, problems by field); a field without a reader is a problem.
    """
    values: Values = {}
    problems: dict[str, str] = {}
    for name, raw in fields.items():
        reader = readers.get(name)
        if reader is None:
            problems[name] = _("There is no such field, or it cannot be set.")
            continue
        try:
            values[name] = reader(raw)
        except Problems as inner:
            problems |= {f"{name}.{place}": sentence for place, sentence in inner.fields.items()}
        except UserError as error:
            problems[name] = str(error)
    return values, problems


def read_all(fields: Mapping[str, Any], readers: Mapping[str, Reader]) -> Values:
    """Read as ``read`` does. Raises Problems."""
    values, problems = read(fields, readers)
    if problems:
        raise Problems(problems)
    return values


def translations(readers: Mapping[str, Reader]) -> Reader:
    """Make a reader of texts in further languages, {"es": {"title": …}}; None takes a language away.

    Parameters: readers of the same fields in the main language. Raises Problems by language and field ("es.title").
    """

    def reader(raw: Any) -> dict[str, dict[str, str] | None]:
        if not isinstance(raw, Mapping):
            raise UserError(_("Give the texts by language."))
        return read_all(raw, dict.fromkeys(LANGUAGES, _texts(readers)))

    return reader


def _texts(readers: Mapping[str, Reader]) -> Reader:
    def reader(raw: Any) -> dict[str, str] | None:
        if raw is None:
            return None
        if not isinstance(raw, Mapping):
            raise UserError(_("Give the texts by field."))
        return read_all(raw, readers)

    return reader


def line(longest: int, missing: str | None = None) -> Reader:
    """Make a reader of single-line text; ``missing`` is the sentence for an empty one."""
    return lambda raw: _text(raw, one_line, longest, missing)


def lines(longest: int, missing: str | None = None) -> Reader:
    """Make a reader of text with several lines."""
    return lambda raw: _text(raw, many_lines, longest, missing)


def _text(raw: Any, clean: Callable[[str], str], longest: int, missing: str | None) -> str:
    if raw is not None and not isinstance(raw, str):
        raise UserError(_("This must be text."))
    text = clean(raw or "")
    if missing and not text:
        raise UserError(missing)
    if len(text) > longest:
        raise UserError(_("This is too long: %(most)s characters are the most.", most=longest))
    return text


def whole(least: int, most: int, sentence: str) -> Reader:
    """Make a reader of whole numbers of a range."""

    def reader(raw: Any) -> int:
        if isinstance(raw, str) and re.fullmatch(r"\s*\d{1,9}\s*", raw, re.ASCII):
            raw = int(raw)
        if isinstance(raw, bool) or not isinstance(raw, int) or not least <= raw <= most:
            raise UserError(sentence)
        return raw

    return reader


def flag(raw: Any) -> bool:
    """Read a yes or no."""
    if not isinstance(raw, bool):
        raise UserError(_("This must be yes or no."))
    return raw


def address(raw: Any) -> str:
    """Read the last part of a page's address; empty = made from the title."""
    text = _text(raw, one_line, 80, None)
    return slugify(text) if text else ""


def zone(raw: Any) -> str:
    """Read the name of a time zone."""
    name = _text(raw, one_line, 64, _("Choose a time zone."))
    get_zone(name)
    return name


def language(raw: Any) -> str:
    """Read a language code such as "en" or "pt-BR"."""
    code = _text(raw, one_line, 5, _("Choose a language."))
    try:
        if not re.fullmatch(r"[a-z]{2}(-[A-Z]{2})?", code):
            raise ValueError(code)
        Locale.parse(code, sep="-")
    except (ValueError, UnknownLocaleError):
        raise UserError(_("“%(code)s” is no language we know.", code=code)) from None
    return code


def wall_clock(now: datetime) -> Reader:
    """Make a reader of wall-clock starts: a naive datetime, or text such as "2026-12-03T13:00"."""

    def reader(raw: Any) -> datetime:
        local = _datetime(raw)
        if local.tzinfo is not None:
            raise UserError(_("Give the local time without an offset, and the time zone beside it."))
        if not FIRST_YEAR <= local.year <= now.year + YEARS_AHEAD:
            raise UserError(_("Please check the year."))
        return local.replace(microsecond=0, fold=0)

    return reader


def _datetime(raw: Any) -> datetime:
    if isinstance(raw, datetime):
        return raw
    try:
        # A bare date would be read as midnight, which nobody means.
        if not isinstance(raw, str) or len(raw) < len("2026-12-03T13:00"):
            raise ValueError
        return datetime.fromisoformat(raw)
    except ValueError:
        raise UserError(_("Give the date and the time of the start.")) from None


def day(raw: Any) -> date | None:
    """Read a calendar day, or nothing."""
    if raw is None or raw == "":
        return None
    if isinstance(raw, date) and not isinstance(raw, datetime):
        return raw
    try:
        return date.fromisoformat(raw)
    except (TypeError, ValueError):
        raise UserError(_("Give a day, such as 2026-12-03.")) from None


def day_needed(raw: Any) -> date:
    """Read a calendar day that must be there."""
    value = day(raw)
    if value is None:
        raise UserError(_("Give a day, such as 2026-12-03."))
    return value


def capacity(raw: Any) -> int | None:
    """Read the number of places; None or an empty text = as many as come."""
    if raw is None or raw == "":
        return None
    sentence = _("Give a whole number of places from 1, or leave it empty for no limit.")
    number: int = whole(1, MOST_CAPACITY, sentence)(raw)
    return number


def fold(raw: Any) -> int | None:
    """Read which of two equal local times is meant (PEP 495); None = not said."""
    if raw is None:
        return None
    number: int = whole(0, 1, _("Choose the first or the second."))(raw)
    return number


def web_address(raw: Any) -> str:
    """Read a link that people will follow, or nothing."""
    text = _text(raw, one_line, 500, None)
    if not text:
        return ""
    try:
        parts = urlsplit(text)
        good = parts.scheme in {"https", "http"} and bool(parts.hostname) and " " not in text
    except ValueError:
        good = False
    if not good:
        raise UserError(_("A link begins with https:// – copy the whole address."))
    return text


def phone(raw: Any) -> str:
    """Read a phone number as people write it, or nothing."""
    text = _text(raw, one_line, 60, None)
    if text and sum(character.isdigit() for character in text) < 3:
        raise UserError(_("This does not look like a phone number."))
    return text


def reminders(raw: Any) -> list[int] | None:
    """Read reminders: minutes before the start, or text such as "1 week, 1 day"; None = the series' own."""
    if raw is None:
        return None
    if isinstance(raw, str):
        return parse_reminders(raw)
    if not isinstance(raw, list | tuple) or not all(type(minutes) is int for minutes in raw):
        raise UserError(_("Give the reminders as minutes before the start."))
    return check_reminders(raw)


def reminders_needed(raw: Any) -> list[int]:
    """Read the reminders of a series; none is an empty list."""
    return reminders([] if raw is None else raw) or []


def offer_hours(raw: Any) -> int:
    """Read for how many hours a freed place is held for the next in line; 0 = it is given at once."""
    return whole(0, MOST_OFFER_HOURS, _("Choose how long a freed place is held."))(0 if raw is None else raw)


def own_offer_hours(raw: Any) -> int | None:
    """Read the same of one webinar; nothing = as the series."""
    return None if raw is None or raw == "" else offer_hours(raw)


def own_flag(raw: Any) -> bool | None:
    """Read a yes or no of one webinar, as a choice of a form sends it; nothing = as the series."""
    if raw is None or raw == "":
        return None
    return flag({"yes": True, "no": False}.get(raw, raw) if isinstance(raw, str) else raw)


def followed(raw: Any) -> list[str]:
    """Read in which fields a webinar follows its series."""
    if not isinstance(raw, list | tuple) or not set(raw) <= set(FOLLOWED):
        raise UserError(_("Choose fields that a series has."))
    return [name for name in FOLLOWED if name in raw]


def access_days(raw: Any) -> int:
    """Read how many days before the start needs can be told so that they are met."""
    sentence = _("Give the days before the start, from 0 to %(most)s.", most=MOST_ACCESS_DAYS)
    return whole(0, MOST_ACCESS_DAYS, sentence)(raw)


def companions(raw: Any) -> int:
    """Read how many others somebody may register with the same form."""
    sentence = _("Choose how many others somebody may bring, from 0 to %(most)s.", most=MOST_COMPANIONS)
    return whole(0, MOST_COMPANIONS, sentence)(raw)


def own_companions(raw: Any) -> int | None:
    """Read the same of one webinar; nothing = as the series."""
    return None if raw is None or raw == "" else companions(raw)


def decline_means(raw: Any) -> str:
    """Read what follows when somebody's calendar declines."""
    if raw not in list(DeclineMeans):
        raise UserError(_("Choose what a declined invitation means."))
    return str(raw)


def as_given(raw: Any) -> Any:
    """Leave a value to the service, which looks it up."""
    return raw
