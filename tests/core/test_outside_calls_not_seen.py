"""Calls to a number outside over time: while they are in the air, and where not all of them is seen."""

import dataclasses

from tests.builders import NOON, seconds
from tests.core.events import caller, entered, gone, left
from tests.core.outside_line import FORWARDED, LEAD, SUPPLIER, TALK, Line, dialled, outside, phone
from textbackd.core import calls
from textbackd.core import channel_events as ev
from textbackd.core.call_records import OutsideCall
from textbackd.core.calls import LiveCall

# --- on the line -----------------------------------------------------------------------------------------------------


def test_a_number_is_being_called_from_its_dialling_to_its_hang_up() -> None:
    """Before, nobody knows which number it is."""
    line = Line()
    line.hear(phone("101"), outside())
    assert line.tracker.on_the_line("lead") is None

    line.hear(dialled())
    live = LiveCall(call_id="lead", caller=LEAD, did="", started_at=NOON + seconds(1), outbound=True)
    assert (live, None) == (line.tracker.on_the_line("lead"), line.tracker.on_the_line("101"))
    assert {"lead"} == line.tracker.followed()

    line.hear(gone("lead"))
    assert line.tracker.on_the_line("lead") is None
    assert frozenset() == line.tracker.followed()


def test_a_number_that_a_caller_is_forwarded_to_is_not_being_called() -> None:
    """It is a leg of his call; a snapshot must not make it gone, all the same."""
    line = Line()
    line.hear(*FORWARDED)

    assert line.tracker.on_the_line("lead") is None
    assert {"caller", "lead"} == line.tracker.followed()


# --- what is not seen ------------------------------------------------------------------------------------------------


def test_a_talk_that_ends_while_nobody_watches_is_counted_until_then() -> None:
    """A mobile's voicemail took it and 101 hung up; half an hour without a link makes it no conversation."""
    line = Line()
    line.hear(*TALK, ev.LinkLost(at=NOON))
    line.now += seconds(1800)
    (call,) = line.hear(ev.SnapshotTaken(at=NOON, channels=frozenset()))

    assert 1.0 == call.talk_seconds


def test_a_talk_that_outlasts_a_lost_link_goes_on() -> None:
    """The snapshot lists both as they were."""
    line = Line()
    line.hear(*TALK, ev.LinkLost(at=NOON), entered("lead"), entered("101"))
    line.hear(ev.SnapshotTaken(at=NOON, channels=frozenset({"101", "lead"})))
    (call,) = line.hear(gone("101"), gone("lead"))

    assert ([(LEAD, 1)], NOON + seconds(4)) == ([(call.number, len(call.by))], call.answered_at)
    assert call.talk_seconds > 3.0


def test_a_leg_found_in_a_snapshot_is_no_call_without_its_number() -> None:
    """Asterisk does not list what was dialled."""
    line = Line()
    line.hear(dataclasses.replace(outside(), from_middle=True), phone("101"))
    line.hear(entered("lead"), entered("101"))

    assert line.tracker.on_the_line("lead") is None
    assert [] == line.hear(gone("101"), gone("lead"))


def test_a_leg_found_in_a_snapshot_is_a_call_where_its_number_is_told() -> None:
    """By who remembers it; what is known already, and what is no leg outside, stays as it is."""
    line = Line()
    line.hear(dataclasses.replace(outside(), from_middle=True), phone("101"), caller())
    for channel, number in (("lead", LEAD), ("lead", SUPPLIER), ("101", LEAD), ("caller", LEAD), ("nobody", LEAD)):
        line.tracker.known_as(channel, number)
    assert (live := line.tracker.on_the_line("lead")) is not None
    assert (LEAD, True) == (live.caller, live.outbound)

    line.hear(entered("lead"), entered("101"), gone("101"), gone("lead"))

    assert [(LEAD, [("101", 1.0)])] == line.who()


def test_a_leg_that_ends_twice_is_one_call() -> None:
    """And one that comes again after its end is none."""
    line = Line()
    line.hear(*TALK, gone("lead"), gone("lead"), *TALK[1:4], gone("lead"), gone("101"))

    assert 1 == len(line.reached)


def test_a_leg_whose_hang_up_was_lost_is_given_up_after_half_a_day() -> None:
    """It was reached all the same."""
    line = Line()
    line.hear(*TALK)
    line.now += calls.LONGEST_CALL
    (call,) = line.tracker.expire(line.now)

    assert isinstance(call, OutsideCall)
    assert frozenset() == line.tracker.followed()


def test_the_end_of_all_watching_ends_it() -> None:
    """A recorded stream that stops in mid-call."""
    line = Line()
    line.hear(*TALK)
    (call,) = line.tracker.cut_off(line.now)

    assert isinstance(call, OutsideCall)
    assert (LEAD, 1.0) == (call.number, call.talk_seconds)


# --- times -----------------------------------------------------------------------------------------------------------


def test_a_clock_that_is_set_back_leaves_the_talk_after_it() -> None:
    """An hour back while 101 talks, then 102 talks on for four seconds."""
    line = Line()
    line.hear(*TALK)
    line.now -= seconds(3600)
    line.hear(left("101"), phone("102"), entered("102"))
    line.now += seconds(3)
    (call,) = line.hear(left("102"), gone("lead"))

    assert 4.0 == call.talk_seconds
