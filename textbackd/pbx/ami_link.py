"""One connection to an Asterisk's manager interface, from its opening to its loss.

panoramisk speaks the protocol and matches answers to actions. What it lacks for a daemon is here: a login that is sent
only to what greets like a manager, answers that are not waited for beyond a silence, messages that cannot close the
link, exact decoding, and nothing sent twice.
"""

import asyncio
import itertools
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panoramisk
import structlog
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from textbackd.pbx import ami_stream, connection
from textbackd.pbx.asterisk_events import wanted
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.liveness import Liveness
from textbackd.pbx.source import LoginRefused, NotUnderstood, PbxUnavailable

log = structlog.get_logger()

SNAPSHOT = ("BridgeList", "CoreShowChannels", "Status")
"""What tells the state, in this order: in which bridges people hear each other, who is where, who dialled what."""
NOT_LISTENING = (
    "see that Asterisk runs, and that manager.conf has under [general] enabled = yes, this port, and a bindaddr that"
    " covers this address"
)
REPORTING = "give the AMI user write = reporting: who is on the line and who withholds the number stay unknown"

# It logs whole actions with their secrets.
_SILENCE = logging.getLogger("textbackd.silence")
_SILENCE.addHandler(logging.NullHandler())
_SILENCE.propagate = False


class AmiLink:
    """A connection that is opened once. ``take_in`` gets every message that can matter, ``tap`` every byte."""

    def __init__(
        self,
        settings: AsteriskSettings,
        take_in: Callable[[ami_stream.Message], None],
        tap: Callable[[bytes], None] = lambda _data: None,
    ) -> None:
        self.was_up = False
        """It was logged in, if only for a moment."""
        self._settings = settings
        self._protocol = AmiProtocol(take_in, tap)
        self._ids = itertools.count(1)
        self._manager = OneShotManager(
            host=settings.host,
            port=settings.port,
            encoding="latin-1",
            ping_delay=10**8,  # its own ping does not look at the answer
            protocol_factory=lambda: self._protocol,
            log=_SILENCE,
        )

    @property
    def version(self) -> str:
        """Of the protocol, as the greeting says."""
        return self._protocol.greeting.result().partition("/")[2]

    @property
    def patience(self) -> float:
        """Seconds of silence that a list may take: a busy PBX takes its time, but a dead link is found out no later
        than by a ping.
        """
        return self._settings.ping_interval + self._settings.ping_timeout

    async def open(self) -> None:
        """Connect and log in. Raises PbxUnavailable or LoginRefused."""
        host, port = self._settings.host, self._settings.port
        where = connection.address(host, port)
        await connection.establish(self._manager.connect(), host, port, if_refused=NOT_LISTENING)
        greeting = await self._settled(self._protocol.greeting, "greet", silence=connection.TIMEOUT)
        if not greeting.startswith("Asterisk Call Manager/"):
            raise PbxUnavailable(f"{where} is no Asterisk manager; it said {greeting[:60]!r}")
        login = {"Action": "Login", "Username": self._settings.user, "Secret": self._settings.secret, "Events": "on"}
        (answer,) = await self.ask(login, silence=connection.TIMEOUT)
        if answer.message == "Login Already In Use":
            # allowmultiplelogin = no, and the PBX has not noticed yet that our last link is dead.
            raise PbxUnavailable(f"{where}: the user {self._settings.user!r} is still logged in")
        if not answer.success:
            raise LoginRefused(f"{where} refused the user {self._settings.user!r}: {answer.message}")
        self.was_up = True

    def send(self, action: Mapping[str, str]) -> "asyncio.Future[Any]":
        """Send an action with an ActionID; nothing is ever sent again by itself."""
        future: asyncio.Future[Any] = self._manager.send_action({k: _on_the_wire(v) for k, v in action.items()})
        return future

    async def ask(self, action: Mapping[str, str], *, silence: float) -> Sequence[Message]:
        """Send an action: the answer, with the rows of a list behind it.

        Raises PbxUnavailable as ``Liveness.settled`` does.
        """
        action = {"ActionID": f"textbackd-{next(self._ids)}", **action}
        try:
            answer = await self._settled(self.send(action), f"answer {action['Action']}", silence=silence)
        finally:
            self._protocol.responses.pop(action["ActionID"], None)
        return answer if isinstance(answer, list) else [answer]

    async def read_state(self) -> None:
        """Ask for the channels that are up; the answers come as messages. Raises PbxUnavailable."""
        for action in SNAPSHOT:
            answer, *_rows = await self.ask({"Action": action}, silence=self.patience)
            if answer.message == "Permission denied":  # before Asterisk 12 BridgeList is an unknown command
                log.warning("pbx_snapshot_denied", pbx=self._settings.name, action=action, hint=REPORTING)

    async def ping(self) -> None:
        """See that it answers. Raises PbxUnavailable."""
        await self.ask({"Action": "Ping"}, silence=self._settings.ping_timeout)

    async def idle(self, seconds: float) -> None:
        """Wait; less when ``disturb`` is called. Raises PbxUnavailable when the link is lost."""
        await self._protocol.liveness.idle(seconds)

    def disturb(self) -> None:
        """End ``idle`` at once."""
        self._protocol.liveness.disturb()

    def close(self) -> None:
        """Let go at once."""
        self._manager.close()
        self._protocol.abort()

    async def _settled(self, future: "asyncio.Future[Any]", what: str, *, silence: float) -> Any:
        return await self._protocol.liveness.settled(future, what, silence=silence)


