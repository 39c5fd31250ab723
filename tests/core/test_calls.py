"""The tracker: whatever comes in whatever order, one whole call per inbound leg, and nothing kept for ever."""

import dataclasses
import datetime as dt
import functools
import random
from collections.abc import Iterable, Sequence
from typing import Any

import hypothesis
import pytest
from hypothesis import strategies as st

from tests.builders import NOON, inbound, seconds
from tests.pbx import replay
from textbackd.core import calls
from textbackd.core import channel_events as ev
from textbackd.core.call_in_the_air import MOST_STEPS
from textbackd.core.call_records import EndedCall, What
from textbackd.core.calls import CallTracker, LiveCall
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, QueueExit, Stage

TRACES = sorted(path.name for path in replay.TRACES.glob("filtered/*.ami"))


class Line:
    """A tracker and the clock that it is told: each event comes a second after the last."""

    def __init__(self) -> None:
        self.tracker = CallTracker()
        self.now = NOON
        self.ended: list[EndedCall] = []

    def hear(self, *events: ChannelEvent, apart: float = 1.0) -> list[EndedCall]:
        """The calls that these events ended."""
        ended: list[EndedCall] = []
        for event in events:
            ended += inbound(self.tracker.receive(dataclasses.replace(event, at=self.now)))
            self.now += seconds(apart)
        self.ended += ended
        return ended

    def expire(self, after: dt.timedelta) -> list[EndedCall]:
        """The calls that end when so much time has passed."""
        self.now += after
        ended = inbound(self.tracker.expire(self.now))
        self.ended += ended
        return ended

    def is_empty(self) -> bool:
        """Whether nothing is kept but the names of what has gone."""
        return nothing_kept(self.tracker)


def nothing_kept(tracker: CallTracker) -> bool:
    """Whether no channel, group, call or wire is left."""
    wiring = tracker._board._wiring
    kept: list[Any] = [tracker._channels, tracker._groups, tracker._calls]
    return not any([*kept, wiring._bridge_of, wiring._members, wiring._other_half])


def caller(channel: str = "caller", group: str = "", **values: Any) -> ev.ChannelAppeared:
    values = {"number": "07700900123", "did": "01632960101", "context": "from-trunk"} | values
    return appeared(channel, ChannelKind.INBOUND, group or channel, **values)


def phone(channel: str, group: str = "caller", **values: Any) -> ev.ChannelAppeared:
    return appeared(channel, ChannelKind.DEVICE, group, **({"number": channel} | values))


def local(channel: str, group: str = "caller") -> ev.ChannelAppeared:
    return appeared(channel, ChannelKind.LOCAL, group)


def appeared(channel: str, kind: ChannelKind, group: str, **values: Any) -> ev.ChannelAppeared:
    return ev.ChannelAppeared(at=NOON, channel=channel, name=f"X/{channel}", kind=kind, linkedid=group, **values)


def gone(channel: str, result: DialResult | None = None) -> ev.ChannelGone:
    return ev.ChannelGone(at=NOON, channel=channel, result=result)


def entered(channel: str, bridge: str = "bridge", *, holding: bool = False) -> ev.BridgeEntered:
    return ev.BridgeEntered(at=NOON, channel=channel, bridge=bridge, holding=holding)


def left(channel: str, bridge: str = "bridge") -> ev.BridgeLeft:
    return ev.BridgeLeft(at=NOON, channel=channel, bridge=bridge)


def paired(one: str, two: str) -> ev.LocalPaired:
    return ev.LocalPaired(at=NOON, one=one, two=two)


def dialled(channel: str, by: str = "caller", number: str = "") -> ev.DialStarted:
    return ev.DialStarted(at=NOON, channel=channel, by=by, number=number)


def dial_ended(channel: str, result: DialResult, by: str = "caller") -> ev.DialEnded:
    return ev.DialEnded(at=NOON, channel=channel, by=by, result=result)


def stage(channel: str, to: Stage, where: str = "") -> ev.StageEntered:
    return ev.StageEntered(at=NOON, channel=channel, stage=to, where=where)


def one_call(*events: ChannelEvent, apart: float = 1.0) -> EndedCall:
    """The one call that these events, and then the end of all channels, make."""
    line = Line()
    line.hear(*events, apart=apart)
    line.hear(*(gone(channel) for channel in list(line.tracker._channels)), apart=apart)
    line.expire(calls.GRACE)
    assert line.is_empty()
    (call,) = line.ended
    return call


