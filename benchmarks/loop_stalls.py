"""How long the event loop is stuck while a busy PBX is watched.

    python -m benchmarks.loop_stalls [--rounds 3]

A recorded load is sent faster than life through the real link, tracker and decision into a durable database, in one
process, as in the daemon. A task in it wakes every 5 ms and notes how late it is. The floor is the same task, at the
same time, in a process that does nothing else: as late as that the machine itself makes it. *Busy* is the most CPU time
that the loop's thread used between two wakes: the part of the worst stall that is our own.

Each round also counts the calls whose outcome is what the caller met, and how often the state had to be read anew
because events were dropped.
"""

import argparse
import asyncio
import dataclasses
import gc
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests import fake_ami
from tests.builders import AT_ANY_HOUR, a_policy, seconds
from tests.pbx import load
from tests.pbx.load import Load
from tests.pbx.replay import OFFICE
from textbackd import clock, logs
from textbackd.logs import Level, LogSettings
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.store.database import Database
from textbackd.workers.call_watcher import CallWatcher

TICK = 0.005
LONGEST_ROUND = 120.0
LOG = LogSettings(level=Level.ERROR)


@dataclasses.dataclass(frozen=True, slots=True)
class Run:
    """A load, and how many times as fast as it was it is sent."""

    title: str
    load: Callable[[], Load]
    speed: float


RUNS: Mapping[str, Run] = {
    "filtered": Run("1,200 calls at 175/s, least-privilege account", load.filtered, 10),
    "unfiltered": Run("305 calls at 23/s, account that reads everything", load.unfiltered, 2),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--part", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.part:
        part, *arguments = options.part
        logs.configure(LOG)
        print(json.dumps(asyncio.run(PARTS[part](*arguments))))
        return
    for name, run in RUNS.items():
        print(
            f"{run.title}; lateness in ms: max, p99.9 (floor: max, p99.9); calls right; times that events were dropped"
        )
        rounds = [one_round(name) for _ in range(options.rounds)]
        for title, found in [*enumerate(rounds, 1), ("median", _median(rounds))]:
            late = (
                f"{found['max']:7.1f} {found['p99.9']:7.1f}   ({found['floor max']:5.1f} {found['floor p99.9']:5.1f})"
            )
            counts = f"{found['right']:.0f} of {found['calls']:.0f}   {found['dropped']:.0f}"
            print(f"  {title!s:8} {late}  {found['busy']:5.1f}   {counts}")


def one_round(name: str) -> dict[str, float]:
    """A server, an idle loop and the measured one, each in a process of its own."""
    with _part("serve", name) as server, _part("idle") as idle:
        assert server.stdout is not None
        with _part("watch", name, server.stdout.readline().strip()) as watcher:
            found = _told(watcher)
        floor, served = _told(idle), _told(server)
    return found | {f"floor {key}": value for key, value in floor.items()} | served


def _part(*arguments: str) -> subprocess.Popen[str]:
    command = (sys.executable, "-m", __spec__.name, "--part", *arguments)
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _told(part: subprocess.Popen[str]) -> dict[str, float]:
    """What it says at its end, for which it waits where it has none of its own."""
    told: dict[str, float] = json.loads(part.communicate(timeout=LONGEST_ROUND)[0])
    return told


def _median(rounds: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {key: statistics.median(found[key] for found in rounds) for key in rounds[0]}


# --- the parts --------------------------------------------------------------------------------------------------------


async def serve(name: str) -> dict[str, float]:
    """Tell the port, play the load to whoever comes, and stay until standard input is closed."""
    run = RUNS[name]
    async with fake_ami.listening() as ami:
        whole = run.load()
        print(ami.port, flush=True)
        await ami.until_asked("Status", within=LONGEST_ROUND)
        await whole.play(ami, run.speed)
        await asyncio.to_thread(sys.stdin.read)
        return {"dropped": len(ami.asked("CoreShowChannels")) - 1}


async def idle() -> dict[str, float]:
    """Do nothing, until standard input is closed."""
    async with Ticker() as ticker:
        await asyncio.to_thread(sys.stdin.read)
    return ticker.lateness()


async def watch(name: str, port: str) -> dict[str, float]:
    """Watch a PBX until every call is on record."""
    run = RUNS[name]
    whole = run.load()
    settings = AsteriskSettings(name="asterisk", port=int(port), user="textbackd", secret=fake_ami.SECRET)
    policy = a_policy(**AT_ANY_HOUR, office=OFFICE, minimum_talk=seconds(2 / run.speed if whole.timed else 0))
    with tempfile.TemporaryDirectory() as folder:
        async with Database.open(Path(folder) / "benchmark.db") as database, asyncio.TaskGroup() as group:
            source = AsteriskSource(settings)
            watcher = CallWatcher("asterisk", database, lambda: policy, lambda: None)
            running = [
                group.create_task(source.run()),
                group.create_task(watcher.run(source.events, clock.utc_now, lambda: None)),
            ]
            async with Ticker() as ticker:
                while await _count(database) < whole.calls:  # noqa: ASYNC110 - what is awaited is a row
                    await asyncio.sleep(0.5)
            for task in running:
                task.cancel()
            async with database.reading() as tx:
                rows = await tx.all("SELECT caller, did, outcome FROM calls")
    found = whole.found((row["caller"], row["did"], row["outcome"]) for row in rows)
    return ticker.lateness() | {"right": (found & whole.expected).total(), "calls": whole.calls}


async def _count(database: Database) -> int:
    async with database.reading() as tx:
        return int(await tx.value("SELECT count(*) FROM calls"))


class Ticker:
    """Wakes every ``TICK`` seconds while the block lasts, and notes how late it was.

    What the process held before the block is kept from the garbage collector meanwhile: to go through all of a test
    run's objects takes it 120 ms and more, which no daemon has.
    """

    def __init__(self) -> None:
        self._late: list[float] = []
        self._busy: list[float] = []

    async def __aenter__(self) -> "Ticker":
        gc.collect()
        gc.freeze()
        self._group = asyncio.TaskGroup()
        await self._group.__aenter__()
        self._task = self._group.create_task(self._tick())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await self._group.__aexit__(None, None, None)
        gc.unfreeze()

    async def _tick(self) -> None:
        clock = asyncio.get_running_loop().time
        due = clock() + TICK
        while True:
            used = time.thread_time()
            await asyncio.sleep(due - clock())
            self._late.append(clock() - due)
            self._busy.append(time.thread_time() - used)
            due = max(due, clock()) + TICK

    def lateness(self) -> dict[str, float]:
        """Milliseconds."""
        ordered = sorted(late * 1000 for late in self._late)
        return {"max": ordered[-1], "p99.9": ordered[int(len(ordered) * 0.999)], "busy": max(self._busy) * 1000}


PARTS: Mapping[str, Callable[..., Coroutine[Any, Any, dict[str, float]]]] = {
    "serve": serve,
    "idle": idle,
    "watch": watch,
}

if __name__ == "__main__":
    main()
