"""What is wrong, or unwise, about the opening hours in a file and the place whose holidays they mean.

Looks at the plain values, as ``meaning`` does, and leaves alone what has the wrong shape.
"""

import datetime as dt
import functools
import itertools
import re
import zoneinfo
from collections.abc import Iterator, Sequence

import phonenumbers

from textbackd.config.document import Document, Problem, entries, word
from textbackd.config.wording import did_you_mean
from textbackd.core import opening_hours, public_holidays
from textbackd.core.opening_hours import Hours, Opening

_MOST_TOLD = 20
"""Regions that a note lists."""
_WEEKDAY = "(?:Mo|Tu|We|Th|Fr|Sa|Su)"
_IS_WEEKLY = re.compile(rf"(?:{_WEEKDAY}(?: ?[-,]{_WEEKDAY})* )?[0-9:,\- ]+(?: open)?", re.IGNORECASE)
_IS_OFF = re.compile(r'\b(?:off|closed)(?: *"[^"]*")?$', re.IGNORECASE)


def problems(document: Document) -> Iterator[Problem]:
    """Whether the region is one of the country."""
    region, country = word(document.data, "region"), word(document.data, "country")
    if not region or country not in phonenumbers.SUPPORTED_REGIONS:
        return
    known = public_holidays.regions(country)
    if region not in known:
        there_are = f"; there are {', '.join(known)}" if known else f": none of {country} is known"
        message = f"'{region}' is no region of {country} whose public holidays are known"
        meant = region.removeprefix(f"{country}-")  # the whole code of ISO 3166-2
        yield document.problem(("region",), message + (did_you_mean(meant, known) or there_are))


def notes(document: Document, now: dt.datetime) -> Iterator[Problem]:
    """Hours in which nobody is ever there, and days off that are none. The file has no problem."""
    data = document.data
    zone = zoneinfo.ZoneInfo(word(data, "time_zone"))
    today, place = now.astimezone(zone).date(), (word(data, "country"), word(data, "region"))
    yield from _public_holidays(document, today)
    # Many DIDs have the same hours, and each takes a look at a year for each of its rules.
    overruled = functools.cache(lambda hours: tuple(_overruled(hours, today, *place)))
    replaced = functools.cache(lambda hours: tuple(_replaced(hours, today, *place)))
    for section in ("businesses", "dids"):
        for i, entry in entries(data, section):
            hours = word(entry, "hours").rstrip()
            if not hours:
                continue
            for rule in overruled(hours):
                yield document.problem(
                    (section, i, "hours"),
                    f"'{rule}' has no effect: a later rule goes before it; remove it, or put it last",
                )
            for what in replaced(hours):
                yield document.problem((section, i, "hours"), what)
            moment = opening_hours.moment(hours, now, zone, *place)
            if moment.hours is not Hours.OPEN and moment.opens is None:
                days = opening_hours.FARTHEST.days
                yield document.problem(
                    (section, i, "hours"), f"by these hours nobody is there within the next {days} days"
                )


def _public_holidays(document: Document, today: dt.date) -> Iterator[Problem]:
    """``PH`` where nobody knows the days, or where no region is named and one would have others."""
    data, country = document.data, word(document.data, "country")
    written = [word(entry, "hours") for section in ("businesses", "dids") for _, entry in entries(data, section)]
    if not any(re.search(r"\bPH\b", opening_hours.without_comments(hours)) for hours in written):
        return
    for year in (today.year, today.year + 1):
        if not public_holidays.in_year(country, word(data, "region"), year):
            yield document.problem(
                ("country",), f"no public holidays of {country} are known for {year}: 'PH' means none"
            )
            return
    if word(data, "region"):
        return
    if day := public_holidays.of_parts_only(country, today):
        parts = public_holidays.regions(country)
        there_are = f" ({', '.join(parts)})" if len(parts) <= _MOST_TOLD else ""
        yield document.problem(
            ("country",),
            f"'PH' are the public holidays of all {country}; its parts may have others, such as {day}: if yours has, "
            f"set region{there_are}",
        )


def _overruled(hours: str, today: dt.date, country: str, region: str) -> Iterator[str]:
    """The rules by which it would be closed at some time if they stood last, and which close nothing where they are."""
    rules = opening_hours.rules(hours)
    for i, rule in enumerate(rules[:-1]):
        if not _IS_OFF.search(rule):
            continue
        others = "; ".join((*rules[:i], *rules[i + 1 :]))
        days = opening_hours.days_of(rule, today, country, region)
        if opening_hours.is_same(hours, others, days, country, region) and not opening_hours.is_same(
            hours, f"{others}; {rule}", days, country, region
        ):
            yield rule


def _replaced(hours: str, today: dt.date, country: str, region: str) -> Iterator[str]:
    """The weekly rules that take from an earlier one what they do not even touch; each in words."""

    def on(text: str, day: dt.date) -> Sequence[Opening]:
        return opening_hours.openings(text, country, region, day)

    def taken(earlier: str, later: str, before: str, day: dt.date) -> str:
        had, has = on(earlier, day), on(later, day)
        lost = [one for one in had if one in on(before, day) and not _meet([one], [*has, *on(hours, day)])]
        if not has or not lost:
            return ""
        since = lost[0][0]
        if since.time() == dt.time() and any(end == since for _begin, end in on(earlier, day - dt.timedelta(1))):
            return f"'{later}' ends the night of '{earlier}' at midnight"
        return "" if _meet(had, has) else f"on the days of '{later}' nobody is there by '{earlier}'"

    rules = opening_hours.rules(hours)
    weekly = [i for i, rule in enumerate(rules) if _IS_WEEKLY.fullmatch(rule)]
    for i, k in itertools.combinations(reversed(weekly), 2):
        later, earlier, before = rules[i], rules[k], "; ".join(rules[:i])
        week = (taken(earlier, later, before, today + dt.timedelta(days)) for days in range(7))
        if what := next(filter(None, week), ""):
            why = "a rule behind a semicolon takes the place of those before it"
            yield f"{what}: {why}; where both hold, write '{earlier}, {later}'"


def _meet(some: Sequence[Opening], others: Sequence[Opening]) -> bool:
    """Whether any of them overlap."""
    return any(begin < until and since < end for begin, end in some for since, until in others)
