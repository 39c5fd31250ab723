"""SIGTERM ends the real daemon within two seconds, whatever its modem is stuck in; what it knows of a text is true."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests import fake_ami
from tests.daemon import running
from tests.daemon.running import Daemon
from tests.emulator import ModemEmulator, Silence
from tests.fake_ami import FakeAmi
from textbackd import clock

ANN, BOB = "+447700900101", "+447700900102"
SECONDS = 2.0

Stuck = Callable[["Office"], Awaitable[None]]


class Office:
    """A daemon that is yet to be started, its modem and its PBX."""

    def __init__(self, folder: Path, emulator: ModemEmulator, ami: FakeAmi) -> None:
        self.emulator = emulator
        self.ami = ami
        self.daemon = Daemon(running.configuration(folder, host="127.0.0.1", port=ami.port, device=emulator.device))

    async def start(self) -> None:
        """With a modem that answers."""
        await self.daemon.start()
        await self.daemon.until("modem_connected")
        await self.daemon.until("pbx_connected")
        self.emulator.commands.clear()

    def text(self) -> None:
        """A call is missed."""
        self.ami.send(*fake_ami.rings_out("1.1", ANN))


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with contextlib.AsyncExitStack() as stack:
        emulator = await stack.enter_async_context(ModemEmulator(tmp_path / "stick"))
        ami = await stack.enter_async_context(fake_ami.listening())
        office = Office(tmp_path, emulator, ami)
        stack.push_async_callback(office.daemon.close)
        yield office


async def opening_a_silent_port(office: Office) -> None:
    office.emulator.fault = Silence()
    await office.daemon.start()
    await office.emulator.commanded("AT")


async def a_pin_is_wanted(office: Office) -> None:
    office.emulator.pin_state = "SIM PIN"
    await office.daemon.start()
    await office.daemon.until("modem_lost")


async def unplugged(office: Office) -> None:
    await office.start()
    office.emulator.unplug()
    await office.daemon.until("modem_lost")
    office.text()


async def jammed(office: Office) -> None:
    """gammu is in the middle of a write that never returns."""
    await office.start()
    office.text()
    await office.emulator.commanded("AT+CMGS")
    office.emulator.jam()


async def waiting_for_the_network(office: Office) -> None:
    await office.start()
    office.emulator.fault = Silence(at="PDU")
    office.text()
    await office.emulator.submitted()


async def silent_poll(office: Office) -> None:
    await office.start()
    office.emulator.fault = Silence(at="AT+CMGL")
    office.emulator.deliver_sms(BOB, "hello", clock.utc_now().replace(microsecond=0))
    await office.emulator.commanded("AT+CMGL")


@pytest.mark.parametrize(
    ("stuck", "state"),
    [
        (opening_a_silent_port, None),
        (a_pin_is_wanted, None),
        (unplugged, "queued"),
        (jammed, "unknown"),
        (waiting_for_the_network, "unknown"),
        (silent_poll, None),
    ],
)
async def test_it_stops_within_two_seconds(office: Office, stuck: Stuck, state: str | None) -> None:
    """And leaves nobody who has the port open: the next daemon opens it at once."""
    await stuck(office)
    if state is not None:
        await texts_recorded(office.daemon)
    seconds = await office.daemon.stop()
    assert (office.daemon.returncode, seconds < SECONDS) == (0, True), seconds
    states = [row["state"] for row in office.daemon.rows("SELECT state FROM outbox WHERE kind = 'caller'")]
    assert states == ([state] if state else [])


async def texts_recorded(daemon: Daemon) -> None:
    """Return when the call has led to a text."""
    async with asyncio.timeout(10):
        await daemon.until("call_ended", decision="text")
