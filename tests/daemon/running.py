"""The daemon as it really runs: ``python -m textbackd run`` in a process of its own, with a configuration file."""

import asyncio
import contextlib
import json
import os
import signal
import sqlite3
import sys
import zoneinfo
from pathlib import Path
from typing import Any, NamedTuple

from tests.fake_ami import FakeAmi
from tests.lab.changes import Changes

ROOT = Path(__file__).parents[2]
LONDON = zoneinfo.ZoneInfo("Europe/London")
OWNER = "+447700900001"
BUSINESS = "Hill Plumbing"
WORDS = f"{BUSINESS}: sorry we missed you. What can we do for you? Reply STOP to opt out."

CONFIGURATION = f"""\
country: GB
time_zone: Europe/London
database: textbackd.db
fiction_numbers: true
businesses:
  - name: {BUSINESS}
    phone: "01632 960100"
    owners: ["{OWNER}"]
    templates:
      missed: "{{business}}: sorry we missed you. What can we do for you? Reply STOP to opt out."
dids:
  - number: "01632960101"
    label: Sales
pbx:
  - name: asterisk
    kind: asterisk
    host: %host%
    port: %port%
    user: textbackd
    secret: not-a-secret
modems:
%modem%
rules:
  delay: 0s
  instant_at_night: true
  guards: {{per_prefix: 100, per_hour: 200, per_day: 1000, callers_per_minute: 200, unanswered: 100, ceiling: 300,
            notices: 200}}
log:
  level: debug
  private: true
  format: json
"""


def configuration(folder: Path, *, host: str, port: int, device: Path | None = None, pin: str = "") -> Path:
    """Write a configuration into ``folder``: with the gammu driver on ``device``, or with the simulated modem.

    The gammu driver may send at its fastest: at its usual ten a minute, an owner's SMS waits for those of other tests.
    """
    kind = f"simulated\n    folder: {folder / 'modem'}"
    if device:
        kind = f"gammu\n    device: {device}\n    per_minute: 60" + (f'\n    pin: "{pin}"' if pin else "")
    text = CONFIGURATION.replace("%host%", host).replace("%port%", str(port))
    path = folder / "textbackd.yaml"
    path.write_text(text.replace("%modem%", f"  - name: gsm\n    kind: {kind}"))
    return path


def run_delay(pid: int) -> float:
    """Seconds for which its main thread was ready to run and had no core (proc(5), schedstat)."""
    return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / 1e9


def children(pid: int) -> list[int]:
    """Of a process, started by any of its threads."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


class Daemon:
    """One daemon that can be stopped, killed and started again; ``lines`` is its log over all its lives."""

    def __init__(self, configuration: Path) -> None:
        self.lines: list[dict[str, Any]] = []
        self._configuration = configuration
        self._changes = Changes()
        self._process: asyncio.subprocess.Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start it, and wait until it says that it has."""
        started = len(self.events("textbackd_started"))
        # A test process that is killed takes its daemon along.
        self._process = await asyncio.create_subprocess_exec(
            *("setpriv", "--pdeathsig", "KILL", sys.executable, "-m", "textbackd", "run"),
            *("--config", str(self._configuration)),
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )
        assert self._process.stderr is not None
        self._reading = asyncio.get_running_loop().create_task(self._read(self._process.stderr))
        await self.until("textbackd_started", count=started + 1)

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> float:
        """Send it a signal and wait for its end; seconds that it took, but those for which others had all the cores.
        ``returncode`` says how it ended.
        """
        assert self._process is not None
        loop = asyncio.get_running_loop()
        begin, delayed = loop.time(), run_delay(self._process.pid)
        until_its_end = delayed
        self._process.send_signal(how)
        ending = loop.create_task(self._process.wait())
        async with asyncio.timeout(20):
            while not ending.done():
                with contextlib.suppress(OSError):  # it has ended
                    until_its_end = run_delay(self._process.pid)
                await asyncio.wait((ending,), timeout=0.02)
        seconds = loop.time() - begin - (until_its_end - delayed)
        assert self._reading is not None
        await self._reading
        return seconds

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it is there."""
        assert self._process is not None
        # Popen.send_signal takes the end of a process away from asyncio, which then knows no returncode.
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, number)

    async def reload(self) -> None:
        """Have it load its file anew, and wait until it has, or has refused."""
        before = self.reloads()
        self.send(signal.SIGHUP)
        await self._changes.until(lambda: self.reloads() > before, lambda: f"no reload: {self.lines[-15:]}", 30.0)

    def reloads(self) -> int:
        """How often it has loaded its file anew, or refused to."""
        return len(self.events("configuration_reloaded")) + len(self.events("reload_failed"))

    @property
    def pid(self) -> int:
        """Of its last life."""
        assert self._process is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        """Of its last life; None while it lives."""
        assert self._process is not None
        return self._process.returncode

    async def close(self) -> None:
        """Kill it if it still lives."""
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
        if self._reading is not None:
            await self._reading

    def events(self, name: str, **values: Any) -> list[dict[str, Any]]:
        """The lines of its log with that event and these values, oldest first."""
        wanted = {"event": name, **values}
        return [line for line in self.lines if wanted.items() <= line.items()]

    async def until(self, name: str, *, count: int = 1, within: float = 30.0, **values: Any) -> dict[str, Any]:
        """The ``count``-th line of that kind, past or to come."""

        def complain() -> str:
            return f"no {name} with {values}; it said:\n" + "\n".join(str(line) for line in self.lines[-15:])

        await self._changes.until(lambda: len(self.events(name, **values)) >= count, complain, within)
        return self.events(name, **values)[count - 1]

    async def until_said(self, words: str) -> None:
        """A line with these words that is none of its log."""
        await self._changes.until(
            lambda: any(words in line["line"] for line in self.events("raw")), lambda: f"it never said {words}", 30.0
        )

    def rows(self, sql: str, *values: Any) -> list[dict[str, Any]]:
        """What stands in its database."""
        database = self._configuration.parent / "textbackd.db"
        with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, values)]

    def row(self, sql: str, *values: Any) -> dict[str, Any]:
        """The only row."""
        (row,) = self.rows(sql, *values)
        return row

    async def _read(self, stream: asyncio.StreamReader) -> None:
        while line := await stream.readline():
            try:
                self.lines.append(json.loads(line))
            except ValueError:
                self.lines.append({"event": "raw", "line": line.decode(errors="replace")})
            self._changes.announce()


class Office(NamedTuple):
    """A daemon at work beside a PBX."""

    daemon: Daemon
    ami: FakeAmi
    configuration: Path
