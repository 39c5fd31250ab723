"""The channels that are up already, as Asterisk lists them after a login."""

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping

from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent
from textbackd.pbx import asterisk_words as words
from textbackd.pbx.asterisk_channels import KnownChannels

Message = Mapping[str, str]


class Snapshot:
    """Collects the rows of BridgeList and CoreShowChannels until they are complete."""

    def __init__(self) -> None:
        self._rows: dict[str, Message] = {}
        self._holding: set[str] = set()

    def forget(self) -> None:
        """The lists may have been cut off."""
        self._rows, self._holding = {}, set()

    def bridge(self, m: Message) -> None:
        """A row of BridgeList; it comes before the channels."""
        if m.get("BridgeTechnology") == words.HOLDING_BRIDGE:
            self._holding.add(m["BridgeUniqueid"])

    def channel(self, m: Message) -> None:
        """A row of CoreShowChannels."""
        self._rows[m["Uniqueid"]] = m

    def complete(self, channels: KnownChannels, at: dt.datetime) -> Iterator[ChannelEvent]:
        """The list is whole: what is up, who is where, which Local halves are one, who is bridged."""
        rows, holding = self._rows, self._holding
        self.forget()
        for row in rows.values():
            since = at - _duration(row.get("Duration", ""))
            yield dataclasses.replace(channels.listed(row, at), from_middle=True, since=since)
        by_name = {row["Channel"]: uniqueid for uniqueid, row in rows.items()}
        for name, uniqueid in by_name.items():
            if name.endswith(";1") and (other := by_name.get(name[:-1] + "2")):
                yield ev.LocalPaired(at=at, one=uniqueid, two=other)
        for uniqueid, row in rows.items():
            if bridge := row.get("BridgeId"):
                yield ev.BridgeEntered(at=at, channel=uniqueid, bridge=bridge, holding=bridge in holding)
            else:
                yield ev.BridgeLeft(at=at, channel=uniqueid)
            stage = words.stage(row.get("Application", ""), row.get("ApplicationData", ""), row.get("Context", ""))
            if stage:
                yield ev.StageEntered(at=at, channel=uniqueid, stage=stage[0], where=stage[1])
        channels.only(rows.keys())
        yield ev.SnapshotTaken(at=at, channels=frozenset(rows))


def _duration(text: str) -> dt.timedelta:
    """``HH:MM:SS``; nothing where it is not."""
    try:
        hours, minutes, seconds = (int(part) for part in text.split(":"))
    except ValueError:
        return dt.timedelta()
    return dt.timedelta(hours=hours, minutes=minutes, seconds=seconds)
