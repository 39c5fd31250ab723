"""A witness beside the tracker, who knows no more than the tracker is told and needs no cleverness.

The witness writes down who is in which room, and looks at the whole house after every event. It knows nothing of
groups, dialling or graces; what the tracker makes of the same events must agree with it.
"""

import dataclasses
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable

from tests.builders import NOON, seconds
from tests.core.holding import held
from tests.pbx import replay
from textbackd.core import calls
from textbackd.core import channel_events as ev
from textbackd.core.call_records import EndedCall
from textbackd.core.calls import CallTracker
from textbackd.core.channel_events import ChannelEvent, ChannelKind
from textbackd.core.outcomes import Outcome, judge
from textbackd.core.policy import TEXTED

CALLER, PHONE, HALF = ChannelKind.INBOUND, ChannelKind.DEVICE, ChannelKind.HALF
PARKING_LOT = "a holding bridge"
NOBODY = frozenset({ChannelKind.INBOUND, ChannelKind.HALF, ChannelKind.SERVICE})
"""Callers, wires and the PBX itself: at every other channel somebody of ours, or whom we rang, may be."""


class Witness:
    """Knows of a channel from its first event to its hang-up, and who was in a room with whom."""

    def __init__(self) -> None:
        self.kinds: dict[str, ChannelKind] = {}
        self.gone: set[str] = set()
        self.inbound: set[str] = set()
        """Every caller's leg that was ever seen."""
        self.ended: set[str] = set()
        """Those whose end was seen, or that a list of all channels did not name."""
        self.hung_up: set[str] = set()
        """Those whose end was seen."""
        self.blind: set[str] = set()
        """Those of which something may not have been seen."""
        self.reached: set[str] = set()
        """Those that a person was on the line with."""
        self.talks = defaultdict[str, float](float)
        """How long, in seconds, as far as the talk is over."""
        self._talking: dict[str, dt.datetime] = {}
        self._rooms: dict[str, str] = {}
        self._last_rooms: dict[str, str] = {}
        """Into which they were last seen to come, to be held there too."""
        self._wires: dict[str, str] = {}

    def see(self, event: ChannelEvent) -> None:
        """Write it down, and look around; who leaves a conference untold to have come into it was there until now."""
        if isinstance(event, ev.BridgeLeft) and event.conference and self._came_untold(event):
            self._rooms[event.channel] = event.bridge
            self._look_around(event)
        self._write_down(event)
        self._look_around(event)

    def _came_untold(self, event: ev.BridgeLeft) -> bool:
        return event.channel in self.kinds and self._last_rooms.get(event.channel, "") != event.bridge

    def _look_around(self, event: ChannelEvent) -> None:
        talking = {leg for leg in self.inbound & self.kinds.keys() if self._hears_a_person(leg)}
        self.reached |= talking
        for leg in talking - self._talking.keys():
            self._talking[leg] = event.at
        for leg in self._talking.keys() - talking:
            self.talks[leg] += (event.at - self._talking.pop(leg)).total_seconds()

    def _write_down(self, event: ChannelEvent) -> None:
        match event:
            case ev.ChannelAppeared() if event.channel not in self.kinds and event.channel not in self.gone:
                self.kinds[event.channel] = event.kind
                if event.kind is ChannelKind.INBOUND:
                    self.inbound.add(event.channel)
                    self.blind |= {event.channel} if event.from_middle else set()
            case ev.LinkLost():
                self.blind |= self.inbound  # of a caller who has just gone too: others were still on the line
            case ev.ChannelGone():
                self.hung_up |= {event.channel} & self.kinds.keys()
                self._forget(event.channel)
            case ev.SnapshotTaken():
                for channel in list(self.kinds.keys() - event.channels):
                    self._forget(channel)
            case ev.BridgeEntered() if event.channel in self.kinds:
                self._rooms.pop(event.channel, None)
                self._last_rooms[event.channel] = event.bridge
                if not event.holding:
                    self._rooms[event.channel] = event.bridge
            case ev.BridgeLeft() if self._rooms.get(event.channel) == event.bridge:
                del self._rooms[event.channel]
            case ev.HalvesPaired() if {event.one, event.two} <= self.kinds.keys():
                self._unwire(event.one)
                self._unwire(event.two)
                self._wires |= {event.one: event.two, event.two: event.one}

    def _forget(self, channel: str) -> None:
        self.gone.add(channel)
        if channel in self.inbound:
            self.ended.add(channel)
        self.kinds.pop(channel, None)
        self._rooms.pop(channel, None)
        self._unwire(channel)

    def _unwire(self, channel: str) -> None:
        other = self._wires.pop(channel, None)
        if other is not None:
            self._wires.pop(other, None)

    def _hears_a_person(self, leg: str) -> bool:
        heard: set[str] = set()
        more = {leg}
        while more != heard:
            heard = more
            rooms = {self._rooms[channel] for channel in heard if channel in self._rooms}
            wired = {self._wires[channel] for channel in heard if channel in self._wires}
            more = heard | wired | {channel for channel, room in self._rooms.items() if room in rooms}
        return any(self.kinds[channel] not in NOBODY for channel in heard)