class OneShotManager(panoramisk.Manager):  # type: ignore[misc]
    """A manager that connects once: panoramisk's own reconnect would go on for ever, every two seconds."""

    def connection_made(self, future: "asyncio.Future[Any]") -> None:
        if not future.cancelled() and future.exception() is None:
            super().connection_made(future)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing: the protocol has told."""


class AmiProtocol(AMIProtocol):  # type: ignore[misc]
    """Our own framing and decoding in front of panoramisk's matching of answers.

    An exception in ``data_received`` would close the link, so none leaves it.
    """

    def __init__(self, take_in: Callable[[ami_stream.Message], None], tap: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.greeting: asyncio.Future[str] = loop.create_future()
        """The first line."""
        self.liveness = Liveness()
        self._take_in = take_in
        self._tap = tap
        self._reader = ami_stream.AmiReader()
        self._first_line = b""

    def data_received(self, data: bytes) -> None:
        self.liveness.heard()
        try:
            self._tap(data)
            for _offset, block in self._reader.blocks(data):
                self._guarded(block)
        except (PbxUnavailable, OSError):
            log.exception("pbx_stream_broken")
            self.abort()
        if not self.greeting.done():  # no empty line follows it, so it is not a message yet
            self._first_line += data
            line, end, _rest = self._first_line.partition(b"\r\n")
            if end:
                self.greeting.set_result(line.decode("latin-1"))

    def abort(self) -> None:
        """Break the connection, if there is one."""
        if (transport := getattr(self, "transport", None)) is not None:
            transport.abort()

    def connection_lost(self, exc: BaseException | None) -> None:
        self.liveness.lost()
        super().connection_lost(exc)

    def _guarded(self, block: bytes) -> None:
        try:
            of_ours = b"\r\nActionID: " in block
            if not of_ours and not wanted(block):
                return
            message = ami_stream.parsed(block)
            if of_ours and message.get("ActionID") in self.responses:
                self.handle_message(Message(message))  # not its own from_line: a header told twice would be a list
            if wanted(block):
                self._take_in(message)
        except NotUnderstood as error:
            log.warning("pbx_event_not_understood", error=str(error))
        except Exception:
            log.exception("pbx_event_not_handled", head=block[:60].decode("latin-1").replace("\r\n", " "))


def _on_the_wire(value: str) -> str:
    """UTF-8, dressed as the Latin-1 that panoramisk writes; a line break would begin another action."""
    if "\r" in value or "\n" in value:
        raise ValueError(f"a line break in what is sent to the PBX: {value!r}")
    return value.encode().decode("latin-1")
