"""A small filled database with its configuration, and the command in a process of its own or in this one."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import structlog

from tests import fake_ami
from tests.builders import CALLER, NOON, a_policy, seconds
from tests.daemon import running
from tests.workers.far_ends import ManualClock, ScriptedModem
from textbackd.cli import main
from textbackd.modem.modem import IncomingSms
from textbackd.pbx.asterisk_events import AsteriskTranslator
from textbackd.pbx.trunks import Trunks
from textbackd.store.database import Database
from textbackd.workers.bell import Bell
from textbackd.workers.call_watcher import CallWatcher
from textbackd.workers.receiver import Receiver
from textbackd.workers.sender import Sender

BOB, EVE = "+447700900456", "+447700900457"


class Result:
    """How a command ended, and what it said."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err

    @property
    def json(self) -> Any:
        """Its one JSON document; the command went well."""
        assert (0, "") == (self.code, self.err)
        return json.loads(self.out)


class Desk:
    """Where the sysadmin sits."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.configuration = running.configuration(folder, host="127.0.0.1", port=1)
        self.database = folder / "textbackd.db"
        self._capsys = capsys
        self._monkeypatch = monkeypatch
        monkeypatch.setenv("TEXTBACKD_CONFIG", str(self.configuration))

    def run(self, *words: str) -> Result:
        """``textbackd WORDS``, by its real entry, with this desk's configuration."""
        self._capsys.readouterr()
        self._monkeypatch.setattr("sys.argv", ["textbackd", *words])
        try:
            main.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        else:
            code = 0
        return Result(code, *self._capsys.readouterr())

    def fill(self) -> None:
        """A day: Bob's call rings out and he is texted; Eve said STOP and calls; somebody withholds his number."""
        asyncio.run(_fill(self.database))


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    """Without a database."""
    yield Desk(tmp_path, capsys, monkeypatch)
    structlog.reset_defaults()  # a command sets up the log, on the standard error of this test


@pytest.fixture
def filled(desk: Desk) -> Desk:
    """After a day at work."""
    desk.fill()
    return desk


async def _fill(path: Path) -> None:
    clock, modem, policy = ManualClock(), ScriptedModem(), a_policy(delay=seconds(0))
    async with Database.open(path, durable=False) as database:
        watcher = CallWatcher("asterisk", database, lambda: policy, lambda: None)
        receiver = Receiver(modem, database, lambda: policy, lambda: None, clock)
        sender = Sender(modem, database, lambda: policy, Bell(), clock)
        modem.sim = [IncomingSms(sender=EVE, sent_at=NOON, text="STOP", places=("1",))]
        await receiver.step()
        await _see(watcher, clock, fake_ami.rings_out("1795220361.1", BOB))
        await _see(watcher, clock, fake_ami.rings_out("1795220362.2", EVE))
        await _see(watcher, clock, fake_ami.rings_out("1795220363.3", "anonymous"))
        while await sender.step():
            pass
        modem.sim = [IncomingSms(sender=BOB, sent_at=NOON, text="Water under the sink", places=("2",))]
        await receiver.step()
        await _see(watcher, clock, fake_ami.rings_out("1795220364.4", CALLER))


async def _see(watcher: CallWatcher, clock: ManualClock, story: Sequence[fake_ami.Message]) -> None:
    translator = AsteriskTranslator(Trunks())
    for message in story:
        clock.move_on(1)
        for event in translator.events(message, clock()):
            await watcher.take(event, clock())
