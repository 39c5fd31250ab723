"""Whether somebody is there, and when next."""

import contextlib
import datetime as dt
import sys
import types
import zoneinfo
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import opening_hours
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.builders import LONDON
from textbackd.core import hours_mistakes
from textbackd.core import opening_hours as module
from textbackd.core.opening_hours import Hours, Opening, moment

WEEKDAYS = "Mo-Fr 08:00-17:00; PH off"
UTC = zoneinfo.ZoneInfo("UTC")
NEW_YORK = zoneinfo.ZoneInfo("America/New_York")


def london(*when: int) -> dt.datetime:
    """A moment on London's clock, as UTC."""
    return dt.datetime(*when, tzinfo=LONDON).astimezone(dt.UTC)  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (london(2026, 11, 18, 8, 0), Hours.OPEN),
        (london(2026, 11, 18, 16, 59), Hours.OPEN),
        (london(2026, 11, 18, 17, 0), Hours.CLOSED),
        (london(2026, 11, 18, 7, 59), Hours.CLOSED),
        (london(2026, 11, 21, 12, 0), Hours.CLOSED),
        (london(2026, 12, 25, 12, 0), Hours.HOLIDAY),
        (london(2027, 1, 1, 12, 0), Hours.HOLIDAY),
        (london(2026, 7, 1, 8, 30), Hours.OPEN),
        (london(2026, 7, 1, 7, 30), Hours.CLOSED),
    ],
)
def test_the_kind_of_time(at: dt.datetime, expected: Hours) -> None:
    """On the office's own clock, in winter and in summer, with the country's holidays."""
    assert expected is moment(WEEKDAYS, at, LONDON, "GB").hours


@pytest.mark.parametrize(
    ("hours", "at", "country", "region", "expected"),
    [
        (WEEKDAYS, london(2026, 11, 30, 12, 0), "GB", "SCT", Hours.HOLIDAY),  # Saint Andrew's Day
        (WEEKDAYS, london(2026, 11, 30, 12, 0), "GB", "ENG", Hours.OPEN),
        (WEEKDAYS, london(2026, 4, 6, 12, 0), "GB", "ENG", Hours.HOLIDAY),  # Easter Monday
        (WEEKDAYS, london(2026, 4, 6, 12, 0), "GB", "SCT", Hours.OPEN),
        (WEEKDAYS, london(2027, 12, 27, 12, 0), "GB", "ENG", Hours.HOLIDAY),  # in lieu of Christmas Day, a Saturday
        ("Mo-Fr 08:00-17:00; Sa,PH 10:00-12:00", london(2026, 4, 6, 11, 0), "GB", "ENG", Hours.OPEN),
        ("Mo-Fr 08:00-17:00; Sa,PH 10:00-12:00", london(2026, 4, 6, 13, 0), "GB", "ENG", Hours.HOLIDAY),
        ("Mo-Fr 08:00-17:00; PH,Sa 10:00-12:00", london(2026, 4, 4, 11, 0), "GB", "ENG", Hours.OPEN),
        ("Mo-Fr 08:00-17:00, PH off", london(2026, 4, 7, 9, 0), "GB", "ENG", Hours.OPEN),
        ("Mo-Fr 08:00-17:00, PH off", london(2026, 4, 6, 9, 0), "GB", "ENG", Hours.HOLIDAY),
        ("Mo-Fr 08:00-17:00; PH 10:00-12:00", london(2026, 4, 6, 9, 0), "GB", "ENG", Hours.HOLIDAY),
        (WEEKDAYS, london(2026, 1, 26, 12, 0), "IN", "", Hours.HOLIDAY),  # Republic Day
        (WEEKDAYS, london(2026, 1, 27, 12, 0), "IN", "", Hours.OPEN),
        (WEEKDAYS, london(2026, 12, 25, 12, 0), "ZZ", "", Hours.OPEN),
    ],
)
def test_the_holidays_of_a_region(hours: str, at: dt.datetime, country: str, region: str, expected: Hours) -> None:
    """Of one in the country, and of a country that the parser's own calendars lack; nobody's are none."""
    assert expected is moment(hours, at, LONDON, country, region).hours


