"""Whether somebody is there, and when next."""

import datetime as dt
import zoneinfo

import pytest

from tests.builders import LONDON
from textbackd.core.opening_hours import Hours, hours_at, next_opening, problem_with

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
