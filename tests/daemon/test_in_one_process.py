"""The daemon in this process, with far ends that misbehave as no real one can be told to."""

import asyncio
import contextlib
import dataclasses
import fcntl
from collections import deque
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests import fake_ami
from tests.daemon import crashing
from tests.daemon.said import Said
from tests.fake_ami import FakeAmi
from textbackd import clock, daemon
from textbackd.config import Settings
from textbackd.core.calls import LiveCall
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Segment
from textbackd.errors import UserError
from textbackd.modem.modem import Modem, ModemStatus, ModemUnavailable, Received, Stored
from textbackd.reload import Reload
from textbackd.store import live_calls
from textbackd.store.database import Database, Row, StoreError

ANN, BOB = "+447700900101", "+447700900102"


class DumbModem:
    """Takes every command and never answers."""

    name = "gsm"

    def __init__(self) -> None:
        self.incoming = asyncio.Event()
        self.pushed: deque[bytes] = deque()
        self.given = asyncio.Event()
        """Set when it was given a text."""

    async def open(self) -> None:
        """It always is."""

    async def submit(self, number: E164, segment: Segment) -> int:
        self.given.set()
        return await self._never()

    async def receive(self, shelf: Sequence[Stored] = ()) -> Received:
        await self._never()
        raise AssertionError

    async def delete(self, places: Sequence[str]) -> None:
        await self._never()

    async def status(self) -> ModemStatus:
        raise ModemUnavailable("it does not answer")

    async def reset(self, *, radio: bool = False) -> None:
        """It is as dumb as before."""

    async def close(self) -> None:
        """At once, as any modem must."""

    async def _never(self) -> int:
        await asyncio.Event().wait()
        raise AssertionError


@contextlib.asynccontextmanager
async def at_work(settings: Settings, ami: FakeAmi, reload: Reload | None = None) -> AsyncIterator[None]:
    """A daemon that is connected; stopped at the end, within two seconds."""
    stop, ready = asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as group:
        running = group.create_task(daemon.run(settings, stop=stop, ready=ready.set, reload=reload))
        await ready.wait()
        await ami.until_asked("Status")
        yield
        stop.set()
        async with asyncio.timeout(2):
            await running


async def outbox(settings: Settings) -> list[Row]:
    async with Database.open(settings.database) as database, database.reading() as tx:
        return list(await tx.all("SELECT * FROM outbox WHERE kind = 'caller' ORDER BY id"))


async def test_a_modem_that_never_answers_delays_no_decision(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it has one text, the next call is decided; a stop ends all within two seconds, and nothing is lost."""
    modem = DumbModem()

    def dumb(_settings: object, _unanswered: object) -> Modem:
        return modem

    monkeypatch.setattr(daemon, "_modem", dumb)
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        async with at_work(settings, ami):
            ami.send(*fake_ami.rings_out("1.1", ANN))
            async with asyncio.timeout(5):
                await modem.given.wait()
            ami.send(*fake_ami.rings_out("2.2", BOB))
            await said.until("call_ended", call_id="2.2", decision="text")

    assert [(ANN, "unknown"), (BOB, "queued")] == [(row["number"], row["state"]) for row in await outbox(settings)]


async def test_a_call_in_the_air_is_followed_over_a_restart(tmp_path: Path, said: Said) -> None:
    """Its end is seen by the next life, but not its beginning: unknown, a lead, no text."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        arriving = fake_ami.arrives("1.1", ANN)
        async with at_work(settings, ami):
            ami.send(*arriving)
            await ami.until_asked("Getvar", 3)
            ami.send(*fake_ami.rings_out("2.2", BOB))
            await said.until("call_ended", call_id="2.2")
        ami.channels = fake_ami.listed(arriving)
        ami.actions.clear()
        async with at_work(settings, ami):
            await said.until("pbx_connected", count=2)
            ami.send(*fake_ami.is_not_answered("1.1"))
            line = await said.until("call_ended", call_id="1.1")

    assert ("unknown", "silent") == (line["outcome"], line["decision"])
    assert [BOB] == [row["number"] for row in await outbox(settings)]


async def test_a_message_that_is_not_understood_costs_one_message(tmp_path: Path, said: Said) -> None:
    """The link stays, and so does everybody else's call."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        async with at_work(settings, ami):
            ami.send({"Event": "Newchannel", "ChannelState": "4"}, *fake_ami.rings_out("1.1", ANN))
            await said.until("call_ended", call_id="1.1", decision="text")

    assert 1 == ami.connections
    assert 1 == len(said.events("pbx_event_not_understood"))


async def test_a_second_daemon_on_the_same_database_is_refused(tmp_path: Path, said: Said) -> None:
    """It would take the first one's texts for interrupted ones."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        async with at_work(settings, ami):
            with pytest.raises(UserError, match="another textbackd is running"):
                await daemon.run(settings, stop=asyncio.Event())
        async with at_work(settings, ami):
            """The lock goes with the process that held it."""


async def test_a_lock_that_a_killed_daemon_leaves_for_a_moment_is_waited_for(tmp_path: Path, said: Said) -> None:
    """A child that it was just starting holds it until it is another program."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        lock = (tmp_path / "textbackd.db.lock").open("a")
        fcntl.flock(lock, fcntl.LOCK_EX)
        asyncio.get_running_loop().call_later(0.2, lock.close)
        async with at_work(settings, ami):
            assert lock.closed


async def test_a_database_that_is_taken_away_ends_the_daemon(tmp_path: Path, said: Said) -> None:
    """It would go on writing into a file that nobody can ever read."""

    async def lose_the_database(settings: Settings, ami: FakeAmi) -> None:
        async with asyncio.timeout(5), at_work(settings, ami):
            settings.database.unlink()
            await asyncio.Event().wait()

    async with fake_ami.listening() as ami:
        with pytest.raises(ExceptionGroup) as ended:
            await lose_the_database(crashing.settings(tmp_path, ami.port), ami)

    assert ended.group_contains(StoreError, match="was removed or replaced")


async def test_calls_of_a_pbx_that_is_no_longer_configured_end(tmp_path: Path, said: Said) -> None:
    """Their callers would count as being on the line for ever, and never be texted again."""
    async with fake_ami.listening() as ami:
        settings = crashing.settings(tmp_path, ami.port)
        call = LiveCall(call_id="1.1", caller=ANN, did="01632960101", started_at=clock.utc_now())
        async with Database.open(settings.database) as database, database.transaction() as tx:
            await live_calls.add(tx, "old", call, E164(ANN))
        async with at_work(settings, ami):
            ami.send(*fake_ami.rings_out("2.2", ANN))
            await said.until("text_accepted")

    assert [("1.1", "unknown")] == [(line["call_id"], line["outcome"]) for line in said.events("call_ended", pbx="old")]


async def test_a_folder_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    """With what to do: whoever tries it without an installation may not write to /var/lib."""
    (tmp_path / "no-folder").touch()
    settings = dataclasses.replace(crashing.settings(tmp_path, 1), database=tmp_path / "no-folder" / "textbackd.db")

    with pytest.raises(UserError, match=r"textbackd\.db\.lock: .*; run textbackd as a user who may write there, or "):
        await daemon.run(settings, stop=asyncio.Event())
