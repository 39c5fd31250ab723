"""SIPp, which plays one scenario of tests/lab/etc/sipp with many calls at once."""

import asyncio
import contextlib
import csv
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.lab import packages
from tests.lab.wire import PORT

SCENARIOS = Path(__file__).parent / "etc" / "sipp"
VERSION = 22
"""The packages it comes with; it rings any Asterisk."""


class SippError(Exception):
    """A call did not go as the scenario says, or takes too long; the message carries what SIPp says of it."""


class Sipp:
    """One process that plays one scenario at an address of its own; `folder` is for its files and is to be its own."""

    def __init__(self, folder: Path, scenario: str, address: str, pbx: str) -> None:
        self.scenario = scenario
        self._folder = folder
        self._address = address
        self._pbx = pbx
        self._process: asyncio.subprocess.Process | None = None

    async def place(self, lines: Sequence[str], *, a_second: int, at_once: int) -> None:
        """Begin to place a call for each line of fields (`;` between them): fewer a second while too many are up."""
        self._folder.mkdir(parents=True)
        injected = self._folder / "injected.csv"
        injected.write_text("\n".join(["SEQUENTIAL", *lines, ""]))
        await self._start("-inf", str(injected), "-m", str(len(lines)), "-r", str(a_second), "-l", str(at_once))

    async def take(self) -> None:
        """Begin to take the calls that come."""
        self._folder.mkdir(parents=True)
        await self._start()

    async def over(self, within: float) -> Mapping[str, int]:
        """Its own count, once every call that it was to place is over; SippError if one failed, or is not over by then.

        By the words of `sipp -h stat` (`TotalCallCreated`, `Retransmissions` ...) and by the counters of the scenario.
        """
        assert self._process is not None, "not running"
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within):
                await self._process.wait()
        if (status := self._process.returncode) != 0:
            ended = "is not over" if status is None else f"ended with {status}"
            raise SippError(f"{self.scenario} {ended}:\n{self._trouble[:3000]}")
        return self._counted()

    async def stop(self, within: float = 10) -> Mapping[str, int]:
        """As `over`, of calls that it took; none comes any more."""
        assert self._process is not None, "not running"
        with contextlib.suppress(ProcessLookupError):
            self._process.send_signal(signal.SIGUSR1)
        return await self.over(within)

    async def close(self) -> None:
        """End it, in mid-call if need be; nothing when it has ended or was never started."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()

    async def _start(self, *options: str) -> None:
        await asyncio.to_thread(packages.fetch, VERSION)
        with (self._folder / "screen").open("wb") as screen, (self._folder / "said").open("wb") as said:
            self._process = await asyncio.create_subprocess_exec(
                *packages.command(VERSION, "usr/bin/sipp"),
                *(f"{self._pbx}:{PORT}", "-sf", str(SCENARIOS / f"{self.scenario}.xml")),
                *("-i", self._address, "-bind_local", "-p", str(PORT), "-mi", self._address),
                *("-trace_stat", "-stf", str(self._folder / "statistics.csv")),
                *("-trace_err", "-error_file", str(self._folder / "errors")),
                *("-nostdin", *options),
                stdin=subprocess.DEVNULL,
                stdout=screen,
                stderr=said,
                cwd=self._folder,
            )

    @property
    def _trouble(self) -> str:
        paths = [self._folder / name for name in ("said", "errors")]
        return "".join(path.read_text(errors="replace") for path in paths if path.exists())

    def _counted(self) -> Mapping[str, int]:
        """The whole numbers in the last line of its statistics."""
        with (self._folder / "statistics.csv").open(newline="") as file:
            *_, last = csv.DictReader(file, delimiter=";")
        return {name.removesuffix("(C)"): int(value) for name, value in last.items() if value.isdigit()}
