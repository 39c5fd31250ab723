"""A modem with everything that works on it, from the outbox to the inbox, as in the daemon: the far end is emulated."""

import abc
import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

from tests.builders import AT_ANY_HOUR, a_policy
from tests.emulator import ModemEmulator, Submitted
from tests.lab.changes import Changes
from tests.modem.pairs import child_of
from textbackd import clock
from textbackd.core.outgoing import MessageState
from textbackd.core.phone_numbers import E164
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.sim_pin import SimPin
from textbackd.store import text_history
from textbackd.store.database import Database
from textbackd.workers import trial_text
from textbackd.workers.bell import Bell
from textbackd.workers.modem_watch import ModemWatch
from textbackd.workers.receiver import Receiver
from textbackd.workers.sender import Sender

FIRST, BEHIND = E164("+447700900101"), E164("+447700900102")
"""To whom the text goes that meets what goes wrong, and the one queued behind it."""
ENDS = {MessageState.DELIVERED, MessageState.UNDELIVERABLE, MessageState.FAILED, MessageState.UNKNOWN}
REPORTED_AFTER = 0.3
MODEM = "gsm"


class Station(abc.ABC):
    """What a mishap is played on; ``began`` is what the wait for the text behind is counted from."""

    def __init__(self, emulator: ModemEmulator, database: Database) -> None:
        self.emulator = emulator
        self.began = clock.utc_now()
        self._database = database
        self._policy = a_policy(**AT_ANY_HOUR)

    @abc.abstractmethod
    def start(self) -> None:
        """Send, receive and watch from now on."""

    @abc.abstractmethod
    async def stop(self) -> None:
        """No more of it."""

    # --- what is done to it -----------------------------------------------------------------------------------------

    async def queue(self) -> None:
        """Both texts, now; it begins."""
        self.began = clock.utc_now()
        for number in (FIRST, BEHIND):
            await trial_text.enqueue(self._database, self._policy, number, MODEM, clock.utc_now())
        self._wrote()

    def over(self) -> None:
        """What goes wrong has ended, and the wait begins."""
        self.began = clock.utc_now()

    @abc.abstractmethod
    def poll(self) -> None:
        """Have the modem asked for texts."""

    @abc.abstractmethod
    def ask_status(self) -> None:
        """Have the modem asked how it is."""

    @abc.abstractmethod
    def kill_child(self) -> None:
        """Its process is killed from outside."""

    # --- what is awaited --------------------------------------------------------------------------------------------

    @abc.abstractmethod
    async def works(self) -> None:
        """The modem answers."""

    @abc.abstractmethod
    async def lost(self, reason: str) -> None:
        """The modem is given up, for a reason in which these words stand."""

    async def tried(self) -> None:
        """The first text was tried in vain, and put back."""
        await self._until(FIRST, lambda history: history.count(MessageState.QUEUED) > 1)

    async def unknown(self) -> None:
        """Nobody knows what became of the first text."""
        await self._until(FIRST, lambda history: history[-1] is MessageState.UNKNOWN)

    # --- what was seen ----------------------------------------------------------------------------------------------

    def accepted(self, number: E164) -> Sequence[Submitted]:
        """What the network has got for that number."""
        return [sent for sent in self.emulator.submissions if sent.number == number and sent.reference is not None]

    async def history(self, number: E164) -> list[MessageState]:
        """The states of the text to that number since it was queued."""
        async with self._database.reading() as tx:
            message_id = await tx.value("SELECT id FROM outbox WHERE number = ?1", number)
            return [MessageState(row["state"]) for row in await text_history.changes(tx, message_id)]

    async def _until(
        self, number: E164, holds: Callable[[Sequence[MessageState]], bool], *, within: float = 60
    ) -> None:
        async with asyncio.timeout(within):
            while not holds(await self.history(number)):  # noqa: ASYNC110 - what is awaited is a row
                await asyncio.sleep(0.1)

    @abc.abstractmethod
    def _wrote(self) -> None:
        """There is a text to send."""


class StationHere(Station):
    """In this process."""

    def __init__(
        self, emulator: ModemEmulator, modem: GammuModem, database: Database, group: asyncio.TaskGroup
    ) -> None:
        super().__init__(emulator, database)
        self.modem = modem
        self.trouble: str | None = "not open yet"
        """What the modem does not answer for; None while it answers."""
        self._group = group
        self._running: list[asyncio.Task[None]] = []
        self._send_bell, self._watch_bell = Bell(), Bell()
        self._changes = Changes()

    def start(self) -> None:
        sender = Sender(self.modem, self._database, lambda: self._policy, self._send_bell, clock.utc_now)
        receiver = Receiver(self.modem, self._database, lambda: self._policy, self._wrote, clock.utc_now)
        watch = ModemWatch(self.modem, self._database, clock.utc_now)
        for run in (
            sender.run(lambda: None),
            receiver.run(Bell(self.modem.incoming), self._report, lambda: None),
            watch.run(self._watch_bell, lambda: None),
        ):
            self._running.append(self._group.create_task(run))

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await self.modem.close()

    def poll(self) -> None:
        self.modem.incoming.set()

    def ask_status(self) -> None:
        self._watch_bell.ring()

    def kill_child(self) -> None:
        os.kill(child_of(self.modem), signal.SIGKILL)

    async def works(self) -> None:
        await self._changes.until(lambda: self.trouble is None, lambda: f"{self.trouble}", 60)

    async def lost(self, reason: str) -> None:
        await self._changes.until(
            lambda: reason in (self.trouble or ""), lambda: f"no {reason!r}, but {self.trouble!r}", 150
        )

    async def settled(self) -> None:
        """The text behind is delivered, and of the first nothing more is to come."""
        await self._until(BEHIND, lambda history: history[-1] is MessageState.DELIVERED, within=280)
        await self._until(FIRST, lambda history: history[-1] in ENDS)

    def seconds(self) -> float:
        """From ``began`` until the network got the text behind."""
        at = self.accepted(BEHIND)[0].at
        assert at is not None
        return (at - self.began).total_seconds()

    def _wrote(self) -> None:
        self._send_bell.ring()

    def _report(self, trouble: str | None) -> None:
        if (self.trouble is None) != (trouble is None):
            self._wrote()
        self.trouble = trouble
        self._changes.announce()


@contextlib.asynccontextmanager
async def at_work(folder: Path, *, pin: str = "", **settings: Any) -> AsyncIterator[StationHere]:
    """One on an empty database, at work until the end of the block."""
    async with (
        ModemEmulator(folder / "modem") as emulator,
        Database.open(folder / "textbackd.db", durable=False) as database,
        asyncio.TaskGroup() as group,
    ):
        emulator.report_after = REPORTED_AFTER
        sim_pin = SimPin(digits=pin, modem=MODEM, folder=folder) if pin else None
        modem = GammuModem(GammuSettings(name=MODEM, device=str(emulator.device), pin=sim_pin, **settings))
        station = StationHere(emulator, modem, database, group)
        try:
            yield station
        finally:
            await station.stop()
