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
    """Give the codes of countries and of their regions, such as "US" and "US-NY"."""
    found = holidays.list_supported_countries(include_aliases=False)
    return frozenset([*found, *(f"{country}-{region}" for country, regions in found.items() for region in regions)])


def usual_countries(zone: str) -> list[str]:
    """Give the countries and regions whose holidays count without further words: the organisation's, and a zone's."""
    wanted = dict.fromkeys([*current_settings().holiday_countries, country_of(zone)])
    # A region has the holidays of its country too.
    regions = {code.partition("-")[0] for code in wanted if "-" in code}
    return [code for code in wanted if code in _supported() - regions]


def countries_by_name(zones: Iterable[str]) -> list[tuple[str, str]]:
    """List the countries of some zones and of the common ones: (code, name in the reader's language)."""
    codes = {code for zone in (*zones, *COMMON_ZONES) for code in usual_countries(zone)}
    return sorted(((code, _name(code)) for code in codes), key=lambda pair: pair[1])


def _name(code: str) -> str:
    """Name a country, or a country and its region."""
    country, _dash, region = code.partition("-")
    name = Locale.parse(current_language()).territories.get(country, country)
    return f"{name}, {_region_names(country).get(region, region)}" if region else name


@cache
def _region_names(country: str) -> dict[str, str]:
    aliases = holidays.country_holidays(country).get_subdivision_aliases()
    return {region: names[0] for region, names in aliases.items() if names}


def holidays_on(day: date, countries: Iterable[str]) -> list[str]:
    """Name the public holidays of a day, each with its country where several were asked for."""
    asked = sorted((code for code in countries if code in _supported()), key=lambda code: "-" in code)
    found: dict[tuple[str, str], str] = {}
    for code in asked:
        if name := _of(code, day.year, current_language()).get(day):
            # What a region has from its country is said once.
            found.setdefault((code.partition("-")[0], name), code)
    return [f"{name} ({_name(code)})" if len(asked) > 1 else name for (_country, name), code in found.items()]


@lru_cache(maxsize=256)
def _of(code: str, year: int, language: str) -> dict[date, str]:
    country, _dash, region = code.partition("-")
    spoken = holidays.list_localized_countries().get(country, [])
    wanted = next((one for one in spoken if one == language or one.startswith(f"{language}_")), None)
    return dict(holidays.country_holidays(country, subdiv=region or None, years=year, language=wanted).items())
