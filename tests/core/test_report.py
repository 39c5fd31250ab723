"""The figures of a report: what is counted where, and what is not."""

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import LONDON, NOON
from textbackd.core.opening_hours import Hours
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageState
from textbackd.core.reasons import Reason
from textbackd.core.report import MISSED, Count, CountedCall, Report, Spread, Tally

WEDNESDAY = 2


def a_counted_call(**values: Any) -> CountedCall:
    """Sales was called on a Wednesday at noon; it rang for 19 s, and nobody came; the caller was texted."""
    return dataclasses.replace(
        CountedCall(
            started_at=NOON,
            line="Sales",
            caller="+447700900123",
            outcome=Outcome.NO_ANSWER,
            hours=Hours.OPEN,
            ring_seconds=19.0,
            wait_seconds=20.0,
            reason=Reason.NOTHING_AGAINST,
            text=MessageState.SENT,
        ),
        **values,
    )


def reported(*calls: CountedCall) -> Report:
    count = Count(LONDON)
    for call in calls:
        count.add(call)
    return count.report()


def of(outcomes: Iterable[Outcome], **values: Any) -> Report:
    return reported(*(a_counted_call(outcome=outcome, **values) for outcome in outcomes))


def test_no_calls() -> None:
    """Are a report too."""
    report = reported()

    assert (None, None, None) == (report.first_at, report.last_at, report.worst_hour)
    assert Tally(calls=0, missed=0) == report.total
    assert report.total.share == 0


@pytest.mark.parametrize("outcome", Outcome)
def test_what_is_missed_and_what_is_no_matter_of_anybody(outcome: Outcome) -> None:
    """Who found nobody or lost them again was missed; what nobody was wanted for, or saw whole, has no share."""
    nobody_wanted = outcome in (Outcome.NOT_OFFERED, Outcome.UNKNOWN)
    missed = outcome is not Outcome.ANSWERED and not nobody_wanted
    tally = Tally(calls=int(not nobody_wanted), missed=int(missed))

    report = of([outcome])

    assert missed == (outcome in MISSED)
    assert tally == report.total
    assert {outcome: 1} == report.by_outcome
    assert ({} if nobody_wanted else {"Sales": tally}) == report.by_line
    assert ({} if nobody_wanted else {Hours.OPEN: tally}) == report.by_hours
    assert ({} if nobody_wanted else {(WEDNESDAY, 12): tally}) == report.by_hour
    assert int(missed) == report.callers


def test_the_share_is_of_the_calls_that_somebody_was_wanted_for() -> None:
    """One of four."""
    report = of([*[Outcome.ANSWERED] * 3, Outcome.BUSY, *[Outcome.NOT_OFFERED] * 6, Outcome.UNKNOWN])

    assert 0.25 == report.total.share


@pytest.mark.parametrize(
    ("at", "when"),
    [
        (dt.datetime(2026, 11, 18, 23, 59, tzinfo=dt.UTC), (2, 23)),
        (dt.datetime(2026, 7, 15, 23, 59, tzinfo=dt.UTC), (3, 0)),  # London is an hour ahead
        (dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC), (6, 1)),  # the hour that comes twice
        (dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC), (6, 1)),
    ],
)
def test_hour_and_weekday_are_those_of_the_office(at: dt.datetime, when: tuple[int, int]) -> None:
    """Of the call's start."""
    assert {when: Tally(calls=1, missed=1)} == reported(a_counted_call(started_at=at)).by_hour


def test_the_worst_hour() -> None:
    """The one with the most missed calls, whatever their share; the earliest of several."""
    hour, day = dt.timedelta(hours=1), dt.timedelta(days=1)
    calls = [a_counted_call(started_at=NOON + hour)] * 2 + [a_counted_call(started_at=NOON + day)] * 2
    answered = [a_counted_call(outcome=Outcome.ANSWERED)] * 5

    assert (2, 13) == reported(a_counted_call(), *answered, *reversed(calls)).worst_hour
    assert reported(*answered).worst_hour is None


@pytest.mark.parametrize(
    ("lengths", "median", "nine_of_ten"),
    [([7.0], 7.0, 7.0), ([1.0, 2.0], 1.0, 2.0), ([float(n) for n in range(1, 101)], 50.0, 90.0), ([3.04, 2.96], 3, 3)],
)
def test_half_and_nine_of_ten(lengths: list[float], median: float, nine_of_ten: float) -> None:
    """The smallest length that so many do not exceed, to a tenth of a second."""
    report = reported(*(a_counted_call(outcome=Outcome.ABANDONED_RINGING, ring_seconds=length) for length in lengths))

    assert Spread(calls=len(lengths), median=median, nine_of_ten=nine_of_ten) == report.gave_up_ringing