def notes(call: EndedCall, *whats: What) -> list[tuple[str, str]]:
    return [(step.value, step.who) for step in call.steps if step.what in whats]


# --- who was on the line ---------------------------------------------------------------------------------------------


def test_a_bridge_with_a_phone_is_a_talk() -> None:
    """From when both are in until one leaves."""
    call = one_call(caller(), phone("101"), entered("caller"), entered("101"), left("caller"))

    assert call.spoke_with == ("101",)
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
        assert one_call(*channels, *legs).spoke_with == ("101",)


def test_half_a_path_is_no_talk() -> None:
    """The far leg has answered, the near one not: a phone is bridged with a Local half and nobody hears the caller."""
    call = one_call(
        *(caller(), local("x1"), local("x2"), phone("101"), paired("x1", "x2")),
        *(entered("x2"), entered("101"), left("101"), left("x2")),
    )

    assert call.spoke_with == ()


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

    assert {()} == {call.spoke_with for call in line.ended}
    assert line.is_empty()


def test_two_callers_and_a_phone_in_a_conference_all_talk() -> None:
    """Each caller has been joined with the phone."""
    line = Line()
    line.hear(caller(), caller("second"), phone("101", "101"), entered("caller"), entered("second"), entered("101"))
    line.hear(gone("101"), gone("caller"), gone("second"))

    assert [call.spoke_with for call in line.ended] == [("101",), ("101",)]


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

    assert call.spoke_with == ("101",)
    assert call.talk_seconds == 4.0


def test_a_hand_over_without_a_gap_is_one_talk() -> None:
    """The second person comes before the first leaves."""
    call = one_call(
        *(caller(), phone("101"), phone("102", "102"), entered("caller"), entered("101")),
        *(entered("102"), left("101"), gone("101"), left("102")),
    )

    assert call.spoke_with == ("101", "102")
    assert call.talk_seconds == 4.0
    assert notes(call, What.JOINED) == [("", "101"), ("", "102")]
    assert len(notes(call, What.PARTED)) == 1


def test_somebody_who_comes_back_is_named_once() -> None:
    """And the two talks are added up."""
    call = one_call(
        *(caller(), phone("101"), entered("caller"), entered("101"), left("101"), entered("101"), left("101")),
    )

    assert call.spoke_with == ("101",)
    assert call.talk_seconds == 2.0


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
    line.hear(ev.ChannelMoved(at=NOON, channel="caller", linkedid="older"))
    line.hear(entered("caller"), entered("102"))
    assert line.hear(gone("caller"), gone("102")) == []
    (call,) = line.hear(gone("101"))

    assert call.spoke_with == ("102",)
    assert notes(call, What.DIALLED) == [("", "101")]
    assert line.is_empty()


def test_a_leg_that_moves_away_frees_the_call_that_waited_for_it() -> None:
    """The call ends with the time of the caller's own hang-up."""
    line = Line()
    line.hear(caller(), phone("101"), gone("caller"))
    (call,) = line.hear(ev.ChannelMoved(at=NOON, channel="101", linkedid="elsewhere"))
    line.hear(gone("101"))

    assert call.ended_at == NOON + seconds(2)
    assert line.is_empty()


def test_a_channel_told_of_twice_moves_to_where_it_is_now() -> None:
    """A snapshot repeats what is known, and may tell of a newer group."""
    line = Line()
    line.hear(caller(), caller(), phone("101"), phone("101", "older"), gone("caller"))
    line.hear(ev.ChannelMoved(at=NOON, channel="101", linkedid="older"), gone("101"))

    assert len(line.ended) == 1
    assert line.is_empty()


def test_two_callers_in_one_group_are_two_calls() -> None:
    """Joined by a transfer: the one who hung up first is not lost when the other's call is cut off."""
    line = Line()
    line.hear(caller(), caller("second"), ev.ChannelMoved(at=NOON, channel="second", linkedid="caller"))
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


# --- what is noted ---------------------------------------------------------------------------------------------------


def test_what_is_known_of_the_caller() -> None:
    """The first number, the DID from the variable, privacy asked for later."""
    plain = one_call(caller(display_name="SMITH JOHN"))
    assert (plain.caller, plain.caller_name, plain.did) == ("07700900123", "SMITH JOHN", "01632960101")
    assert (plain.context, plain.withheld) == ("from-trunk", False)

    known = one_call(
        caller(did="s"),
        ev.DidKnown(at=NOON, channel="caller", did="01632960102"),
        ev.PrivacyTold(at=NOON, channel="caller", privacy=ev.Privacy.WITHHELD),
    )
    assert (known.did, known.withheld) == ("01632960102", True)
    assert one_call(caller(number="<unknown>")).withheld


