"""The live link to an Asterisk: panoramisk, wrapped from outside.

panoramisk speaks the protocol and matches answers to actions. What it lacks for a daemon is here: a back-off of our
own, a refused login as a state of its own, a ping whose answer is waited for, handlers that cannot close the link,
exact decoding, nothing sent twice, and a snapshot at every login.
"""

import asyncio
import itertools
import logging
import random
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import panoramisk
import structlog
from panoramisk.ami_protocol import AMIProtocol
from panoramisk.message import Message

from textbackd import clock
from textbackd.core import backoff
from textbackd.core import channel_events as ev
from textbackd.core.channel_events import ChannelEvent, ChannelKind
from textbackd.pbx import ami_stream
from textbackd.pbx.asterisk_events import AsteriskTranslator, NotUnderstood, wanted
from textbackd.pbx.asterisk_privacy import PrivacyQuestions
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.source import LoginRefused, PbxError, PbxUnavailable

log = structlog.get_logger()

CONNECT_TIMEOUT = 10.0
ANSWER_TIMEOUT = 30.0
"""For the list of channels: a busy PBX takes its time."""
REFUSED_DELAY = 150.0
"""Between two logins after a refused one: at most 5 in 10 minutes, or a fail2ban closes the door for good."""
QUEUE_LENGTH = 20_000
"""Events that may wait while the database is slow; after that they are dropped and the state is asked for anew."""

# It logs whole actions with their secrets.
_SILENCE = logging.getLogger("textbackd.silence")
_SILENCE.addHandler(logging.NullHandler())
_SILENCE.propagate = False


class AsteriskSource:
    """The events of one Asterisk, in order; an ``EventSource``."""

    def __init__(
        self,
        settings: AsteriskSettings,
        *,
        inbound: frozenset[str] = frozenset(),
        report: Callable[[PbxError | None], None] = lambda _error: None,
        tap: Callable[[bytes], None] = lambda _data: None,
    ) -> None:
        """``inbound``: legs known from before. ``report`` hears of a link that is up (None) or down. ``tap`` gets
        every byte that arrives.
        """
        self.name = settings.name
        self.events: asyncio.Queue[ChannelEvent] = asyncio.Queue(QUEUE_LENGTH)
        self._settings = settings
        self._translator = AsteriskTranslator(settings.trunks, inbound=inbound)
        self._report = report
        self._tap = tap
        self._privacy = PrivacyQuestions(self._send, self._deliver, clock.utc_now)
        self._link: _Link | None = None
        self._trouble: type[PbxError] | None = None
        self.overflowed = False
        """Events were dropped, and the state has not been read anew yet."""

    async def run(self) -> None:
        """Keep a link up for ever. Warns once when it is lost, says once when it is back."""
        failures = 0
        while True:
            try:
                await self._session()
            except PbxError as error:
                self._privacy.give_up()
                if self._link is not None and self._link.was_up:
                    failures = 0
                    await self.events.put(ev.LinkLost(at=clock.utc_now()))
                failures += 1
                self._say(error)
                await asyncio.sleep(_delay(error, failures))

    async def _session(self) -> None:
        self._link = link = _Link(self._settings, self._take_in, self._tap)
        try:
            await link.open()
            self._trouble = None
            self._report(None)
            log.info("pbx_connected", pbx=self.name, host=self._settings.host, port=self._settings.port)
            while True:
                await self._resynchronise(link)
                while not self.overflowed:
                    await link.idle(self._settings.ping_interval)
                    await link.ask({"Action": "Ping"}, timeout=self._settings.ping_timeout)
        finally:
            link.close()

    async def _resynchronise(self, link: "_Link") -> None:
        """Ask for the channels that are up; the answers come through the translator like all events."""
        if self.overflowed:
            log.error("pbx_events_dropped", pbx=self.name, hint="the database was too slow; reading the state anew")
            await self.events.put(ev.LinkLost(at=clock.utc_now()))
            self.overflowed = False
        for action in ("CoreShowChannels", "Status"):
            answer = await link.ask({"Action": action}, timeout=ANSWER_TIMEOUT)
            if answer and not answer[0].success:
                log.warning(
                    "pbx_snapshot_denied", pbx=self.name, action=action, hint="give the AMI user write = reporting"
                )

    def _take_in(self, message: ami_stream.Message) -> None:
        for event in self._translator.events(message, clock.utc_now()):
            if not self._privacy.holds(event):
                self._deliver(event)
            if isinstance(event, ev.ChannelAppeared) and event.kind is ChannelKind.INBOUND and not event.from_middle:
                self._privacy.ask(event)
        self._privacy.answered(message)

    def _deliver(self, event: ChannelEvent) -> None:
        if self.overflowed or self.events.full():
            # What comes behind a gap tells half a story, so nothing more until the state is read anew.
            self.overflowed = True
            if self._link is not None:
                self._link.disturb()
        else:
            self.events.put_nowait(event)

    def _send(self, action: Mapping[str, str]) -> None:
        if self._link is not None and self._link.was_up:
            self._link.send(action)

    def _say(self, error: PbxError) -> None:
        """Once for each kind of trouble, until the link is back."""
        self._report(error)
        again = self._trouble is type(error)
        self._trouble = type(error)
        if again:
            log.debug("pbx_still_lost", pbx=self.name, error=str(error))
        elif isinstance(error, LoginRefused):
            log.error("pbx_login_refused", pbx=self.name, error=str(error), retry_seconds=REFUSED_DELAY)
        else:
            log.warning("pbx_lost", pbx=self.name, error=str(error))


