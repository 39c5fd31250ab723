"""The night, by the clocks of those who are texted."""

import datetime as dt
import zoneinfo

import hypothesis
import pytest
from hypothesis import strategies as st

from textbackd.core.quiet_hours import QuietHours

LONDON, NEW_YORK, LOS_ANGELES = map(zoneinfo.ZoneInfo, ("Europe/London", "America/New_York", "America/Los_Angeles"))
NIGHT = QuietHours(dt.time(21), dt.time(8))


def local(text: str, zone: zoneinfo.ZoneInfo = LONDON, fold: int = 0) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(dt.UTC)


@pytest.mark.parametrize(
    ("text", "begin", "end"),
    [
        ("21:00-08:00", dt.time(21), dt.time(8)),
        ("9:30 - 17:15", dt.time(9, 30), dt.time(17, 15)),
        (" 00:00-07:59 ", dt.time(0), dt.time(7, 59)),
    ],
)
def test_written_as_in_the_file(text: str, begin: dt.time, end: dt.time) -> None:
    """And back."""
    assert QuietHours.parse(text) == QuietHours(begin, end)
    assert QuietHours.parse(str(QuietHours(begin, end))) == QuietHours(begin, end)


def test_a_night_that_ends_at_24() -> None:
    """It is midnight, as 00:00 is."""
    assert QuietHours(dt.time(21), dt.time(0)) == QuietHours.parse("21:00-24:00")


@pytest.mark.parametrize(
    "text", ["", "21-8", "24:00-08:00", "21:00-08:60", "21:00-21:00", "night", "21:00", "21:00/08:00"]
)
def test_what_is_no_night(text: str) -> None:
    """It is told how one is written."""
    with pytest.raises(ValueError, match="such as 21:00-08:00"):
        QuietHours.parse(text)


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-11-18 12:00", "2026-11-18 12:00"),
        ("2026-11-18 20:59:59", "2026-11-18 20:59:59"),
        ("2026-11-18 21:00", "2026-11-19 08:00"),
        ("2026-11-18 23:59", "2026-11-19 08:00"),
        ("2026-11-19 00:00", "2026-11-19 08:00"),
        ("2026-11-19 07:59:59", "2026-11-19 08:00"),
        ("2026-11-19 08:00", "2026-11-19 08:00"),
        ("2028-02-28 22:00", "2028-02-29 08:00"),  # a leap day
        ("2028-02-29 22:00", "2028-03-01 08:00"),
        ("2026-12-31 22:00", "2027-01-01 08:00"),
        ("2026-03-28 22:00", "2026-03-29 08:00"),  # the clock goes on in this night, at 01:00
        ("2026-10-24 22:00", "2026-10-25 08:00"),  # and back, at 02:00
    ],
)
def test_a_night_in_london(at: str, over: str) -> None:
    """It ends in the morning by the clock on the wall."""
    assert NIGHT.over_at(local(at), [LONDON]) == local(over)


def test_a_night_that_ends_in_the_hour_that_is_skipped() -> None:
    """01:30 is not on the clock on 29 March 2026: it is over when 02:30 is."""
    night = QuietHours(dt.time(22), dt.time(1, 30))

    assert night.over_at(local("2026-03-28 23:00"), [LONDON]) == local("2026-03-29 02:30")


def test_a_night_that_ends_in_the_hour_that_comes_twice() -> None:
    """On 25 October 2026 it is 01:30 twice: after the first it is day, until it is one o'clock again."""
    night = QuietHours(dt.time(22), dt.time(1, 30))
    first, again = local("2026-10-25 01:30"), local("2026-10-25 01:30", fold=1)

    assert night.over_at(local("2026-10-25 00:10"), [LONDON]) == first
    assert night.over_at(first, [LONDON]) == first
    assert night.over_at(local("2026-10-25 01:10", fold=1), [LONDON]) == again


