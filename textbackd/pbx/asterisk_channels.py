"""What Asterisk's channels are: callers, phones, numbers outside, and what Asterisk only makes for itself."""

import dataclasses
import datetime as dt
from collections import OrderedDict
from collections.abc import Collection, Mapping

from textbackd.core.calls import MOST_CHANNELS
from textbackd.core.channel_events import ChannelAppeared, ChannelKind, ChannelMoved
from textbackd.pbx import asterisk_words as words
from textbackd.pbx.trunks import Trunks

Message = Mapping[str, str]

_LONGER_THAN_AN_EXTENSION = 6
"""Digits: an extension's caller ID is short, a caller's is not."""


class KnownChannels:
    """Each live channel's Linkedid, since Asterisk changes it silently; which are inbound, which endpoints trunks."""

    def __init__(self, trunks: Trunks, *, inbound: frozenset[str], outside: frozenset[str]) -> None:
        """Uniqueids of legs from before, for the next snapshot."""
        self._trunks = trunks
        self._inbound = set(inbound)
        self._outside = set(outside)
        self._trunk_endpoints = set(trunks.endpoints)
        self._unnamed: set[str] = set()
        """Inbound legs that came without a name, and whose caller ID was not changed yet."""
        self._linkedids: OrderedDict[str, str] = OrderedDict()

    def is_inbound(self, uniqueid: str) -> bool:
        """Whether this is a caller's leg."""
        return uniqueid in self._inbound

    def is_first_callerid(self, uniqueid: str) -> bool:
        """Whether the caller ID of a caller who came without a name is changed for the first time."""
        first = uniqueid in self._unnamed
        self._unnamed.discard(uniqueid)
        return first

    def appeared(self, m: Message, at: dt.datetime) -> ChannelAppeared:
        """A channel was made."""
        # Outgoing trunk legs carry the same context and start Down; Local halves start in Ring in a group of others.
        begins_call = m.get("ChannelState") == "4" and m["Uniqueid"] == m.get("Linkedid")
        kind, endpoint = _kind(m["Channel"]), endpoint_of(m["Channel"])
        named = self._trunks.trunk(endpoint, m.get("Context", "")) is not None
        if kind is ChannelKind.DEVICE:
            if begins_call and named:
                kind = ChannelKind.INBOUND
                self._inbound.add(m["Uniqueid"])
                if not _known(m.get("CallerIDName", "")):
                    self._unnamed.add(m["Uniqueid"])
                self._trunk_endpoints.add(endpoint)
            elif not begins_call and (named or endpoint in self._trunk_endpoints):
                kind = ChannelKind.OUTSIDE
                self._outside.add(m["Uniqueid"])
        return self._as_event(m, at, kind, begins_call=begins_call and kind in _BEGINNERS)

    def listed(self, m: Message, at: dt.datetime) -> ChannelAppeared:
        """A channel was found in a snapshot."""
        kind = self._kind_in_mid_call(m)
        if kind is ChannelKind.INBOUND:
            self._inbound.add(m["Uniqueid"])
        return self._as_event(m, at, kind, begins_call=False)

    def met(self, m: Message, at: dt.datetime) -> ChannelAppeared | None:
        """A leg that is dialled or bridged is there, though nothing told that it was made: what it does may be that
        somebody takes the call. None where it is known, or looks like a caller's: whose number and DID nobody told.
        """
        if m["Uniqueid"] in self._linkedids or (kind := self._kind_in_mid_call(m)) is ChannelKind.INBOUND:
            return None
        return dataclasses.replace(self._as_event(m, at, kind, begins_call=False), from_middle=True)

    def _kind_in_mid_call(self, m: Message) -> ChannelKind:
        """The context has moved on; the channel is known, or looks like a trunk's."""
        kind, endpoint = _kind(m["Channel"]), endpoint_of(m["Channel"])
        if m["Uniqueid"] in self._inbound:
            kind = ChannelKind.INBOUND
        elif m["Uniqueid"] in self._outside:
            kind = ChannelKind.OUTSIDE
        elif kind is ChannelKind.DEVICE:
            trunk = endpoint in self._trunk_endpoints or self._trunks.trunk(endpoint, m.get("Context", ""))
            # At the very first start no trunk is known yet.
            long_number = len(m.get("CallerIDNum", "")) > _LONGER_THAN_AN_EXTENSION
            looks_like_one = not self._trunk_endpoints and not endpoint.isdigit() and long_number
            if trunk or looks_like_one:
                first = m["Uniqueid"] == m.get("Linkedid")
                kind = ChannelKind.INBOUND if first else ChannelKind.OUTSIDE
        return kind

    def _as_event(self, m: Message, at: dt.datetime, kind: ChannelKind, *, begins_call: bool) -> ChannelAppeared:
        self._linkedids[m["Uniqueid"]] = m.get("Linkedid", m["Uniqueid"])
        if len(self._linkedids) > MOST_CHANNELS:  # the oldest have lost their hang-ups
            self.gone(next(iter(self._linkedids)))
        endpoint, number, name = endpoint_of(m["Channel"]), m.get("CallerIDNum", ""), _known(m.get("CallerIDName", ""))
        match kind:
            case ChannelKind.INBOUND:
                trunk = self._trunks.trunk(endpoint, m.get("Context", ""))
                number = trunk.number(number) if trunk else number
            case ChannelKind.OUTSIDE:
                digits = number.removeprefix("+")
                number = number if digits.isdigit() and len(digits) > _LONGER_THAN_AN_EXTENSION else ""
            case _:
                number = number if number.isdigit() and not endpoint.isdigit() else endpoint
        return ChannelAppeared(
            at=at,
            channel=m["Uniqueid"],
            name=m["Channel"],
            kind=kind,
            group=self._linkedids[m["Uniqueid"]],
            number=number,
            display_name="" if name == number else name,
            did=m.get("Exten", "") if kind is ChannelKind.INBOUND else "",
            context=m.get("Context", ""),
            line=endpoint,
            begins_call=begins_call,
            answered=m.get("ChannelState") == "6",
        )

    def moved(self, uniqueid: str, linkedid: str, at: dt.datetime) -> ChannelMoved | None:
        """What a message says of a channel's group, if it is news."""
        if self._linkedids.get(uniqueid, linkedid) == linkedid:
            return None
        self._linkedids[uniqueid] = linkedid
        return ChannelMoved(at=at, channel=uniqueid, group=linkedid)

    def gone(self, uniqueid: str) -> None:
        """A channel was hung up."""
        self._linkedids.pop(uniqueid, None)
        self._inbound.discard(uniqueid)
        self._unnamed.discard(uniqueid)
        self._outside.discard(uniqueid)

    def only(self, uniqueids: Collection[str]) -> None:
        """No other channels than these are up."""
        kept = [(uniqueid, linkedid) for uniqueid, linkedid in self._linkedids.items() if uniqueid in uniqueids]
        self._linkedids = OrderedDict(kept)
        self._inbound.intersection_update(uniqueids)
        self._unnamed.intersection_update(uniqueids)
        self._outside.intersection_update(uniqueids)


_BEGINNERS = (ChannelKind.DEVICE, ChannelKind.INBOUND)


def _kind(name: str) -> ChannelKind:
    technology = name.partition("/")[0]
    if technology == "Local":
        return ChannelKind.HALF
    return ChannelKind.SERVICE if technology in words.NOBODY_THERE else ChannelKind.DEVICE


def endpoint_of(name: str) -> str:
    """``PJSIP/101-0000001a`` -> ``101``; ``DAHDI/i1/0770…-1f`` -> ``i1``."""
    return name.partition("/")[2].rpartition("-")[0].partition("/")[0]


def dialled_number(dial_string: str) -> str:
    """``0770…@trunk``, ``trunk/sip:0770…@carrier``, ``g0/0770…`` -> ``0770…``; a phone's name alone: empty."""
    before, at, _ = dial_string.partition("@")
    _, slash, last = before.rpartition("/")
    return last.removeprefix("sip:") if at or slash else ""


def _known(text: str) -> str:
    return "" if text == "<unknown>" else text
