"""Public holidays, by the ``holidays`` library: of which countries, and what a day is called there."""

from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache

import holidays
from babel import Locale

from webinars.core.http import current_settings
from webinars.core.language import current_language
from webinars.core.zones import COMMON_ZONES, country_of


@cache
def _supported() -> frozenset[str]:
    return frozenset(holidays.list_supported_countries(include_aliases=False))


def usual_countries(zone: str) -> list[str]:
    """Give the countries whose holidays count without further words: the organisation's, and that of a zone."""
    wanted = dict.fromkeys([*current_settings().holiday_countries, country_of(zone)])
    return [code for code in wanted if code in _supported()]


def countries_by_name(zones: Iterable[str]) -> list[tuple[str, str]]:
    """List the countries of some zones and of the common ones: (code, name in the reader's language)."""
    codes = {code for zone in (*zones, *COMMON_ZONES) for code in usual_countries(zone)}
    names = Locale.parse(current_language()).territories
    return sorted(((code, names.get(code, code)) for code in codes), key=lambda pair: pair[1])


def holidays_on(day: date, countries: Iterable[str]) -> list[str]:
    """Name the public holidays of a day, each with its country where several were asked for."""
    asked = [code for code in countries if code in _supported()]
    names = Locale.parse(current_language()).territories
    found = [(code, _of(code, day.year, current_language()).get(day)) for code in asked]
    return [f"{name} ({names.get(code, code)})" if len(asked) > 1 else name for code, name in found if name]


@lru_cache(maxsize=256)
def _of(country: str, year: int, language: str) -> dict[date, str]:
    spoken = holidays.list_localized_countries().get(country, [])
    wanted = next((one for one in spoken if one == language or one.startswith(f"{language}_")), None)
    return dict(holidays.country_holidays(country, years=year, language=wanted).items())