WRITTEN = [
    "PH",
    "Mo-Fr 08:00-17:00; PH off",
    "Mo-Fr 08:00-17:00, PH off",
    "Mo-Fr 08:00-12:00, Mo-Fr 13:00-17:00, PH off",
    "PH off; Mo-Fr 08:00-17:00",
    "24/7; PH off",
    "Mo-Fr 08:00-17:00; Sa,PH 10:00-12:00",
    "Mo-Fr 08:00-17:00; PH,Sa 10:00-12:00",
    "Mo-Sa 08:00-17:00; Sa,Su,PH 10:00-14:00",
    "Mo-Su 08:00-17:00; PH,Mo,Tu off",
    "Mo-Fr 08:00-17:00; Jan-Mar Mo-Fr,PH 10:00-12:00",
    "Mo-Fr 08:00-17:00; Apr-Dec PH off",
    "2027 PH 10:00-12:00",
    "Dec 24-Jan 02 PH 10:00-12:00",
    "week 1-53 Mo-Fr,PH 08:00-17:00",
    "PH,Mo[1] 10:00-12:00; Mo[1] +1 day,PH 13:00-14:00",
    "Mo-Fr 08:00-17:00, PH 20:00-21:00",
    "Mo-Fr 08:00-17:00 || PH 10:00-11:00",
    "Mo-Fr 22:00-06:00; PH off",
    "Mo-Su 22:00-30:00; PH 20:00-48:00",
    'PH "by appointment"; Mo-Fr 20:00-26:00, PH 23:00-25:00',
    'Mo-Fr 08:00-17:00 "x; PH"; PH off "PH"',
    "Mo-Fr 08:00-17:00; PH unknown",
    "Mo-Fr 08:00-17:00; PH +1 day off; PH -2 days 10:00-12:00",
    "Mo-Fr,PH,SH,PH +2 days 10:00-12:00",
    "Mo-Fr 08:00-17:00; SH,PH off",
]


@pytest.mark.parametrize("hours", WRITTEN)
def test_holidays_mean_the_same_written_out(hours: str) -> None:
    """Every day of a year in Poland, whose calendar the parser has right."""
    days = [dt.date(2027, 1, 1) + dt.timedelta(days) for days in range(365)]

    assert hours_mistakes.first_in(hours) is None
    assert [in_poland(hours, day) for day in days] == [module.openings(hours, "PL", "", day) for day in days]


ENDS_OF_NIGHTS = (dt.time(1), dt.time(2), dt.time(6))
"""In ``WRITTEN`` and ``STATES``; nothing else in them begins at midnight and ends then."""


def in_poland(hours: str, day: dt.date) -> Sequence[Opening]:
    """When it is open on a day, by the parser's own calendar; the end of a night where that has begun."""
    midnight = dt.datetime.combine(day, dt.time())
    found = by_the_parser(hours, day)
    if any(end == midnight for _begin, end in by_the_parser(hours, day - dt.timedelta(1))):
        return found
    return tuple((begin, end) for begin, end in found if begin != midnight or end.time() not in ENDS_OF_NIGHTS)


def by_the_parser(hours: str, day: dt.date) -> Sequence[Opening]:
    """What it says of a single day, also of a night before it that fell on a day off."""
    midnight = dt.datetime.combine(day, dt.time())
    found = opening_hours.OpeningHours(hours, country="PL").intervals(midnight, midnight + dt.timedelta(1))
    return tuple((begin, end) for begin, end, state, _ in found if state == opening_hours.State.OPEN)


@pytest.mark.parametrize(
    ("hours", "bare"),
    [
        ('Mo 08:00-12:00 "PH; SH"; PH off', 'Mo 08:00-12:00 "______"; PH off'),
        ('PH ""; SH "x" || "y"', 'PH ""; SH "_" || "_"'),
        ("24/7", "24/7"),
    ],
)
def test_comments_say_nothing(hours: str, bare: str) -> None:
    """What stands beside them stays at its place."""
    assert bare == module.without_comments(hours)