def test_what_is_told_of_another_channel_is_not_the_callers() -> None:
    """Variables are inherited, and phones are answered; none of it is the inbound leg's."""
    call = one_call(
        *(caller(), phone("101"), ev.DidKnown(at=NOON, channel="101", did="x")),
        *(ev.PrivacyTold(at=NOON, channel="101", privacy=ev.Privacy.WITHHELD), ev.FarEndHungUp(at=NOON, channel="101")),
        *(ev.DialFinished(at=NOON, channel="101", result=DialResult.BUSY), stage("101", Stage.VOICEMAIL)),
        *(ev.QueueLeft(at=NOON, channel="101", why=QueueExit.FULL), ev.MessageLeft(at=NOON, channel="101")),
    )

    assert (call.did, call.withheld) == ("01632960101", False)
    assert [step.what for step in call.steps] == [What.ARRIVED, What.GONE]


def test_voicemail_on_a_local_leg_is_the_callers() -> None:
    """Where 101's mailbox answers as a member of the ring group (b09); any other stage there is not."""
    call = one_call(caller(), local("x2"), stage("x2", Stage.MENU), stage("x2", Stage.VOICEMAIL, "101"))

    assert notes(call, What.STAGE) == [(Stage.VOICEMAIL, "101")]


def test_a_message_that_is_kept_while_a_mailbox_is_listened_to_is_none_of_the_callers() -> None:
    """The owner of the mailbox rings from outside; what stays in it is reported on his channel (c12)."""
    call = one_call(caller(), stage("caller", Stage.MAILBOX), ev.MessageLeft(at=NOON, channel="caller"))

    assert notes(call, What.MESSAGE) == []


def test_the_caller_who_hangs_up_an_answered_call_is_told() -> None:
    """While it is not answered, the PBX raises the same event by itself."""
    hung_up = ev.FarEndHungUp(at=NOON, channel="caller")

    assert notes(one_call(caller(), hung_up), What.HUNG_UP) == []
    assert notes(one_call(caller(answered=True), hung_up), What.HUNG_UP) == [("", "")]
    answered = ev.ChannelAnswered(at=NOON, channel="caller")
    assert notes(one_call(caller(), answered, hung_up), What.HUNG_UP) == [("", "")]


def test_a_stage_that_is_told_twice_is_one() -> None:
    """The application and the queue both tell; after something else it is a new one."""
    call = one_call(
        caller(), stage("caller", Stage.QUEUE, "700"), stage("caller", Stage.QUEUE, "700"),
        ev.QueueLeft(at=NOON, channel="caller", why=QueueExit.TIMEOUT), stage("caller", Stage.QUEUE, "701"),
    )  # fmt: skip

    assert notes(call, What.STAGE, What.QUEUE_LEFT) == [
        (Stage.QUEUE, "700"),
        (QueueExit.TIMEOUT, ""),
        (Stage.QUEUE, "701"),
    ]


def test_a_stage_that_is_told_of_at_its_end_is_no_new_one() -> None:
    """The result of voicemail says that the caller was there, which the application itself may have said already."""
    known = one_call(
        *(caller(), stage("caller", Stage.VOICEMAIL, "101"), ev.MessageLeft(at=NOON, channel="caller")),
        stage("caller", Stage.VOICEMAIL),
    )
    assert notes(known, What.STAGE) == [(Stage.VOICEMAIL, "101")]
    assert notes(one_call(caller(), stage("caller", Stage.VOICEMAIL)), What.STAGE) == [(Stage.VOICEMAIL, "")]


def test_dialling_is_a_stage_even_where_the_dialplan_is_not_seen() -> None:
    """Not within a queue, which dials by itself, and not for what others dial."""
    assert notes(one_call(caller(), phone("101"), dialled("101")), What.STAGE) == [(Stage.DIAL, "")]
    queue = one_call(caller(), stage("caller", Stage.QUEUE, "700"), phone("101"), dialled("101"))
    assert notes(queue, What.STAGE) == [(Stage.QUEUE, "700")]
    assert notes(one_call(caller(), local("x2"), phone("101"), dialled("101", by="x2")), What.STAGE) == []


