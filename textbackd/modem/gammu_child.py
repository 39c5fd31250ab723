"""One life of the child process ``gammu_worker``, and the pipe to it.

A call into gammu cannot be cancelled, and some never return: each command has a deadline, and past it SIGKILL.
"""

import asyncio
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self, cast

import structlog

import textbackd
from textbackd import clock

Line = dict[str, Any]

PROGRAM = "textbackd.modem.gammu_worker"
"""The module that is the child; tests put another one at the far end of the pipe."""

SECONDS_TO_DIE = 2
"""After a kill, for one that does not hang in a driver."""

log = structlog.get_logger(__name__)


class ChildLostError(Exception):
    """The child ended, or was ended, before it answered."""


class GammuChild(asyncio.SubprocessProtocol):
    """A process that answers one command at a time. ``take_event`` gets what it says unasked, and an empty line at its
    end.
    """

    def __init__(self, name: str, take_event: Callable[[Line], None]) -> None:
        self.reason = ""
        """Why it is of no use any more; empty while it is."""
        self.submitted_at: float | None = None
        """Since when the PDU of the last command may have been written (monotonic seconds); None: surely not yet."""
        self._name = name
        self._take_event = take_event
        self._unread = {1: b"", 2: b""}
        self._answer: asyncio.Future[Line] | None = None
        self._gone = asyncio.Event()

    @classmethod
    async def start(cls, name: str, take_event: Callable[[Line], None]) -> Self:
        """Raises OSError."""
        package = Path(textbackd.__file__).parent
        _, child = await asyncio.get_running_loop().subprocess_exec(
            lambda: cls(name, take_event),
            *(sys.executable, "-P", "-m", PROGRAM),
            env={"PYTHONPATH": str(package.parent), "LC_ALL": "C.UTF-8", "TZ": "UTC"},
            # A Ctrl-C at the terminal is for the parent alone.
            start_new_session=True,
        )
        return child

    async def ask(self, command: Line, deadline: float) -> Line:
        """Its answer. Raises ChildLostError; past ``deadline`` seconds, or when cancelled, the child is killed."""
        if self.reason:
            raise ChildLostError(self.reason)
        self.submitted_at = None
        self._answer = asyncio.get_running_loop().create_future()
        stdin = cast(asyncio.WriteTransport, self._transport.get_pipe_transport(0))
        stdin.write(json.dumps(command).encode("ascii") + b"\n")
        try:
            async with asyncio.timeout(deadline):
                return await self._answer
        except TimeoutError:
            reason = f"no answer to {command['do']} within {deadline:g} s"
            self.kill(reason)
            raise ChildLostError(reason) from None
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
            async with asyncio.timeout(SECONDS_TO_DIE):
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
                self.submitted_at = clock.monotonic()
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
            self._answer.set_exception(ChildLostError(self.reason))
        self._take_event({})
