"""What people get wrong when they write opening hours: what nobody understands, and what means something else."""

import calendar
import dataclasses
import re
from collections.abc import Iterator

import opening_hours

from textbackd.core.opening_hours import without_comments


@dataclasses.dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong from the character ``offset`` on."""

    offset: int
    message: str


def first_in(hours: str) -> Mistake | None:
    """What must be put right in an opening_hours text, or None."""
    if found := _not_understood(hours):
        return found
    bare = without_comments(hours)
    looks = (_days_without_hours, _days_beside_holidays, _days_in_no_calendar, _backwards)
    return next((mistake for look in looks for mistake in look(bare)), None)


_SEPARATOR = re.compile(r" *(;|\|\||, ) *|$")
_SAYS_WHEN = re.compile(r'\d:\d|24/7|"|\b(?:off|closed|open|unknown|dawn|sunrise|sunset|dusk)\b')
_WEEKDAY = r"(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_HOLIDAY = r"(?:PH|SH)"
_SHIFT = r"(?: [+-]\d+ days?)?"
_SIDE_BY_SIDE = re.compile(rf"\b({_HOLIDAY}{_SHIFT}) ({_WEEKDAY})\b|({_WEEKDAY}(?:\[[^]]*\]{_SHIFT})?) ({_HOLIDAY})\b")
_A_LEAP_YEAR = 2028
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = f"({'|'.join(_MONTHS)})"
_DAY = re.compile(rf"\b{_MONTH} (\d\d?)\b(?!:)")
_DAYS_OF_YEARS = re.compile(rf"\b(\d{{4}}) {_MONTH} (\d\d?)-(\d{{4}}) {_MONTH} (\d\d?)\b")


def _not_understood(hours: str) -> Mistake | None:
    try:
        opening_hours.OpeningHours(hours)
    except opening_hours.ParserError as error:  # type: ignore[attr-defined]  # its stubs forget it
        place = re.search(r"--> \d+:(\d+)", str(error))
        offset = int(place[1]) - 1 if place else 0
        word = next((word for word in re.finditer(r"[;,|]+|[^\s;,|]+", hours) if word.end() > offset), None)
        problem = f"'{word[0]}' is not understood here" if word else "these hours break off here"
        return Mistake(offset, f"{problem}: write hours like 'Mo-Fr 09:00-17:30; PH off'")
    return None


def _days_without_hours(bare: str) -> Iterator[Mistake]:
    """``Su, PH off``: a comma with a space begins another rule, so that Sunday is open all day."""
    begin = 0
    for separator in _SEPARATOR.finditer(bare):
        days = bare[begin : separator.start()]
        if separator[1] == ", " and not _SAYS_WHEN.search(days):
            why = f"'{days}, ' means that it is open all day on {days}: a comma and a space begin another rule"
            yield Mistake(begin, f"{why}; {_meant(bare, begin)}")
        begin = separator.end()


def _meant(bare: str, begin: int) -> str:
    """The same days as one list, where that can be read."""
    rest = re.split(r" *(?:;|\|\|)", bare[begin:])[0]
    rules = re.split(r", +", rest)
    last = next((i for i, rule in enumerate(rules) if _SAYS_WHEN.search(rule)), len(rules) - 1)
    together = ",".join(rules[: last + 1])
    if '"' not in together and _not_understood(together) is None:
        return f"did you mean '{together}'?"
    return "say when it is open on each, such as 'Su off, PH 10:00-12:00'"


def _days_beside_holidays(bare: str) -> Iterator[Mistake]:
    """``PH Mo off``: by the standard the holidays that are Mondays, by the library holidays and Mondays."""
    for found in _SIDE_BY_SIDE.finditer(bare):
        left, right = (found[1], found[2]) if found[1] else (found[3], found[4])
        message = f"'{left} {right}' can be read in two ways: for {left} and {right} both, write '{left},{right}'"
        yield Mistake(found.start(), message)


def _days_in_no_calendar(bare: str) -> Iterator[Mistake]:
    """``Feb 31 off``: the library takes it for every day."""
    for found in _DAY.finditer(bare):
        last = calendar.monthrange(_A_LEAP_YEAR, _MONTHS.index(found[1]) + 1)[1]
        if int(found[2]) > last:
            yield Mistake(found.start(), f"there is no {found[0]}: the last day is {found[1]} {last}")


def _backwards(bare: str) -> Iterator[Mistake]:
    """``2027 Aug 20-2027 Aug 01 off``: no day at all."""
    for found in _DAYS_OF_YEARS.finditer(bare):
        begin, end = ((int(found[at]), _MONTHS.index(found[at + 1]), int(found[at + 2])) for at in (1, 4))
        if end < begin:
            yield Mistake(found.start(), f"{found[0]} ends before it begins")
