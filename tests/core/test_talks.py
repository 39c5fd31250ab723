"""Who was on the line with a caller: the phones at the other end of a path of bridges and Local pairs."""

import random

import pytest

from tests.builders import NOON, spoke_with
from tests.core.events import appeared, caller, entered, gone, left, local, paired, phone
from tests.core.line import Line, notes, one_call
from textbackd.core import channel_events as ev
from textbackd.core.call_records import What
from textbackd.core.channel_events import ChannelEvent, ChannelKind


def test_a_bridge_with_a_phone_is_a_talk() -> None:
    """From when both are in until one leaves."""
    call = one_call(caller(), phone("101"), entered("caller"), entered("101"), left("caller"))

    assert spoke_with(call) == ("101",)
    assert (call.wait_seconds, call.talk_seconds) == (3.0, 1.0)


def test_a_path_through_local_pairs_is_a_talk() -> None:
    """Caller - bridge - Local = Local - bridge - Local = Local - bridge - phone; the order of entering is any."""
    legs: list[ChannelEvent] = [
        *(entered("caller", "1"), entered("x1", "1"), entered("x2", "2"), entered("y1", "2")),
        *(entered("y2", "3"), entered("101", "3"), paired("x1", "x2"), paired("y1", "y2")),
    ]
    channels: list[ChannelEvent] = [caller(), local("x1"), local("x2"), local("y1"), local("y2"), phone("101")]

    for seed in range(20):
        random.Random(seed).shuffle(legs)
        assert spoke_with(one_call(*channels, *legs)) == ("101",)


def test_half_a_path_is_no_talk() -> None:
    """The far leg has answered, the near one not: a phone is bridged with a Local half and nobody hears the caller."""
    call = one_call(
        *(caller(), local("x1"), local("x2"), phone("101"), paired("x1", "x2")),
        *(entered("x2"), entered("101"), left("101"), left("x2")),
    )

    assert spoke_with(call) == ()


@pytest.mark.parametrize(
    ("other", "holding"),
    [
        (phone("101"), True),
        (caller("second"), False),
        (appeared("announcer", ChannelKind.SERVICE, "caller"), False),
        (local("half"), False),
    ],
    ids=["parked", "another caller", "the PBX itself", "half a Local channel"],
)
def test_not_every_bridge_is_a_talk(other: ev.ChannelAppeared, holding: bool) -> None:
    """Members of a holding bridge do not hear each other; callers, announcers and wires are nobody of ours."""
    line = Line()
    line.hear(caller(), other, entered("caller", holding=holding), entered(other.channel, holding=holding))
    line.hear(gone("caller"), gone(other.channel))

    assert {()} == {spoke_with(call) for call in line.ended}
    assert line.is_empty()


def test_two_callers_and_a_phone_in_a_conference_all_talk() -> None:
    """Each caller has been joined with the phone."""
    line = Line()
    line.hear(caller(), caller("second"), phone("101", "101"), entered("caller"), entered("second"), entered("101"))
    line.hear(gone("101"), gone("caller"), gone("second"))

    assert [spoke_with(call) for call in line.ended] == [("101",), ("101",)]


def test_a_bridge_that_becomes_a_holding_one_parts_them() -> None:
    """What counts is what the last event said of it."""
    call = one_call(caller(), phone("101"), entered("caller"), entered("101"), entered("caller", "lot", holding=True))

    assert call.talk_seconds == 1.0


def test_leaving_a_bridge_that_one_is_no_longer_in_changes_nothing() -> None:
    """The events of a move from one bridge to the other may be swapped."""
    call = one_call(
        *(caller(), phone("101"), entered("caller"), entered("101")),
        *(entered("caller", "next"), entered("101", "next"), left("caller"), left("101"), gone("101")),
    )

    assert spoke_with(call) == ("101",)
    assert call.talk_seconds == 4.0


def test_who_leaves_a_conference_was_in_it() -> None:
    """Nobody tells of a caller who takes another's place in it; of one who came as others do the end is told twice."""
    whoever_waits = (phone("102", "102"), entered("102", "room"))
    leaves = ev.BridgeLeft(at=NOON, channel="caller", bridge="room", conference=True)
    handed_over = one_call(
        *(
            caller(),
            phone("101"),
            *whoever_waits,
            entered("caller"),
            entered("101"),
            left("101"),
            left("caller"),
            leaves,
        )
    )
    went = one_call(
        caller(), phone("102", "102"), entered("caller", "room"), left("caller", "room"), entered("102", "room"), leaves
    )

    assert ("101", "102") == spoke_with(handed_over)
    assert () == spoke_with(went)


def test_a_hand_over_without_a_gap_is_one_talk() -> None:
    """The second person comes before the first leaves."""
    call = one_call(
        *(caller(), phone("101"), phone("102", "102"), entered("caller"), entered("101")),
        *(entered("102"), left("101"), gone("101"), left("102")),
    )

    assert spoke_with(call) == ("101", "102")
    assert call.talk_seconds == 4.0
    assert notes(call, What.JOINED) == [("", "101"), ("", "102")]
    assert len(notes(call, What.PARTED)) == 1


def test_somebody_who_comes_back_is_named_once() -> None:
    """And the two talks are added up."""
    call = one_call(
        *(caller(), phone("101"), entered("caller"), entered("101"), left("101"), entered("101"), left("101")),
    )

    assert spoke_with(call) == ("101",)
    assert call.talk_seconds == 2.0
