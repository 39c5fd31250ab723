"""Whether somebody is there: OpenStreetMap's opening_hours in the office's zone, with the public holidays of its place.

The library that reads the hours has calendars of its own, of whole countries and with gaps: the first of January is
none of Britain's days off. So ``PH`` is written out as the days of the week on which the holidays of the office's place
fall just then: those may stand wherever ``PH`` may.
"""

import datetime as dt
import enum
import functools
import re
import zoneinfo
from collections.abc import Sequence

import opening_hours

from textbackd.core import public_holidays

FARTHEST = dt.timedelta(days=400)
"""How far ahead an opening is looked for: what opens at all does so within a year, but for a leap day. The library
itself would look until the year 9999, which takes it seconds."""


class Hours(enum.StrEnum):
    """What kind of time it is at the office."""

    OPEN = "open"
    CLOSED = "closed"
    HOLIDAY = "holiday"


def hours_at(hours: str, at: dt.datetime, zone: zoneinfo.ZoneInfo, country: str, region: str = "") -> Hours:
    """The kind of time at ``at`` (aware). In ``hours`` there is no ``hours_mistakes.first_in``; ``region`` as in
    ISO 3166-2, without the country's own part, empty for the whole country.
    """
    return _in_minute(hours, at.replace(second=0, microsecond=0), zone, country, region)[0]


def next_opening(
    hours: str, at: dt.datetime, zone: zoneinfo.ZoneInfo, country: str, region: str = ""
) -> dt.datetime | None:
    """When it opens next, in the office's zone; None where it is open at ``at`` already, or does not open within
    ``FARTHEST``.
    """
    return _in_minute(hours, at.replace(second=0, microsecond=0), zone, country, region)[1]


@functools.lru_cache(maxsize=1024)
def _in_minute(
    hours: str, minute: dt.datetime, zone: zoneinfo.ZoneInfo, country: str, region: str
) -> tuple[Hours, dt.datetime | None]:
    """The kind of time in a minute, at whose beginning it may open or close, and when it opens next. Kept, so that the
    many calls of an attack look once.
    """
    local = minute.astimezone(zone).replace(tzinfo=None)
    opens = None
    for begin, end in _openings(hours, country, region, local.date()):
        if begin <= local < end:
            return Hours.OPEN, None
        if local < begin:
            opens = begin
            break
    kind = Hours.HOLIDAY if _openings("PH", country, region, local.date()) else Hours.CLOSED
    opens = opens or _first_after(hours, country, region, local.date())
    # In the hour that a clock skips it opens when that is over.
    return kind, opens and opens.replace(tzinfo=zone).astimezone(dt.UTC).astimezone(zone)


_SPAN = re.compile(r"(\d\d?):(\d\d) ?- ?(\d\d?):(\d\d)")
_MIDNIGHT = 24 * 60
"""In minutes."""


def rules(hours: str) -> Sequence[str]:
    """Those that stand between semicolons, of which a later one goes before an earlier one."""
    return [rule.strip() for rule in _RULE.findall(hours) if rule.strip()]


def is_same(one: str, other: str, day: dt.date, country: str, region: str = "") -> bool:
    """Whether two hours are open at the same times, from ``day`` on for as long as ``FARTHEST``."""
    days = [day + dt.timedelta(days) for days in range(FARTHEST.days)]
    return all(_openings(one, country, region, at) == _openings(other, country, region, at) for at in days)


_RULE = re.compile(r'(?:"[^"]*"|[^";])+')

Opening = tuple[dt.datetime, dt.datetime]
"""From the first moment to just before the second, on the office's clock."""


@functools.lru_cache(maxsize=1024)
def _first_after(hours: str, country: str, region: str, day: dt.date) -> dt.datetime | None:
    """When it opens first on a later day than ``day``. Kept, so that a day's many calls search once."""
    for days in range(1, FARTHEST.days + 1):
        if openings := _openings(hours, country, region, day + dt.timedelta(days)):
            return openings[0][0]
    return None


@functools.lru_cache(maxsize=4096)
def _openings(hours: str, country: str, region: str, day: dt.date) -> Sequence[Opening]:
    """When it is open on one day, in order."""
    found = _as_parsed(hours, country, region, day)
    if found and _is_end_of_a_night(found[0], hours) and not _lasts_into(day, hours, country, region):
        return found[1:]
    return found


def _is_end_of_a_night(opening: Opening, hours: str) -> bool:
    """Whether it stands in ``hours`` as the part behind midnight only, as the first two hours of a day in
    ``Mo-Su 10:00-02:00``. The library has that part even where the night before fell on a day off.
    """
    begin, end = opening
    spans = [(int(h) * 60 + int(m), int(to_h) * 60 + int(to_m)) for h, m, to_h, to_m in _SPAN.findall(hours)]
    ends = {until % _MIDNIGHT for since, until in spans if until <= since or until > _MIDNIGHT} - {0}
    return (
        begin.time() == dt.time()
        and end.hour * 60 + end.minute in ends
        and all(since % _MIDNIGHT for since, _until in spans)
    )


def _lasts_into(day: dt.date, hours: str, country: str, region: str) -> bool:
    """Whether it is open in the last moment before ``day``."""
    midnight = dt.datetime.combine(day, dt.time())
    return any(end == midnight for _begin, end in _as_parsed(hours, country, region, day - dt.timedelta(1)))


@functools.lru_cache(maxsize=4096)
def _as_parsed(hours: str, country: str, region: str, day: dt.date) -> Sequence[Opening]:
    """What the library says of one day."""
    midnight = dt.datetime.combine(day, dt.time())
    parsed = _parsed(_on(hours, country, region, day))
    return tuple(
        (begin, end)
        for begin, end, state, _comments in parsed.intervals(midnight, midnight + dt.timedelta(days=1))
        if state == opening_hours.State.OPEN
    )


@functools.lru_cache(maxsize=1024)
def _parsed(hours: str) -> "opening_hours.OpeningHours":
    return opening_hours.OpeningHours(hours)


_HOLIDAY = r"(?:PH(?: [+-]\d+ days?)?|SH)"
_HOLIDAYS = re.compile(rf'"[^"]*"|\b{_HOLIDAY}(?:,{_HOLIDAY})*')
"""All that stand together, or a comment, in which ``PH`` means nothing."""
_PUBLIC_HOLIDAY = re.compile(r"PH(?: ([+-]\d+))?")
_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def _on(hours: str, country: str, region: str, day: dt.date) -> str:
    """The hours that mean on ``day`` without a calendar what ``hours`` mean with it.

    Each ``PH`` becomes the weekday of ``day`` and of the day before, whose night may last into it, as far as they are
    holidays; where neither is, ``SH``, the school holidays, which nobody knows and which therefore never are.
    """

    def weekdays(found: re.Match[str]) -> str:
        if found[0].startswith('"'):
            return found[0]
        shifts = [dt.timedelta(int(shift or 0)) for shift in _PUBLIC_HOLIDAY.findall(found[0])]
        near = (day - dt.timedelta(1), day)
        off = [one for one in near if any(public_holidays.is_one(one - shift, country, region) for shift in shifts)]
        return ",".join(_WEEKDAYS[one.weekday()] for one in off) or "SH"

    return _HOLIDAYS.sub(weekdays, hours)
