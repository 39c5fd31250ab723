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
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

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


class Moment(NamedTuple):
    """A moment at the office; a tuple, since every decision makes one."""

    hours: Hours
    opens: dt.datetime | None
    """When it opens next, in the office's zone; None where it is open already, or does not open within ``FARTHEST``."""
    local: dt.datetime
    """The moment itself, in the office's zone."""


def moment(hours: str, at: dt.datetime, zone: zoneinfo.ZoneInfo, country: str, region: str = "") -> Moment:
    """What kind of time it is at ``at`` (aware). In ``hours`` there is no ``hours_mistakes.first_in``; ``region`` as in
    ISO 3166-2, without the country's own part, empty for the whole country.

    Hours go by the clock on the wall: the hour that it repeats is open or closed twice, the one that it skips never.
    What opens a second time in a repeated hour is no next opening.
    """
    local = at.astimezone(zone)
    day = _day(hours, local.date(), zone, country, region)
    for begin, end in day.openings:  # times of one zone compare by its clock
        if local < begin:
            return Moment(day.hours, begin.replace(fold=local.fold), local)
        if local < end:
            return Moment(Hours.OPEN, None, local)
    return Moment(day.hours, day.opens_later, local)


class _Day(NamedTuple):
    hours: Hours
    """While it is not open."""
    openings: Sequence["Opening"]
    """In order, in the office's zone."""
    opens_later: dt.datetime | None
    """First on a day that comes after it."""


@functools.lru_cache(maxsize=1024)
def _day(hours: str, day: dt.date, zone: zoneinfo.ZoneInfo, country: str, region: str) -> _Day:
    """Kept, so that a day's many calls search once."""

    def shown(ahead: int) -> Sequence[Opening]:
        found = openings(hours, country, region, day + dt.timedelta(ahead))
        each = [(_when_shown(begin, zone), _when_shown(end, zone)) for begin, end in found]
        return [(begin, end) for begin, end in each if begin < end]

    later = (begin for ahead in range(1, FARTHEST.days + 1) for begin, _end in shown(ahead))
    return _Day(
        hours=Hours.HOLIDAY if openings("PH", country, region, day) else Hours.CLOSED,
        openings=shown(0),
        opens_later=next(later, None),
    )


_MINUTE = dt.timedelta(minutes=1)


def _when_shown(clock: dt.datetime, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """When the clock in the zone first shows this time, or a later one, since it skips some."""
    moment = clock.replace(tzinfo=zone).astimezone(dt.UTC)
    while (moment - _MINUTE).astimezone(zone).replace(tzinfo=None) >= clock:
        moment -= _MINUTE
    return moment.astimezone(zone)


_COMMENT = r'"[^"]*"'
_SPAN = re.compile(r"(\d\d?):(\d\d) ?- ?(\d\d?):(\d\d)")
_MIDNIGHT = 24 * 60
"""In minutes."""


def rules(hours: str) -> Sequence[str]:
    """Those that stand between semicolons, of which a later one goes before an earlier one."""
    return [rule.strip() for rule in _RULE.findall(hours) if rule.strip()]


def without_comments(hours: str) -> str:
    """With underscores for the words of each comment, which mean nothing; all else stays at its place."""
    return re.sub(_COMMENT, lambda comment: f'"{"_" * (len(comment[0]) - 2)}"', hours)


def is_same(one: str, other: str, days: Iterable[dt.date], country: str, region: str = "") -> bool:
    """Whether two hours are open at the same times on these days."""
    return all(openings(one, country, region, day) == openings(other, country, region, day) for day in days)


def days_of(rule: str, day: dt.date, country: str, region: str = "") -> Collection[dt.date]:
    """The days that a rule closes, from ``day`` on for as long as ``FARTHEST``, and those which their nights reach."""
    always = "24/7"
    days = (day + dt.timedelta(days) for days in range(FARTHEST.days))
    closed = [at for at in days if not is_same(always, f"{always}; {rule}", [at], country, region)]
    return {at + dt.timedelta(night) for at in closed for night in (0, 1)}


_RULE = re.compile(rf'(?:{_COMMENT}|[^";])+')

Opening = tuple[dt.datetime, dt.datetime]
"""From the first moment to just before the second, on the office's clock."""


@functools.lru_cache(maxsize=4096)
def openings(hours: str, country: str, region: str, day: dt.date) -> Sequence[Opening]:
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
_HOLIDAYS = re.compile(rf"{_COMMENT}|\b{_HOLIDAY}(?:,{_HOLIDAY})*")
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