WHEN = ["", "Jan ", "Apr-Dec ", "week 1-20 ", "2027 ", "Dec 20-Jan 10 ", "easter -2 days ", "2027 Jan-Mar: "]
WEEKDAYS_OF_ALL_KINDS = ["Mo", "Mo-Fr", "Sa,Su", "Fr[1]", "Mo[-1],We", "Tu[2] +1 day", "Fr-Mo"]
HOLIDAYS = ["PH", "SH", "PH +1 day", "PH -2 days", "SH,PH", "PH,PH +1 day", "PH,SH,PH -1 day"]
STATES = [
    "",
    " 08:00-12:00",
    " 10:00-12:00,13:00-17:00",
    " off",
    " unknown",
    ' "PH, x"',
    " 22:00-06:00",
    " 20:00-48:00",
]


@st.composite
def rules(draw: st.DrawFn) -> str:
    """One rule with holidays, weekdays, or both in either order."""
    both = [draw(st.sampled_from(WEEKDAYS_OF_ALL_KINDS)), draw(st.sampled_from(HOLIDAYS))]
    days = ",".join(draw(st.permutations(both))[: draw(st.integers(1, 2))])
    return draw(st.sampled_from(WHEN)) + days + draw(st.sampled_from(STATES))


@given(
    first=rules(),
    rest=st.lists(st.tuples(st.sampled_from(["; ", ";", ", ", " || "]), rules()), max_size=2),
    days=st.integers(0, 364),
)
def test_whatever_is_right_can_be_written_out(first: str, rest: list[tuple[str, str]], days: int) -> None:
    """Wherever a holiday stands: it means the same, and it never raises, nor where nobody knows the holidays."""
    hours = first + "".join(separator + rule for separator, rule in rest)
    assume(hours_mistakes.first_in(hours) is None)
    day = dt.date(2027, 1, 1) + dt.timedelta(days)

    assert in_poland(hours, day) == module.openings(hours, "PL", "", day)
    assert moment(hours, dt.datetime.combine(day, dt.time(12), dt.UTC), UTC, "ZZ").hours in Hours


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ("Mo-Fr 08:00-17:00; Dec 24 08:00-12:00", london(2026, 12, 24, 13, 0), Hours.CLOSED),
        ("Mo-Su 10:00-02:00; PH off", london(2027, 3, 25, 1, 0), Hours.OPEN),
        ("Mo-Su 10:00-02:00; PH off", london(2027, 3, 27, 0, 30), Hours.CLOSED),
        ("Mo-Su 10:00-26:00; PH off", london(2027, 3, 27, 0, 30), Hours.CLOSED),
        ("Mo-Su 10:00-02:00; PH off", london(2027, 3, 27, 10, 0), Hours.OPEN),
        ("Mo-Su 10:00-02:00; PH off", london(2027, 3, 28, 0, 30), Hours.OPEN),
        ("Mo-Su 10:00-02:00; Mar 26 off", london(2027, 3, 27, 0, 30), Hours.CLOSED),
        ("Mo-Su 00:00-02:00,10:00-24:00; PH off", london(2027, 3, 27, 0, 30), Hours.OPEN),
        ("Mo-Sa; PH off; Su 10:00-00:00", london(2027, 3, 27, 0, 30), Hours.OPEN),
        ("24/7; PH off", london(2027, 3, 27, 0, 30), Hours.OPEN),
        ("Mo-Su; PH off; Sa 02:00-24:00 off", london(2027, 3, 27, 0, 30), Hours.OPEN),
        ("Mo-Fr 08:00-17:00; Dec 24 08:00-12:00", london(2026, 12, 24, 11, 0), Hours.OPEN),
        ("Mo-Fr 08:00-17:00; 2027 Aug 02-2027 Aug 13 off", london(2027, 8, 5, 11, 0), Hours.CLOSED),
        ("Mo-Fr 08:00-17:00; 2027 Aug 02-2027 Aug 13 off", london(2026, 8, 5, 11, 0), Hours.OPEN),
        ("Feb 29 08:00-12:00", london(2028, 2, 29, 9, 0), Hours.OPEN),
        ("Feb 29 08:00-12:00", london(2027, 3, 1, 9, 0), Hours.CLOSED),
        ("Mo-Su 22:00-03:00", london(2026, 3, 29, 2, 30), Hours.OPEN),  # the clock goes on at 01:00
        ("Mo-Su 22:00-03:00", london(2026, 10, 25, 1, 30), Hours.OPEN),  # and back at 02:00
    ],
)
def test_special_days_and_nights(hours: str, at: dt.datetime, expected: Hours) -> None:
    """Of one year and of each; around Good Friday (26 March 2027), on a leap day, in nights of which clocks change."""
    assert expected is moment(hours, at, LONDON, "GB").hours


