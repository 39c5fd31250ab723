"""Public holidays of a part of a country (ISO 3166-2): states, cantons and nations have their own.

Whole countries are ``opening_hours``'s own business. Importing the calendars takes 0.2 s, so only who needs them does.
"""

import datetime as dt
import functools
from collections.abc import Collection

import holidays


@functools.lru_cache(maxsize=64)
def in_year(country: str, region: str, year: int) -> frozenset[dt.date]:
    """The days off, those in lieu included, of a region that is one of ``regions``; empty: of the whole country."""
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


@functools.cache
def regions(country: str) -> Collection[str]:
    """The codes of a country's parts without the country's own, such as ``SCT`` or ``BY``; empty: none are known."""
    return tuple(holidays.list_supported_countries(include_aliases=False).get(country, ()))


@functools.cache
def is_known(country: str) -> bool:
    """Whether there is a calendar of that country."""
    return country in holidays.list_supported_countries(include_aliases=False)
