"""When a call is over, also where channels change their group or the link is lost: one whole call per inbound leg."""

import pytest

from tests.builders import NOON, inbound, seconds, spoke_with
from tests.core.events import appeared, caller, dial_ended, dialled, entered, every_kind, gone, local, phone
from tests.core.line import Line, notes
from textbackd.core import calls
from textbackd.core import channel_events as ev
from textbackd.core.call_records import What
from textbackd.core.calls import LiveCall
from textbackd.core.channel_events import ChannelKind, DialResult

# --- who calls -------------------------------------------------------------------------------------------------------


def test_a_caller_id_that_was_refuted() -> None:
    """On the caller's own leg, and for good; without such a word nothing is known against it."""
    line = Line()
    line.hear(caller(), phone("101"), ev.CallerIdRefuted(at=NOON, channel="101"))
    line.hear(caller("other", number="07700900124"), ev.CallerIdRefuted(at=NOON, channel="other"))
    ended = line.hear(gone("101"), gone("caller"), gone("other"))

    assert [("caller", False), ("other", True)] == [(call.call_id, call.spoofed) for call in inbound(ended)]


# --- when a call is over ---------------------------------------------------------------------------------------------


def test_a_call_is_over_when_the_last_of_its_channels_has_gone() -> None:
    """Not at the caller's own hang-up: voicemail on another leg still speaks."""
    line = Line()
    assert line.hear(caller(), local("x1"), local("x2"), gone("caller"), gone("x1")) == []
    assert line.hear(ev.MessageLeft(at=NOON, channel="x2")) == []
    (call,) = line.hear(gone("x2"))

    assert notes(call, What.MESSAGE) == [("", "")]
    assert call.ended_at == NOON + seconds(3)
    assert line.is_empty()


def test_a_leg_that_stays_up_is_waited_for_no_longer_than_the_grace() -> None:
    """The phones may go on talking to each other; the caller has gone."""
    line = Line()
    line.hear(caller(), phone("101"), gone("caller"), apart=0)
    assert line.tracker.next_deadline() == NOON + calls.GRACE
    assert line.expire(calls.GRACE - seconds(0.1)) == []
    (call,) = line.expire(seconds(0.1))

    assert call.ended_at == NOON
    assert call.seen_whole
    assert line.tracker.next_deadline() is None
    assert line.hear(gone("101")) == []
    assert line.is_empty()


def test_how_a_phone_was_dialled_is_told_though_its_leg_is_still_up() -> None:
    """The call ends with the grace, the leg's own hang-up comes later or never; what still rings has no result."""
    line = Line()
    line.hear(caller(), phone("101"), phone("102"), dialled("101"), dialled("102"))
    line.hear(dial_ended("101", DialResult.BUSY), gone("caller"))
    (call,) = line.expire(calls.GRACE)

    assert notes(call, What.RESULT) == [(DialResult.BUSY, "101")]


def test_a_hang_up_that_never_came_is_given_up_after_half_a_day() -> None:
    """As not seen whole, and so is a number outside; a phone may be off the hook for a week."""
    line = Line()
    outside = appeared("outside", ChannelKind.OUTSIDE, "elsewhere")
    line.hear(caller(), phone("101"), outside, apart=0)
    assert line.tracker.next_deadline() == NOON + calls.LONGEST_CALL
    (call,) = line.expire(calls.LONGEST_CALL)

    assert not call.seen_whole
    assert line.tracker.followed() == frozenset()
    line.hear(gone("101"))
    assert line.is_empty()


def test_of_too_many_channels_the_oldest_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Their hang-ups were lost; a caller's leg is given up by its time only."""
    monkeypatch.setattr(calls, "MOST_CHANNELS", 3)
    line = Line()
    line.hear(caller(), *(phone(str(i), str(i)) for i in range(9)))

    assert {"caller", "6", "7", "8"} == set(line.tracker._channels)


def test_a_late_repeat_of_the_first_event_opens_nothing() -> None:
    """A call that has ended stays ended, and so does a phone's leg."""
    line = Line()
    assert len(line.hear(caller(), phone("101"), gone("101"), gone("caller"))) == 1
    assert line.hear(caller(), phone("101"), gone("caller")) == []

    assert line.is_empty()
    assert line.tracker.followed() == frozenset()


def test_a_hang_up_before_its_channel_was_seen_counts() -> None:
    """The two events were swapped; there is no call that never ends."""
    line = Line()
    line.hear(gone("caller"), caller())

    assert line.is_empty()


def test_what_is_remembered_of_the_gone_is_bounded() -> None:
    """Ten thousand names."""
    line = Line()
    line.hear(*(gone(str(i)) for i in range(calls.REMEMBERED + 5)))

    assert len(line.tracker._gone) == calls.REMEMBERED


def test_events_of_channels_that_are_not_known_are_nothing() -> None:
    """Every kind of them."""
    line = Line()
    assert line.hear(*(event for event in every_kind("nobody") if not isinstance(event, ev.ChannelAppeared))) == []

    assert line.is_empty()


