"""The emulator in a process of its own, and how to play it from here."""

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.emulator import faults
from tests.emulator.faults import Fault

_ROOT = Path(__file__).parents[2]
_LONGEST_LINE = 1 << 26
_SECONDS_TO_START, _SECONDS_TO_ANSWER, _SECONDS_TO_STOP = 20, 10, 5


class EmulatorRefused(Exception):
    """The emulator could not do it."""


class EmulatorClient:
    """One connection to a control socket; its commands wait for one another."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._one_at_a_time = asyncio.Lock()

    async def ask(self, do: str, **arguments: Any) -> Any:
        """Have one command of ``control`` done. Raises EmulatorRefused, or TimeoutError when it does not answer."""
        within = arguments.get("timeout", 0) + _SECONDS_TO_ANSWER
        async with self._one_at_a_time, asyncio.timeout(within):
            self._writer.write(json.dumps({"do": do} | arguments).encode("ascii") + b"\n")
            answer = json.loads(await self._reader.readline() or b'{"error": "the emulator has gone"}')
        if "error" in answer:
            raise EmulatorRefused(f"{do}: {answer['error']}")
        return answer["ok"]

    async def set(self, name: str, value: Any) -> None:
        """A field of the modem, as ``network.signal``, ``sim.tries``, ``storage.sizes.SM``."""
        await self.ask("set", name=name, value=value)

    async def fault(self, fault: Fault | None) -> None:
        """What goes wrong from now on."""
        await self.ask("fault", fault=fault and faults.as_json(fault))

    async def script(self, steps: Iterable[Fault]) -> None:
        """What goes wrong next, in this order."""
        await self.ask("script", steps=[faults.as_json(fault) for fault in steps])

    async def submitted(self, count: int = 1, *, timeout: float = 30) -> list[dict[str, Any]]:
        """The first ``count`` texts given to the modem, as soon as there are so many."""
        return list(await self.ask("submitted", count=count, timeout=timeout))

    async def texts(self) -> list[tuple[str, str]]:
        """Number and words of each whole text that the network got."""
        return [(number, text) for number, text in await self.ask("texts")]


@asynccontextmanager
async def connected(socket: Path) -> AsyncIterator[EmulatorClient]:
    """A connection to an emulator that runs already."""
    reader, writer = await asyncio.open_unix_connection(socket, limit=_LONGEST_LINE)
    try:
        yield EmulatorClient(reader, writer)
    finally:
        writer.close()


@asynccontextmanager
async def running(
    device: Path, socket: Path, *, dead_ports: Mapping[Path, bytes] | None = None, log: Path | None = None
) -> AsyncIterator[EmulatorClient]:
    """An emulator in a process of its own, until the end of the block; the arguments are those of ``ModemEmulator``."""
    options = [f"--device={device}", f"--control={socket}"]
    options += [f"--dead-port={path}={says.hex()}" for path, says in (dead_ports or {}).items()]
    options += [f"--log={log}"] if log else []
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.emulator", *options), cwd=_ROOT, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(_SECONDS_TO_START):
            assert await process.stdout.readline() == b"ready\n", "the emulator did not start"
        async with connected(socket) as client:
            yield client
    finally:
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(_SECONDS_TO_STOP):
            await process.wait()
