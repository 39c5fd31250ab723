"""An Asterisk's manager interface without the Asterisk: it logs clients in and plays what a test tells it to."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from tests.lab.changes import Changes

Message = Mapping[str, str]

SECRET = "not-a-secret"
BANNER = b"Asterisk Call Manager/9.0.0\r\n"


class FakeAmi:
    """Listens on loopback. What it does wrong is a field; `actions` is all that it was asked, oldest first."""

    def __init__(self) -> None:
        self.port = 0
        self.secret = SECRET
        self.mute: set[str] = set()
        """Actions that get no answer; what is not muted is answered as before."""
        self.denied: set[str] = set()
        """Actions that the account may not do."""
        self.drops: set[str] = set()
        """Actions at which it breaks the connection."""
        self.greeting = BANNER
        self.in_use = False
        """The account may log in once at a time, and somebody is."""
        self.behind_login: list[Message] = []
        """What it says in one breath with the answer to a login."""
        self.channels: list[Message] = []
        """What CoreShowChannels lists: its events."""
        self.actions: list[dict[str, str]] = []
        self.connections = 0
        """How many there have been."""
        self._sessions: list[_Session] = []
        self._changes = Changes()

    def send(self, *messages: Message | bytes) -> None:
        """Say this to everybody who is logged in: messages, or bytes as they are."""
        for session in self._sessions:
            for message in messages:
                session.write(message if isinstance(message, bytes) else as_bytes(message))

    def drop(self) -> None:
        """Break every connection without a word."""
        for session in list(self._sessions):
            session.abort()

    def asked(self, action: str) -> list[dict[str, str]]:
        """Every action of that name, oldest first."""
        return [asked for asked in self.actions if asked["Action"] == action]

    async def until_asked(self, action: str, count: int = 1, *, within: float = 10.0) -> dict[str, str]:
        """The ``count``-th action of that name, past or to come."""

        def complain() -> str:
            return f"{action} not asked {count} times; it was asked {[asked['Action'] for asked in self.actions]}"

        await self._changes.until(lambda: len(self.asked(action)) >= count, complain, within)
        return self.asked(action)[count - 1]

    async def until_connected(self, count: int, *, within: float = 10.0) -> None:
        """The ``count``-th connection, past or to come."""
        await self._changes.until(
            lambda: self.connections >= count, lambda: f"{self.connections} connections, not {count}", within
        )

    def opened(self, session: "_Session") -> None:
        """A client has connected."""
        self.connections += 1
        self._sessions.append(session)
        session.write(self.greeting)
        self._changes.announce()

    def closed(self, session: "_Session") -> None:
        """A client has gone."""
        self._sessions.remove(session)
        self._changes.announce()

    def answer(self, session: "_Session", action: dict[str, str]) -> None:
        """Do what a client asks."""
        self.actions.append(action)
        if action["Action"] in self.drops:
            session.abort()
        elif action["Action"] not in self.mute:
            answers = [{**message, "ActionID": action.get("ActionID", "")} for message in self._answers(action)]
            behind = self.behind_login if action["Action"] == "Login" else []
            session.write(b"".join(map(as_bytes, [*answers, *behind])))
        self._changes.announce()

    def _answers(self, action: dict[str, str]) -> Iterable[Message]:
        name = action["Action"]
        success = {"Response": "Success"}
        if name in self.denied:
            return [{"Response": "Error", "Message": "Permission denied"}]
        match name:
            case "Login" if self.in_use:
                return [{"Response": "Error", "Message": "Login Already In Use"}]
            case "Login" if action.get("Secret") != self.secret:
                return [{"Response": "Error", "Message": "Authentication failed"}]
            case "Login":
                return [{**success, "Message": "Authentication accepted"}]
            case "CoreShowChannels":
                rows = self.channels
                complete = {"Event": "CoreShowChannelsComplete", "EventList": "Complete", "ListItems": str(len(rows))}
                return [{**success, "EventList": "start"}, *rows, complete]
            case "BridgeList" | "Status":
                return [{**success, "EventList": "start"}, {"Event": f"{name}Complete", "EventList": "Complete"}]
            case "Getvar":
                return [{**success, "Variable": action["Variable"], "Value": ""}]
            case "Ping":
                return [{**success, "Ping": "Pong"}]
        return [{"Response": "Error", "Message": f"Invalid/unknown command: {name}"}]


class _Session(asyncio.Protocol):
    """One client."""

    def __init__(self, ami: FakeAmi) -> None:
        self._ami = ami
        self._unread = b""
        self._transport: asyncio.Transport | None = None

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        self._transport.write(data)

    def abort(self) -> None:
        assert self._transport is not None
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._ami.opened(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ami.closed(self)

    def data_received(self, data: bytes) -> None:
        *whole, self._unread = (self._unread + data).split(b"\r\n\r\n")
        for raw in whole:
            lines = raw.decode().split("\r\n")
            self._ami.answer(self, dict(line.split(": ", 1) for line in lines if ": " in line))


@asynccontextmanager
async def listening() -> AsyncIterator[FakeAmi]:
    """One that listens, until the end of the block."""
    ami = FakeAmi()
    server = await asyncio.get_running_loop().create_server(lambda: _Session(ami), "127.0.0.1", 0)
    ami.port = server.sockets[0].getsockname()[1]
    try:
        yield ami
    finally:
        server.close()
        ami.drop()
        await server.wait_closed()


def as_bytes(message: Message) -> bytes:
    """One message on the wire."""
    return "".join(f"{name}: {value}\r\n" for name, value in message.items()).encode() + b"\r\n"


# --- calls by hand ---------------------------------------------------------------------------------------------------


def arrives(call_id: str, caller: str, *, did: str = "01632960101", name: str = "<unknown>") -> list[Message]:
    """A call from the trunk, and 101 rings."""
    channel, leg = f"PJSIP/trunk-{call_id}", f"{call_id}9"
    inbound = {"Channel": channel, "Uniqueid": call_id, "Linkedid": call_id}
    destination = {"DestChannel": f"PJSIP/101-{call_id}", "DestUniqueid": leg, "DestLinkedid": call_id}
    return [
        {
            "Event": "Newchannel",
            **inbound,
            "ChannelState": "4",
            "ChannelStateDesc": "Ring",
            "CallerIDNum": caller,
            "CallerIDName": name,
            "Context": "from-trunk",
            "Exten": did,
        },
        {
            "Event": "Newchannel",
            "Channel": f"PJSIP/101-{call_id}",
            "Uniqueid": leg,
            "Linkedid": call_id,
            "ChannelState": "0",
            "ChannelStateDesc": "Down",
            "Context": "from-internal",
            "Exten": "s",
        },
        {"Event": "DialBegin", **inbound, **destination, "DialString": "101"},
        {"Event": "Newstate", "Channel": f"PJSIP/101-{call_id}", "Uniqueid": leg, "ChannelState": "5"},
    ]


def is_not_answered(call_id: str) -> list[Message]:
    """The ringing ends, and all legs are hung up."""
    leg = f"{call_id}9"
    ends = {"Uniqueid": call_id, "Linkedid": call_id, "DestUniqueid": leg, "DestLinkedid": call_id}
    return [
        {"Event": "DialEnd", **ends, "DialStatus": "NOANSWER"},
        {"Event": "Hangup", "Uniqueid": leg, "Linkedid": call_id, "Cause": "0"},
        {"Event": "Hangup", "Uniqueid": call_id, "Linkedid": call_id, "Cause": "34"},
    ]


def rings_out(call_id: str, caller: str, *, did: str = "01632960101", name: str = "<unknown>") -> list[Message]:
    """A whole call that nobody takes."""
    return [*arrives(call_id, caller, did=did, name=name), *is_not_answered(call_id)]


def listed(calls: Sequence[Message]) -> list[Message]:
    """The rows of a snapshot for the channels of `arrives`."""
    up = {"Duration": "00:00:05", "Application": "Dial", "ApplicationData": "PJSIP/101", "BridgeId": ""}
    return [{**message, **up, "Event": "CoreShowChannel"} for message in calls if message["Event"] == "Newchannel"]
