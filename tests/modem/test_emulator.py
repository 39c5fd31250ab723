"""gammu's real AT driver, by itself, does on the emulated modem what it was measured to do on faults.

What it gets over and what our driver adds is in ``test_gammu_faults`` and ``test_mishaps``; this is why it is needed.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.emulator import CmeError, CmsError, Garbage, Interjection, LateAnswer, ModemEmulator, Silence
from tests.modem import raw_gammu
from tests.modem.raw_gammu import RawGammu


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[ModemEmulator]:
    async with ModemEmulator(tmp_path / "modem") as emulator:
        yield emulator


@pytest.fixture
async def gammu(emulator: ModemEmulator) -> AsyncIterator[RawGammu]:
    async with raw_gammu.on(emulator.device) as gammu:
        yield gammu


async def test_it_never_echoes(emulator: ModemEmulator, gammu: RawGammu) -> None:
    """ERR_NOECHO, after 1.8 s."""
    emulator.echoes = False
    init = await gammu.call("Init")
    assert init.error == "ERR_NOECHO"
    assert init.seconds < 5


async def test_one_life_of_faults(emulator: ModemEmulator, gammu: RawGammu) -> None:
    """What gammu gets over: one open modem goes through it all, and its references stay right."""
    assert (await gammu.call("Init")).error == ""
    sent = []

    async def sends(text: str) -> int:
        sent.append(text)
        outcome = await gammu.send(text)
        assert outcome.error == ""
        return int(outcome.result)

    # A late OK or no within gammu's patience is an answer like any other; the number of the no is lost.
    emulator.script = [LateAnswer(2), LateAnswer(2, cms=38), LateAnswer(1, busy=False)]
    assert await sends("late") == 1
    late_no = await gammu.send("late no")
    assert (late_no.error, late_no.seconds > 2) == ("ERR_UNKNOWN", True)
    assert await sends("late, not busy") == 2

    # Garbage before the answer to a text, and lines that it knows.
    emulator.script = [Garbage(at="PDU"), Interjection("^RSSI: 12", at="PDU"), Interjection("RING", at="PDU")]
    assert [await sends(text) for text in ("garbage", "rssi", "ring")] == [3, 4, 5]

    # Refused in place of the prompt: the number is not lost.
    emulator.script = [CmsError(331, at="AT+CMGS")]
    assert (await gammu.send("no")).error == "ERR_NETWORK_ERROR"

    # No network: told after the PDU, and lost.
    emulator.network.registration = "denied"
    assert (await gammu.send("no network")).error == "ERR_UNKNOWN"
    emulator.network.registration = "home"

    # A full SIM has a name of its own.
    emulator.script = [CmsError(322)]
    assert (await gammu.send("full")).error == "ERR_FULL"

    # A plain question is refused with its reason, or confused by a line that gammu does not know: at once.
    emulator.script = [CmeError(30, at="AT+CSQ"), Interjection("SMS DONE", at="AT+CSQ")]
    assert (await gammu.call("GetSignalQuality")).error == "ERR_NETWORK_ERROR"
    assert (await gammu.call("GetSignalQuality")).error == "ERR_UNKNOWNRESPONSE"
    emulator.network.signal = 99
    assert (await gammu.call("GetSignalQuality")).result["SignalPercent"] == -1

    assert await sends("well again") == 6
    assert [text for _, text in emulator.texts()] == sent


@pytest.mark.parametrize(
    ("state", "result", "error"),
    [("SIM PIN", "PIN", ""), ("SIM PUK", "PUK", ""), ("NOT INSERTED", None, "ERR_NOSIM"), ("BUSY", None, "ERR_NOSIM")],
)
async def test_no_open_sim(
    emulator: ModemEmulator, gammu: RawGammu, state: str, result: str | None, error: str
) -> None:
    """It opens all the same; a busy SIM is none."""
    emulator.pin_state = state
    assert (await gammu.call("Init")).error == ""
    security = await gammu.call("GetSecurityStatus")
    assert (security.result, security.error) == (result, error)


@pytest.mark.long
@pytest.mark.parametrize("line", ["+CTZV: +04", '+QIND: "csq",20,99', "SMS DONE", "OVER-VOLTAGE WARNNING"])
async def test_an_unknown_line_while_idle(emulator: ModemEmulator, gammu: RawGammu, line: str) -> None:
    """gammu reads on in it: the next command is not answered for 20 s, the one after it is."""
    await gammu.call("Init")
    emulator.say(line)
    signal = await gammu.call("GetSignalQuality")
    assert signal.error == "ERR_TIMEOUT"
    assert 15 < signal.seconds < 25
    assert (await gammu.call("GetSignalQuality")).error == ""


@pytest.mark.long
async def test_silence(emulator: ModemEmulator, gammu: RawGammu) -> None:
    """A question is waited for 20 s, the prompt 31 s; the command after that is lost."""
    await gammu.call("Init")
    emulator.script = [Silence(at="AT+CSQ")]
    signal = await gammu.call("GetSignalQuality")
    assert (signal.error, 15 < signal.seconds < 25) == ("ERR_TIMEOUT", True)
    assert (await gammu.call("GetSignalQuality")).error == ""
    emulator.script = [Silence(at="AT+CMGS")]
    text = await gammu.send("never asked for")
    assert (text.error, 25 < text.seconds < 40) == ("ERR_TIMEOUT", True)
    assert emulator.submissions == []


@pytest.mark.long
async def test_a_storm_while_the_network_has_the_text(emulator: ModemEmulator, gammu: RawGammu) -> None:
    """gammu counts 100 reads, not seconds: it gives up after 17 s, and the text was sent."""
    await gammu.call("Init")
    emulator.script = [LateAnswer(60)]
    async with asyncio.TaskGroup() as tasks:
        send = tasks.create_task(gammu.send("storm"))
        await emulator.submitted()
        emulator.storm()
    assert send.result().error == "ERR_TIMEOUT"
    assert 10 < send.result().seconds < 40


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_late_ok_is_booked_on_the_next_text(emulator: ModemEmulator, gammu: RawGammu) -> None:
    """After 99 s gammu gives up; the OK that comes 2 s later is that of the next text to it, and so for ever."""
    await gammu.call("Init")
    emulator.script = [LateAnswer(101)]
    first = await gammu.send("first")
    assert (first.error, 90 < first.seconds < 105) == ("ERR_TIMEOUT", True)
    assert [(await gammu.send(text)).result for text in ("second", "third")] == [1, 2]
    assert [sent.reference for sent in emulator.submissions] == [1, 2, 3]
