"""The cable."""

import asyncio
from pathlib import Path

import pytest
import serial

from tests.emulator import ModemEmulator
from tests.emulator.terminal import Terminal


@pytest.mark.parametrize("port_is_held", [True, False])
async def test_replugged_elsewhere(modem: ModemEmulator, port_is_held: bool) -> None:
    """The link is the same, the tty another, whether or not somebody still has the old one open."""
    old = modem.device.readlink()
    held = serial.Serial(str(modem.device)) if port_is_held else None
    modem.unplug()
    assert not modem.device.is_symlink()
    modem.plug(other_node=True)
    assert modem.device.readlink() != old
    async with Terminal(modem.device) as terminal:
        assert (await terminal.ask("AT")).endswith("OK\r\n")
    if held:
        held.close()


async def test_what_it_knows_survives_the_cable(modem: ModemEmulator) -> None:
    """Texts and references do, settings do not."""
    modem.last_reference = 7
    modem.storage.put("SM", b"\x00")
    modem.settings.creg = 2
    modem.unplug()
    modem.plug()
    assert (modem.last_reference, list(modem.stores["SM"]), modem.settings.creg) == (7, [1], 0)


async def test_a_jammed_port_takes_nothing(modem: ModemEmulator) -> None:
    """Writes fail, and nothing reaches the modem until it is freed."""
    with serial.Serial(str(modem.device), write_timeout=0.1) as port:
        modem.jam()
        with pytest.raises(serial.SerialTimeoutException):
            await asyncio.to_thread(port.write, b"AT\r")
        assert modem.commands == []
        modem.unjam()
        port.write(b"AT\r")
        await modem.commanded("AT")


async def test_nobody_reads(modem: ModemEmulator) -> None:
    """A megabyte that nobody reads holds up nothing; the first of it is there for whoever comes."""
    for number in range(20_000):
        modem.say(f"^RSSI: {number} {'x' * 40}")
    async with Terminal(modem.device) as terminal:
        modem.calm()
        terminal.type("AT\r")
        await modem.commanded("AT")


async def test_the_other_ports_of_a_stick(tmp_path: Path) -> None:
    """One is silent, one speaks garbage, one is the modem; they come and go together."""
    silent, noisy = tmp_path / "if00", tmp_path / "if01"
    async with ModemEmulator(tmp_path / "if02", dead_ports={silent: b"", noisy: b"\xff\x00~"}) as modem:
        async with Terminal(silent) as terminal:
            terminal.type("AT\r")
            await terminal.hears_nothing()
        async with Terminal(noisy) as terminal:
            terminal.type("AT\r")
            assert await terminal.hears("~") == "\xff\x00~"
        async with Terminal(modem.device) as terminal:
            assert "OK" in await terminal.ask("AT")
        modem.unplug()
        assert [path.is_symlink() for path in (silent, noisy, modem.device)] == [False, False, False]
        modem.plug()


def open_descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


async def test_nothing_is_left_open(tmp_path: Path) -> None:
    """A thousand times in and out: no descriptor stays."""
    async with ModemEmulator(tmp_path / "modem") as modem:
        before = open_descriptors()
        for _ in range(1000):
            modem.unplug()
            modem.plug(other_node=True)
        assert open_descriptors() == before
