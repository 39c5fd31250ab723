"""The emulator as a process of its own, played through its control socket."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator import CmsError, Silence, client
from tests.emulator.client import EmulatorClient, EmulatorRefused
from tests.emulator.terminal import Terminal, a_submit

ALICE, BOB = "+447700900123", "+447700900456"


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[EmulatorClient]:
    silent = {tmp_path / "silent": b""}
    where = tmp_path / "modem", tmp_path / "control"
    async with client.running(*where, dead_ports=silent, log=tmp_path / "log") as emulator:
        yield emulator
    assert [(tmp_path / name).is_symlink() for name in ("modem", "silent")] == [False, False]


async def test_a_text_is_played_from_outside(emulator: EmulatorClient, tmp_path: Path) -> None:
    """Faults, reports and what became of it; a second client sees the same."""
    await emulator.script([CmsError(38)])
    await emulator.ask("reports", plan=[{"status": 0x46}])
    async with Terminal(tmp_path / "modem") as terminal:
        await terminal.ask("AT+CNMI=2,1,0,1,0")
        assert "+CMS ERROR: 38" in await terminal.submit(a_submit(ALICE, "hello"))
        assert "+CMGS: 1" in await terminal.submit(a_submit(ALICE, "again"))
        await terminal.hears("CDS: .*\r\n.*46\r\n")
        await emulator.ask("report", submission=1)
        await terminal.hears("CDS: .*\r\n.*00\r\n")
        await emulator.ask("deliver_sms", sender=BOB, text="STOP", sent_at="2026-11-20T12:00:00+00:00")
        await terminal.hears("CMTI")
    refused, sent = await emulator.submitted(2)
    assert (refused["outcome"], sent["text"], sent["reference"]) == ("+CMS ERROR: 38", "again", 1)
    assert await emulator.texts() == [(ALICE, "again")]
    assert [json.loads(line) for line in (tmp_path / "log").read_text("utf-8").splitlines()] == [refused, sent]
    async with client.connected(tmp_path / "control") as other:
        state = await other.ask("state")
    assert (state["submissions"], state["stores"]["SM"], state["script"]) == (2, [1], [])


async def test_every_knob(emulator: EmulatorClient, tmp_path: Path) -> None:
    """Fields are set by name, verbs are done."""
    await emulator.set("network.signal", 99)
    await emulator.set("storage.sizes.SM", 1)
    await emulator.set("pin_state", "SIM PIN")
    await emulator.set("identity.maker", "huawei")
    async with Terminal(tmp_path / "modem") as terminal:
        await terminal.ask("ATE0")
        assert "+CSQ: 99,99" in await terminal.ask("AT+CSQ")
        assert "SIM PIN" in await terminal.ask("AT+CPIN?")
        await emulator.ask("storm", every=0.01)
        await terminal.hears("HCSQ")
        await terminal.ask("AT^CURC=0")
        await emulator.fault(Silence())
        terminal.type("AT\r")
        await terminal.hears_nothing()
        await emulator.fault(None)
    await emulator.ask("unplug")
    assert not (tmp_path / "modem").is_symlink()
    await emulator.ask("plug", other_node=True)
    assert (await emulator.ask("state"))["plugged"]


async def test_mistakes_are_told(emulator: EmulatorClient) -> None:
    """And the emulator goes on."""
    for do, arguments in (
        ("dance", {}),
        ("plug", {}),
        ("set", {"name": "network.singal", "value": 1}),
        ("script", {"steps": [{"kind": "NoFault"}]}),
        ("submitted", {"count": 1, "timeout": 0.05}),
    ):
        with pytest.raises(EmulatorRefused, match=do):
            await emulator.ask(do, **arguments)
    assert (await emulator.ask("state"))["submissions"] == 0
