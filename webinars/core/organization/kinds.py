"""Kinds of settings: how each is read from text, shown as text, and asked for."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr
from functools import cache
from typing import Any

import email_validator
import holidays
from babel import Locale
from flask_babel import gettext as _

from config import LANGUAGES, Period
from webinars.core import colours
from webinars.core.errors import UserError
from webinars.core.reminders import parse_reminders
from webinars.core.text import many_lines, one_line
from webinars.core.zones import get_zone

_HOURS = re.compile(r"(\d{1,2})-(\d{1,2})", re.ASCII)
_PERIOD = re.compile(r"\d{1,4}( \d{1,4}<\d{4}-\d\d-\d\d)*", re.ASCII)
_LOGO = re.compile(r"organization_logo-[0-9a-f]{16}\.webp \d{1,4} \d{1,4}")
_CODE = re.compile(r"([A-Z]{2})(-[A-Z0-9]{1,3})?")


@dataclass(frozen=True)
class Kind:
    """How a setting is read and shown; ``read`` raises UserError with what would do."""

    read: Callable[[str], Any]
    show: Callable[[Any], str] = str
    #: which control asks for it
    control: str = "line"


def line(longest: int = 200, missing: Any = "") -> Kind:
    """Make a kind of one line; ``missing`` is the sentence for an empty one."""
    return Kind(lambda raw: _text(one_line(raw), longest, str(missing)))


def lines(longest: int) -> Kind:
    """Make a kind of several lines."""
    return Kind(lambda raw: _text(many_lines(raw), longest, ""), control="lines")


def _text(text: str, longest: int, missing: str) -> str:
    if missing and not text:
        raise UserError(missing)
    if len(text) > longest:
        raise UserError(_("This is too long: %(most)s characters are the most.", most=longest))
    return text


def _address(raw: str) -> str:
    text = one_line(raw)
    try:
        return email_validator.validate_email(
            text, check_deliverability=False, test_environment=True, allow_smtputf8=False
        ).normalized
    except email_validator.EmailNotValidError:
        raise UserError(_("“%(address)s” is not an email address.", address=text[:100])) from None


def _quiet_hours(raw: str) -> tuple[int, int] | None:
    if raw.strip("-") in {"", "none"}:
        return None
    match = _HOURS.fullmatch(raw.strip())
    hours = (int(match[1]), int(match[2])) if match else (0, 0)
    if hours[0] == hours[1] or max(hours) > 23:
        raise UserError(_("Choose two different hours, or none for both."))
    return hours


def _shown_hours(hours: tuple[int, int] | None) -> str:
    return f"{hours[0]}-{hours[1]}" if hours else "none"


def _zone(raw: str) -> str:
    return get_zone(raw.strip()).key


def _colour(raw: str) -> str:
    if not raw.strip():
        return ""
    found = colours.normal(raw)
    if found is None:
        raise UserError(_("Write the colour as # and six digits or letters from a to f, such as #0f5e63."))
    if not colours.is_readable(found):
        nearest = colours.nearest_readable(found)
        raise UserError(
            _("Words in this colour are too hard to read. The nearest shade that can be read is %(c)s.", c=nearest)
        )
    return found


def _countries(raw: str) -> tuple[str, ...]:
    parts = [part.strip() for part in re.split(r"[,;\n]", raw) if part.strip()]
    return tuple(dict.fromkeys(code for part in parts for code in _codes(part)))


def _codes(part: str) -> list[str]:
    """Read a country's name in any of our languages, or codes such as "US-NY"."""
    for language in LANGUAGES:
        for code, name in Locale.parse(language).territories.items():
            if name.casefold() == part.casefold() and _CODE.fullmatch(code):
                return [code]
    known = Locale.parse("en").territories
    found = [_CODE.fullmatch(word.upper()) for word in part.split()]
    if not all(match and match[1] in known for match in found):
        raise UserError(_("We do not know the country “%(name)s”. Write its name, such as Mexico.", name=part[:60]))
    for match in found:
        if match and match[2] and match[2] not in _regions(match[1]):
            raise UserError(_("We do not know the holidays of the region “%(code)s”.", code=match[0]))
    return [match[0] for match in found if match]


@cache
def _regions(country: str) -> frozenset[str]:
    found = holidays.list_supported_countries(include_aliases=False)
    return frozenset(f"-{region}" for region in found.get(country, ()))


def _logo(raw: str) -> str:
    if raw and not _LOGO.fullmatch(raw):
        raise UserError(_("This is no picture of ours."))
    return raw


def _period(raw: str) -> Period:
    if not _PERIOD.fullmatch(raw.strip()):
        raise UserError(_("Write a number of days."))
    days, *earlier = raw.split()
    try:
        before = tuple(
            (int(one), date.fromisoformat(until)) for one, _sign, until in (e.partition("<") for e in earlier)
        )
    except ValueError:
        raise UserError(_("Write a number of days.")) from None
    if int(days) < 1:
        raise UserError(_("Write a number of days."))
    return Period(int(days), before)


def _shown_period(period: Period) -> str:
    return " ".join([str(period.days), *(f"{days}<{until.isoformat()}" for days, until in period.earlier)])


ADDRESS = Kind(_address, lambda written: parseaddr(written)[1], "email")
ADDRESS_OR_NONE = Kind(lambda raw: _address(raw) if raw.strip() else "", control="email")
QUIET_HOURS = Kind(_quiet_hours, _shown_hours, "hours")
ZONE = Kind(_zone, control="zone")
COLOUR = Kind(_colour, control="colour")
COUNTRIES = Kind(_countries, ", ".join, "countries")
#: kept in the one unit that every language reads
REMINDERS = Kind(
    lambda raw: tuple(parse_reminders(raw)), lambda minutes: ", ".join(f"{one} min" for one in minutes), "reminders"
)
LOGO = Kind(_logo)
PERIOD = Kind(_period, _shown_period, "days")