@pytest.mark.parametrize(
    ("rang", "dial", "cause", "expected"),
    [
        (True, DialResult.NO_ANSWER, None, DialResult.NO_ANSWER),
        (False, DialResult.BUSY, None, DialResult.BUSY),
        (True, DialResult.NO_ANSWER, DialResult.BUSY, DialResult.BUSY),
        (False, DialResult.NO_ANSWER, DialResult.UNAVAILABLE, DialResult.UNAVAILABLE),
        (True, DialResult.NO_ANSWER, DialResult.UNAVAILABLE, DialResult.NO_ANSWER),
        (True, DialResult.CANCELLED, DialResult.BUSY, DialResult.CANCELLED),
        (True, None, None, DialResult.CANCELLED),
        (False, None, DialResult.UNAVAILABLE, DialResult.UNAVAILABLE),
    ],
)
def test_how_one_leg_ended(rang: bool, dial: DialResult | None, cause: DialResult | None, expected: DialResult) -> None:
    """The first result of the dialling, unless the cause of the hang-up knows better (a07, a08, a12)."""
    events: list[ChannelEvent] = [caller(), phone("PJSIP/101"), dialled("PJSIP/101", number="101")]
    if rang:
        events.append(ev.ChannelRinging(at=NOON, channel="PJSIP/101"))
    if dial:
        events += [dial_ended("PJSIP/101", dial), dial_ended("PJSIP/101", DialResult.CANCELLED)]
    call = one_call(*events, gone("PJSIP/101", cause))

    assert [(expected, "PJSIP/101")] == notes(call, What.RESULT)


def test_that_a_leg_answered_is_not_told_when_it_ends() -> None:
    """Whoever answered was joined, or was not; by the time the leg goes it is no news."""
    answered = dial_ended("PJSIP/101", DialResult.ANSWERED)
    call = one_call(caller(), phone("PJSIP/101"), dialled("PJSIP/101", number="101"), answered, gone("PJSIP/101", None))

    assert [] == notes(call, What.RESULT)


def test_the_caller_gave_up_where_what_he_dialled_himself_was_cancelled() -> None:
    """What a Local leg of the call had dialled tells nothing of the caller; the variable does."""
    direct = one_call(caller(), phone("101"), dialled("101"), dial_ended("101", DialResult.CANCELLED))
    assert notes(direct, What.GAVE_UP) == [("", "101")]
    inner = one_call(caller(), local("x2"), phone("101"), dial_ended("101", DialResult.CANCELLED, by="x2"))
    assert notes(inner, What.GAVE_UP) == []
    told = ev.DialFinished(at=NOON, channel="caller", result=DialResult.CANCELLED)
    assert notes(one_call(caller(), told), What.GAVE_UP) == [(DialResult.CANCELLED, "")]


SCREENED = (
    *(caller(), local("x1"), phone("101"), dialled("x1"), dialled("101")),
    *(ev.ChannelAnswered(at=NOON, channel="x1"), dial_ended("101", DialResult.CANCELLED)),
)
"""A phone that is asked whether it wants the call has answered; the others are told no more."""


def test_the_pbx_cancels_the_other_phones_where_one_has_answered() -> None:
    """Nobody gave up, though the phone that answered is still asked whether it takes the call (f08)."""
    call = one_call(*SCREENED, dial_ended("x1", DialResult.NO_ANSWER), gone("x1"))

    assert notes(call, What.GAVE_UP) == []
    assert notes(call, What.LOCAL_RESULT) == [(DialResult.NO_ANSWER, "")]


def test_the_caller_may_give_up_while_a_phone_is_asked() -> None:
    """Only his request to hang up tells (f09); it counts for nothing where no phone is up (a03)."""
    hung_up = ev.FarEndHungUp(at=NOON, channel="caller")

    assert notes(one_call(*SCREENED, hung_up), What.GAVE_UP) == [("", "")]
    assert notes(one_call(caller(), phone("101"), dialled("101"), hung_up), What.GAVE_UP) == []