class Line:
    """A tracker and the witness beside it, who sees exactly what the tracker is told; each event checks the rules."""

    def __init__(self) -> None:
        self.tracker = CallTracker()
        self.witness = Witness()
        self.now = NOON
        self.ended: dict[str, EndedCall] = {}

    def hear(self, *events: ChannelEvent) -> None:
        """Take events in, each a twentieth of a second after the last."""
        for event in events:
            self.wait(0.05)
            now = come_at(event, self.now)
            self.witness.see(now)
            self._take(self.tracker.receive(now))

    def wait(self, length: float) -> None:
        """Let so many seconds pass."""
        self.now += seconds(length)
        self._take(self.tracker.expire(self.now), too_old=True)

    def hang_up(self) -> None:
        """End all channels, and wait until every call is over: little may be kept but the names of what has gone."""
        self.hear(*(ev.ChannelGone(at=NOON, channel=channel) for channel in sorted(self.witness.kinds)))
        self.wait(calls.GRACE.total_seconds())
        assert self.ended.keys() == self.witness.inbound, "one call for each caller who was seen"
        assert held(self.tracker) <= held(CallTracker()) + len(self.witness.gone) + 3

    def _take(self, told: Iterable[object], *, too_old: bool = False) -> None:
        for call in [call for call in told if isinstance(call, EndedCall)]:
            assert call.call_id not in self.ended, "one call per inbound leg"
            old = too_old and call.started_at + calls.LONGEST_CALL <= self.now
            assert old or call.call_id in self.witness.ended, "over, and the caller's leg is up"
            self.ended[call.call_id] = call
            self._look_at(call, old)
        assert self.tracker.followed().isdisjoint(self.ended)

    def _look_at(self, call: EndedCall, old: bool) -> None:
        """Whether what is said of the call is what could be seen of it."""
        witness, id_ = self.witness, call.call_id
        outcome = judge(call, replay.OFFICE, pbx="asterisk", minimum_talk=seconds(2)).outcome
        assert bool(call.talked_to) == (id_ in witness.reached)
        assert old or abs(witness.talks[id_] - call.talk_seconds) < 0.1
        assert min(call.ring_seconds, call.wait_seconds, call.talk_seconds) >= 0
        if id_ not in witness.hung_up:
            assert outcome is Outcome.UNKNOWN
        elif id_ in witness.reached - witness.blind:
            assert outcome.startswith("answered")
        assert not (outcome in TEXTED and id_ in witness.reached | witness.blind)


def come_at(event: ChannelEvent, now: dt.datetime) -> ChannelEvent:
    """The event, come at another time."""
    if isinstance(event, ev.ChannelAppeared):
        return dataclasses.replace(event, at=now, since=None)
    return dataclasses.replace(event, at=now)


def appeared(channel: str, kind: ChannelKind, group: str = "", *, from_middle: bool = False) -> ev.ChannelAppeared:
    return ev.ChannelAppeared(
        at=NOON,
        channel=channel,
        name=f"X/{channel}",
        kind=kind,
        group=group or channel,
        number="07700900123" if kind is CALLER else "101",
        from_middle=from_middle,
    )


def entered(channel: str, bridge: str) -> ev.BridgeEntered:
    return ev.BridgeEntered(at=NOON, channel=channel, bridge=bridge, holding=bridge == PARKING_LOT)