def test_callers_on_the_line_are_told() -> None:
    """Until they hang up, not until the call is over."""
    line = Line()
    line.hear(caller(), phone("101"))
    live = LiveCall(call_id="caller", caller="07700900123", did="01632960101", started_at=NOON)
    assert live == line.tracker.on_the_line("caller")
    assert line.tracker.on_the_line("101") is None
    assert line.tracker.followed() == {"caller"}

    line.hear(gone("caller"))
    assert line.tracker.on_the_line("caller") is None
    assert line.tracker.followed() == {"caller"}

    line.hear(gone("101"))
    assert line.tracker.followed() == frozenset()


# --- groups ----------------------------------------------------------------------------------------------------------


def test_a_group_that_changes_in_mid_call_loses_nothing() -> None:
    """The transfer into an older call (m09): the call keeps both groups and waits for both."""
    line = Line()
    line.hear(phone("102", "older"), caller(), phone("101"), dialled("101"))
    line.hear(ev.ChannelMoved(at=NOON, channel="caller", group="older"))
    line.hear(entered("caller"), entered("102"))
    assert line.hear(gone("caller"), gone("102")) == []
    (call,) = line.hear(gone("101"))

    assert spoke_with(call) == ("102",)
    assert notes(call, What.DIALLED) == [("", "101")]
    assert line.is_empty()


def test_a_leg_that_moves_away_frees_the_call_that_waited_for_it() -> None:
    """The call ends with the time of the caller's own hang-up."""
    line = Line()
    line.hear(caller(), phone("101"), gone("caller"))
    (call,) = line.hear(ev.ChannelMoved(at=NOON, channel="101", group="elsewhere"))
    line.hear(gone("101"))

    assert call.ended_at == NOON + seconds(2)
    assert line.is_empty()


def test_a_channel_told_of_twice_moves_to_where_it_is_now() -> None:
    """A snapshot repeats what is known, and may tell of a newer group."""
    line = Line()
    line.hear(caller(), caller(), phone("101"), phone("101", "older"), gone("caller"))
    line.hear(ev.ChannelMoved(at=NOON, channel="101", group="older"), gone("101"))

    assert len(line.ended) == 1
    assert line.is_empty()


def test_two_callers_in_one_group_are_two_calls() -> None:
    """Joined by a transfer: the one who hung up first is not lost when the other's call is cut off."""
    line = Line()
    line.hear(caller(), caller("second"), ev.ChannelMoved(at=NOON, channel="second", group="caller"))
    line.hear(gone("second"), apart=0)
    line.ended += inbound(line.tracker.cut_off(line.now))

    assert {call.call_id: call.seen_whole for call in line.ended} == {"caller": False, "second": True}
    assert line.is_empty()


# --- lost links ------------------------------------------------------------------------------------------------------


def test_a_call_over_which_the_link_was_lost_was_not_seen_whole() -> None:
    """It goes on; a call that begins afterwards is whole."""
    line = Line()
    line.hear(caller(), ev.LinkLost(at=NOON), ev.LinkLost(at=NOON), caller("second"), gone("caller"), gone("second"))

    assert {call.call_id: call.seen_whole for call in line.ended} == {"caller": False, "second": True}
    assert len(notes(line.ended[0], What.NOT_SEEN)) == 1


def test_a_call_that_a_snapshot_does_not_know_has_ended_unseen() -> None:
    """Its legs go with it; a call that the snapshot knows goes on."""
    line = Line()
    line.hear(caller(), phone("101"), caller("second"), phone("102", "second"))
    (call,) = line.hear(ev.SnapshotTaken(at=NOON, channels=frozenset({"second"})))
    assert (call.call_id, call.seen_whole) == ("caller", False)
    (call,) = line.hear(gone("second"))

    assert call.seen_whole
    assert line.is_empty()


def test_a_snapshot_ends_what_only_waited_for_a_leg() -> None:
    """The caller had hung up before the link was lost, and the phone's leg has gone meanwhile."""
    line = Line()
    line.hear(caller(), phone("101"), gone("caller"))
    (call,) = line.hear(ev.SnapshotTaken(at=NOON, channels=frozenset()))

    assert call.seen_whole
    assert line.is_empty()


def test_a_call_found_in_a_snapshot_was_not_seen_whole() -> None:
    """It began when the PBX says that it began."""
    line = Line()
    line.hear(caller(from_middle=True, answered=True, since=NOON - seconds(60)), apart=0)
    (call,) = line.hear(gone("caller"))

    assert not call.seen_whole
    assert call.started_at == NOON - seconds(60)
    assert call.wait_seconds == 60.0


def test_cutting_off_ends_every_call_and_forgets_everything() -> None:
    """Those who were on the line, and those whose grace was running."""
    line = Line()
    line.hear(caller(), caller("second"), phone("101"), phone("102", "elsewhere"), gone("caller"), entered("101"))
    ended = inbound(line.tracker.cut_off(line.now))

    assert {call.call_id: call.seen_whole for call in ended} == {"caller": True, "second": False}
    assert line.is_empty()
