"""A daemon that is killed at a point told beforehand: ``python -m tests.daemon.crashing FOLDER POINT``.

Points are counted from 1: before and after each commit, and before and after each call of the modem. 0 is never
reached. The scenario is played by a PBX in the same process, which dies with it; what is on disk stays. Each life is
a process of its own, ended by SIGKILL; they are forked from one that has imported everything, which saves a second.
"""

import asyncio
import dataclasses
import datetime as dt
import os
import signal
import sys
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiosqlite

from tests import fake_ami
from tests.builders import AT_ANY_HOUR, OWNER, a_policy, seconds
from tests.fake_ami import FakeAmi
from textbackd import clock, daemon, logs
from textbackd.config import Settings
from textbackd.core.phone_numbers import E164
from textbackd.logs import LogSettings
from textbackd.modem import simulated_modem
from textbackd.modem.simulated_modem import SimulatedModem, SimulatedSettings
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.store.database import Database
from textbackd.workers import call_book

ANN, BOB, EVE = E164("+447700900101"), E164("+447700900102"), E164("+447700900103")
CALLS = {"1795220361.1": ANN, "1795220362.2": BOB, "1795220363.3": EVE, "1795220364.4": ANN}
"""Ann calls, Bob calls, Eve (who said STOP) calls, and Ann calls again."""
WORDS = "Water under the sink, can you come today?"
PATIENCE = 40.0
"""Seconds for a whole scenario, which takes a tenth of one."""


def settings(folder: Path, port: int) -> Settings:
    """The office of the builders, with a simulated modem and no delays."""
    return Settings(
        policy=a_policy(delay=seconds(0), conversation=seconds(0), **AT_ANY_HOUR),
        database=folder / "textbackd.db",
        pbxs=(AsteriskSettings(name="asterisk", port=port, user="textbackd", secret=fake_ami.SECRET),),
        modems=(SimulatedSettings(name="gsm", folder=folder / "modem"),),
        log=LogSettings(),
    )


def prepare(folder: Path) -> None:
    """Let two texts lie on the SIM before the daemon starts: Eve's STOP, and something from Bob."""
    at = clock.utc_now()
    simulated_modem.inject(folder / "modem", EVE, "STOP", at)
    simulated_modem.inject(folder / "modem", BOB, WORDS, at + seconds(1))


class Points:
    """Counts, and kills at one of them."""

    def __init__(self, deadly: int) -> None:
        self.passed = 0
        self.news = asyncio.Event()
        """Set at each point."""
        self._deadly = deadly

    def reach(self) -> None:
        self.passed += 1
        self.news.set()
        if self.passed == self._deadly:
            os.kill(os.getpid(), signal.SIGKILL)

    def around(self, call: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same call, with a point before it and one after."""

        async def counted(*arguments: Any, **named: Any) -> Any:
            self.reach()
            result = await call(*arguments, **named)
            self.reach()
            return result

        return counted


def live(folder: Path, point: int) -> int:
    """One life of the daemon, until everything is at rest: how many points it passed. Killed at ``point``."""
    points = Points(point)
    acts = [(aiosqlite.Connection, "commit"), *((SimulatedModem, name) for name in ("submit", "receive", "delete"))]
    for owner, name in acts:
        setattr(owner, name, points.around(getattr(owner, name)))
    call_book.OWNER_AFTER = dt.timedelta()
    logs.configure(LogSettings(level=logs.Level.ERROR))
    asyncio.run(_day(folder, points.news))
    return points.passed


async def _day(folder: Path, news: asyncio.Event) -> None:
    stop, ready = asyncio.Event(), asyncio.Event()
    async with fake_ami.listening() as pbx, asyncio.timeout(PATIENCE), asyncio.TaskGroup() as group:
        of_daemon = settings(folder, pbx.port)
        running = group.create_task(daemon.run(of_daemon, stop=stop, ready=ready.set))
        await ready.wait()
        # Another process would see what this connection sees: what is committed.
        async with Database.open(of_daemon.database) as database:
            seen = _Seen(database, folder, news)
            await pbx.until_asked("Status")
            await seen.until(f"SELECT count(*) FROM opt_outs WHERE number = '{EVE}'")
            # Every life sees the same calls: to one that knows them already they are events told twice.
            for call_id, caller in CALLS.items():
                await _rings_out(pbx, call_id, caller)
                if caller == EVE:  # Ann's text would wait for the end of her second call
                    await seen.until_on_record(pbx)
            await seen.until_on_record(pbx)
            await seen.until("SELECT count(*) = 2 FROM inbox")
            await seen.until_deleted()
        stop.set()
        await running


async def _rings_out(pbx: FakeAmi, call_id: str, caller: str) -> None:
    """A call; its hang-up comes behind the answers about its caller's privacy, so that it does not wait for them."""
    asked = len(pbx.asked("Getvar"))
    pbx.send(*fake_ami.arrives(call_id, caller))
    await pbx.until_asked("Getvar", asked + 3)
    pbx.send(*fake_ami.is_not_answered(call_id))


class _Seen:
    """What can be seen of the daemon from outside."""

    def __init__(self, database: Database, folder: Path, news: asyncio.Event) -> None:
        self._database = database
        self._inbox = folder / "modem" / "inbox"
        self._news = news

    async def until(self, question: str) -> None:
        """Until a query's first value is true."""
        while True:
            self._news.clear()
            async with self._database.reading() as tx:
                if await tx.value(question):
                    return
            await self._news.wait()

    async def until_on_record(self, pbx: FakeAmi) -> None:
        """Until every call played so far is on record, and no text waits."""
        # Calls are kept in their order, so when this one is there, all are; it makes no text and no lead.
        last = f"{clock.utc_now().timestamp():.6f}"
        await _rings_out(pbx, last, OWNER)
        await self.until(f"SELECT count(*) FROM calls WHERE call_id = '{last}'")
        await self.until("SELECT count(*) = 0 FROM outbox WHERE state IN ('queued', 'sending')")

    async def until_deleted(self) -> None:
        """Until no text lies on the SIM."""
        self._news.clear()
        while any(self._inbox.glob("*.json")):
            await self._news.wait()
            self._news.clear()


@dataclasses.dataclass(frozen=True, slots=True)
class End:
    """How a life ended."""

    killed: bool
    points: int


def forked(folder: Path, point: int) -> End:
    """One life in a process of its own. Raises RuntimeError when it ended in any other way than it should."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        code = 1
        try:
            os.write(writing, str(live(folder, point)).encode())
            code = 0
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        passed = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return End(killed=True, points=point)
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError(f"killed at point {point}, it ended with {os.waitstatus_to_exitcode(status)}")
    return End(killed=False, points=int(passed))


def main() -> None:
    """For each POINT: a life that is killed there, in a folder FOLDER/POINT, then a life that is not. Prints both."""
    folder = Path(sys.argv[1])
    for point in map(int, sys.argv[2:]):
        own = folder / str(point)
        prepare(own)
        killed = forked(own, point)
        after = forked(own, 0) if killed.killed else killed
        print(point, int(killed.killed), after.points, flush=True)


if __name__ == "__main__":
    main()
