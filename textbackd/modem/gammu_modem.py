"""A GSM modem through gammu, which lives in a child process that can be killed.

A call into gammu cannot be cancelled, and some never return; so each modem has a process (``gammu_worker``), each
command a deadline, and past it SIGKILL. The child is started by the first command, and anew after it died.
"""

import asyncio
import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import structlog

import textbackd
from textbackd import clock
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Encoding
from textbackd.modem.modem import (
    DeliveryReport,
    IncomingSms,
    ModemIdentity,
    ModemUnavailable,
    Received,
    SubmitRefused,
    SubmitUnknown,
)

Line = dict[str, Any]

_SECONDS_BETWEEN_OPENS = (1, 2, 5, 10, 30, 60)
_SECONDS_TO_DIE = 2

log = structlog.get_logger(__name__)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class GammuSettings:
    """One modem. The deadlines are seconds, a little longer than what gammu itself waits for (its are compiled in)."""

    name: str
    device: str
    """Best ``/dev/serial/by-id/…``: the others are renumbered."""
    speed: int = 115200
    validity: str = "24H"
    """How long the service centre tries: gammu's ``1H``, ``6H``, ``24H``, ``72H`` or ``Max``."""
    open_deadline: float = 30
    status_deadline: float = 25
    receive_deadline: float = 30
    submit_deadline: float = 125


class GammuModem:
    """``Modem`` on a serial port. After ``close`` it stays closed."""

    def __init__(self, settings: GammuSettings) -> None:
        self.name = settings.name
        self.incoming = asyncio.Event()
        self._settings = settings
        self._one_at_a_time = asyncio.Lock()
        self._child: _Child | None = None
        self._reports: list[DeliveryReport] = []
        self._failures = 0
        self._reason = ""
        self._opened_at = self._not_before = 0.0
        self._closed = False

    async def submit(self, number: E164, text: str, encoding: Encoding) -> int:
        command = {
            "do": "submit", "number": number, "text": text, "encoding": encoding, "validity": self._settings.validity,
        }  # fmt: skip
        async with self._one_at_a_time:
            child = await self._open()
            try:
                answer = await child.ask(command, self._settings.submit_deadline)
            except _ChildLostError as lost:
                unavailable = self._lost(str(lost))
                raise SubmitUnknown(str(unavailable)) if child.submitting else unavailable from lost
            match answer:
                case {"answer": "accepted", "reference": int(reference)}:
                    self._failures = 0
                    return reference
                case {"answer": "refused", "reason": reason, "cms": cms}:
                    self._failures = 0
                    raise SubmitRefused(f"{self.name}: {reason}", cms=cms)
                case {"answer": "not_sent" | "unavailable", "reason": reason}:
                    raise self._lost(reason)
                case _:
                    raise SubmitUnknown(str(self._lost(answer["reason"])))

    async def receive(self) -> Received:
        answer = await self._command({"do": "receive"}, "received", self._settings.receive_deadline)
        reports, self._reports = self._reports, []
        return Received(messages=[_incoming_sms(message) for message in answer["messages"]], reports=reports)

    async def delete(self, message: IncomingSms) -> None:
        await self._command({"do": "delete", "places": message.places}, "done", self._settings.receive_deadline)

    async def identify(self) -> ModemIdentity:
        answer = await self._command({"do": "identify"}, "identity", self._settings.status_deadline)
        del answer["answer"]
        return ModemIdentity(**answer)

    async def close(self) -> None:
        self._closed = True
        if self._child is not None:
            self._child.kill("closed")
            await self._child.wait()

    async def _command(self, command: Line, expected: str, deadline: float) -> Line:
        """Anything but a submit. Raises ModemUnavailable."""
        async with self._one_at_a_time:
            child = await self._open()
            try:
                answer = await child.ask(command, deadline)
            except _ChildLostError as lost:
                raise self._lost(str(lost)) from lost
            if answer["answer"] != expected:
                raise self._lost(answer["reason"])
            self._failures = 0
            return answer

    async def _open(self) -> "_Child":
        """The child with its port open. Raises ModemUnavailable, at once while it is too early to try again."""
        if self._child is not None and self._child.reason:
            self._failures += 1
            self._reason = self._child.reason
            pause = _SECONDS_BETWEEN_OPENS[min(self._failures, len(_SECONDS_BETWEEN_OPENS)) - 1]
            self._not_before = self._opened_at + pause
            # gammu keeps the port locked until its process is gone.
            self._child = None if await self._child.wait() else self._child
        elif self._child is not None:
            return self._child
        if self._closed or self._child is not None or clock.monotonic() < self._not_before:
            raise ModemUnavailable(f"{self.name}: {'closed' if self._closed else self._reason}")
        self._opened_at = clock.monotonic()
        command = {"do": "open", "device": self._settings.device, "speed": self._settings.speed}
        try:
            child = self._child = await _start_child(self.name, self._take_event)
            if self._closed:
                child.kill("closed")
            answer = await child.ask(command, self._settings.open_deadline)
        except (_ChildLostError, OSError) as error:
            raise self._lost(str(error)) from error
        if answer["answer"] != "done":
            raise self._lost(answer["reason"])
        # There may be texts that came while nobody listened.
        self.incoming.set()
        return child

    def _lost(self, reason: str) -> ModemUnavailable:
        """End the child, whose gammu may be out of step with the modem by now."""
        if self._child is not None:
            self._child.kill(reason)
        return ModemUnavailable(f"{self.name}: {reason}")

    def _take_event(self, event: Line) -> None:
        if event["event"] == "report":
            del event["event"]
            self._reports.append(DeliveryReport(**event))
        self.incoming.set()


