"""Whole decisions at odd times and in odd places: when a text leaves, and what it is about, or why there is none."""

import dataclasses
import datetime as dt
import zoneinfo

import pytest

from tests.builders import a_call, a_history, a_policy, a_record, an_office, seconds
from textbackd.core.office import Office
from textbackd.core.policy import SendText, decide
from textbackd.core.reasons import Reason

HOURS = "Mo-Fr 08:00-17:00; PH off"
LONDON, NEW_YORK = ("GB", "Europe/London"), ("US", "America/New_York")
BRITON, ANGELENO, KOSOVAR = "+447400123456", "+13105551234", "+38344123456"

# What is shown; the office's place; the caller; the end of the call and when the text leaves, on the office's clock;
# what it is about.
TEXTED = [
    ("at noon", LONDON, BRITON, "2026-11-18T12:00:00", "2026-11-18T12:00:05", "missed"),
    ("at night", LONDON, BRITON, "2026-11-18T22:00:00", "2026-11-19T08:00:00", "later"),
    ("before dawn", LONDON, BRITON, "2026-11-19T03:00:00", "2026-11-19T08:00:00", "later"),
    ("in a Friday's night", LONDON, BRITON, "2026-11-20T22:00:00", "2026-11-21T08:00:00", "closed"),
    ("on Christmas Day", LONDON, BRITON, "2026-12-25T12:00:00", "2026-12-25T12:00:05", "holiday"),
    ("at Independence Day", NEW_YORK, ANGELENO, "2026-07-03T13:00:00", "2026-07-03T13:00:05", "holiday"),
    ("as clocks go forward", LONDON, BRITON, "2027-03-27T22:00:00", "2027-03-28T08:00:00+01:00", "closed"),
    ("as clocks go back", LONDON, BRITON, "2026-10-24T22:00:00+01:00", "2026-10-25T08:00:00+00:00", "closed"),
    ("on a leap day", LONDON, BRITON, "2028-02-29T12:00:00", "2028-02-29T12:00:05", "missed"),
    ("before a leap day", LONDON, BRITON, "2028-02-28T22:00:00", "2028-02-29T08:00:00", "later"),
    ("three zones away", NEW_YORK, ANGELENO, "2026-11-19T09:00:00", "2026-11-19T11:00:00", "later"),
    ("three zones away, at home", NEW_YORK, "+12125551234", "2026-11-19T09:00:00", "2026-11-19T09:00:05", "missed"),
    ("a number that moved country", ("XK", "Europe/Belgrade"), KOSOVAR, "2026-11-18T12:00:00", "2026-11-18T12:00:05",
     "missed"),
]  # fmt: skip
SILENT = [
    ("toll-free", NEW_YORK, "+18005551234", Reason.NUMBER_TYPE),
    ("an island of +1", NEW_YORK, "+18762101234", Reason.COUNTRY),
    ("the country that it moved from", ("RS", "Europe/Belgrade"), KOSOVAR, Reason.COUNTRY),
    ("a landline", LONDON, "+442072343456", Reason.LANDLINE),
    ("a premium rate", LONDON, "+449012345678", Reason.NUMBER_TYPE),
]


def the_office(country: str, zone: str) -> Office:
    office = an_office()
    business = dataclasses.replace(office.businesses[0], hours=HOURS)
    return dataclasses.replace(
        office, country=country, time_zone=zoneinfo.ZoneInfo(zone), businesses=(business,), fiction_numbers=False
    )


@pytest.mark.parametrize(
    ("place", "caller", "ended", "leaves", "slot"), [case[1:] for case in TEXTED], ids=[case[0] for case in TEXTED]
)
def test_a_text_leaves_when_nobody_sleeps(
    place: tuple[str, str], caller: str, ended: str, leaves: str, slot: str
) -> None:
    """By the caller's clock; and it is about the hour in which it leaves."""
    office = the_office(*place)
    ended_at, expected = (
        at if at.tzinfo else at.replace(tzinfo=office.time_zone)
        for at in map(dt.datetime.fromisoformat, (ended, leaves))
    )
    hours = office.moment(office.did("01632960101"), ended_at).hours
    record = a_record(caller=caller, started_at=ended_at - seconds(20), ended_at=ended_at)
    decision = decide(a_call(record, hours=hours), a_history(), a_policy(office=office), ended_at)

    assert isinstance(decision, SendText)
    assert (expected.astimezone(dt.UTC), slot) == (
        decision.not_before.astimezone(dt.UTC),
        decision.template.rpartition("/")[2],
    )


@pytest.mark.parametrize(("place", "caller", "reason"), [case[1:] for case in SILENT], ids=[case[0] for case in SILENT])
def test_what_no_text_goes_to(place: tuple[str, str], caller: str, reason: Reason) -> None:
    """By the plan of the number's country, and by where that is."""
    record = a_record(caller=caller)

    assert reason is decide(a_call(record), a_history(), a_policy(office=the_office(*place)), record.ended_at).reason
