"""What is known of FreeSWITCH's legs while they are up: who is there, who belongs together, who is bridged."""

import dataclasses
import itertools
from collections import OrderedDict
from collections.abc import Collection, Iterator, Sequence

from textbackd.core.calls import MOST_CHANNELS, REMEMBERED
from textbackd.core.channel_events import PERSONS, ChannelKind
from textbackd.pbx import freeswitch_headers as headers
from textbackd.pbx.event_socket import Event
from textbackd.pbx.trunks import Trunks

_RELATED = (
    "Other-Leg-Unique-ID",
    "Bridge-A-Unique-ID",
    "Bridge-B-Unique-ID",
    "variable_originator",
    "variable_originating_leg_uuid",
    "variable_bridge_uuid",
    "variable_last_bridge_to",
    "variable_signal_bond",
    "variable_other_loopback_leg_uuid",
    "variable_other_loopback_from_uuid",
    "variable_cc_member_session_uuid",
    "CC-Member-Session-UUID",
    "variable_fifo_bridge_uuid",
)
"""Each names another leg of the same call; no single one of them is always there."""

_LONGER_THAN_AN_EXTENSION = 6
"""Digits: an extension's caller ID is short, a caller's is not."""


@dataclasses.dataclass(slots=True, eq=False)
class Leg:
    """One leg that is up."""

    uuid: str
    kind: ChannelKind
    group: str
    """Of legs that belong together: the uuid of the oldest."""
    called_us: bool
    """Somebody at its far end began a call with it, and hears whatever it is bridged to."""
    born: int
    """Its place in the order in which legs came."""
    withheld: bool = False
    """The caller asked that the number be not shown; a list of channels does not say so."""
    created: bool = False
    """The connection of today told that it was made."""
    answered: bool = False
    half: str = ""
    """The other half of a loopback."""
    bridge: str = ""
    """The bridge it is in."""
    in_bridge: bool = False
    """We told that it is."""
    was_bridged: bool = False
    peers: set[str] = dataclasses.field(default_factory=set)
    """The uuids of the legs that it was bridged to."""
    taken: bool = False
    """It was rung, and we told that somebody took the call."""
    by: str = ""
    """The leg that dialled it, or whose call it took."""
    by_queue: bool = False
    """A queue did, and bridges it only when it has answered."""
    dialled: int = 0
    """Legs that it rang since the last bridge of which it told."""
    rang_somebody: bool = False
    """Or tried to."""
    disposition: str = ""
    """What came of the last bridge that it asked for, as far as it was told."""
    waited: bool = False
    """We told of a queue or a slot."""
    let_go: bool = False
    """We told why the queue let go of the caller."""
    left_a_message: bool = False

    @property
    def hears(self) -> bool:
        """Whether a bridge with it reaches anybody: not while it is early media."""
        return self.answered or self.called_us or self.by_queue or self.kind not in PERSONS


class Legs:
    """All legs that are up, in the order in which they came; bounded."""

    def __init__(self, trunks: Trunks, *, inbound: frozenset[str], outside: frozenset[str]) -> None:
        """Uuids of legs from before, for the next snapshot."""
        self.gone: OrderedDict[str, None] = OrderedDict()
        """Legs that went lately: the list of channels lags behind."""
        self._trunks = trunks
        self._inbound_before = inbound
        self._outside_before = outside
        self._profiles = set(trunks.endpoints)
        """Sofia profiles of trunks: named in the configuration, or seen to bring callers."""
        self._legs: OrderedDict[str, Leg] = OrderedDict()
        self._groups: dict[str, set[str]] = {}
        self._born = itertools.count()

    def __getitem__(self, uuid: str) -> Leg:
        return self._legs[uuid]

    def get(self, uuid: str) -> Leg | None:
        """The leg, if it is up."""
        return self._legs.get(uuid)

    def add(self, e: Event) -> Leg:
        """The leg that an event tells of is up; it belongs to no other yet."""
        uuid = e["Unique-ID"]
        leg = self._legs[uuid] = Leg(uuid, self._kind(e), uuid, headers.called_us(e), next(self._born))
        self._groups.setdefault(uuid, set()).add(uuid)
        if len(self._legs) > MOST_CHANNELS:  # the oldest have lost their hang-ups
            self._remove(next(iter(self._legs)))
        return leg

    def remove(self, uuid: str) -> None:
        """A leg was hung up."""
        self._remove(uuid)
        self.gone[uuid] = None
        if len(self.gone) > REMEMBERED:
            self.gone.popitem(last=False)

    def only(self, uuids: Collection[str]) -> None:
        """No other legs than these are up."""
        for uuid in [uuid for uuid in self._legs if uuid not in uuids]:
            self._remove(uuid)

    def seen_from_now_on(self) -> None:
        """A new connection: what it does not tell, or list, is no more."""
        for leg in self._legs.values():
            leg.created = False

    def created(self) -> set[str]:
        """The legs up of whose making this connection told: they are up until it tells of their end."""
        return {leg.uuid for leg in self._legs.values() if leg.created}

    def related(self, e: Event) -> Iterator[Leg]:
        """The legs up that an event names."""
        uuids = dict.fromkeys(uuid for header in _RELATED if (uuid := e.get(header)))
        return (leg for uuid in uuids if (leg := self._legs.get(uuid)))

    def unite(self, one: Leg, other: Leg) -> Sequence[Leg]:
        """Let two legs, with all that belong to them, be one group, the older one's: those whose group that changes."""
        if one.group == other.group:
            return []
        older, younger = sorted((one.group, other.group), key=self._age)
        moved = [self._legs[uuid] for uuid in sorted(self._groups.pop(younger))]
        for leg in moved:
            leg.group = older
            self._groups[older].add(leg.uuid)
        return moved

    def _age(self, group: str) -> int:
        return min(self._legs[uuid].born for uuid in self._groups[group])

    def _remove(self, uuid: str) -> None:
        if (leg := self._legs.pop(uuid, None)) is not None:
            members = self._groups[leg.group]
            members.discard(uuid)
            if not members:
                del self._groups[leg.group]

    def _kind(self, e: Event) -> ChannelKind:
        uuid, profile = e["Unique-ID"], headers.profile(e)
        if headers.is_loopback(e):
            return ChannelKind.HALF
        if uuid in self._inbound_before:
            return ChannelKind.INBOUND
        if uuid in self._outside_before:
            return ChannelKind.OUTSIDE
        if headers.called_us(e):
            return ChannelKind.INBOUND if self._is_caller(e, profile) else ChannelKind.DEVICE
        over_a_gateway = profile == "gateway" or bool(e.get("variable_sip_gateway_name"))
        # A trunk may share its profile with the phones.
        over_a_trunk = profile in self._profiles and not headers.is_users(e)
        return ChannelKind.OUTSIDE if over_a_gateway or over_a_trunk else ChannelKind.DEVICE

    def _is_caller(self, e: Event, profile: str) -> bool:
        """Whoever logged in as a user of the directory is a phone, wherever its calls begin; what comes by a gateway at
        which FreeSWITCH itself is logged in is no phone.
        """
        if e.get("variable_user_name"):
            return False
        if self._trunks.trunk(profile, e.get("Caller-Context", "")) or e.get("variable_sip_gateway"):
            self._profiles.add(profile)
            return True
        if headers.tells_first_context(e):
            return False
        # Seen from its middle, and transferred since: it is known, or looks like a caller.
        fusionpbx_says_so = e.get("variable_call_direction") == "inbound"
        return profile in self._profiles or fusionpbx_says_so or len(headers.as_shown(e)) > _LONGER_THAN_AN_EXTENSION