class _ChildLostError(Exception):
    """The child ended, or was ended, before it answered."""


class _Child(asyncio.SubprocessProtocol):
    """One life of ``gammu_worker``."""

    def __init__(self, name: str, take_event: Callable[[Line], None]) -> None:
        self.reason = ""
        """Why it is of no use any more; empty while it is."""
        self.submitting = False
        """Whether the PDU may have been written since the last command."""
        self._name = name
        self._take_event = take_event
        self._unread = {1: b"", 2: b""}
        self._answer: asyncio.Future[Line] | None = None
        self._gone = asyncio.Event()

    async def ask(self, command: Line, deadline: float) -> Line:
        """Its answer. Raises _ChildLostError; past ``deadline`` seconds, or when cancelled, the child is killed."""
        if self.reason:
            raise _ChildLostError(self.reason)
        self.submitting = False
        self._answer = asyncio.get_running_loop().create_future()
        stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        stdin.write(json.dumps(command).encode("ascii") + b"\n")
        try:
            async with asyncio.timeout(deadline):
                return await self._answer
        except TimeoutError:
            reason = f"no answer to {command['do']} within {deadline:g} s"
            self.kill(reason)
            raise _ChildLostError(reason) from None
        except asyncio.CancelledError:
            # Nobody waits for its answer; the next command must not take it for its own.
            self.kill(f"{command['do']} was given up")
            raise
        finally:
            self._answer = None

    def kill(self, reason: str) -> None:
        """SIGKILL, now; a second time is harmless."""
        self.reason = self.reason or reason
        if self._transport.get_returncode() is None:
            self._transport.kill()

    async def wait(self) -> bool:
        """Whether it has gone, some time after a kill: a process that hangs in a driver stays."""
        try:
            async with asyncio.timeout(_SECONDS_TO_DIE):
                await self._gone.wait()
        except TimeoutError:
            return False
        return True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.SubprocessTransport, transport)

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *lines, self._unread[fd] = (self._unread[fd] + data).split(b"\n")
        for line in lines:
            if fd == 1:
                self._take_line(json.loads(line))
            else:
                log.warning("modem_process_complained", modem=self._name, line=line.decode("utf-8", "replace"))

    def _take_line(self, line: Line) -> None:
        match line:
            case {"event": "submitting"}:
                self.submitting = True
            case {"event": "lost", "reason": reason}:
                self.reason = self.reason or reason
            case {"event": _}:
                self._take_event(line)
            case _ if self._answer is not None and not self._answer.done():
                self._answer.set_result(line)

    def connection_lost(self, _exc: Exception | None) -> None:
        # Called after the process has ended and its pipes are read to their ends.
        self.reason = self.reason or f"the modem's process ended ({self._transport.get_returncode()})"
        self._transport.close()
        self._gone.set()
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(_ChildLostError(self.reason))


async def _start_child(name: str, take_event: Callable[[Line], None]) -> _Child:
    package = Path(textbackd.__file__).parent
    _, child = await asyncio.get_running_loop().subprocess_exec(
        lambda: _Child(name, take_event),
        *(sys.executable, "-P", "-m", "textbackd.modem.gammu_worker"),
        env={"PYTHONPATH": str(package.parent), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
        # A Ctrl-C at the terminal is for the parent alone.
        start_new_session=True,
    )
    return child


def _incoming_sms(message: Line) -> IncomingSms:
    return IncomingSms(
        sender=message["sender"],
        sent_at=dt.datetime.fromisoformat(message["sent_at"]),
        text=message["text"],
        places=tuple(message["places"]),
    )
