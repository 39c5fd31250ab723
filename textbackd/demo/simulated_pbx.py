"""A PBX that is none: speaks AMI on loopback to whoever logs in, and plays scenes as calls."""

import asyncio
import contextlib
import hmac
from collections.abc import AsyncIterator, Mapping

from textbackd import clock
from textbackd.demo import ami_messages, scenes
from textbackd.demo.ami_messages import Ids, Message
from textbackd.demo.call_on_pbx import CallOnPbx
from textbackd.demo.scenes import Scene
from textbackd.pbx import ami_stream

GREETING = b"Asterisk Call Manager/11.0.0\r\n"

_VARIABLES = {"CALLERID(num-pres)": "allowed_not_screened"}
"""What Getvar finds on a channel; all others are empty."""


class SimulatedPbx:
    """The far end of an AMI link. Listens while ``opened`` lasts."""

    def __init__(self, user: str, secret: str) -> None:
        self.port = 0
        self.watched = asyncio.Event()
        """Somebody has logged in and has been told which channels are up: nothing will be missed from now on."""
        self._user = user
        self._secret = secret
        self._ids = Ids(int(clock.utc_now().timestamp()))
        self._calls: list[CallOnPbx] = []
        self._sessions: set[asyncio.Task[None]] = set()
        self._listeners: set[asyncio.StreamWriter] = set()

    @contextlib.asynccontextmanager
    async def opened(self) -> AsyncIterator["SimulatedPbx"]:
        """Listen on a free port of the loopback interface."""
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        try:
            yield self
        finally:
            server.close()
            for session in self._sessions:
                session.cancel()
            if self._sessions:
                await asyncio.wait(self._sessions)
            await server.wait_closed()

    async def place(self, scene: Scene) -> str:
        """Play one call, in real time: its id."""
        call = CallOnPbx(scene, self._ids)
        self._calls.append(call)
        try:
            for message in call.begin():
                self._tell(message)
            for step in scene.steps:
                if isinstance(step, scenes.Pause):
                    await asyncio.sleep(step.seconds)
                for message in call.messages(step):
                    self._tell(message)
        finally:
            self._calls.remove(call)
        return call.call_id

    def _tell(self, message: Message) -> None:
        for writer in self._listeners:
            writer.write(ami_messages.on_the_wire(message))

    # --- one connection -------------------------------------------------------------------------------------------

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, until either side has enough; a cancelled task of a server would be logged as an error."""
        task = asyncio.current_task()
        assert task is not None
        self._sessions.add(task)
        with contextlib.suppress(
            asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError, asyncio.CancelledError
        ):
            await self._session(reader, writer)
        self._sessions.discard(task)
        self._listeners.discard(writer)
        writer.transport.abort()

    async def _session(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(GREETING)
        while True:
            action = ami_stream.parsed((await reader.readuntil(b"\r\n\r\n")).removesuffix(b"\r\n\r\n"))
            for message in self._answer(action, writer):
                writer.write(ami_messages.on_the_wire(message))
            await writer.drain()
            if action.get("Action") == "CoreShowChannels" and writer in self._listeners:
                self.watched.set()

    def _answer(self, action: Mapping[str, str], writer: asyncio.StreamWriter) -> list[Message]:
        name = action.get("Action", "").casefold()
        if name == "login":
            return self._login(action, writer)
        if writer not in self._listeners:
            return [_response(action, "Error", ("Message", "Permission denied"))]
        match name:
            case "ping":
                return [_response(action, "Success", ("Ping", "Pong"))]
            case "bridgelist":
                return _list(action, "Bridge listing will follow", [], "BridgeListComplete")
            case "coreshowchannels":
                rows = [channel.row() for call in self._calls for channel in call.channels()]
                return _list(action, "Channels will follow", rows, "CoreShowChannelsComplete")
            case "status":
                rows = [channel.status() for call in self._calls for channel in call.channels()]
                return _list(action, "Channel status will follow", rows, "StatusComplete")
            case "getvar":
                return [self._variable(action)]
        return [_response(action, "Error", ("Message", "Invalid/unknown command"))]

    def _login(self, action: Mapping[str, str], writer: asyncio.StreamWriter) -> list[Message]:
        given = f"{action.get('Username')}:{action.get('Secret')}"
        if not hmac.compare_digest(given.encode(), f"{self._user}:{self._secret}".encode()):
            return [_response(action, "Error", ("Message", "Authentication failed"))]
        self._listeners.add(writer)
        booted = [("Event", "FullyBooted"), ("Privilege", "system,all"), ("Uptime", "60"), ("Status", "Fully Booted")]
        return [_response(action, "Success", ("Message", "Authentication accepted")), booted]

    def _variable(self, action: Mapping[str, str]) -> Message:
        names = {channel.name for call in self._calls for channel in call.channels()}
        if action.get("Channel") not in names:
            return _response(action, "Error", ("Message", "No such channel"))
        variable = action.get("Variable", "")
        return _response(action, "Success", ("Variable", variable), ("Value", _VARIABLES.get(variable, "")))


def _id(action: Mapping[str, str]) -> list[tuple[str, str]]:
    return [("ActionID", action["ActionID"])] if "ActionID" in action else []


def _response(action: Mapping[str, str], result: str, *more: tuple[str, str]) -> Message:
    return [("Response", result), *_id(action), *more]


def _list(action: Mapping[str, str], announcement: str, rows: list[Message], complete: str) -> list[Message]:
    """The answer to an action that lists: an announcement, the rows, and how many they were."""
    first = _response(action, "Success", ("EventList", "start"), ("Message", announcement))
    listed = [[row[0], *_id(action), *row[1:]] for row in rows]
    last = [("Event", complete), *_id(action), ("EventList", "Complete"), ("ListItems", str(len(rows)))]
    return [first, *listed, last]