def test_results_of_the_pbxs_own_legs_are_kept_apart() -> None:
    """And the sum of all dialling as well."""
    call = one_call(
        *(caller(), local("x1"), dial_ended("x1", DialResult.NO_ANSWER)),
        ev.DialFinished(at=NOON, channel="caller", result=DialResult.UNAVAILABLE),
    )

    assert notes(call, What.LOCAL_RESULT) == [(DialResult.NO_ANSWER, "")]
    assert notes(call, What.DIAL_OVER) == [(DialResult.UNAVAILABLE, "")]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([dialled("101"), dial_ended("101", DialResult.NO_ANSWER)], 1.0),
        ([dialled("101"), dialled("102"), gone("101"), dial_ended("102", DialResult.BUSY)], 3.0),
        ([dialled("101"), gone("101"), dialled("102"), gone("102")], 2.0),
        ([dialled("101"), ev.ChannelAnswered(at=NOON, channel="101"), gone("101")], 1.0),
        ([dialled("101"), dialled("101"), gone("102"), gone("101")], 3.0),
        ([dialled("x1")], 0.0),
        ([], 0.0),
    ],
)
def test_the_ringing_is_a_union(events: list[ChannelEvent], expected: float) -> None:
    """Two phones that ring together ring once; what still rings at the end rings until then."""
    call = one_call(caller(), phone("101"), phone("102"), local("x1"), *events)

    assert expected == call.ring_seconds


def test_a_call_of_many_steps_keeps_the_first_and_the_last() -> None:
    """Of many rounds in a queue the oldest attempts go first, and then whatever is oldest but the arrival."""
    line = Line()
    line.hear(caller(), stage("caller", Stage.QUEUE, "700"), apart=0)
    for i in range(MOST_STEPS):
        line.hear(phone(str(i)), dialled(str(i), by="caller"), gone(str(i)), apart=0)
    (call,) = line.hear(gone("caller"))
    assert len(call.steps) == MOST_STEPS
    assert [step.what for step in call.steps[:2]] == [What.ARRIVED, What.STAGE]
    assert call.steps[-2].who == str(MOST_STEPS - 1)

    line.hear(caller("second"), apart=0)
    for i in range(MOST_STEPS):
        line.hear(stage("second", (Stage.MENU, Stage.ANNOUNCEMENT)[i % 2]), apart=0)
    (call,) = line.hear(gone("second"))
    assert len(call.steps) == MOST_STEPS
    assert call.steps[0].what is What.ARRIVED


# --- properties ------------------------------------------------------------------------------------------------------


def every_kind(channel: str, other: str = "other", group: str = "group") -> list[ChannelEvent]:
    """One of each event, the ways an event can differ included."""
    return [
        *(appeared(channel, kind, group) for kind in ChannelKind),
        caller(channel, group, from_middle=True, answered=True),
        ev.ChannelMoved(at=NOON, channel=channel, linkedid=group),
        ev.ChannelAnswered(at=NOON, channel=channel),
        ev.ChannelRinging(at=NOON, channel=channel),
        *(gone(channel, result) for result in (None, DialResult.BUSY, DialResult.UNAVAILABLE)),
        ev.DidKnown(at=NOON, channel=channel, did="01632960101"),
        ev.PrivacyTold(at=NOON, channel=channel, privacy=ev.Privacy.WITHHELD),
        paired(channel, other),
        dialled(channel, by=other),
        *(dial_ended(channel, result, by=other) for result in DialResult),
        *(ev.DialFinished(at=NOON, channel=channel, result=result) for result in DialResult),
        entered(channel, group),
        entered(channel, group, holding=True),
        left(channel, group),
        *(stage(channel, to) for to in Stage),
        ev.QueueLeft(at=NOON, channel=channel, why=QueueExit.TIMEOUT),
        ev.MessageLeft(at=NOON, channel=channel),
        ev.FarEndHungUp(at=NOON, channel=channel),
        ev.LinkLost(at=NOON),
    ]


NAMES = st.sampled_from(["a", "b", "c", "d", "e"])
ANY_EVENT = st.builds(every_kind, NAMES, NAMES, NAMES).flatmap(st.sampled_from)
SNAPSHOTS = st.builds(ev.SnapshotTaken, at=st.just(NOON), channels=st.frozensets(NAMES))


@functools.cache
def recorded(name: str) -> Sequence[ChannelEvent]:
    return replay.events(replay.TRACES / "filtered" / name)


def channels_of(events: Iterable[ChannelEvent]) -> set[str]:
    """Every channel that is named in them."""
    names = {getattr(event, field, "") for event in events for field in ("channel", "one", "two", "by")}
    return names - {""}


