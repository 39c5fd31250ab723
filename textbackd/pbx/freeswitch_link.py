"""One connection to a FreeSWITCH's Event Socket, from its opening to its loss.

Answers come in the order of the commands, between events. The reader never stops reading, whoever is slow behind it:
FreeSWITCH queues for a listener that stands still, and when it gives up on it, it has been seen to block itself.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Any

import structlog

from textbackd.pbx import event_socket, freeswitch_snapshot
from textbackd.pbx import freeswitch_words as words
from textbackd.pbx.event_socket import Event, EventSocketReader, Message
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.liveness import Liveness
from textbackd.pbx.source import LoginRefused, NotUnderstood, PbxUnavailable

log = structlog.get_logger()

CONNECT_TIMEOUT = 10.0
"""Seconds: for the connection, for the greeting, and for the answer to the login; FreeSWITCH itself waits 25."""
SHOW = "esl-allowed-api needs show: who is on the line when textbackd connects stays unknown"
HEARTBEAT_TIMEOUT = 50.0
"""Seconds without a HEARTBEAT, which comes every 20: the subscription is not what we think it is."""


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
        self.subscribed_to = ""
        self._settings = settings
        self._protocol = _Protocol(take_in, tap)

    async def open(self) -> None:
        """Connect, log in and subscribe. Raises PbxUnavailable or LoginRefused."""
        where = f"{self._settings.host}:{self._settings.port}"
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await loop.create_connection(lambda: self._protocol, self._settings.host, self._settings.port)
        except TimeoutError as error:
            raise PbxUnavailable(f"{where} did not take the connection within {CONNECT_TIMEOUT:g} s") from error
        except OSError as error:
            raise PbxUnavailable(f"{where}: {error.strerror or error}") from error
        greeting: Message = await self._settled(self._protocol.greeting, "greet", silence=CONNECT_TIMEOUT)
        if greeting.content_type == "text/rude-rejection":
            raise LoginRefused(
                f"{where} refuses this machine's address: let it in by apply-inbound-acl in event_socket.conf.xml"
            )
        if greeting.content_type != "auth/request":
            raise PbxUnavailable(f"{where} is no Event Socket; it said {greeting.content_type[:60]!r}")
        await self._log_in(where)
        await self._subscribe(where)
        self.was_up = True

    async def _log_in(self, where: str) -> None:
        user, secret = self._settings.user, self._settings.secret
        login = f"userauth {user}:{secret}" if user else f"auth {secret}"
        answer = await self.command(login, silence=CONNECT_TIMEOUT)
        if not answer.startswith("+OK"):
            who = f"the user {user!r}" if user else "the password"
            raise LoginRefused(f"{where} refused {who}: {answer}")

    async def _subscribe(self, where: str) -> None:
        for wanted in (words.SUBSCRIPTION, words.LEAST_SUBSCRIPTION):
            answer = await self.command(f"event json {wanted}", silence=CONNECT_TIMEOUT)
            if answer.startswith("+OK"):
                self.subscribed_to = wanted
                return
        needs = f"esl-allowed-events needs {words.LEAST_SUBSCRIPTION}"
        raise LoginRefused(f"{where} keeps events back ({answer}): {needs}")

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
            raise PbxUnavailable(f"no HEARTBEAT within {HEARTBEAT_TIMEOUT:g} s, though the PBX answers")

    @property
    def patience(self) -> float:
        """Seconds of silence that a list may take: a busy PBX takes its time, but a dead link is found out no later
        than by a ping.
        """
        return self._settings.ping_interval + self._settings.ping_timeout

    async def idle(self, seconds: float) -> None:
        """Wait; less when ``disturb`` is called. Raises PbxUnavailable when the link is lost."""
        await self._protocol.liveness.idle(seconds)

    def disturb(self) -> None:
        """End ``idle`` at once."""
        self._protocol.liveness.disturb()

    def close(self) -> None:
        """Let go at once."""
        self._protocol.abort()

    async def _settled(self, future: "asyncio.Future[Any]", what: str, *, silence: float) -> Any:
        return await self._protocol.liveness.settled(future, what, silence=silence)


class _Protocol(asyncio.Protocol):
    """Bytes to events and answers. An exception in ``data_received`` would close the link, so none leaves it."""

    def __init__(self, take_in: Callable[[Event], None], tap: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.liveness = Liveness()
        self.greeting: asyncio.Future[Message] = loop.create_future()
        """The first message."""
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
                log.info("pbx_says_goodbye", words=message.body[:200].decode("utf-8", "replace").strip())
            case "command/reply" | "api/response" if self._asked:
                if not (answer := self._asked.popleft()).done():
                    answer.set_result(message)
            case _ if not self.greeting.done():
                self.greeting.set_result(message)
        if (event := event_socket.event_in(message)) is not None:
            if event.get("Event-Name") == "HEARTBEAT":
                self._beat_at = self._clock()
            self._take_in(event)


def _head(command: str) -> str:
    """Without a secret."""
    return command.partition(" ")[0]
