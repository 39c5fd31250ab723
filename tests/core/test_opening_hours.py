"""Whether somebody is there, and when next."""

import datetime as dt
import zoneinfo

import pytest

from tests.builders import LONDON
from textbackd.core.opening_hours import Hours, has_plain_holidays, hours_at, next_opening, problem_with

WEEKDAYS = "Mo-Fr 08:00-17:00; PH off"
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
        (london(2026, 7, 1, 8, 30), Hours.OPEN),
        (london(2026, 7, 1, 7, 30), Hours.CLOSED),
    ],
)
def test_the_kind_of_time(at: dt.datetime, expected: Hours) -> None:
    """On the office's own clock, in winter and in summer, with the country's holidays."""
    assert expected is hours_at(WEEKDAYS, at, LONDON, "GB")


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
        ("Mo-Fr 08:00-17:00; PH 10:00-12:00", london(2026, 4, 6, 9, 0), "GB", "ENG", Hours.HOLIDAY),
        (WEEKDAYS, london(2026, 1, 26, 12, 0), "IN", "", Hours.HOLIDAY),  # Republic Day
        (WEEKDAYS, london(2026, 1, 27, 12, 0), "IN", "", Hours.OPEN),
        (WEEKDAYS, london(2026, 12, 25, 12, 0), "ZZ", "", Hours.OPEN),
    ],
)
def test_the_holidays_of_a_region(hours: str, at: dt.datetime, country: str, region: str, expected: Hours) -> None:
    """Of one in the country, and of a country that the parser's own calendars lack; nobody's are none."""
    assert expected is hours_at(hours, at, LONDON, country, region)


@pytest.mark.parametrize(
    ("hours", "plain"),
    [
        (WEEKDAYS, True),
        ("Mo-Fr 08:00-17:00; Sa,PH 10:00-12:00", True),
        ("PH,Sa 10:00-12:00", True),
        ("24/7", True),
        ("Jun-Aug PH off", False),
        ("Mo-Fr 08:00-17:00; PH +1 day off", False),
    ],
)
def test_where_a_holiday_can_be_written_out(hours: str, plain: bool) -> None:
    """The parser takes no days of the year everywhere."""
    assert problem_with(hours) is None
    assert has_plain_holidays(hours) is plain


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        ("Mo-Fr 08:00-17:00; Dec 24 08:00-12:00", london(2026, 12, 24, 13, 0), Hours.CLOSED),
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
    """Of one year and of each, a leap day, the nights in which the clock changes."""
    assert expected is hours_at(hours, at, LONDON, "GB")


def test_it_opens_in_the_hour_that_is_skipped() -> None:
    """There is no 01:30 on 29 March 2026: it opens at what the clock shows then, 02:30."""
    found = next_opening("Mo-Su 01:30-05:00", london(2026, 3, 29, 0, 30), LONDON, "GB")

    assert found == london(2026, 3, 29, 2, 30)
    assert found is not None
    assert found.hour == 2


def test_the_zone_is_the_offices() -> None:
    """Noon in London is early morning in New York."""
    noon = london(2026, 11, 18, 12, 0)

    assert hours_at(WEEKDAYS, noon, LONDON, "GB") is Hours.OPEN
    assert hours_at(WEEKDAYS, noon, NEW_YORK, "US") is Hours.CLOSED


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
    assert expected == next_opening(WEEKDAYS, at, LONDON, "GB")


@pytest.mark.parametrize(
    ("hours", "at"),
    [("24/7", london(2026, 11, 18, 12)), (WEEKDAYS, london(2026, 11, 18, 12)), ("off", london(2026, 11, 18, 12))],
)
def test_there_is_no_next_opening(hours: str, at: dt.datetime) -> None:
    """What is open now does not open next, and some never open."""
    assert next_opening(hours, at, LONDON, "GB") is None


def test_what_is_wrong_with_hours_is_told() -> None:
    """In the words of the parser."""
    assert problem_with(WEEKDAYS) is None
    assert problem_with("Mo-Fr 8 till 5")


def test_a_country_whose_holidays_nobody_knows_has_none() -> None:
    """The hours themselves hold."""
    christmas = london(2026, 12, 25, 12)

    assert hours_at(WEEKDAYS, christmas, LONDON, "XX") is Hours.OPEN
    assert hours_at(WEEKDAYS, london(2026, 11, 21, 12), LONDON, "XX") is Hours.CLOSED
