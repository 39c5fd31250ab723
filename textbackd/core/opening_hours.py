"""Whether somebody is there: OpenStreetMap's opening_hours in the office's zone, with the country's holidays."""

import datetime as dt
import enum
import functools
import zoneinfo

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


def hours_at(hours: str, at: dt.datetime, zone: zoneinfo.ZoneInfo, country: str) -> Hours:
    """The kind of time at ``at`` (aware). ``hours`` has been checked by ``problem_with``."""
    local = at.astimezone(zone).replace(tzinfo=None)
    if _parsed(hours, country).is_open(local):
        return Hours.OPEN
    if _parsed("PH", country).is_open(local):
        return Hours.HOLIDAY
    return Hours.CLOSED


def next_opening(hours: str, at: dt.datetime, zone: zoneinfo.ZoneInfo, country: str) -> dt.datetime | None:
    """When it opens next, in the office's zone; None where it is open at ``at`` already, or never opens."""
    local = at.astimezone(zone).replace(tzinfo=None)
    for start, _end, state, _comments in _parsed(hours, country).intervals(local):
        if state == opening_hours.State.OPEN:
            return start.replace(tzinfo=zone) if start > local else None
    return None


@functools.lru_cache(maxsize=256)
def _parsed(hours: str, country: str) -> "opening_hours.OpeningHours":
    try:
        return opening_hours.OpeningHours(hours, country=country)
    except opening_hours.UnknownCountryError:  # type: ignore[attr-defined]
        return opening_hours.OpeningHours(hours)  # the library knows the holidays of half the countries: none here
