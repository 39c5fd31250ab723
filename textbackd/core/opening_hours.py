"""Whether somebody is there: OpenStreetMap's opening_hours in the office's zone, with the public holidays of its place.

The library knows the holidays of whole countries, and of half of them. For a region, and for the other half, ``PH`` is
written out as the days that it stands for.
"""

import datetime as dt
import enum
import functools
import re
import zoneinfo
from collections.abc import Collection, Iterator

import opening_hours


class Hours(enum.StrEnum):
    """What kind of time it is at the office."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"


def problem_with(hours: str) -> str | None:
    """What is wrong with an opening_hours text, or None."""
    try:
        opening_hours.OpeningHours(hours)
    except opening_hours.ParserError as error:  # type: ignore[attr-defined]  # its stubs forget it
        return str(error)
    return None


def has_plain_holidays(hours: str) -> bool:
    """Whether each ``PH`` stands where it can be written out: first in its rule, or among days of the week."""
    rules = list(_written_out(hours, [dt.date(2026, 1, 1)]))
    return not any(_PH.search(rule) for rule in rules) and problem_with("; ".join(rules)) is None


def hours_at(hours: str, at: dt.datetime, zone: zoneinfo.ZoneInfo, country: str, region: str = "") -> Hours:
    """The kind of time at ``at`` (aware). ``hours`` has been checked by ``problem_with``; ``region`` as in ISO 3166-2,
    without the country's own part, empty for the whole country.
    """
    local = at.astimezone(zone).replace(tzinfo=None)
    if _parsed(hours, country, region, local.year).is_open(local):
        return Hours.OPEN
    if _parsed("PH", country, region, local.year).is_open(local):
        return Hours.HOLIDAY
    return Hours.CLOSED


def next_opening(
    hours: str, at: dt.datetime, zone: zoneinfo.ZoneInfo, country: str, region: str = ""
) -> dt.datetime | None:
    """When it opens next, in the office's zone; None where it is open at ``at`` already, or never opens."""
    local = at.astimezone(zone).replace(tzinfo=None)
    for start, _end, state, _comments in _parsed(hours, country, region, local.year).intervals(local):
        if state == opening_hours.State.OPEN:
            # In the hour that a clock skips it opens when that is over.
            opens = start.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone)
            return opens if start > local else None
    return None


@functools.lru_cache(maxsize=256)
def _parsed(hours: str, country: str, region: str, year: int) -> "opening_hours.OpeningHours":
    if not region:
        try:
            return opening_hours.OpeningHours(hours, country=country)
        except opening_hours.UnknownCountryError:  # type: ignore[attr-defined]
            pass
    if not _PH.search(hours):
        return opening_hours.OpeningHours(hours)
    from textbackd.core import public_holidays

    if not public_holidays.is_known(country):
        return opening_hours.OpeningHours(hours)  # nobody knows the holidays there: none
    days = sorted(day for y in (year - 1, year, year + 1) for day in public_holidays.in_year(country, region, y))
    return opening_hours.OpeningHours("; ".join(_written_out(hours, days)))


_PH = re.compile(r"\bPH\b")
_FIRST = re.compile(r"^PH\b(?! *[,+-])")
_AMONG_WEEKDAYS = re.compile(r"(?:^PH *, *|, *PH\b)")


def _written_out(hours: str, days: Collection[dt.date]) -> Iterator[str]:
    """The rules, each ``PH`` as its days; the library does not take days of the year among days of the week, so that
    ``Sa,PH 10:00-12:00`` becomes two rules.
    """
    dates = ",".join(f"{day:%Y %b %d}" for day in days)
    for rule in map(str.strip, hours.split(";")):
        if _FIRST.match(rule):
            yield _FIRST.sub(dates, rule)
        elif _AMONG_WEEKDAYS.search(rule):
            without = _AMONG_WEEKDAYS.sub("", rule)
            yield without
            yield re.sub(r"^\S+", dates, without)
        else:
            yield rule