def test_each_length_is_of_its_own_calls() -> None:
    """Ringing of those who gave up on it, waiting of those who were answered or left a queue; none that is unknown."""
    report = reported(
        *(a_counted_call(outcome=outcome, ring_seconds=3.0, wait_seconds=5.0) for outcome in Outcome),
        *(a_counted_call(outcome=outcome, ring_seconds=None, wait_seconds=None) for outcome in Outcome),
    )

    five = Spread(calls=1, median=5.0, nine_of_ten=5.0)
    assert Spread(calls=1, median=3.0, nine_of_ten=3.0) == report.gave_up_ringing
    assert (five, five) == (report.gave_up_waiting, report.answered)


def test_callers_who_called_again() -> None:
    """Each counts once, whatever came first; an answer before the missed call is none of it."""
    story = [
        ("ann", Outcome.BUSY),
        ("bob", Outcome.ANSWERED),
        ("ann", Outcome.NO_ANSWER),
        ("bob", Outcome.NO_ANSWER),
        ("cid", Outcome.VOICEMAIL_SILENT),
        ("ann", Outcome.ANSWERED),
        ("ann", Outcome.BUSY),
        ("cid", Outcome.NOT_OFFERED),
        (None, Outcome.BUSY),
        (None, Outcome.ANSWERED),
    ]
    report = reported(*(a_counted_call(caller=caller, outcome=outcome) for caller, outcome in story))

    assert (3, 1, 1) == (report.callers, report.called_again, report.served_later)
    assert 1 == report.withheld


def test_texts_and_why_there_was_none() -> None:
    """Of missed calls only: that an answered call is not texted is no news."""
    report = reported(
        a_counted_call(),
        a_counted_call(text=MessageState.FAILED),
        a_counted_call(text=Reason.ALREADY_SERVED),
        a_counted_call(text=Reason.ALREADY_SERVED),
        a_counted_call(reason=Reason.REPEAT, text=None),
        a_counted_call(reason=Reason.REPEAT, text=None),
        a_counted_call(outcome=Outcome.ANSWERED, reason=Reason.OUTCOME_NOT_TEXTED, text=None),
    )

    assert (4, 1, {Reason.REPEAT: 2}) == (report.to_text, report.texted, report.silent)
    assert {MessageState.FAILED: 1, Reason.ALREADY_SERVED: 2} == report.unsent


def test_callers_who_were_called_back() -> None:
    """After their first missed call; each counts once, and nobody who was not missed."""
    minute = dt.timedelta(minutes=1)
    count = Count(LONDON)
    for caller, outcome in (("ann", Outcome.BUSY), ("bob", Outcome.BUSY), ("cid", Outcome.ANSWERED)):
        count.add(a_counted_call(caller=caller, outcome=outcome))
    count.add(a_counted_call(caller="ann", started_at=NOON + 5 * minute))
    for caller, at in (("ann", 1), ("ann", 9), ("bob", -1), ("bob", 0), ("cid", 1), ("dan", 1)):
        count.add_call_back(caller, NOON + at * minute)

    assert 1 == count.report().called_back


counted_calls = st.lists(
    st.builds(
        CountedCall,
        started_at=st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 12, 31), timezones=st.just(dt.UTC)),  # noqa: DTZ001
        line=st.sampled_from(["Sales", "Support"]),
        caller=st.sampled_from([None, "ann", "bob", "cid"]),
        outcome=st.sampled_from(Outcome),
        hours=st.sampled_from(Hours),
        ring_seconds=st.none() | st.floats(0, 900),
        wait_seconds=st.none() | st.floats(0, 900),
        reason=st.sampled_from(Reason),
        text=st.none() | st.sampled_from(MessageState) | st.sampled_from(Reason),
    )
)


@given(counted_calls)
def test_every_way_to_add_up_gives_the_same(calls: list[CountedCall]) -> None:
    """By hour, line and hours; what is no matter of anybody beside it; nobody is served who was not missed."""
    report = reported(*calls)

    for tallies in (report.by_hour, report.by_line, report.by_hours):
        assert report.total.calls == sum(tally.calls for tally in tallies.values())
        assert report.total.missed == sum(tally.missed for tally in tallies.values())
    assert len(calls) == sum(report.by_outcome.values())
    assert report.total.missed == report.to_text + sum(report.silent.values())
    assert report.served_later <= report.called_again <= report.callers <= report.total.missed
