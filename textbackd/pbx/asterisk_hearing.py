"""Which events an Asterisk keeps from an account, by what it lets the account know otherwise. No I/O.

Read classes and eventfilters withhold events without a word, but not the rows of a list that was asked for. So a
channel that is listed, and of which no Newchannel told, shows that Newchannel is withheld; and one event may show
that another one is. What came once is not withheld.
"""

from collections.abc import Mapping, Sequence

from textbackd.pbx import asterisk_words as words

Message = Mapping[str, str]

_RINGING, _UP = "5", "6"
_LEGS = ("AppDial", "AppQueue")
"""What Asterisk lists as the application of a leg that Dial, or a queue, has dialled."""


class Hearing:
    """Folds what one session says, events and lists of channels, into what it should have said."""

    def __init__(self) -> None:
        self._came: set[str] = set()
        self._should_have_come: dict[str, str] = {}
        self._listed: set[str] | None = None
        """The channels of the last whole list; None: there was none yet."""
        self._rows: list[Message] = []
        self._before: set[str] = set()
        """Channels that were up already: what was told of them was told earlier."""
        self._state: dict[str, str] = {}
        """Of a channel, when it was first heard of."""
        self._dialled: set[str] = set()
        self._bridged: set[str] = set()

    def withheld(self) -> Sequence[tuple[str, str]]:
        """Events that are kept from the account, each with what shows it."""
        return [(name, why) for name, why in self._should_have_come.items() if name not in self._came]

    def take_in(self, m: Message) -> None:
        """Take in a message."""
        match m.get("Event", ""):
            case "CoreShowChannel":
                self._rows.append(m)
            case "CoreShowChannelsComplete":
                self._take_in_list()
            case name:
                self._came.add(name)
                self._take_in_event(name, m)

    def _take_in_event(self, name: str, m: Message) -> None:
        channel, leg = m.get("Uniqueid", ""), m.get("DestUniqueid", "")
        match name:
            case "Newchannel":
                self._state.setdefault(channel, m.get("ChannelState", ""))
            case "DialBegin":
                self._dialled.add(leg)
                self._missed("Newchannel", f"{m.get('DestChannel')} was dialled")
            case "DialEnd" if leg not in self._before:
                self._missed("DialBegin", f"{m.get('DestChannel')} was dialled no more")
                if m.get("DialStatus") == "ANSWER":
                    self._missed("BridgeEnter", f"{m.get('DestChannel')} answered")
            case "BridgeEnter":
                self._bridged.add(channel)
            case "BridgeLeave" if channel not in self._before:
                self._missed("BridgeEnter", f"{m.get('Channel')} left a bridge")
            case "Hangup":
                if channel in self._dialled:
                    self._missed("DialEnd", f"{m.get('Channel')} was dialled, and was hung up")
                if channel in self._bridged:
                    self._missed("BridgeLeave", f"{m.get('Channel')} was in a bridge, and was hung up")

    def _take_in_list(self) -> None:
        rows, self._rows = {row["Uniqueid"]: row for row in self._rows}, []
        if self._listed is None:
            self._before = rows.keys() - self._state.keys()
        elif gone := self._listed - rows.keys():
            self._missed("Hangup", f"the channel {min(gone)} was listed, and then no more")
        self._listed = set(rows)
        for channel, row in rows.items():
            if channel not in self._before:
                self._take_in_row(row)

    def _take_in_row(self, row: Message) -> None:
        name, application, state = row["Channel"], row.get("Application", ""), row.get("ChannelState", "")
        self._missed("Newchannel", f"{name} was listed")
        if self._state.setdefault(row["Uniqueid"], state) != _UP and state == _UP:
            self._missed("Newstate", f"{name} was listed as up, and had not been so before")
        if row.get("BridgeId"):
            self._missed("BridgeEnter", f"{name} was listed as in a bridge")
        if application in words.STAGES:
            self._missed("Newexten", f"{name} was listed as in {application}")
        if state in (_RINGING, _UP):
            if application in _LEGS:
                self._missed("DialBegin", f"{name} was listed as dialled")
            if application == "AppQueue":
                self._missed("QueueCallerJoin", f"{name} was listed as dialled by a queue")
            if name.startswith("Local/"):
                self._missed("LocalBridge", f"{name} was listed")

    def _missed(self, name: str, why: str) -> None:
        self._should_have_come.setdefault(name, why)
