"""Who hears whom on a FreeSWITCH: bridges, told only of legs at which somebody is there to hear.

A bridge is no talk while the far leg has not answered (early media: ``forward_early_media_480``), nor with half of a
loopback alone (``vm_vanilla_loopback_message``); an answer is none before the bridge (``confirm_not_pressed``).
"""

import datetime as dt
from collections.abc import Iterator, Set

from textbackd.core import channel_events as ev
from textbackd.core.channel_events import PERSONS, ChannelEvent, ChannelKind, DialResult, Stage
from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx.event_socket import Event
from textbackd.pbx.freeswitch_legs import Leg, Legs


def answered(e: Event, at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
    """A leg is up."""
    if leg.answered:
        return
    leg.answered = True
    yield ev.ChannelAnswered(at=at, channel=leg.uuid)
    if e.get("variable_group_confirm_key"):
        yield ev.StageEntered(at=at, channel=leg.uuid, stage=Stage.MENU)
    if leg.peers:
        yield from _taken(at, leg)
    yield from entered(at, leg)


def joined(at: dt.datetime, one: Leg, other: Leg) -> Iterator[ChannelEvent]:
    """Two legs are bridged."""
    for leg, peer in ((one, other), (other, one)):
        leg.bridge, leg.in_bridge = f"{one.uuid}/{other.uuid}", False
        leg.peers.add(peer.uuid)
        if peer.kind is ChannelKind.INBOUND:
            leg.by = peer.uuid
        if not leg.hears:
            yield ev.ChannelRinging(at=at, channel=leg.uuid)
        yield from entered(at, leg)
    if one.kind is other.kind is ChannelKind.INBOUND:  # one may be a phone that logs in nowhere and picked up the other
        for leg in (one, other):
            yield from _unseen(at, leg, "")


def bridged(e: Event, at: dt.datetime, legs: Legs) -> Iterator[ChannelEvent]:
    """Two legs are bridged; the one that says so also names the leg that it was bridged to before."""
    leg, before = legs[e["Unique-ID"]], headers.last_peer(e)
    uuids = e["Bridge-A-Unique-ID"], e["Bridge-B-Unique-ID"]
    one, other = map(legs.get, uuids)
    if before not in leg.peers and (known := legs.get(before)) and not known.bridge:
        yield from joined(at, leg, known)
    if one and other:
        yield from joined(at, one, other)
    if e.get("Answer-State") == "answered":
        yield from _with_unseen(at, leg, {before, *uuids}, "")


def entered(at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
    """A leg hears whom it is bridged to, once it has answered."""
    if not leg.bridge or not leg.hears or leg.in_bridge:
        return
    leg.in_bridge = leg.was_bridged = True
    yield from _taken(at, leg)
    yield ev.BridgeEntered(at=at, channel=leg.uuid, bridge=leg.bridge)


def parted(e: Event, at: dt.datetime, legs: Legs) -> Iterator[ChannelEvent]:
    """Two legs are no longer bridged; what is told late, when either is in another bridge, is no news."""
    uuids = e["Bridge-A-Unique-ID"], e["Bridge-B-Unique-ID"]
    bridge = "/".join(uuids)
    one, other = map(legs.get, uuids)
    if one and other and other.uuid not in one.peers:
        yield from joined(at, one, other)
    for leg in (one, other):
        if leg and leg.bridge == bridge:
            leg.bridge, leg.in_bridge = "", False
            yield ev.BridgeLeft(at=at, channel=leg.uuid, bridge=bridge)


def missed(e: Event, at: dt.datetime, leg: Leg, legs: Legs) -> Iterator[ChannelEvent]:
    """That a leg had answered and was bridged, where no event of its own told it in time."""
    bridged_at, peer = headers.moment(e, "Caller-Channel-Bridged-Time"), headers.last_peer(e)
    if answered_at := headers.moment(e, "Caller-Channel-Answered-Time"):
        yield from answered(e, answered_at, leg)
    if bridged_at and peer not in leg.peers and (known := legs.get(peer)):
        yield from joined(bridged_at, leg, known)
    if bridged_at and leg.answered:  # the caller's leg may be gone, the call not yet over
        yield from _taken(bridged_at, leg)
    if leg.answered:
        yield from _with_unseen(at, leg, {peer}, headers.peer_name(e))


def _taken(at: dt.datetime, leg: Leg) -> Iterator[ChannelEvent]:
    """Whoever was rung there took the call."""
    if leg.kind in PERSONS and not leg.called_us and not leg.taken:
        leg.taken = True
        yield ev.DialEnded(at=at, channel=leg.uuid, by=leg.by, result=DialResult.ANSWERED)


def _with_unseen(at: dt.datetime, leg: Leg, peers: Set[str], name: str) -> Iterator[ChannelEvent]:
    """The caller's leg names others that it was bridged to, ``name`` the last of them: one may not have been seen."""
    if leg.kind is ChannelKind.INBOUND and not peers - {"", leg.uuid} <= leg.peers:
        yield from _unseen(at, leg, name)


def _unseen(at: dt.datetime, caller: Leg, name: str) -> Iterator[ChannelEvent]:
    """Somebody may have taken the call on a leg of which nothing was seen in time: one stands here in its place."""
    if headers.is_loopback({"Channel-Name": name}):
        return
    peer = f"{caller.uuid}/unseen"
    yield ev.ChannelAppeared(at=at, channel=peer, name=name, kind=ChannelKind.DEVICE, group=caller.group)
    yield ev.DialEnded(at=at, channel=peer, by=caller.uuid, result=DialResult.ANSWERED)
    yield ev.QueueConnected(at=at, channel=caller.uuid, leg=peer)
    yield ev.ChannelGone(at=at, channel=peer)
