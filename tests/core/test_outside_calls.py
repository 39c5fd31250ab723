"""Calls of the office to a number outside: who was reached, by whom, how long; and what is no such call."""

from pathlib import Path

import pytest

from tests.builders import NOON, an_office, seconds, spoke_with
from tests.core.events import appeared, caller, entered, gone, left, local, moved, paired
from tests.core.outside_line import DIALS, FORWARDED, LEAD, SUPPLIER, TALK, Line, dialled, outside, phone
from tests.pbx import replay
from textbackd.core import channel_events as ev
from textbackd.core.call_records import OutsideCall, Party
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult

# --- reached, or not -------------------------------------------------------------------------------------------------


def test_somebody_is_reached() -> None:
    """From when both are on the line until one goes."""
    line = Line()
    (call,) = line.hear(*TALK, gone("101"), gone("lead"))

    assert call == OutsideCall(
        channel="lead",
        number=LEAD,
        by=(Party(number="101", seconds=1.0),),
        started_at=NOON + seconds(1),
        answered_at=NOON + seconds(4),
        ended_at=NOON + seconds(6),
        talk_seconds=1.0,
    )
    assert [] == line.inbound


@pytest.mark.parametrize(
    "events",
    [
        pytest.param(DIALS, id="it rings"),
        pytest.param(
            (*DIALS, ev.DialEnded(at=NOON, channel="lead", by="101", result=DialResult.BUSY)), id="it is busy"
        ),
        pytest.param((*DIALS, ev.ChannelAnswered(at=NOON, channel="lead"), entered("lead")), id="nobody hears him"),
        pytest.param((*TALK[:-1], entered("101", "elsewhere")), id="two bridges"),
        pytest.param((*DIALS, entered("lead", holding=True), entered("101", holding=True)), id="a holding bridge"),
        pytest.param((*DIALS, appeared("voice", ChannelKind.SERVICE, "101"), entered("lead"), entered("voice")),
                     id="the PBX itself speaks"),
        pytest.param((phone("101"), outside(), entered("lead"), entered("101")), id="a leg without a number"),
    ],
)  # fmt: skip
def test_nobody_is_reached(events: tuple[ChannelEvent, ...]) -> None:
    """Where no phone of ours and the number outside heard each other, or nobody knows what number it was."""
    line = Line()

    assert [] == line.hear(*events, gone("101"), gone("lead"))


@pytest.mark.parametrize(
    ("name", "by", "length"),
    [("j01_outbound_answered", "101 Anna", 2.0), ("j09_originate_local_callback", "102 Ben", 3.0)],
)
@pytest.mark.parametrize("stream", ["filtered/{}.ami", "full/{}.ami.gz"])
def test_recorded_calls_of_the_office(name: str, by: str, length: float, stream: str) -> None:
    """By hand, and by a click that rings the phone first through a Local channel which then goes away."""
    (call,) = replay.all_ended(replay.events(replay.TRACES / stream.format(name)))

    assert isinstance(call, OutsideCall)
    assert ("07700900555", [by], length) == (call.number, [str(party) for party in call.by], call.talk_seconds)


OTHERS = sorted(path for path in replay.TRACES.glob("filtered/*.ami") if path.stem[:3] not in ("j01", "j09"))


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.name.removesuffix(".ami"))
def test_recorded_calls_from_outside_reach_nobody_outside(path: Path) -> None:
    """Follow-me, forwards, transfers, calls within the house: the office called nobody outside for itself."""
    assert [] == [call for call in replay.all_ended(replay.events(path)) if isinstance(call, OutsideCall)]


@pytest.mark.parametrize(
    ("dialled", "expected"),
    [
        ("07700 900123", "+447700900123"),
        ("00447700900123", "+447700900123"),
        ("447700900123", "+447700900123"),
        ("12125550123", "+12125550123"),
        ("101", None),
        ("", None),
    ],
)
def test_a_number_that_was_dialled(dialled: str, expected: str | None) -> None:
    """As in the office's country, or in international form without a plus, as many carriers want it."""
    assert expected == an_office().e164_dialled(dialled)


# --- by whom ---------------------------------------------------------------------------------------------------------


def test_a_click_that_rings_the_number_outside_first() -> None:
    """Nobody dials it; it then dials the phone."""
    line = Line()
    line.hear(outside(group="lead"), dialled(by=""), phone("101", "lead"), dialled("101", "", by="lead"))
    line.hear(entered("lead"), entered("101"), gone("lead"), gone("101"))

    assert [(LEAD, [("101", 1.0)])] == line.who()


def test_a_click_that_rings_the_phone_first() -> None:
    """Nobody dials the phone; it then dials the number outside."""
    line = Line()
    line.hear(phone("101"), dialled("101", "", by=""), outside(), dialled())
    line.hear(entered("101"), entered("lead"), gone("101"), gone("lead"))

    assert [(LEAD, [("101", 1.0)])] == line.who()


