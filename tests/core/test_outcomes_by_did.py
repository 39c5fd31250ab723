"""What a call amounted to where the configuration has a say: the DID, its marks and its business with its hours."""

import datetime as dt

import pytest

from tests.builders import NOON, Note, a_record, an_office, seconds
from tests.core.notes import (
    ANNOUNCED,
    MENU,
    NIGHT,
    RANG_OUT,
    VOICEMAIL,
    at,
    judged,
    went_through,
)
from textbackd.core.call_records import What
from textbackd.core.channel_events import Stage
from textbackd.core.office import Business, Did, Mark, Office
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Outcome

HOLIDAY = dt.datetime(2026, 12, 25, 12, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("office", "notes", "expected"),
    [
        (at("24/7"), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT), (ANNOUNCED,), Outcome.CLOSED),
        (at(NIGHT), (MENU, ANNOUNCED), Outcome.NOT_OFFERED),
        (at(NIGHT), (), Outcome.NOT_OFFERED),
        (at(NIGHT), RANG_OUT, Outcome.NO_ANSWER),
        (at(NIGHT), (VOICEMAIL,), Outcome.VOICEMAIL_SILENT),
        (at(NIGHT), ((What.STAGE, Stage.BUSY_TONE),), Outcome.BUSY),
        (at("24/7", Mark.CLOSED), (ANNOUNCED,), Outcome.CLOSED),
        (at("24/7", Mark.CLOSED), (), Outcome.CLOSED),
        (at("24/7", Mark.CLOSED), (MENU,), Outcome.ABANDONED_IVR),
        (at("24/7", contexts=frozenset({"app-announcement-1"})), (ANNOUNCED,), Outcome.CLOSED),
        (at("24/7", contexts=frozenset({"elsewhere"})), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT, Mark.INFORMATION), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT, Mark.FAX, Mark.CLOSED), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT, Mark.IGNORE), (ANNOUNCED,), Outcome.NOT_OFFERED),
        (at(NIGHT), ((What.STAGE, Stage.BLOCKED), ANNOUNCED), Outcome.NOT_OFFERED),
    ],
)
def test_an_announcement_may_say_that_the_office_is_closed(
    office: Office, notes: tuple[Note, ...], expected: Outcome
) -> None:
    """By the mark of the DID, by the context, or straight from the trunk out of hours; other marks win over it."""
    assert expected is judged(went_through(*notes), office).outcome


@pytest.mark.parametrize(
    ("office", "start", "expected"),
    [
        (at("Mo-Fr 08:00-17:00"), NOON, Hours.OPEN),
        (at(NIGHT), NOON, Hours.CLOSED),
        (at("Mo-Fr 08:00-17:00; PH off"), HOLIDAY, Hours.HOLIDAY),
        (at("24/7", Mark.CLOSED), NOON, Hours.OPEN),
    ],
)
def test_the_hours_are_those_at_the_start_of_the_call(office: Office, start: dt.datetime, expected: Hours) -> None:
    """A call that begins before closing time is a call of the open office."""
    assert expected is judged(a_record(started_at=start, ended_at=start + seconds(3600 * 9)), office).hours


def test_the_call_belongs_to_the_business_of_its_did() -> None:
    """Whatever the spelling of the number dialled; the first business where nothing is known of it."""
    office = an_office(
        businesses=(Business(name="First"), Business(name="Second")),
        dids=(Did(number="+44 1632 960102", label="Repairs", business="Second"),),
    )
    known = judged(a_record(did="01632960102"), office)
    unknown = judged(a_record(did="01632960999"), office)

    assert (known.business, known.did.label) == ("Second", "Repairs")
    assert (unknown.business, unknown.did.label) == ("First", "")
    assert known.because