@pytest.mark.parametrize(
    ("zone", "night", "at", "over"),
    [
        ("Australia/Lord_Howe", "22:00-01:45", ("2026-04-05 01:40", 0), ("2026-04-05 01:45", 0)),  # half an hour back
        ("Australia/Lord_Howe", "22:00-01:45", ("2026-04-05 01:40", 1), ("2026-04-05 01:45", 1)),
        ("Asia/Beirut", "21:00-23:30", ("2026-10-24 23:10", 1), ("2026-10-24 23:30", 1)),  # back at midnight
        ("Asia/Beirut", "23:30-08:00", ("2026-10-24 23:40", 1), ("2026-10-25 08:00", 0)),
        ("Asia/Beirut", "22:00-00:30", ("2026-03-28 23:00", 0), ("2026-03-29 01:30", 0)),  # and on at midnight
    ],
)
def test_clocks_that_change_in_other_ways(zone: str, night: str, at: tuple[str, int], over: tuple[str, int]) -> None:
    """By so much, or at such a time, that the end of the night lies in it; each with its fold."""
    there = zoneinfo.ZoneInfo(zone)
    begin, end = (local(when, there, fold) for when, fold in (at, over))

    assert end == QuietHours.parse(night).over_at(begin, [there])


@pytest.mark.parametrize(
    ("at", "over"),
    [
        ("2026-11-18 12:00", "2026-11-18 12:00"),
        ("2026-11-18 10:59", "2026-11-18 11:00"),  # eight in Los Angeles
        ("2026-11-18 21:30", "2026-11-19 11:00"),
        ("2026-11-18 19:00", "2026-11-18 19:00"),
    ],
)
def test_it_is_night_while_it_is_in_any_zone(at: str, over: str) -> None:
    """By the clock in New York, for a number that may be in California too."""
    assert NIGHT.over_at(local(at, NEW_YORK), [NEW_YORK, LOS_ANGELES]) == local(over, NEW_YORK)


def test_zones_without_a_common_day() -> None:
    """Then the first counts: somebody has to."""
    long_night = QuietHours(dt.time(16), dt.time(8))
    zones = [LONDON, zoneinfo.ZoneInfo("Asia/Tokyo")]

    assert long_night.over_at(local("2026-11-18 20:00"), zones) == local("2026-11-19 08:00")
    assert long_night.over_at(local("2026-11-18 12:00"), zones) == local("2026-11-18 12:00")


@hypothesis.given(
    at=st.integers(0, 6 * 365 * 86400).map(lambda s: dt.datetime(2024, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=s)),
    begin=st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    hours=st.integers(1, 12),
    zones=st.lists(st.sampled_from([LONDON, NEW_YORK, LOS_ANGELES]), min_size=1, max_size=3),
)
def test_when_it_is_over_it_is_day(at: dt.datetime, begin: dt.time, hours: int, zones: list[zoneinfo.ZoneInfo]) -> None:
    """In every zone; never before it was asked; and from then on it is over at once."""
    end = (dt.datetime.combine(dt.date(2000, 1, 1), begin) + dt.timedelta(hours=hours)).time()
    night = QuietHours(begin, end)
    over = night.over_at(at, zones)

    assert over >= at
    assert over - at < dt.timedelta(days=2)
    assert night.over_at(over, zones) == over


@pytest.mark.parametrize(
    ("text", "clock", "quiet"),
    [
        ("21:00-08:00", dt.time(20, 59, 59), False),
        ("21:00-08:00", dt.time(21), True),
        ("21:00-08:00", dt.time(3), True),
        ("21:00-08:00", dt.time(8), False),
        ("13:00-15:00", dt.time(13), True),
        ("13:00-15:00", dt.time(15), False),
        ("00:00-08:00", dt.time(0), True),
        ("21:00-24:00", dt.time(23, 59), True),
        ("21:00-24:00", dt.time(0), False),
    ],
)
def test_when_it_is_quiet(text: str, clock: dt.time, quiet: bool) -> None:
    """From the first time to just before the second."""
    assert quiet is (clock in QuietHours.parse(text))


@pytest.mark.parametrize(("text", "hours"), [("21:00-08:00", 11), ("08:00-21:00", 13), ("00:00-23:59", 23 + 59 / 60)])
def test_how_long_it_is(text: str, hours: float) -> None:
    """Without regard to changes of clocks."""
    assert QuietHours.parse(text).length == dt.timedelta(hours=hours)