@pytest.mark.parametrize("first", ["101", "lead"])
def test_a_click_through_a_local_channel_that_stays(first: str) -> None:
    """Phone - bridge - Local = Local - bridge - number outside, whichever side was there first."""
    line = Line()
    line.hear(local("x1", "x1"), local("x2", "x1"), paired("x1", "x2"), phone("101", "x1"), outside(group="x1"))
    line.hear(dialled(by="x2"))
    second = "lead" if first == "101" else "101"
    line.hear(entered(first, "one"), entered("x2", "one"), entered("x1", "two"), entered(second, "two"))
    line.hear(gone("x1"), gone("x2"), gone("101"), gone("lead"))

    assert [(LEAD, [("101", 1.0)])] == line.who()


def test_a_transfer_names_both() -> None:
    """101 hands the call to 102; the time is theirs together, and each one's own."""
    line = Line()
    line.hear(*TALK, phone("102"), entered("102"), left("101"), gone("101"), left("102"), gone("102"))
    (call,) = line.hear(gone("lead"))

    assert [(LEAD, [("101", 3.0), ("102", 3.0)])] == line.who()
    assert (5.0, NOON + seconds(4)) == (call.talk_seconds, call.answered_at)


def test_a_conference_of_two_numbers_outside_reaches_both() -> None:
    """101 calls a supplier into the talk with the lead: each of them has talked with 101, and with the other."""
    line = Line()
    line.hear(*TALK, outside("supplier"), dialled("supplier", SUPPLIER), entered("supplier"))
    line.hear(gone("101"), gone("supplier"), gone("lead"))

    assert [SUPPLIER, LEAD] == [call.number for call in line.reached]
    assert [{"101", LEAD}, {"101", SUPPLIER}] == [{party.number for party in call.by} for call in line.reached]


def test_a_click_that_joins_the_owners_mobile_with_the_lead() -> None:
    """Both legs leave by the trunk; the lead was reached by the mobile, and the mobile by the lead."""
    line = Line()
    line.hear(outside("owner", "owner"), dialled("owner", "07700900001", by=""))
    line.hear(outside(group="owner"), dialled(by="owner"), entered("owner"), entered("lead"))
    line.hear(gone("lead"), gone("owner"))

    assert [(LEAD, [("07700900001", 1.0)]), ("07700900001", [(LEAD, 1.0)])] == line.who()


# --- callers from outside --------------------------------------------------------------------------------------------


def test_a_forwarded_call_is_no_call_of_the_office() -> None:
    """The leg outside was rung for a caller: it is he who was on the line with it."""
    line = Line()
    line.hear(*FORWARDED, entered("caller"), entered("lead"), gone("caller"), gone("lead"))

    assert [] == line.reached
    assert [(LEAD, True)] == [(party.number, party.outside) for party in line.inbound[0].talked_to]


def test_a_forward_through_a_local_channel_is_none_either() -> None:
    """The caller is heard at the end of a path; before he is, nobody of ours is there."""
    line = Line()
    line.hear(caller(), local("x1", "caller"), local("x2", "caller"), paired("x1", "x2"), outside(group="caller"))
    line.hear(dialled(by="x2"), entered("lead", "in"), entered("x2", "in"), entered("x1"), entered("caller"))
    line.hear(gone("caller"), gone("x1"), gone("x2"), gone("lead"))

    assert [] == line.reached
    assert (LEAD,) == spoke_with(line.inbound[0])


def test_a_blind_transfer_of_a_caller_to_a_number_outside_is_none() -> None:
    """101 sends him on; nobody of ours talks to the number outside."""
    line = Line()
    line.hear(caller(), phone("101", "caller"), entered("caller"), entered("101"), gone("101"), left("caller"))
    line.hear(outside(group="caller"), dialled(by="caller"), entered("lead"), entered("caller"))
    line.hear(gone("caller"), gone("lead"))

    assert [] == line.reached
    assert ("101", LEAD) == spoke_with(line.inbound[0])


def test_whoever_asks_a_number_outside_before_handing_a_caller_over_has_reached_it() -> None:
    """The talk before counts; what the caller and the number outside say to each other does not."""
    line = Line()
    line.hear(caller(), phone("101", "caller"), entered("caller", "hold", holding=True), entered("101", "x"))
    line.hear(phone("101b", "101b"), outside(group="101b"), dialled(by="101b"), entered("lead"), entered("101b"))
    line.hear(gone("101b"), moved("lead", "caller"), entered("caller"), gone("101"), gone("caller"), gone("lead"))

    assert [(LEAD, [("101b", 1.0)])] == line.who()


def test_a_caller_in_the_same_room_keeps_it_from_counting_only_while_he_is_there() -> None:
    """A conference: the lead and 101 talk, a caller comes in, and leaves before them."""
    line = Line()
    line.hear(*TALK, caller(), entered("caller"), left("caller"), gone("caller"), gone("101"), gone("lead"))

    assert [(LEAD, [("101", 4.0)])] == line.who()