@pytest.mark.parametrize(
    ("hours", "opens"),
    [
        ("Mo-Su 01:30-05:00", london(2026, 3, 29, 2, 0)),
        ("Mo-Su 01:15-01:45", london(2026, 3, 30, 1, 15)),
        ("Mo-Su 02:00-05:00", london(2026, 3, 29, 2, 0)),
    ],
)
@pytest.mark.parametrize("at", [london(2026, 3, 28, 12), london(2026, 3, 29, 0, 30)])
def test_it_opens_in_the_hour_that_is_skipped(hours: str, opens: dt.datetime, at: dt.datetime) -> None:
    """There is no 01:30 on 29 March 2026: it opens when the clock shows a later time, and never by hours that are
    skipped whole.
    """
    skipping = f"{hours}; 2026 Mar 28 off"
    found = moment(skipping, at, LONDON, "GB").opens

    assert found is not None
    assert opens.astimezone(LONDON).isoformat() == found.isoformat()
    assert moment(skipping, found, LONDON, "GB").hours is Hours.OPEN
    assert moment(skipping, found - dt.timedelta(seconds=1), LONDON, "GB").hours is Hours.CLOSED


def test_it_opens_in_the_hour_that_is_repeated() -> None:
    """By the clock on the wall twice, at 00:30 and at 01:30 of UTC; the next opening is never behind us."""
    for asked, opens in ((0, 30), (75, 90)):
        at = dt.datetime(2026, 10, 25, tzinfo=dt.UTC) + dt.timedelta(minutes=asked)
        found = moment("Mo-Su 01:30-01:40", at, LONDON, "GB").opens

        assert found is not None
        assert found.astimezone(dt.UTC) == dt.datetime(2026, 10, 25, tzinfo=dt.UTC) + dt.timedelta(minutes=opens)


@pytest.mark.parametrize(
    ("rule", "days"),
    [
        ("2026 Dec 01 off", {1, 2}),
        ("2026 Dec 01-2026 Dec 03 off", {1, 2, 3, 4}),
        ("PH off", {25, 26, 27, 28, 29}),
        ("2025 Dec 01 off", set()),
    ],
)
def test_a_day_off_is_looked_at_on_its_own_days(rule: str, days: set[int]) -> None:
    """And on the day behind it, in which its night ends: of December 2026 here."""
    found = module.days_of(rule, dt.date(2026, 11, 18), "GB")

    assert days == {day.day for day in found if (day.year, day.month) == (2026, 12)}


def test_each_zone_has_a_day_of_its_own() -> None:
    """Half past eight in Berlin is half past seven in London, by the same hours on the same day."""
    at = dt.datetime(2026, 11, 18, 7, 30, tzinfo=dt.UTC)
    found = [moment(WEEKDAYS, at, zoneinfo.ZoneInfo(zone), "GB").hours for zone in ("Europe/London", "Europe/Berlin")]

    assert [Hours.CLOSED, Hours.OPEN] == found


def test_the_day_is_the_offices() -> None:
    """Friday evening in New York is Saturday in Greenwich."""
    evening = dt.datetime(2026, 11, 21, 0, 30, tzinfo=dt.UTC)

    assert moment("Fr 09:00-20:00", evening, NEW_YORK, "US").hours is Hours.OPEN


@pytest.mark.parametrize(("region", "opens"), [("", 30), ("SCT", 31)])
def test_a_holiday_of_the_region_is_no_opening(region: str, opens: int) -> None:
    """Saint Andrew's Day, Monday 30 November 2026, seen from the Sunday before it."""
    found = moment(WEEKDAYS, london(2026, 11, 29, 12), LONDON, "GB", region).opens

    assert found == london(2026, 11, 29, 8) + dt.timedelta(days=opens - 29)


