"""Calls of the office to a number outside: who was reached, by whom, how long; and what is no such call."""

import dataclasses
from pathlib import Path

import pytest

from tests.builders import NOON, an_office, seconds
from tests.pbx import replay
from textbackd.core import calls
from textbackd.core import channel_events as ev
from textbackd.core.call_records import EndedCall, OutsideCall, Party
from textbackd.core.calls import CallTracker, LiveCall
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult

LEAD, SUPPLIER = "07700900123", "07700900777"


class Line:
    """A tracker and the clock that it is told: each event comes a second after the last."""

    def __init__(self) -> None:
        self.tracker = CallTracker()
        self.now = NOON
        self.reached: list[OutsideCall] = []
        self.inbound: list[EndedCall] = []

    def hear(self, *events: ChannelEvent, apart: float = 1.0) -> list[OutsideCall]:
        """The calls to the outside that these events ended."""
        before = len(self.reached)
        for event in events:
            for call in self.tracker.receive(dataclasses.replace(event, at=self.now)):
                if isinstance(call, OutsideCall):
                    self.reached.append(call)
                else:
                    self.inbound.append(call)
            self.now += seconds(apart)
        return self.reached[before:]

    def who(self) -> list[tuple[str, list[tuple[str, float]]]]:
        """Which numbers were reached, by whom and how long."""
        return [(call.number, [(party.number, party.seconds) for party in call.by]) for call in self.reached]


def appeared(channel: str, kind: ChannelKind, group: str, number: str = "") -> ev.ChannelAppeared:
    return ev.ChannelAppeared(at=NOON, channel=channel, name=f"X/{channel}", kind=kind, linkedid=group, number=number)


def phone(channel: str, group: str = "101") -> ev.ChannelAppeared:
    return appeared(channel, ChannelKind.DEVICE, group, channel)


def outside(channel: str = "lead", group: str = "101") -> ev.ChannelAppeared:
    """A leg that leaves by a trunk; its number is known when it is dialled."""
    return appeared(channel, ChannelKind.OUTSIDE, group)


def local(channel: str, group: str = "101") -> ev.ChannelAppeared:
    return appeared(channel, ChannelKind.LOCAL, group)


def caller(channel: str = "caller") -> ev.ChannelAppeared:
    return appeared(channel, ChannelKind.INBOUND, channel, "07700900456")


def dialled(channel: str = "lead", number: str = LEAD, by: str = "101") -> ev.DialStarted:
    return ev.DialStarted(at=NOON, channel=channel, by=by, number=number)


def entered(channel: str, bridge: str = "bridge", *, holding: bool = False) -> ev.BridgeEntered:
    return ev.BridgeEntered(at=NOON, channel=channel, bridge=bridge, holding=holding)


def left(channel: str, bridge: str = "bridge") -> ev.BridgeLeft:
    return ev.BridgeLeft(at=NOON, channel=channel, bridge=bridge)


def paired(one: str, two: str) -> ev.LocalPaired:
    return ev.LocalPaired(at=NOON, one=one, two=two)


def moved(channel: str, group: str) -> ev.ChannelMoved:
    return ev.ChannelMoved(at=NOON, channel=channel, linkedid=group)


def gone(channel: str = "lead") -> ev.ChannelGone:
    return ev.ChannelGone(at=NOON, channel=channel)


DIALS = (phone("101"), outside(), dialled())
"""101 dials the lead: three seconds."""
TALK = (*DIALS, entered("lead"), entered("101"))
"""They are on the line from the fourth second on."""


# --- reached, or not -------------------------------------------------------------------------------------------------


def test_somebody_is_reached() -> None:
    """From when both are on the line until one goes."""
    line = Line()
    (call,) = line.hear(*TALK, gone("101"), gone())

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

    assert [] == line.hear(*events, gone("101"), gone())


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

FORWARDED = (caller(), outside(group="caller"), dialled(by="caller"))


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
    assert (LEAD,) == line.inbound[0].spoke_with


def test_a_blind_transfer_of_a_caller_to_a_number_outside_is_none() -> None:
    """101 sends him on; nobody of ours talks to the number outside."""
    line = Line()
    line.hear(caller(), phone("101", "caller"), entered("caller"), entered("101"), gone("101"), left("caller"))
    line.hear(outside(group="caller"), dialled(by="caller"), entered("lead"), entered("caller"))
    line.hear(gone("caller"), gone("lead"))

    assert [] == line.reached
    assert ("101", LEAD) == line.inbound[0].spoke_with


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

    line.hear(gone())
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
