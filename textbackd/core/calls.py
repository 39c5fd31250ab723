"""Channels in, whole calls out: one call per inbound leg, whatever the PBX did with it.

Beside them come the calls that the office itself made to a number outside, where somebody was reached.
Three rules, each bought with recorded calls:

1. *Joined with a person* means that a path of bridges and paired Local channels leads from the inbound leg to a
   device leg which is itself no inbound leg. Channel states and dial results never say it.
2. A call is keyed by its inbound leg's id. The group (Linkedid) may change in mid-call; a call keeps all of its groups.
3. A call is over when every channel of its groups has gone, or ``GRACE`` after the inbound leg: voicemail on another
   leg reports its message after the caller's hang-up.
"""

import collections
import dataclasses
import datetime as dt
from collections.abc import Sequence

from textbackd.core import channel_events as ev
from textbackd.core.call_in_the_air import CallInTheAir
from textbackd.core.call_records import Ended, EndedCall, What
from textbackd.core.channel_events import PERSONS, ChannelKind, DialResult, Stage
from textbackd.core.channels import Channel, Group
from textbackd.core.switchboard import Switchboard

GRACE = dt.timedelta(seconds=2.5)
"""Between the inbound leg's hang-up and the end of the call, while other legs are up."""
LONGEST_CALL = dt.timedelta(hours=12)
"""A leg that is older has lost its hang-up."""
MOST_CHANNELS = 10_000
"""That are up at once."""
REMEMBERED = 10_000
"""Channels that have gone and are still known, so that a late event cannot open them again."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class LiveCall:
    """A caller who is on the line, or a number outside that the office is calling."""

    call_id: str
    """The Uniqueid or uuid of the leg to the outside."""
    caller: str
    did: str
    started_at: dt.datetime
    outbound: bool = False


class CallTracker:
    """Folds the channel events of one PBX into ended calls. Bounded in memory; takes events in any order."""

    def __init__(self) -> None:
        self._board = Switchboard()
        self._channels = self._board.channels
        self._calls = self._board.calls
        self._groups: dict[str, Group] = {}
        self._unwatched_since: dt.datetime | None = None
        """From a lost link to the next snapshot."""
        self._gone: collections.OrderedDict[str, None] = collections.OrderedDict()

    def receive(self, event: ev.ChannelEvent) -> Sequence[Ended]:
        """Take one event in; the calls that it ended, inbound and to the outside, most often none."""
        match event:
            case ev.ChannelAppeared():
                return self._appeared(event)
            case ev.ChannelMoved():
                channel = self._channels.get(event.channel)
                return self._moved(channel, event.group) if channel else ()
            case ev.ChannelGone():
                return self._hung_up(event)
            case ev.LinkLost():
                self._unwatched_since = self._unwatched_since or event.at
                for call in self._calls.values():
                    call.not_whole(event.at)
                return ()
            case ev.SnapshotTaken():
                return self._resynchronised(event)
            case ev.HalvesPaired():
                self._board.pair(event.one, event.two, event.at)
                return ()
        if event.channel in self._channels:
            self._happened(event, self._channels[event.channel])
        return ()

    def next_deadline(self) -> dt.datetime | None:
        """When ``expire`` has something to do, unless an event comes first."""
        return min((_deadline(call) for call in self._calls.values()), default=None)

    def expire(self, now: dt.datetime) -> Sequence[Ended]:
        """End the calls whose grace is over, or whose hang-up was never seen."""
        late = [call for call in self._calls.values() if _deadline(call) <= now]
        ended: list[Ended] = [self._finish(call, now) for call in late]
        # A phone may be off the hook for a week, and take a call each day; a number outside does not.
        outside = [c for c in self._channels.values() if c.kind is ChannelKind.OUTSIDE]
        for channel in [c for c in outside if c.since + LONGEST_CALL <= now]:
            ended += self._drop(channel, now)
        return ended

    def cut_off(self, now: dt.datetime) -> Sequence[Ended]:
        """End every call in the air and forget every channel: nothing more will be seen of them."""
        ended: list[Ended] = [self._finish(call, now) for call in list(self._calls.values())]
        for channel in list(self._channels.values()):
            ended += self._drop(channel, now)
        return ended

    def on_the_line(self, channel: str) -> LiveCall | None:
        """Who is at the far end of an inbound leg, or of one that the office rings outside for itself; None where the
        leg is neither of them, or is gone.
        """
        call, leg = self._calls.get(channel), self._channels.get(channel)
        if call is not None and call.gone_at is None:
            return LiveCall(call_id=channel, caller=call.caller, did=call.did, started_at=call.started_at)
        if leg is not None and leg.kind is ChannelKind.OUTSIDE and leg.number and not self._groups[leg.group].calls:
            return LiveCall(call_id=channel, caller=leg.number, did="", started_at=leg.since, outbound=True)
        return None

    def known_as(self, channel: str, number: str, did: str = "") -> None:
        """Say what was known of a leg outside or inbound when it was first seen: a snapshot may tell of other numbers
        by then, or of none.
        """
        if call := self._calls.get(channel):
            call.caller = number
            if did and not call.did_certain:
                call.did, call.did_certain = did, True
        elif (leg := self._channels.get(channel)) and leg.kind is ChannelKind.OUTSIDE:
            leg.number = leg.number or number

    def followed(self) -> frozenset[str]:
        """The ids of the inbound calls that are not over, their callers on the line or not, and of all legs outside."""
        outside = (channel.id for channel in self._channels.values() if channel.kind is ChannelKind.OUTSIDE)
        return frozenset((*self._calls, *outside))

    # --- one event on a known channel -----------------------------------------------------------------------------

    def _happened(self, event: ev.ChannelEvent, channel: Channel) -> None:
        own = self._calls.get(channel.id)
        match event:
            case ev.ChannelAnswered():
                for call in self._groups[channel.group].calls:
                    call.ringing_ends(channel.id, event.at)
                channel.up = True
                if own:
                    own.up = True
            case ev.ChannelRinging():
                channel.rang = True
            case ev.BridgeEntered(holding=False):
                channel.last_bridge = event.bridge
                self._board.enter(channel.id, event.bridge, event.at)
            case ev.BridgeEntered():
                channel.last_bridge = event.bridge
                self._board.leave(channel.id, event.at)
                if own:  # an attended transfer into a parking slot tells of the parking on another leg only
                    own.enter(event.at, Stage.PARKED, "")
            case ev.BridgeLeft():
                if event.conference and event.bridge != channel.last_bridge:
                    self._board.enter(channel.id, event.bridge, event.at)  # who is there was on the line until now
                if event.bridge in ("", self._board.bridge_of(channel.id)):
                    self._board.leave(channel.id, event.at)
            case ev.DialStarted():
                self._dial_started(event, channel)
            case ev.DialEnded():
                self._dial_ended(event, channel)
            case ev.StageEntered() | ev.MessageLeft():
                if own is None and isinstance(event, ev.StageEntered) and event.stage is Stage.MENU:
                    channel.asked = True
                for call in self._calls_told_by(channel, event):
                    if isinstance(event, ev.MessageLeft):
                        # Who listens to a mailbox and leaves messages in it has left none (``c12``).
                        if call.stage is not Stage.MAILBOX:
                            call.step(event.at, What.MESSAGE)
                    else:
                        call.enter(event.at, event.stage, event.where)
        if own is None:
            return
        match event:
            case ev.DidKnown():
                if event.certain or not own.did_certain:
                    own.did, own.did_certain = event.did, event.certain
            case ev.PrivacyTold():
                own.privacy.add(event.privacy)
            case ev.CallerIdRefuted():
                own.spoofed = True
            case ev.DialFinished():
                cancelled = event.result is DialResult.CANCELLED
                own.step(event.at, What.GAVE_UP if cancelled else What.DIAL_OVER, event.result)
            case ev.SentOn():
                own.step(event.at, What.SENT_ON)
            case ev.QueueConnected():
                if (leg := self._channels.get(event.leg)) and self._somebody_answered(leg):
                    own.step(event.at, What.PICKED_UP, who=leg.number)
            case ev.QueueLeft():
                own.step(event.at, What.QUEUE_LEFT, event.why)
                own.waiting_ends(event.at)
                own.stage = None
            case ev.FarEndHungUp():
                # On a leg that is not up the PBX raises it for its own busy tone too, but not while it screens.
                if own.up:
                    own.step(event.at, What.HUNG_UP)
                elif self._has_been_accepted(own) and own.stage not in (Stage.BUSY_TONE, Stage.CONGESTION_TONE):
                    own.step(event.at, What.GAVE_UP)

    def _calls_told_by(self, channel: Channel, event: ev.StageEntered | ev.MessageLeft) -> Sequence[CallInTheAir]:
        """The calls of which an event on ``channel`` tells: its own; voicemail also speaks on a Local leg (``b09``)."""
        if own := self._calls.get(channel.id):
            return (own,)
        voicemail = isinstance(event, ev.MessageLeft) or event.stage is Stage.VOICEMAIL
        if channel.kind is ChannelKind.HALF and voicemail:
            return self._groups[channel.group].calls
        return ()

    def _dial_started(self, event: ev.DialStarted, leg: Channel) -> None:
        if leg.kind is not ChannelKind.DEVICE:  # a phone is its extension, under whatever name it registered
            leg.number = event.number or leg.number
        leg.dialled_by = event.by
        caller = self._calls.get(event.by)
        if caller and caller.stage not in (Stage.QUEUE, Stage.DIAL):
            caller.enter(event.at, Stage.DIAL, "")
        if leg.kind in PERSONS and not leg.dialled:
            leg.dialled = True
            for call in self._groups[leg.group].calls:
                call.step(event.at, What.DIALLED, who=leg.number)
                call.ringing_starts(leg.id, leg.party, event.at)

    def _dial_ended(self, event: ev.DialEnded, leg: Channel) -> None:
        if leg.result is not None:  # a queue tells it twice; the first is right (``d02``, ``d03``)
            return
        leg.result = event.result
        calls = self._groups[leg.group].calls
        for call in calls:
            call.ringing_ends(leg.id, event.at)
        if caller := self._calls.get(event.by):
            if event.result is DialResult.CANCELLED and not self._has_been_accepted(caller):
                caller.step(event.at, What.GAVE_UP, who=leg.number)
            elif event.result is DialResult.ANSWERED and self._somebody_answered(leg):
                if caller.stage is not Stage.QUEUE:
                    caller.step(event.at, What.PICKED_UP, who=leg.number)
            elif leg.kind is ChannelKind.HALF:
                caller.step(event.at, What.HALF_RESULT, event.result, leg.number)

    def _somebody_answered(self, leg: Channel) -> bool:
        """Whether a phone did, the leg's own or one behind it; voicemail answers Local channels too (``b09``)."""
        legs = (self._channels[id_] for id_ in self._groups[leg.group].channels)
        return leg.kind in PERSONS or any(
            other.kind in PERSONS and other.result is DialResult.ANSWERED for other in legs
        )

    def _has_been_accepted(self, call: CallInTheAir) -> bool:
        """Whether a leg that the caller's own dialled is up: the others are then cancelled by the PBX, and whoever
        took the call may still be asked whether he wants it (``f08``, ``f09``).
        """
        legs = (self._channels[leg] for id_ in call.groups for leg in self._groups[id_].channels)
        return any(leg.up and leg.dialled_by == call.call_id for leg in legs)

    # --- channels, groups, calls ------------------------------------------------------------------------------------

    def _appeared(self, event: ev.ChannelAppeared) -> Sequence[Ended]:
        if event.channel in self._gone:
            return ()
        if known := self._channels.get(event.channel):
            return self._moved(known, event.group)
        since = event.since or event.at
        name = "" if event.kind is ChannelKind.INBOUND else event.display_name
        self._channels[event.channel] = Channel(event.channel, event.kind, event.group, event.number, name, since)
        group = self._group(event.group)
        group.channels.add(event.channel)
        ended = self._drop_the_oldest(event.at)
        if event.kind is ChannelKind.INBOUND:
            call = CallInTheAir(
                call_id=event.channel,
                caller=event.number,
                caller_name=event.display_name,
                did=event.did,
                context=event.context,
                started_at=since,
                up=event.answered,
                groups=[event.group],
            )
            call.step(since, What.ARRIVED, who=event.did)
            if event.from_middle:
                call.not_whole(event.at)
            self._calls[call.call_id] = call
            group.calls.append(call)
        return ended

    def _drop_the_oldest(self, at: dt.datetime) -> Sequence[Ended]:
        """So many channels are up nowhere: the oldest have lost their hang-ups. Callers' legs have a deadline."""
        if len(self._channels) - len(self._calls) <= MOST_CHANNELS:
            return ()
        return self._drop(next(channel for channel in self._channels.values() if channel.id not in self._calls), at)

    def _moved(self, channel: Channel, group: str) -> Sequence[Ended]:
        if group == channel.group:
            return ()
        old, new = self._groups[channel.group], self._group(group)
        old.channels.discard(channel.id)
        new.channels.add(channel.id)
        channel.group = group
        if (call := self._calls.get(channel.id)) and group not in call.groups:
            call.groups.append(group)
            new.calls.append(call)
        return self._finish_if_empty(old, None)

    def _hung_up(self, event: ev.ChannelGone) -> Sequence[Ended]:
        channel = self._channels.get(event.channel)
        if channel is None:
            self._remember(event.channel)
            return ()
        for call in self._groups[channel.group].calls:
            call.ringing_ends(channel.id, event.at)
            if channel.dialled and channel.result is not DialResult.ANSWERED:  # whoever answered is joined, or is not
                call.step(event.at, What.RESULT, channel.ended_with(event.result), channel.number)
        if own := self._calls.get(channel.id):
            own.gone_at = event.at
            own.waiting_ends(event.at)
            own.step(event.at, What.GONE, event.result or "")
        return self._drop(channel, event.at)

    def _drop(self, channel: Channel, at: dt.datetime) -> Sequence[Ended]:
        group = self._forget(channel, at)
        outside = channel.outside_call(at)
        return [*([outside] if outside else []), *self._finish_if_empty(group, at)]

    def _forget(self, channel: Channel, at: dt.datetime) -> Group:
        self._board.remove(channel, at)
        self._remember(channel.id)
        group = self._groups[channel.group]
        group.channels.discard(channel.id)
        return group

    def _remember(self, channel: str) -> None:
        self._gone[channel] = None
        if len(self._gone) > REMEMBERED:
            self._gone.popitem(last=False)

    def _group(self, id_: str) -> Group:
        return self._groups.setdefault(id_, Group(id_))

    def _finish_if_empty(self, group: Group, at: dt.datetime | None) -> Sequence[Ended]:
        if group.channels:
            return ()
        ended = [
            self._finish(call, at or call.gone_at)
            for call in list(group.calls)
            if call.gone_at and not any(self._groups[id_].channels for id_ in call.groups)
        ]
        if not group.calls:
            self._groups.pop(group.id, None)
        return ended

    def _finish(self, call: CallInTheAir, now: dt.datetime) -> EndedCall:
        """End a call; one whose hang-up was not seen was not seen whole."""
        if call.gone_at is None:
            call.not_whole(now)
        for leg in [self._channels[id_] for id_ in call.groups for id_ in self._groups[id_].channels]:
            if leg.dialled and leg.result is not None:  # still up, but no longer rung
                call.step(now, What.RESULT, leg.ended_with(None), leg.number)
        ended = call.ended(call.gone_at or now)
        if own := self._channels.get(call.call_id):
            self._forget(own, now)
        del self._calls[call.call_id]
        for id_ in call.groups:
            group = self._groups[id_]
            group.calls.remove(call)
            if not group.channels and not group.calls:
                del self._groups[id_]
        return ended

    def _resynchronised(self, event: ev.SnapshotTaken) -> Sequence[Ended]:
        ended: list[Ended] = []
        last_seen, self._unwatched_since = self._unwatched_since or event.at, None
        for channel in [channel for id_, channel in self._channels.items() if id_ not in event.channels]:
            if call := self._calls.get(channel.id):
                ended.append(self._finish(call, event.at))
            else:
                ended += self._drop(channel, last_seen)
        return ended


def _deadline(call: CallInTheAir) -> dt.datetime:
    return call.started_at + LONGEST_CALL if call.gone_at is None else call.gone_at + GRACE
