"""What a PBX tells, as short as a test wants to say it; each event is at ``NOON`` until a line gives it its time."""

from typing import Any

from tests.builders import NOON
from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent, ChannelKind, DialResult, QueueExit, Stage


def caller(channel: str = "caller", group: str = "", **values: Any) -> ev.ChannelAppeared:
    values = {"number": "07700900123", "did": "01632960101", "context": "from-trunk"} | values
    return appeared(channel, ChannelKind.INBOUND, group or channel, **values)


def phone(channel: str, group: str = "caller", **values: Any) -> ev.ChannelAppeared:
    return appeared(channel, ChannelKind.DEVICE, group, **({"number": channel} | values))


def local(channel: str, group: str = "caller") -> ev.ChannelAppeared:
    return appeared(channel, ChannelKind.HALF, group)


def appeared(channel: str, kind: ChannelKind, group: str, **values: Any) -> ev.ChannelAppeared:
    return ev.ChannelAppeared(at=NOON, channel=channel, name=f"X/{channel}", kind=kind, group=group, **values)


def gone(channel: str, result: DialResult | None = None) -> ev.ChannelGone:
    return ev.ChannelGone(at=NOON, channel=channel, result=result)


def entered(channel: str, bridge: str = "bridge", *, holding: bool = False) -> ev.BridgeEntered:
    return ev.BridgeEntered(at=NOON, channel=channel, bridge=bridge, holding=holding)


def left(channel: str, bridge: str = "bridge") -> ev.BridgeLeft:
    return ev.BridgeLeft(at=NOON, channel=channel, bridge=bridge)


def paired(one: str, two: str) -> ev.HalvesPaired:
    return ev.HalvesPaired(at=NOON, one=one, two=two)


def dialled(channel: str, by: str = "caller", number: str = "") -> ev.DialStarted:
    return ev.DialStarted(at=NOON, channel=channel, by=by, number=number)


def dial_ended(channel: str, result: DialResult, by: str = "caller") -> ev.DialEnded:
    return ev.DialEnded(at=NOON, channel=channel, by=by, result=result)


def stage(channel: str, to: Stage, where: str = "") -> ev.StageEntered:
    return ev.StageEntered(at=NOON, channel=channel, stage=to, where=where)


def moved(channel: str, group: str) -> ev.ChannelMoved:
    return ev.ChannelMoved(at=NOON, channel=channel, group=group)


def every_kind(channel: str, other: str = "other", group: str = "group") -> list[ChannelEvent]:
    """One of each event, the ways an event can differ included."""
    return [
        *(appeared(channel, kind, group) for kind in ChannelKind),
        caller(channel, group, from_middle=True, answered=True),
        ev.ChannelMoved(at=NOON, channel=channel, group=group),
        ev.ChannelAnswered(at=NOON, channel=channel),
        ev.ChannelRinging(at=NOON, channel=channel),
        *(gone(channel, result) for result in (None, DialResult.BUSY, DialResult.UNAVAILABLE)),
        ev.DidKnown(at=NOON, channel=channel, did="01632960101"),
        ev.PrivacyTold(at=NOON, channel=channel, privacy=ev.Privacy.WITHHELD),
        ev.CallerIdRefuted(at=NOON, channel=channel),
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
