"""An office in which everything happens, on a wire on which everything gets lost: the tracker against the witness."""

import dataclasses
import itertools
from collections.abc import Callable

import hypothesis
from hypothesis import stateful
from hypothesis import strategies as st

from tests.builders import NOON
from tests.core.witness import CALLER, HALF, PARKING_LOT, PHONE, Line, appeared, entered
from textbackd.core import calls
from textbackd.core import channel_events as ev
from textbackd.core.call_in_the_air import MOST_STEPS
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, QueueExit, Stage


@dataclasses.dataclass(slots=True, eq=False)
class Leg:
    """One channel of the simulated PBX."""

    id: str
    kind: ChannelKind
    group: str
    by: "Leg | None" = None
    """Who dials it."""
    bridge: str = ""


Rule = Callable[["Office", st.DataObject], None]


def rule(*kinds: ChannelKind, count: int = 1) -> Callable[[Rule], Rule]:
    """A rule for when at least so many channels of these kinds are up."""

    def enough(office: "Office") -> bool:
        return len(office.those_up(*kinds)) >= count

    def decorate(function: Rule) -> Rule:
        rule: Rule = stateful.precondition(enough)(stateful.rule(data=st.data())(function))
        return rule

    return decorate


class Office(stateful.RuleBasedStateMachine):
    """A PBX that does what PBXs do, and a wire on which everything happens to what it says.

    The rules of the first kind put events on the wire; those of the second kind deliver them, or do not.
    """

    def __init__(self) -> None:
        super().__init__()
        self.line = Line()
        self.up: list[Leg] = []
        self.pairs: list[tuple[Leg, Leg]] = []
        self.wire: list[ChannelEvent] = []
        self.delivered: list[ChannelEvent] = []
        self.names = map(str, itertools.count())
        self.dizzy = False

    def those_up(self, *kinds: ChannelKind) -> list[Leg]:
        return [leg for leg in self.up if not kinds or leg.kind in kinds]

    def one_of(self, data: st.DataObject, *kinds: ChannelKind) -> Leg:
        return data.draw(st.sampled_from(self.those_up(*kinds)))

    def two_of(self, data: st.DataObject, *kinds: ChannelKind) -> list[Leg]:
        return data.draw(st.permutations(self.those_up(*kinds)))[:2]

    # --- the PBX ---

    def say(self, *events: ChannelEvent) -> None:
        self.wire += events

    def new(self, kind: ChannelKind, group: str = "", by: Leg | None = None) -> Leg:
        id_ = next(self.names)
        leg = Leg(id_, kind, group or id_, by)
        self.up.append(leg)
        self.say(appeared(id_, kind, leg.group))
        if by is not None:
            self.say(ev.DialStarted(at=NOON, channel=leg.id, by=by.id))
        return leg

    def enter(self, bridge: str, *legs: Leg) -> None:
        for leg in legs:
            self.leave(leg)
            leg.bridge = bridge
            self.say(entered(leg.id, bridge))

    def leave(self, leg: Leg) -> None:
        if leg.bridge:
            self.say(ev.BridgeLeft(at=NOON, channel=leg.id, bridge=leg.bridge))
            leg.bridge = ""

    def merge(self, *legs: Leg) -> None:
        """What is bridged belongs together: the oldest channel's group."""
        group = min((leg.group for leg in legs), key=int)
        for leg in legs:
            if leg.group != group:
                leg.group = group
                self.say(ev.ChannelMoved(at=NOON, channel=leg.id, group=group))

    @stateful.rule()
    def somebody_calls(self) -> None:
        self.new(CALLER)

    @rule(CALLER)
    def phones_are_rung(self, data: st.DataObject) -> None:
        by = self.one_of(data, CALLER)
        for _ in range(data.draw(st.integers(1, 3))):
            leg = self.new(PHONE, by.group, by)
            self.say(ev.ChannelRinging(at=NOON, channel=leg.id))

    @rule(CALLER, HALF)
    def a_phone_is_rung_through_a_local_pair(self, data: st.DataObject) -> None:
        by = self.one_of(data, CALLER, HALF)
        one, two = self.new(HALF, by.group, by), self.new(HALF, by.group)
        self.pairs.append((one, two))
        self.say(ev.HalvesPaired(at=NOON, one=one.id, two=two.id))
        self.new(PHONE, by.group, two)

    @rule(PHONE, HALF)
    def somebody_answers(self, data: st.DataObject) -> None:
        leg = self.one_of(data, PHONE, HALF)
        self.say(ev.ChannelAnswered(at=NOON, channel=leg.id))
        if leg.by in self.up and leg.by is not None:
            result = DialResult.ANSWERED
            self.say(ev.DialEnded(at=NOON, channel=leg.id, by=leg.by.id, result=result))
            self.enter(next(self.names), *data.draw(st.permutations((leg, leg.by))))

    @rule(PHONE, HALF)
    def nobody_answers(self, data: st.DataObject) -> None:
        leg, result = self.one_of(data, PHONE, HALF), data.draw(st.sampled_from(DialResult))
        by = leg.by.id if leg.by else ""
        self.say(
            ev.DialEnded(at=NOON, channel=leg.id, by=by, result=result),
            ev.DialFinished(at=NOON, channel=by or leg.id, result=result),
        )

    @rule(CALLER)
    def a_caller_goes_somewhere(self, data: st.DataObject) -> None:
        leg, place = self.one_of(data, CALLER), data.draw(st.sampled_from(Stage))
        self.say(ev.StageEntered(at=NOON, channel=leg.id, stage=place, where="700"))

    @stateful.precondition(lambda self: not self.dizzy)
    @rule(CALLER)
    def a_caller_goes_round_and_round(self, data: st.DataObject) -> None:
        """More often than a call has room for steps; once, since it takes long."""
        self.dizzy = True
        leg = self.one_of(data, CALLER)
        rounds = [ev.StageEntered(at=NOON, channel=leg.id, stage=place) for place in (Stage.MENU, Stage.ANNOUNCEMENT)]
        self.say(*rounds * (MOST_STEPS // 2))

    @rule(CALLER)
    def a_queue_lets_go(self, data: st.DataObject) -> None:
        leg, why = self.one_of(data, CALLER), data.draw(st.sampled_from(QueueExit))
        self.say(ev.QueueLeft(at=NOON, channel=leg.id, why=why))

    @rule(CALLER)
    def a_caller_is_parked(self, data: st.DataObject) -> None:
        leg = self.one_of(data, CALLER)
        self.say(ev.StageEntered(at=NOON, channel=leg.id, stage=Stage.PARKED))
        self.enter(PARKING_LOT, leg)

    @rule(PHONE)
    def a_phone_is_parked(self, data: st.DataObject) -> None:
        self.enter(PARKING_LOT, self.one_of(data, PHONE))

    @rule(CALLER)
    def somebody_fetches_a_caller(self, data: st.DataObject) -> None:
        """From the parking lot, or by pickup: with a channel that had nothing to do with the call."""
        leg, phone = self.one_of(data, CALLER), self.new(PHONE)
        self.enter(next(self.names), *data.draw(st.permutations((leg, phone))))
        self.merge(leg, phone)

    @rule(count=2)
    def two_are_transferred_to_each_other(self, data: st.DataObject) -> None:
        legs = self.two_of(data)
        self.enter(next(self.names), *legs)
        self.merge(*legs)

    @rule()
    def one_more_comes_into_a_conference(self, data: st.DataObject) -> None:
        self.enter("room", self.one_of(data))

    @stateful.rule()
    def a_phone_calls_outside(self) -> None:
        phone = self.new(PHONE)
        outside = self.new(PHONE, phone.group, phone)
        self.enter(next(self.names), phone, outside)

    @rule(CALLER, HALF)
    def a_message_is_left(self, data: st.DataObject) -> None:
        self.say(ev.MessageLeft(at=NOON, channel=self.one_of(data, CALLER, HALF).id))

    @rule(HALF, count=2)
    def halves_are_paired_that_are_no_pair(self, data: st.DataObject) -> None:
        """No PBX should say so; a stream that was mangled may."""
        one, two = self.two_of(data, HALF)
        self.say(ev.HalvesPaired(at=NOON, one=one.id, two=two.id))

    @rule()
    def one_leaves_its_bridge(self, data: st.DataObject) -> None:
        self.leave(self.one_of(data))

    @rule()
    def one_hangs_up(self, data: st.DataObject) -> None:
        leg = self.one_of(data)
        self.up.remove(leg)
        if data.draw(st.booleans()):
            self.say(ev.FarEndHungUp(at=NOON, channel=leg.id))
        self.leave(leg)
        self.say(ev.ChannelGone(at=NOON, channel=leg.id))

    # --- the wire ---

    def deliver(self, *events: ChannelEvent) -> None:
        self.line.hear(*events)
        self.delivered += events

    @stateful.rule()
    def all_arrives(self) -> None:
        self.deliver(*self.wire)
        self.wire.clear()

    @stateful.precondition(lambda self: self.wire)
    @stateful.rule(data=st.data())
    def one_arrives_before_its_time(self, data: st.DataObject) -> None:
        self.deliver(self.wire.pop(data.draw(st.integers(0, len(self.wire) - 1))))

    @stateful.precondition(lambda self: self.wire)
    @stateful.rule(data=st.data())
    def one_is_lost(self, data: st.DataObject) -> None:
        del self.wire[data.draw(st.integers(0, len(self.wire) - 1))]

    @stateful.precondition(lambda self: self.delivered)
    @stateful.rule(data=st.data())
    def an_old_one_comes_again(self, data: st.DataObject) -> None:
        self.deliver(data.draw(st.sampled_from(self.delivered[-30:])))

    @stateful.rule(loses=st.booleans())
    def the_link_comes_back(self, loses: bool) -> None:
        """What was on the wire is lost, or not; then all that is up is listed."""
        if loses:
            self.wire.clear()
        pairs = [pair for pair in self.pairs if set(pair) <= set(self.up)]
        self.say(
            ev.LinkLost(at=NOON),
            *(appeared(leg.id, leg.kind, leg.group, from_middle=True) for leg in self.up),
            *(ev.HalvesPaired(at=NOON, one=one.id, two=two.id) for one, two in pairs),
            *(entered(leg.id, leg.bridge) for leg in self.up if leg.bridge),
            ev.SnapshotTaken(at=NOON, channels=frozenset(leg.id for leg in self.up)),
        )

    @stateful.rule(length=st.sampled_from((1.0, 3.0, 60.0, calls.LONGEST_CALL.total_seconds())))
    def time_passes(self, length: float) -> None:
        self.line.wait(length)

    def teardown(self) -> None:
        self.deliver(*self.wire)
        self.line.hang_up()


TestOffice = Office.TestCase
TestOffice.settings = hypothesis.settings(max_examples=100, stateful_step_count=50, report_multiple_bugs=False)
