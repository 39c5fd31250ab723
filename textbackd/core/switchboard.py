"""The channels that are up, the calls among them, and who is on the line with whom."""

import datetime as dt
from collections.abc import Iterable, Sequence

from textbackd.core.call_in_the_air import CallInTheAir
from textbackd.core.call_records import Party
from textbackd.core.channel_events import PERSONS, ChannelKind
from textbackd.core.channels import Channel
from textbackd.core.wiring import Wiring


class Switchboard:
    """Tells calls and legs outside who is on the line with them, each time the wiring changes."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self.calls: dict[str, CallInTheAir] = {}
        """By the id of the inbound leg; one whose leg is gone is here until it is over."""
        self._wiring = Wiring()

    def enter(self, channel: str, bridge: str, at: dt.datetime) -> None:
        """A channel joins a bridge whose members hear each other."""
        before = self._heard_by(channel)
        self._wiring.enter(channel, bridge)
        self._tell(before | self._heard_by(channel), at)

    def leave(self, channel: str, at: dt.datetime) -> None:
        """A channel hears nobody by a bridge any more."""
        before = self._heard_by(channel)
        self._wiring.leave(channel)
        self._tell(before, at)

    def bridge_of(self, channel: str) -> str | None:
        """The bridge in which the channel is."""
        return self._wiring.bridge_of(channel)

    def pair(self, one: str, two: str, at: dt.datetime) -> None:
        """Two halves of a Local channel are one wire."""
        if one in self.channels and two in self.channels:
            before = self._heard_by(one) | self._heard_by(two)
            self._wiring.pair(one, two)
            self._tell(before | self._heard_by(one), at)

    def remove(self, channel: Channel, at: dt.datetime) -> None:
        """A channel is gone."""
        before = self._heard_by(channel.id) - {channel.id}
        channel.company.only({}, at)
        if own := self.calls.get(channel.id):
            own.joined_with({}, at)
        self._wiring.remove(channel.id)
        del self.channels[channel.id]
        self._tell(before, at)

    def _heard_by(self, channel: str) -> set[str]:
        return self._wiring.heard_by(channel)

    def _who_hears(self, channel: Channel) -> Sequence[Channel]:
        """By id, so that who comes at one instant is always told in the same order."""
        return [self.channels[id_] for id_ in sorted(self._heard_by(channel.id))]

    def _tell(self, channels: Iterable[str], at: dt.datetime) -> None:
        for channel in [self.channels[id_] for id_ in channels]:
            if call := self.calls.get(channel.id):
                heard = self._who_hears(channel)
                people = {c.id: c.party for c in heard if c.kind in PERSONS}
                call.screened |= bool(people) and any(c.asked for c in heard)
                call.joined_with(people, at)
            elif channel.kind is ChannelKind.OUTSIDE:
                channel.company.only(self._company(channel), at)

    def _company(self, outside: Channel) -> dict[str, Party]:
        """Who is on the line with a leg outside; nobody of ours where a caller from outside is."""
        heard = [channel for channel in self._who_hears(outside) if channel is not outside]
        if any(c.kind is ChannelKind.INBOUND for c in heard):
            return {}
        return {c.id: c.party for c in heard if c.kind in PERSONS}