def _delay(error: PbxError, failures: int) -> float:
    spread = random.random()  # noqa: S311 - no secret
    if isinstance(error, LoginRefused):
        return REFUSED_DELAY * (1 + spread / 5)
    return backoff.delay(failures, first=0.5, most=30.0, spread=spread)


async def probe(settings: AsteriskSettings) -> str:
    """Log in, look around and leave: what was found. Raises PbxUnavailable or LoginRefused."""
    link = _Link(settings, lambda _message: None, lambda _data: None)
    try:
        await link.open()
        answer, *channels = await link.ask({"Action": "CoreShowChannels"}, timeout=ANSWER_TIMEOUT)
        if not answer.success:
            raise LoginRefused(f"may not list channels ({answer.message}): give the AMI user write = reporting")
        contexts = sorted({row.context for row in channels if row.context})
        seen = f", in the contexts {', '.join(contexts)}" if contexts else ""
        return f"Asterisk, AMI {link.version}; {max(len(channels) - 1, 0)} channels up{seen}"
    finally:
        link.close()


class _Link:
    """One connection, from its opening to its loss."""

    def __init__(
        self,
        settings: AsteriskSettings,
        take_in: Callable[[ami_stream.Message], None],
        tap: Callable[[bytes], None],
    ) -> None:
        self.was_up = False
        self._settings = settings
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._disturbed: asyncio.Future[None] | None = None
        self._protocol = _Protocol(take_in, tap, self._lost)
        self._ids = itertools.count(1)
        self._manager = _OneShotManager(
            host=settings.host,
            port=settings.port,
            username=_on_the_wire(settings.user),
            secret=_on_the_wire(settings.secret),
            encoding="latin-1",
            ping_delay=10**8,  # its own ping does not look at the answer
            protocol_factory=lambda: self._protocol,
            log=_SILENCE,
        )

    @property
    def version(self) -> str:
        """Of the protocol, as the greeting says."""
        return self._protocol.greeting.partition("/")[2]

    async def open(self) -> None:
        """Connect and log in. Raises PbxUnavailable or LoginRefused."""
        where = f"{self._settings.host}:{self._settings.port}"
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT):
                await self._manager.connect()
        except TimeoutError as error:
            raise PbxUnavailable(f"{where} did not take the connection within {CONNECT_TIMEOUT:.0f} s") from error
        except OSError as error:
            raise PbxUnavailable(f"{where}: {error.strerror or error}") from error
        answer = await self._answer(self._manager.authenticated_future, CONNECT_TIMEOUT, "Login")
        if not answer.success:
            raise LoginRefused(f"{where} refused the user {self._settings.user!r}: {answer.message}")
        self.was_up = True

    def send(self, action: Mapping[str, str]) -> "asyncio.Future[Any]":
        """Send an action with an ActionID; nothing is ever sent again by itself."""
        future: asyncio.Future[Any] = self._manager.send_action({k: _on_the_wire(v) for k, v in action.items()})
        return future

    async def ask(self, action: Mapping[str, str], *, timeout: float) -> Sequence[Message]:
        """Send an action: the answer, with the rows of a list behind it. Raises PbxUnavailable."""
        action = {"ActionID": f"textbackd-{next(self._ids)}", **action}
        try:
            answer = await self._answer(self.send(action), timeout, action["Action"])
        finally:
            self._protocol.responses.pop(action["ActionID"], None)
        return answer if isinstance(answer, list) else [answer]

    async def idle(self, seconds: float) -> None:
        """Wait; less when ``disturb`` is called. Raises PbxUnavailable when the link is lost."""
        self._disturbed = asyncio.get_running_loop().create_future()
        await asyncio.wait({self._lost, self._disturbed}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._lost.done():
            raise PbxUnavailable("the PBX closed the connection")

    def disturb(self) -> None:
        """End ``idle`` at once."""
        if self._disturbed is not None and not self._disturbed.done():
            self._disturbed.set_result(None)

    def close(self) -> None:
        """Let go at once."""
        self._manager.close()
        if (transport := getattr(self._protocol, "transport", None)) is not None:
            transport.abort()

    async def _answer(self, future: "asyncio.Future[Any]", timeout: float, action: str) -> Any:
        await asyncio.wait({future, self._lost}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if future.done():
            return future.result()
        if self._lost.done():
            raise PbxUnavailable("the PBX closed the connection")
        raise PbxUnavailable(f"the PBX did not answer {action} within {timeout:g} s")


class _OneShotManager(panoramisk.Manager):  # type: ignore[misc]
    """A manager that connects once: panoramisk's own reconnect would go on for ever, every two seconds."""

    def connection_made(self, future: "asyncio.Future[Any]") -> None:
        if not future.cancelled() and future.exception() is None:
            super().connection_made(future)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Nothing: the protocol has told."""


class _Protocol(AMIProtocol):  # type: ignore[misc]
    """Our own framing and decoding in front of panoramisk's matching of answers.

    An exception in ``data_received`` would close the link, so none leaves it.
    """

    def __init__(
        self,
        take_in: Callable[[ami_stream.Message], None],
        tap: Callable[[bytes], None],
        lost: "asyncio.Future[None]",
    ) -> None:
        self._take_in = take_in
        self._tap = tap
        self._lost = lost
        self._reader = ami_stream.AmiReader()
        self.greeting = ""

    def data_received(self, data: bytes) -> None:
        try:
            self._tap(data)
            for _offset, block in self._reader.blocks(data):
                if wanted(block):
                    self._guarded(block)
        except (PbxUnavailable, OSError):
            log.exception("pbx_stream_broken")
            self.transport.abort()

    def _guarded(self, block: bytes) -> None:
        try:
            if b"\r\nActionID: " in block or not block.startswith(b"Event: "):
                answer = Message.from_line(block.decode("latin-1").strip())
                if answer is not None and (answer.action_id in self.responses):
                    self.handle_message(answer)
            message = ami_stream.parsed(block)
            self.greeting = message.get("Banner", self.greeting)
            self._take_in(message)
        except NotUnderstood as error:
            log.warning("pbx_event_not_understood", error=str(error))
        except Exception:
            log.exception("pbx_event_not_handled", head=block[:60].decode("latin-1").replace("\r\n", " "))

    def connection_lost(self, exc: BaseException | None) -> None:
        if not self._lost.done():
            self._lost.set_result(None)
        super().connection_lost(exc)


def _on_the_wire(value: str) -> str:
    """UTF-8, dressed as the Latin-1 that panoramisk writes; a line break would begin another action."""
    if "\r" in value or "\n" in value:
        raise ValueError(f"a line break in what is sent to the PBX: {value!r}")
    return value.encode().decode("latin-1")
