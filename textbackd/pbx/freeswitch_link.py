"""One connection to a FreeSWITCH's Event Socket, from its opening to its loss.

Answers come in the order of the commands, between events. The reader never stops reading, whoever is slow behind it:
FreeSWITCH queues for a listener that stands still, and when it gives up on it, it has been seen to block itself.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

import structlog

from textbackd.pbx import connection, event_socket, freeswitch_snapshot
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event, EventSocketReader, Message
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.liveness import Liveness
from textbackd.pbx.source import LoginRefused, NotUnderstood, PbxUnavailable

log = structlog.get_logger()

NOT_LISTENING = (
    "see that FreeSWITCH runs, that mod_event_socket is loaded, and that event_socket.conf.xml has this port as"
    " listen-port and a listen-ip that covers this address"
)
OTHER_FAMILY = "; it may listen on IPv6 only (listen-ip ::): then write host: localhost"
HEARTBEAT_TIMEOUT = 50.0
"""Seconds without a HEARTBEAT, which comes every 20: we are not told what we asked to be told."""
EVENTS = f"esl-allowed-events needs {words.SUBSCRIPTION}: of queues and slots only the end of a call tells"
SHOW = "esl-allowed-api needs show: who is on the line when textbackd connects stays unknown"


class EventSocketLink:
    """A connection that is opened once. ``take_in`` gets every event, ``tap`` every byte."""

    def __init__(
        self,
        settings: FreeSwitchSettings,
        take_in: Callable[[Event], None],
        tap: Callable[[bytes], None] = lambda _data: None,
    ) -> None:
        self.was_up = False
        """It was logged in and subscribed, if only for a moment."""
        self._settings = settings
        self._where = connection.address(settings.host, settings.port)
        self._protocol = _Protocol(take_in, tap)

    async def open(self) -> None:
        """Connect, log in and subscribe. Raises PbxUnavailable or LoginRefused."""
        await self.log_in()
        answer = await self.subscribe(words.SUBSCRIPTION)
        if not _is_ok(answer):
            # One event that the user may not have refuses them all.
            answer = await self.subscribe(words.LEAST_SUBSCRIPTION)
            if not _is_ok(answer):
                needs = f"esl-allowed-events needs {words.LEAST_SUBSCRIPTION}"
                raise LoginRefused(f"{self._where} keeps events back ({answer}): {needs}")
            log.warning("pbx_events_denied", pbx=self._settings.name, hint=EVENTS)
        self.was_up = True

    async def log_in(self) -> None:
        """Connect and log in; no event comes yet. Raises PbxUnavailable or LoginRefused."""
        await self._connect()
        user, secret = self._settings.user, self._settings.secret
        login = f"userauth {user}:{secret}" if user else f"auth {secret}"
        answer = await self.command(login, silence=connection.TIMEOUT)
        if not _is_ok(answer):
            who = f"the user {user!r}" if user else "the password"
            raise LoginRefused(f"{self._where} refused {who}: {answer}")

    async def _connect(self) -> None:
        host, port = self._settings.host, self._settings.port
        connecting = asyncio.get_running_loop().create_connection(lambda: self._protocol, host, port)
        hint = OTHER_FAMILY if host == "127.0.0.1" else ""
        await connection.establish(connecting, host, port, if_refused=NOT_LISTENING + hint)
        greeting: Message = await self._settled(self._protocol.greeting, "greet", silence=connection.TIMEOUT)
        if greeting.content_type == "text/rude-rejection":
            remedy = "let it in by apply-inbound-acl in event_socket.conf.xml"
            raise LoginRefused(f"{self._where} refuses this machine's address: {remedy}")
        if greeting.content_type != "auth/request":
            raise PbxUnavailable(f"{self._where} is no Event Socket; it said {greeting.content_type[:60]!r}")

    async def subscribe(self, events: str) -> str:
        """Ask for events, besides those asked for before: what was answered. Raises PbxUnavailable.

        ``+OK`` says only that one of them is known; a misspelt one is never heard of again.
        """
        return await self.command(f"event json {events}", silence=connection.TIMEOUT)

    async def command(self, command: str, *, silence: float) -> str:
        """Send a command: what was answered. Raises PbxUnavailable as ``Liveness.settled`` does."""
        answer = self._protocol.send(command)
        message: Message = await self._settled(answer, f"answer {_head(command)}", silence=silence)
        return message.headers.get("Reply-Text", "") or message.body.decode("utf-8", "replace").strip()

    async def read_state(self) -> None:
        """Ask for the channels that are up; the answer is an event. Raises PbxUnavailable."""
        answer = await self.command(f"api {freeswitch_snapshot.LIST}", silence=self.patience)
        if freeswitch_snapshot.rows(answer) is None:
            log.warning("pbx_snapshot_denied", pbx=self._settings.name, answer=answer[:80], hint=SHOW)

    async def ping(self) -> None:
        """See that it answers; whether it may tell is no matter. Raises PbxUnavailable."""
        await self.command("api uptime", silence=self._settings.ping_timeout)
        if self._protocol.silent_for > HEARTBEAT_TIMEOUT:
            remedy = "event-heartbeat-interval in switch.conf.xml must be 20 or less"
            raise PbxUnavailable(f"no HEARTBEAT within {HEARTBEAT_TIMEOUT:g} s, though the PBX answers: {remedy}")

    @property
    def patience(self) -> float:
        """Seconds of silence that a list may take: a busy PBX takes its time, but a dead link is found out no later
        than by a ping.
        """
        return self._settings.ping_interval + self._settings.ping_timeout

    async def idle(self, seconds: float) -> None:
        """Wait; less when ``disturb`` is called. Raises PbxUnavailable when the link is lost."""
        await self._in_its_words(self._protocol.liveness.idle(seconds))

    def disturb(self) -> None:
        """End ``idle`` at once."""
        self._protocol.liveness.disturb()

    def close(self) -> None:
        """Let go at once."""
        self._protocol.abort()

    async def _settled(self, future: "asyncio.Future[Any]", what: str, *, silence: float) -> Any:
        return await self._in_its_words(self._protocol.liveness.settled(future, what, silence=silence))

    async def _in_its_words(self, waiting: Awaitable[Any]) -> Any:
        """Why a PBX closed the connection, where it said so."""
        try:
            return await waiting
        except PbxUnavailable as error:
            if self._protocol.goodbye:
                raise PbxUnavailable(f"{error}; it said {self._protocol.goodbye!r}") from error
            raise


class _Protocol(asyncio.Protocol):
    """Bytes to events and answers. An exception in ``data_received`` would close the link, so none leaves it."""

    def __init__(self, take_in: Callable[[Event], None], tap: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.liveness = Liveness()
        self.greeting: asyncio.Future[Message] = loop.create_future()
        """The first message."""
        self.goodbye = ""
        """The last words of a PBX that closes the connection."""
        self._clock = loop.time
        self._beat_at = loop.time()
        self._take_in = take_in
        self._tap = tap
        self._reader = EventSocketReader()
        self._asked: deque[asyncio.Future[Message]] = deque()
        self._transport: asyncio.Transport | None = None

    @property
    def silent_for(self) -> float:
        """Seconds since the last HEARTBEAT, or since the connection was made."""
        return self._clock() - self._beat_at

    def send(self, command: str) -> "asyncio.Future[Message]":
        """Send a command: what will be its answer."""
        if "\n" in command or "\r" in command:
            raise ValueError(f"a line break in what is sent to the PBX: {_head(command)!r}")
        answer: asyncio.Future[Message] = asyncio.get_running_loop().create_future()
        self._asked.append(answer)
        if self._transport is not None:
            self._transport.write(command.encode() + b"\n\n")
        return answer

    def abort(self) -> None:
        """Break the connection, if there is one."""
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def connection_lost(self, _error: Exception | None) -> None:
        self.liveness.lost()

    def data_received(self, data: bytes) -> None:
        self.liveness.heard()
        try:
            self._tap(data)
            for _offset, message in self._reader.messages(data):
                self._guarded(message)
        except (PbxUnavailable, OSError):
            log.exception("pbx_stream_broken")
            self.abort()

    def _guarded(self, message: Message) -> None:
        try:
            self._received(message)
        except NotUnderstood as error:
            log.warning("pbx_event_not_understood", error=str(error))
        except Exception:
            log.exception("pbx_event_not_handled", head=message.body[:60])

    def _received(self, message: Message) -> None:
        match message.content_type:
            case "text/disconnect-notice":
                self.goodbye = message.body[:200].decode("utf-8", "replace").partition("\n")[0]
            case "command/reply" | "api/response" if self._asked:
                if not (answer := self._asked.popleft()).done():
                    answer.set_result(message)
            case _ if not self.greeting.done():
                self.greeting.set_result(message)
        if (event := event_socket.event_in(message)) is not None:
            if event.get("Event-Name") == "HEARTBEAT":
                self._beat_at = self._clock()
            self._take_in(event)


def _is_ok(answer: str) -> bool:
    return answer.startswith("+OK")


def _head(command: str) -> str:
    """Without a secret."""
    return command.partition(" ")[0]
