"""The channels that are up already, as Asterisk lists them after a login."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping

from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent, Stage
from textbackd.pbx import asterisk_words as words
from textbackd.pbx.asterisk_channels import KnownChannels

Message = Mapping[str, str]

_OLDEST = dt.timedelta(days=3650)


class Snapshot:
    """Collects the rows of BridgeList and CoreShowChannels until they are complete."""

    def __init__(self) -> None:
        self._rows: dict[str, Message] = {}
        self._holding: set[str] = set()
        self._made: set[str] | None = None
        """Channels made while the list is being sent; None: none is."""

    def forget(self) -> None:
        """The lists may have been cut off."""
        self._rows, self._holding, self._made = {}, set(), None

    def bridge(self, m: Message) -> None:
        """A row of BridgeList; it comes before the channels."""
        if m.get("BridgeTechnology") == words.HOLDING_BRIDGE:
            self._holding.add(m["BridgeUniqueid"])

    def begins(self) -> None:
        """A list follows: what is made from now on is not in it."""
        self._made = self._made or set()

    def made(self, uniqueid: str) -> None:
        """A channel was made."""
        if self._made is not None:
            self._made.add(uniqueid)

    def channel(self, m: Message) -> None:
        """A row of CoreShowChannels. Raises KeyError where it does not say which."""
        _name, uniqueid = m["Channel"], m["Uniqueid"]
        self._rows[uniqueid] = m

    def gone(self, uniqueid: str) -> None:
        """A channel was hung up while the list was being sent."""
        self._rows.pop(uniqueid, None)
        if self._made is not None:
            self._made.discard(uniqueid)

    def complete(self, channels: KnownChannels, at: dt.datetime) -> Iterator[ChannelEvent]:
        """The list is whole: what is up, which Local halves are one, who is where, who is bridged."""
        rows, holding, made = self._rows, self._holding, self._made or set()
        self.forget()
        for row in rows.values():
            since = at - _duration(row.get("Duration", ""))
            yield dataclasses.replace(channels.listed(row, at), from_middle=True, since=since)
        by_name = {row["Channel"]: uniqueid for uniqueid, row in rows.items()}
        for name, uniqueid in by_name.items():
            if name.endswith(";1") and (other := by_name.get(name[:-1] + "2")):
                yield ev.HalvesPaired(at=at, one=uniqueid, two=other)
        for uniqueid, row in rows.items():
            bridge = row.get("BridgeId", "")
            stage = words.stage(row.get("Application", ""), row.get("ApplicationData", ""), row.get("Context", ""))
            # Whoever talks with an agent, or was fetched from the slot, is in the queue's or Park's application still.
            waits = not bridge or bridge in holding
            if stage and (waits or stage[0] not in (Stage.QUEUE, Stage.PARKED)):
                yield ev.StageEntered(at=at, channel=uniqueid, stage=stage[0], where=stage[1])
        for uniqueid, row in rows.items():
            if bridge := row.get("BridgeId", ""):
                yield ev.BridgeEntered(at=at, channel=uniqueid, bridge=bridge, holding=bridge in holding)
            else:
                yield ev.BridgeLeft(at=at, channel=uniqueid)
        up = rows.keys() | made
        channels.only(up)
        yield ev.SnapshotTaken(at=at, channels=frozenset(up))


def _duration(text: str) -> dt.timedelta:
    """``HH:MM:SS``; nothing where it is not, or where no channel can be so old."""
    try:
        hours, minutes, seconds = (int(part) for part in text.split(":"))
        length = dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
    except (ValueError, OverflowError):
        return dt.timedelta()
    return length if dt.timedelta() <= length < _OLDEST else dt.timedelta()
