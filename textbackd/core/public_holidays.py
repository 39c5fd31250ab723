"""Public holidays of a country, or of a part of it (ISO 3166-2): states, cantons and nations have their own.

Importing the calendars takes 0.1 s, so only who needs them does.
"""

import datetime as dt
import functools
import re
from collections.abc import Collection

_ISO_3166_2 = re.compile(r"[A-Z0-9]{1,3}")
"""The library has others, such as France's school zones."""


def is_one(day: dt.date, country: str, region: str) -> bool:
    """Whether a day is one."""
    return day in in_year(country, region, day.year)


@functools.lru_cache(maxsize=64)
def in_year(country: str, region: str, year: int) -> frozenset[dt.date]:
    """The days off, those in lieu included, of a region that is one of ``regions``, or of the whole country; of a
    country that nobody knows none.
    """
    import holidays

    if country not in holidays.list_supported_countries(include_aliases=False):
        return frozenset()
    return frozenset(holidays.country_holidays(country, subdiv=region or None, years=year))


def of_parts_only(country: str, since: dt.date) -> dt.date | None:
    """The first day from ``since`` on, within two years, that is a day off in a part of the country and not in all of
    it; None: its parts differ in none that is known.
    """
    days = set[dt.date]()
    for year in (since.year, since.year + 1):
        everywhere = in_year(country, "", year)
        days.update(day for region in regions(country) for day in in_year(country, region, year) - everywhere)
    return min((day for day in days if day >= since), default=None)


@functools.cache
def regions(country: str) -> Collection[str]:
    """The codes of a country's parts without the country's own, such as ``SCT`` or ``BY``; empty: none are known."""
    import holidays

    known = holidays.list_supported_countries(include_aliases=False).get(country, ())
    return tuple(code for code in known if _ISO_3166_2.fullmatch(code))
