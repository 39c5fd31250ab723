"""AMI messages as an Asterisk 22 writes them, with the headers of recorded ones. No I/O."""

import dataclasses
import itertools

Message = list[tuple[str, str]]

_STATES = {0: "Down", 4: "Ring", 5: "Ringing", 6: "Up", 7: "Busy"}
_CAUSES = {
    0: "Unknown",
    16: "Normal Clearing",
    17: "User busy",
    26: "Answered elsewhere",
    34: "Circuit/channel congestion",
    127: "Interworking, unspecified",
}
"""Q.850, in Asterisk's words."""


def on_the_wire(message: Message) -> bytes:
    """The message in bytes, with the empty line that ends it."""
    return "".join(f"{name}: {value}\r\n" for name, value in message).encode() + b"\r\n"


class Ids:
    """Names and numbers of channels, as one run of a PBX gives them out."""

    def __init__(self, epoch: int) -> None:
        """``epoch``: when the PBX started, in seconds."""
        self._epoch = epoch
        self._count = itertools.count()

    def next(self, endpoint: str) -> tuple[str, str]:
        """The name and the Uniqueid of a new channel."""
        number = next(self._count)
        return f"PJSIP/{endpoint}-{number:08x}", f"{self._epoch}.{number}"


@dataclasses.dataclass(slots=True, kw_only=True)
class Channel:
    """One leg of a call."""

    name: str
    uniqueid: str
    linkedid: str
    number: str
    display_name: str
    context: str
    exten: str
    state: int
    dialled: str = ""
    """The DID; of a call from outside only."""
    connected: str = "<unknown>"
    application: str = ""
    data: str = ""
    bridge: str = ""

    def headers(self, prefix: str = "") -> Message:
        """What every event says of its channel."""
        said = {
            "Channel": self.name,
            "ChannelState": str(self.state),
            "ChannelStateDesc": _STATES[self.state],
            "CallerIDNum": self.number,
            "CallerIDName": self.display_name,
            "ConnectedLineNum": self.connected,
            "ConnectedLineName": self.connected,
            "Language": "en",
            "AccountCode": "",
            "Context": self.context,
            "Exten": self.exten,
            "Priority": "1",
            "Uniqueid": self.uniqueid,
            "Linkedid": self.linkedid,
        }
        return [(prefix + name, value) for name, value in said.items()]

    def row(self) -> Message:
        """The channel in the answer to CoreShowChannels."""
        more = {
            "Application": self.application,
            "ApplicationData": self.data,
            "Duration": "00:00:00",
            "BridgeId": self.bridge,
        }
        return [("Event", "CoreShowChannel"), *self.headers(), *more.items()]

    def status(self) -> Message:
        """The channel in the answer to Status."""
        more = {"Type": "PJSIP", "DNID": self.dialled, "BridgeID": self.bridge, "Application": self.application}
        return [("Event", "Status"), ("Privilege", "Call"), *self.headers(), *more.items()]


def event(name: str, channel: Channel, *more: tuple[str, str]) -> Message:
    """An event on a channel."""
    privilege = "dialplan,all" if name in ("Newexten", "VarSet") else "call,all"
    return [("Event", name), ("Privilege", privilege), *channel.headers(), *more]


def bridge_event(name: str, channel: Channel, members: int) -> Message:
    """A channel comes or goes; ``members`` are in its bridge after that."""
    bridge = {
        "BridgeUniqueid": channel.bridge,
        "BridgeType": "basic",
        "BridgeTechnology": "simple_bridge",
        "BridgeCreator": "<unknown>",
        "BridgeName": "<unknown>",
        "BridgeNumChannels": str(members),
        "BridgeVideoSourceMode": "none",
    }
    return [("Event", name), ("Privilege", "call,all"), *bridge.items(), *channel.headers()]


def gone(channel: Channel, cause: int) -> Message:
    """The channel is hung up; ``cause`` is of Q.850."""
    return event("Hangup", channel, ("Cause", str(cause)), ("Cause-txt", _CAUSES[cause]))