def at_last(event: ChannelEvent, now: dt.datetime) -> ChannelEvent:
    """The event, come at another time."""
    if isinstance(event, ev.ChannelAppeared):
        return dataclasses.replace(event, at=now, since=None)
    return dataclasses.replace(event, at=now)


def hear_out(events: Sequence[ChannelEvent]) -> list[EndedCall]:
    """What a tracker makes of them, the rules held after every event; at the end all channels go."""
    tracker, ended, now = CallTracker(), list[EndedCall](), NOON
    callers: set[str] = set()
    hung_up: set[str] = set()
    unseen: set[str] = set()
    goodbyes = [gone(channel) for channel in sorted(channels_of(events))]
    for event in [*events, *goodbyes]:
        now += seconds(0.05)
        match event:
            case ev.ChannelAppeared(kind=ChannelKind.INBOUND):
                callers.add(event.channel)
            case ev.ChannelGone():
                hung_up.add(event.channel)
            case ev.SnapshotTaken():
                unseen |= callers - event.channels
        new = inbound([*tracker.expire(now), *tracker.receive(at_last(event, now))])
        assert {call.call_id for call in new} <= hung_up | unseen, "ended while the inbound leg was up"
        ended += new
        deadline = tracker.next_deadline()
        assert deadline is None or deadline > now
        assert tracker.followed().isdisjoint(call.call_id for call in ended)
    ended += inbound(tracker.expire(now + calls.GRACE))

    assert nothing_kept(tracker)
    assert len(ended) == len({call.call_id for call in ended})
    assert {call.call_id for call in ended} <= callers
    for call in ended:
        assert call.ended_at >= call.started_at
        assert min(call.ring_seconds, call.wait_seconds, call.talk_seconds) >= 0
        assert bool(call.spoke_with) == any(step.what is What.JOINED for step in call.steps)
        assert len(call.steps) <= MOST_STEPS
    return ended


@hypothesis.given(st.lists(ANY_EVENT | SNAPSHOTS, max_size=60))
def test_whatever_comes_the_rules_hold(events: list[ChannelEvent]) -> None:
    """One ended call per inbound leg at most, none while its leg is up, nothing kept, nothing raised."""
    hear_out(events)


@hypothesis.given(st.lists(ANY_EVENT | SNAPSHOTS, max_size=60), NAMES)
def test_cutting_off_at_any_moment_ends_each_call_once(events: list[ChannelEvent], name: str) -> None:
    """Also while a grace is running, and whatever else was in the group."""
    line = Line()
    line.hear(*events, apart=0.1)
    line.ended += inbound(line.tracker.cut_off(line.now))

    assert line.is_empty()
    assert len(line.ended) == len({call.call_id for call in line.ended})


@hypothesis.given(st.sampled_from(TRACES), st.sampled_from(TRACES), st.randoms(use_true_random=False))
def test_recorded_calls_may_be_shuffled_repeated_and_cut(one: str, two: str, draw: random.Random) -> None:
    """Real events of two traces at once: some repeated, some lost, all out of order."""
    events = [event for event in [*recorded(one), *recorded(two)] if draw.random() > 0.1]
    events += draw.choices(events, k=len(events) // 10) if events else []
    draw.shuffle(events)

    hear_out(events)


@hypothesis.given(st.sampled_from(TRACES), st.randoms(use_true_random=False))
def test_recorded_calls_survive_small_disorder(name: str, draw: random.Random) -> None:
    """Neighbours swapped and repeated, as a PBX under load does: each inbound leg still ends in one call."""
    places = [(i + draw.choice((0, 0, 0, 1.5)), event) for i, event in enumerate(recorded(name))]
    places += [(i + 0.5, event) for i, event in draw.choices(places, k=len(places) // 20)] if places else []
    events = [event for _, event in sorted(places, key=lambda place: place[0])]
    inbound = {e.channel for e in events if isinstance(e, ev.ChannelAppeared) and e.kind is ChannelKind.INBOUND}

    assert inbound == {call.call_id for call in hear_out(events)}


@hypothesis.given(st.sampled_from(TRACES), st.data())
def test_one_lost_event_never_joins_anybody(name: str, data: st.DataObject) -> None:
    """A call in which nobody was joined is not *answered* because an event is missing."""
    events = list(recorded(name))
    hypothesis.assume(events)
    whole = {call.call_id: call.spoke_with for call in replay.ended(events)}
    del events[data.draw(st.integers(0, len(events) - 1))]

    for call in hear_out(events):
        assert whole[call.call_id] or not call.spoke_with
