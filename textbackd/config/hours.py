"""What is wrong, or unwise, about the opening hours in a file and the place whose holidays they mean.

Looks at the plain values, as ``meaning`` does, and leaves alone what has the wrong shape.
"""

import datetime as dt
import zoneinfo
from collections.abc import Iterator

import phonenumbers

from textbackd.config.document import Document, Problem, entries, word
from textbackd.config.wording import did_you_mean
from textbackd.core import opening_hours
from textbackd.core.opening_hours import Hours


def problems(document: Document) -> Iterator[Problem]:
    """Whether the region is one of the country."""
    region, country = word(document.data, "region"), word(document.data, "country")
    if not region or country not in phonenumbers.SUPPORTED_REGIONS:
        return
    from textbackd.core import public_holidays

    known = public_holidays.regions(country)
    if region not in known:
        there_are = f"; there are {', '.join(known)}" if known else f": none of {country} is known"
        message = f"'{region}' is no region of {country} whose public holidays are known"
        meant = region.removeprefix(f"{country}-")  # the whole code of ISO 3166-2
        yield document.problem(("region",), message + (did_you_mean(meant, known) or there_are))


def notes(document: Document, now: dt.datetime) -> Iterator[Problem]:
    """Hours in which nobody is ever there. The file has no problem."""
    data = document.data
    zone = zoneinfo.ZoneInfo(word(data, "time_zone"))
    for section in ("businesses", "dids"):
        for i, entry in entries(data, section):
            hours = word(entry, "hours").rstrip()
            if not hours:
                continue
            where = (zone, word(data, "country"), word(data, "region"))
            is_open = opening_hours.hours_at(hours, now, *where) is Hours.OPEN
            if not is_open and opening_hours.next_opening(hours, now, *where) is None:
                days = opening_hours.FARTHEST.days
                yield document.problem(
                    (section, i, "hours"), f"by these hours nobody is there within the next {days} days"
                )
