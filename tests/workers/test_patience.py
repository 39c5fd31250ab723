"""How long a worker may wait for its modem before it counts as stuck."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Coroutine, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tests.builders import NOON, a_policy
from tests.lab.changes import Changes
from tests.modem import scripted_worker
from tests.modem.scripted_worker import Behaviour
from tests.workers.far_ends import ManualClock, ScriptedModem, queued
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Segment
from textbackd.crew import STUCK_AFTER, stuck_after
from textbackd.modem import gammu_child, preflight
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.modem import IncomingSms, ModemStatus, ModemUnavailable, Received, Stored
from textbackd.modem.simulated_modem import SimulatedSettings
from textbackd.store.database import Database
from textbackd.workers import (
    alarm_texts,
    alarmer,
    call_watcher,
    guard_alarms,
    health_alarms,
    loop_test,
    modem_watch,
    receiver,
    sender,
)
from textbackd.workers.bell import Bell
from textbackd.workers.receiver import Receiver
from textbackd.workers.sender import Sender


class JournalledModem(ScriptedModem):
    """Writes down its commands, each of which may take a turn, after those of the two other workers."""

    def __init__(self) -> None:
        super().__init__()
        self.journal: list[str] = []
        self._changes = Changes()

    def tick(self) -> None:
        """A worker gives a sign of life."""
        self._note("tick")

    async def noted(self, *lines: str) -> None:
        """Return when the journal ends so."""
        end = list(lines)
        await self._changes.until(lambda: self.journal[-len(end) :] == end, lambda: str(self.journal), 20)

    async def open(self) -> None:
        self._note("open")

    async def submit(self, number: E164, segment: Segment) -> int:
        self._note("submit")
        return await super().submit(number, segment)

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:
        self._note("receive")
        return await super().receive(shelf)

    async def delete(self, places: Sequence[str]) -> None:
        self._note("delete")
        await super().delete(places)

    async def status(self) -> ModemStatus:
        self._note("status")
        return self.how

    def _note(self, line: str) -> None:
        self.journal.append(line)
        self._changes.announce()


@contextlib.asynccontextmanager
async def at_work(run: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """Until the end of the block."""
    task = asyncio.get_running_loop().create_task(run)
    yield
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def test_a_sender_gives_a_sign_of_life_between_two_commands(database: Database, clock: ManualClock) -> None:
    """A text of two parts."""
    modem = JournalledModem()
    await queued(database, text="long " * 60)
    sender = Sender(modem, database, a_policy, Bell(), clock)
    async with at_work(sender.run(modem.tick)):
        await modem.noted("tick", "open", "tick", "submit", "tick", "submit", "tick", "tick", "open", "tick")


async def test_a_receiver_gives_a_sign_of_life_between_two_commands(database: Database, clock: ManualClock) -> None:
    """A text that is deleted when it is stored."""
    modem = JournalledModem()
    modem.sim = [IncomingSms(sender="+447700900123", sent_at=NOON, text="hello", places=("SM:1",))]
    receiver = Receiver(modem, database, a_policy, lambda: None, clock)
    async with at_work(receiver.run(Bell(), lambda _: None, modem.tick)):
        await modem.noted("tick", "receive", "open", "tick", "tick", "delete")


async def test_a_turn_takes_no_longer_than_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The deadlines of a turn in which the modem is opened and asked, by what is said when each is over, and the time
    that its process has to end.
    """
    monkeypatch.setattr(gammu_child, "PROGRAM", scripted_worker.PROGRAM)
    monkeypatch.setattr(preflight, "LONGEST_SECONDS", 1.5)
    monkeypatch.setattr(preflight, "LONGEST_SECONDS_WITH_CYCLE", 1.5)
    settings = GammuSettings(
        name="gsm",
        device=str(tmp_path / "gsm"),
        open_deadline=1,
        receive_deadline=0.5,
        submit_deadline=0.25,
        status_deadline=0.25,
    )
    told = []
    for command in ("open", "receive"):
        Behaviour(slow={command: 60}).lay_down(Path(settings.device))
        modem = GammuModem(settings)
        with pytest.raises(ModemUnavailable) as error:
            await modem.receive()
        await modem.close()
        told.append(str(error.value))

    assert ["gsm: no answer to open within 2.5 s", "gsm: no answer to receive within 0.5 s"] == told
    assert 2.5 + 0.5 + gammu_child.SECONDS_TO_DIE == settings.longest_turn


@pytest.mark.parametrize(
    "worker",
    [alarm_texts, alarmer, call_watcher, guard_alarms, health_alarms, loop_test, modem_watch, receiver, sender],
)
def test_nobody_is_stuck_who_waits_for_news(worker: ModuleType) -> None:
    """A sign of life is due between two looks, also on a busy machine."""
    assert 20 < STUCK_AFTER - worker.POLL


def test_nobody_is_stuck_who_waits_for_a_slow_modem() -> None:
    """Of the three workers on it each may have to wait for the other two."""
    settings = GammuSettings(name="gsm", device="/dev/null", submit_deadline=1000)
    assert settings.longest_turn > 1000 + settings.open_deadline + preflight.LONGEST_SECONDS_WITH_CYCLE
    assert stuck_after(settings) > 3 * settings.longest_turn
    assert STUCK_AFTER == stuck_after(SimulatedSettings(name="gsm", folder=Path("/")))
