"""A FreeSWITCH's Event Socket without the FreeSWITCH: it lets clients in and plays what a test tells it to.

It speaks as facts/freeswitch.md, sections 5 to 7, measured a FreeSWITCH 1.11.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager

from tests.lab.changes import Changes

Event = Mapping[str, str | Sequence[str]]
Row = Mapping[str, str]

SECRET = "not-a-secret"
GREETING = b"Content-Type: auth/request\n\n"
RUDE_REJECTION = b"Content-Type: text/rude-rejection\nContent-Length: 24\n\nAccess Denied, go away.\n"
GOODBYE = "Disconnected, goodbye.\nSee you at ClueCon! http://www.cluecon.com/\n"
SHUTTING_DOWN = "The system is being shut down.\n"
DENIED = "-ERR permission denied"

KNOWN = frozenset(
    {
        "CHANNEL_CREATE",
        "CHANNEL_ANSWER",
        "CHANNEL_BRIDGE",
        "CHANNEL_UNBRIDGE",
        "CHANNEL_HANGUP_COMPLETE",
        "HEARTBEAT",
        "SHUTDOWN",
        "CUSTOM",
    }
)
"""Names of events; any other is passed over without a word."""


class FakeEventSocket:
    """Listens on loopback. What it does wrong is a field; `commands` is all that it was asked, oldest first."""

    def __init__(self) -> None:
        self.port = 0
        self.secret = SECRET
        """Of `auth`, and of every user of `userauth`."""
        self.greeting = GREETING
        self.refuses_address = False
        """As `apply-inbound-acl` does."""
        self.frozen = False
        """It takes everything in and says nothing, events included."""
        self.mute: set[str] = set()
        """Commands that get no answer, by how they begin."""
        self.drops: set[str] = set()
        """Commands at which it breaks the connection."""
        self.allowed_events: set[str] | None = None
        """Names and subclasses that the user may have; None: all."""
        self.allowed_api: set[str] | None = None
        """Commands of `api` that the user may give; None: all."""
        self.beats_every = 20.0
        """Seconds between two HEARTBEATs."""
        self.core = "11111111-aaaa-4000-8000-000000000000"
        """Core-UUID: another one after each start."""
        self.channels: list[Row] = []
        """What `show channels` lists."""
        self.commands: list[str] = []
        self.connections = 0
        """How many there have been."""
        self._sessions: list[_Session] = []
        self._changes = Changes()

    # --- what the tests tell it -----------------------------------------------------------------------------------

    def send(self, *messages: Event | bytes) -> None:
        """Say this: events to who has subscribed to them, bytes to everybody as they are."""
        for message in messages:
            for session in list(self._sessions):
                if isinstance(message, bytes):
                    session.write(message)
                elif session.wants(message):
                    session.write(as_bytes({**message, "Core-UUID": self.core}))

    async def flood(self, pieces: Iterable[bytes], *, within: float) -> None:
        """Say all this as fast as it is read; TimeoutError where it is not."""
        async with asyncio.timeout(within):
            for piece in pieces:
                for session in list(self._sessions):
                    await session.drained.wait()
                    session.write(piece)

    def drop(self) -> None:
        """Break every connection without a word, as `kill -9` does."""
        for session in list(self._sessions):
            session.abort()

    def restart(self) -> None:
        """Be killed and be another FreeSWITCH, with no calls."""
        self.core = f"{int(self.core[:8]) + 11111111}{self.core[8:]}"
        self.channels = []
        self.drop()

    def shut_down(self) -> None:
        """Go as FreeSWITCH goes at a SIGTERM."""
        self.send({"Event-Name": "SHUTDOWN", "Event-Info": "System Shutting Down"})
        for session in list(self._sessions):
            session.say_goodbye(SHUTTING_DOWN)

    def asked(self, beginning: str) -> list[str]:
        """Every command that begins so, oldest first."""
        return [command for command in self.commands if command.startswith(beginning)]

    async def until_asked(self, beginning: str, count: int = 1, *, within: float = 10.0) -> None:
        """The ``count``-th command that begins so, past or to come."""

        def complain() -> str:
            return f"{beginning!r} not asked {count} times; it was asked {self.commands[-10:]}"

        await self._changes.until(lambda: len(self.asked(beginning)) >= count, complain, within)

    # --- what its sessions ask it ---------------------------------------------------------------------------------

    def opened(self, session: "_Session") -> None:
        """A client has connected."""
        self.connections += 1
        self._sessions.append(session)
        if self.refuses_address:
            session.write(RUDE_REJECTION)
            session.say_goodbye(GOODBYE)
        else:
            session.write(self.greeting)
        self._changes.announce()

    def closed(self, session: "_Session") -> None:
        """A client has gone."""
        self._sessions.remove(session)
        self._changes.announce()

    def answer(self, session: "_Session", command: str) -> None:
        """Do what a client asks."""
        self.commands.append(command)
        if command.startswith(tuple(self.drops)):
            session.abort()
        elif not command.startswith(tuple(self.mute)):
            self._answer(session, command)
        self._changes.announce()

    def _answer(self, session: "_Session", command: str) -> None:
        kind, _, argument = command.partition(" ")
        if not session.logged_in and kind in ("auth", "userauth"):
            self._log_in(session, kind, argument)
        elif not session.logged_in:
            session.reply("-ERR command not found")
        elif kind == "event":
            session.reply(self._subscribe(session, argument))
        elif kind == "api" and self._denies(argument):
            session.reply(DENIED)
        elif kind == "api":
            session.write(_with_body("api/response", self._api(argument).encode(), length_first=False))
        else:
            session.reply("-ERR command not found")

    def _log_in(self, session: "_Session", kind: str, argument: str) -> None:
        user, _, secret = argument.rpartition(":") if kind == "userauth" else ("", "", argument)
        if secret != self.secret or ("@" not in user) == (kind == "userauth"):
            session.reply("-ERR invalid")
            session.say_goodbye(GOODBYE)
            return
        session.logged_in = True
        rights = {"Allowed-Events": self.allowed_events, "Allowed-API": self.allowed_api} if user else {}
        session.reply(
            "+OK accepted", *(f"{what}: {'all' if may is None else ' '.join(may)}" for what, may in rights.items())
        )

    def _subscribe(self, session: "_Session", wanted: str) -> str:
        """Word for word: everything behind CUSTOM is a subclass, and unknown names are passed over."""
        names, custom, subclasses = wanted.removeprefix("json ").partition("CUSTOM")
        known = {name for name in [*names.split(), custom] if name in KNOWN}
        if self.allowed_events is not None and not known.union(subclasses.split()) <= self.allowed_events:
            return DENIED
        if not known:
            return "-ERR no keywords supplied"
        session.names |= known
        session.subclasses.update(subclasses.split())
        return "+OK event listener enabled json"

    def _denies(self, api: str) -> bool:
        return self.allowed_api is not None and api.split()[0] not in self.allowed_api

    def _api(self, command: str) -> str:
        match command:
            case "show channels as json":
                rows = {"rows": self.channels} if self.channels else {}
                return json.dumps({"row_count": len(self.channels), **rows})
            case "uptime":
                return "4711"
            case "version":
                return "FreeSWITCH Version 1.11.3-dev~64bit ( 64bit)\n"
        return f"-ERR {command.split()[0]} Command not found!\n"


class _Session(asyncio.Protocol):
    """One client."""

    def __init__(self, server: FakeEventSocket) -> None:
        self.logged_in = False
        self.names: set[str] = set()
        """Of the events that it subscribed to."""
        self.subclasses: set[str] = set()
        """Of CUSTOM."""
        self.drained = asyncio.Event()
        """The client reads what it is sent."""
        self.drained.set()
        self._server = server
        self._unread = b""
        self._transport: asyncio.Transport | None = None
        self._heart: asyncio.TimerHandle | None = None

    def wants(self, event: Event) -> bool:
        name = event["Event-Name"]
        return name in self.names and (name != "CUSTOM" or event["Event-Subclass"] in self.subclasses)

    def reply(self, *lines: str) -> None:
        first, *rest = lines
        self.write("\n".join(["Content-Type: command/reply", f"Reply-Text: {first}", *rest, "", ""]).encode())

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        if not self._server.frozen:
            self._transport.write(data)

    def say_goodbye(self, words: str) -> None:
        assert self._transport is not None
        self.write(_with_body("text/disconnect-notice", words.encode(), length_first=False))
        self._transport.close()

    def abort(self) -> None:
        assert self._transport is not None
        self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._server.opened(self)
        self._wait_for_beat()

    def connection_lost(self, exc: Exception | None) -> None:
        assert self._heart is not None
        self._heart.cancel()
        self._server.closed(self)

    def pause_writing(self) -> None:
        self.drained.clear()

    def resume_writing(self) -> None:
        self.drained.set()

    def data_received(self, data: bytes) -> None:
        *whole, self._unread = (self._unread + data).replace(b"\r\n", b"\n").split(b"\n\n")
        for command in whole:
            self._server.answer(self, command.decode())

    def _wait_for_beat(self) -> None:
        self._heart = asyncio.get_running_loop().call_later(self._server.beats_every, self._beat)

    def _beat(self) -> None:
        event = {"Event-Name": "HEARTBEAT", "Event-Info": "System Ready", "Core-UUID": self._server.core}
        if self.wants(event):
            self.write(as_bytes(event))
        self._wait_for_beat()


@asynccontextmanager
async def listening(host: str = "127.0.0.1") -> AsyncIterator[FakeEventSocket]:
    """One that listens, until the end of the block."""
    fake = FakeEventSocket()
    server = await asyncio.get_running_loop().create_server(lambda: _Session(fake), host, 0)
    fake.port = server.sockets[0].getsockname()[1]
    try:
        yield fake
    finally:
        server.close()
        fake.drop()
        await server.wait_closed()


def as_bytes(event: Event) -> bytes:
    """One event on the wire; a surrogate stands for a byte that is no UTF-8."""
    body = json.dumps(event, ensure_ascii=False).encode("utf-8", "surrogateescape")
    return _with_body("text/event-json", body, length_first=True)


def _with_body(content_type: str, body: bytes, *, length_first: bool) -> bytes:
    headers = [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
    return "\n".join([*(reversed(headers) if length_first else headers), "", ""]).encode() + body