def test_the_zone_is_the_offices() -> None:
    """Noon in London is early morning in New York."""
    noon = london(2026, 11, 18, 12, 0)

    assert moment(WEEKDAYS, noon, LONDON, "GB").hours is Hours.OPEN
    assert moment(WEEKDAYS, noon, NEW_YORK, "US").hours is Hours.CLOSED


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (london(2026, 11, 18, 6, 0), london(2026, 11, 18, 8, 0)),
        (london(2026, 11, 18, 18, 0), london(2026, 11, 19, 8, 0)),
        (london(2026, 11, 20, 18, 0), london(2026, 11, 23, 8, 0)),
        (london(2026, 12, 24, 18, 0), london(2026, 12, 29, 8, 0)),
        (london(2026, 10, 24, 18, 0), london(2026, 10, 26, 8, 0)),
    ],
)
def test_when_it_opens_next(at: dt.datetime, expected: dt.datetime) -> None:
    """After the night, the weekend, the holidays, the change of the clocks."""
    assert expected == moment(WEEKDAYS, at, LONDON, "GB").opens


@pytest.mark.parametrize("region", ["", "ENG"])
def test_no_night_follows_a_day_off(region: str) -> None:
    """A bar that is closed on Good Friday opens at ten o'clock of the day behind it."""
    at = london(2027, 3, 26, 12, 0)

    assert london(2027, 3, 27, 10, 0) == moment("Mo-Su 10:00-02:00; PH off", at, LONDON, "GB", region).opens


@pytest.mark.parametrize(("opens", "found"), [(23, True), (24, False)])
def test_how_far_ahead_an_opening_is_looked_for(opens: int, found: bool) -> None:
    """400 days: from 18 November 2026 to 23 December 2027."""
    opening = london(2027, 12, opens, 8) if found else None

    assert opening == moment(f"2027 Dec {opens} 08:00-12:00", london(2026, 11, 18, 12), LONDON, "GB").opens


@pytest.mark.parametrize(
    ("hours", "at"),
    [("24/7", london(2026, 11, 18, 12)), (WEEKDAYS, london(2026, 11, 18, 12)), ("off", london(2026, 11, 18, 12))],
)
def test_there_is_no_next_opening(hours: str, at: dt.datetime) -> None:
    """What is open now does not open next, and some never open."""
    assert moment(hours, at, LONDON, "GB").opens is None


@pytest.mark.parametrize(
    ("hours", "country", "region"),
    [
        ("Mo-Fr 08:00-17:00 unknown", "GB", ""),
        ("2025 Mo-Fr 08:00-17:00; PH off", "GB", "SCT"),
        ("Mo-Fr 08:00-17:00; Jan-Dec off", "GB", ""),
        ("Mo-Fr 08:00-17:00; Jan-Dec off; PH off", "DE", "BY"),
        ("PH off", "IN", ""),
    ],
)
def test_hours_that_never_open_are_looked_at_once_a_day(hours: str, country: str, region: str) -> None:
    """A decision waits for this, and the library would look until the year 9999: it is asked for single days, each
    once. A later call of the day asks it nothing, and looks at no more than any other.
    """
    at = london(2029, 11, 14, 12)  # of no other test, which might have asked before
    with calls_made() as first:
        assert moment(hours, at, LONDON, country, region).opens is None
    with calls_made() as later:
        for minute in range(600):
            assert moment(hours, at + dt.timedelta(minutes=minute), LONDON, country, region).opens is None

    assert {"intervals", NOT_THE_LIBRARY} == first.keys()
    assert 400 <= first["intervals"] <= 402
    assert {NOT_THE_LIBRARY} == later.keys()
    assert later.total() < 600 * 20


NOT_THE_LIBRARY = "all else"


@contextlib.contextmanager
def calls_made() -> Iterator[Counter[str]]:
    """How often what is called: methods of the library's hours by their names, and all else."""
    found = Counter[str]()

    def watch(_frame: types.FrameType, event: str, called: Any) -> None:
        if event == "c_call" and isinstance(getattr(called, "__self__", None), opening_hours.OpeningHours):
            found[called.__name__] += 1
        elif event in ("call", "c_call"):
            found[NOT_THE_LIBRARY] += 1

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        yield found
    finally:
        sys.setprofile(before)


def test_a_country_whose_holidays_nobody_knows_has_none() -> None:
    """The hours themselves hold."""
    christmas = london(2026, 12, 25, 12)

    assert moment(WEEKDAYS, christmas, LONDON, "XX").hours is Hours.OPEN
    assert moment(WEEKDAYS, london(2026, 11, 21, 12), LONDON, "XX").hours is Hours.CLOSED
