"""SIGTERM ends the real daemon within two seconds, whatever its modem is stuck in; what it knows of a text is true."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.daemon import running
from tests.daemon.running import Daemon
from tests.emulator import ModemEmulator
from tests.modem.mishaps import FAMILIES, MISHAPS
from tests.modem.mishaps.mishap import Mishap
from tests.modem.station import BEHIND, FIRST, Station
from textbackd.core.outgoing import MessageState
from textbackd.modem import port_holders
from textbackd.store.database import Database

SECONDS = 2.0
SHORT = ("silent_at_open", "silent_poll", "jams_at_prompt", "unplugged", "storm")
"""One of each family; the others are played with the long counts."""
NO_PBX = 1
"""A port on which nobody listens."""


class StationOfDaemon(Station):
    """A daemon in a process of its own; its mishap never ends."""

    def __init__(self, emulator: ModemEmulator, database: Database, daemon: Daemon, group: asyncio.TaskGroup) -> None:
        super().__init__(emulator, database)
        self.daemon = daemon
        self.in_the_middle = asyncio.Event()
        """What is played waits for what it has brought about."""
        self._group = group
        self._starting: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._starting = self._group.create_task(self.daemon.start())

    async def started(self) -> None:
        """It says so."""
        assert self._starting is not None
        await self._starting

    async def stop(self) -> None:
        await self.daemon.close()

    def poll(self) -> None:
        self.emulator.say('+CMTI: "SM",1')

    def ask_status(self) -> None:
        # By itself it asks once a minute, and at its start.
        self._starting = self._group.create_task(self._restart())

    def kill_child(self) -> None:
        (child,) = running.children(self.daemon.pid)
        os.kill(child, signal.SIGKILL)

    async def works(self) -> None:
        await self.daemon.until("modem_connected")

    async def lost(self, reason: str) -> None:
        await self._for_ever()

    async def tried(self) -> None:
        await self._for_ever()

    async def unknown(self) -> None:
        await self._for_ever()

    async def struck(self) -> None:
        """What was laid down for the next command or text has happened; where nothing was, the modem was given up, or
        the first text taken up.
        """
        async with asyncio.timeout(60):
            while not await self._has_struck():  # noqa: ASYNC110 - what is awaited is a row, too
                await asyncio.sleep(0.02)

    async def _has_struck(self) -> bool:
        if self.emulator.faults.struck or self.daemon.events("modem_lost"):
            return True
        return not self.emulator.script and len(await self.history(FIRST)) > 1

    async def _for_ever(self) -> None:
        self.in_the_middle.set()
        await asyncio.Event().wait()

    async def _restart(self) -> None:
        await self.daemon.stop()
        await self.daemon.start()

    def _wrote(self) -> None:
        """The daemon sees by itself what others have written."""


@contextlib.asynccontextmanager
async def station(folder: Path, pin: str = "") -> AsyncIterator[StationOfDaemon]:
    """One that is yet to be started."""
    device = folder / "stick"
    configuration = running.configuration(folder, host="127.0.0.1", port=NO_PBX, device=device, pin=pin)
    async with (
        ModemEmulator(device) as emulator,
        Database.open(folder / "textbackd.db", durable=False) as database,
        asyncio.TaskGroup() as group,
    ):
        station = StationOfDaemon(emulator, database, Daemon(configuration), group)
        try:
            yield station
        finally:
            await station.stop()


async def play(mishap: Mishap, station: Station) -> None:
    """As far as it goes."""
    await mishap.play(station)


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SHORT else pytest.mark.long) for name in MISHAPS]
)
async def test_it_stops_within_two_seconds(tmp_path: Path, name: str) -> None:
    """In the middle of each mishap; and it leaves nobody who has the port open."""
    mishap = MISHAPS[name]
    async with station(tmp_path, **mishap.settings) as stuck, asyncio.TaskGroup() as group:
        if mishap.opened:
            stuck.start()
            await stuck.works()
        playing = group.create_task(play(mishap, stuck))
        in_the_middle = group.create_task(stuck.in_the_middle.wait())
        await asyncio.wait((playing, in_the_middle), return_when=asyncio.FIRST_COMPLETED)
        await stuck.started()
        await stuck.struck()
        seconds = await stuck.daemon.stop()
        for task in (playing, in_the_middle):
            task.cancel()

        assert (stuck.daemon.returncode, seconds < SECONDS) == (0, True), seconds
        device = str(stuck.emulator.device)
        assert port_holders.holders([device]) == {device: []}
        assert stuck.daemon.events("modem_process_complained") == []
        for number in (FIRST, BEHIND):
            *_, state = await stuck.history(number)
            got = len(stuck.accepted(number))
            assert (state, got) in possible(state), (number, state, got)


def possible(state: MessageState) -> set[tuple[MessageState, int]]:
    """How often the network may have got a text that is in this state, and is not sent again unless it is queued."""
    match state:
        case MessageState.QUEUED | MessageState.FAILED:
            return {(state, 0)}
        case MessageState.SENT | MessageState.DELIVERED:
            return {(state, 1)}
        case MessageState.UNKNOWN:
            return {(state, 0), (state, 1)}
    return set()


def test_each_family_is_in_the_short_run() -> None:
    """By one."""
    assert [[mishap.id for mishap in family.mishaps if mishap.id in SHORT] for family in FAMILIES] == [
        [name] for name in SHORT
    ]
