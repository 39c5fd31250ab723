"""gammu's real AT driver does on the emulated modem what it was measured to do on faults (facts of the modem)."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path

import pytest

from tests.emulator import (
    CmeError,
    CmsError,
    Garbage,
    Interjection,
    LateAnswer,
    ModemEmulator,
    Reboot,
    Report,
    Silence,
    Unplug,
)
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Encoding, Segment
from textbackd.modem.gammu_modem import GammuModem, GammuSettings
from textbackd.modem.modem import ModemError, ModemUnavailable, SubmitRefused, SubmitUnknown

ALICE, BOB = E164("+447700900123"), "+447700900456"
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@pytest.fixture
async def emulator(tmp_path: Path) -> AsyncIterator[ModemEmulator]:
    async with ModemEmulator(tmp_path / "modem") as emulator:
        yield emulator


@pytest.fixture
async def modem(emulator: ModemEmulator) -> AsyncIterator[GammuModem]:
    modem = GammuModem(GammuSettings(name="gsm", device=str(emulator.device), open_deadline=60))
    yield modem
    await modem.close()


async def failed(command: Awaitable[object]) -> tuple[ModemError, float]:
    """How it failed, and after how many seconds."""
    begun = time.monotonic()
    try:
        await command
    except ModemError as error:
        return error, time.monotonic() - begun
    pytest.fail("it did not fail")


async def test_it_never_echoes(emulator: ModemEmulator, modem: GammuModem) -> None:
    """ERR_NOECHO, after 1.8 s."""
    emulator.echoes = False
    error, seconds = await failed(modem.status())
    assert "ERR_NOECHO" in str(error)
    assert seconds < 5


async def test_one_life_of_faults(emulator: ModemEmulator, modem: GammuModem) -> None:
    """What gammu gets over: one opened modem goes through it all, and its references stay right."""
    await modem.status()
    texts = []

    async def sends(text: str) -> int:
        texts.append((ALICE, text))
        return await modem.submit(ALICE, Segment(text=text, encoding=Encoding.GSM7))

    # A late OK or no within gammu's patience is an answer like any other.
    emulator.script = [LateAnswer(2), LateAnswer(2, cms=38), LateAnswer(1, busy=False)]
    assert await sends("late") == 1
    error, seconds = await failed(modem.submit(ALICE, Segment(text="late no", encoding=Encoding.GSM7)))
    assert isinstance(error, SubmitRefused)
    assert (error.cms, seconds > 2) == (38, True)
    assert await sends("late, not busy") == 2

    # Garbage before the answer to a submit, and lines that gammu knows.
    emulator.script = [Garbage(at="PDU"), Interjection("^RSSI: 12", at="PDU"), Interjection("RING", at="PDU")]
    assert [await sends(text) for text in ("garbage", "rssi", "ring")] == [3, 4, 5]

    # A call to the SIM while nothing goes on.
    emulator.network.call(BOB, every=0.1)
    assert await sends("while it rings") == 6
    emulator.network.hang_up()

    # Refused in place of the prompt, for ever, until it is over.
    emulator.fault = CmsError(331, at="AT+CMGS")
    for _ in range(2):
        error, _ = await failed(modem.submit(ALICE, Segment(text="no", encoding=Encoding.GSM7)))
        assert isinstance(error, SubmitRefused)
    emulator.fault = None

    # No network: said after the PDU.
    emulator.network.registration = "denied"
    error, _ = await failed(modem.submit(ALICE, Segment(text="no network", encoding=Encoding.GSM7)))
    assert isinstance(error, SubmitRefused)
    assert error.cms == 331
    assert not (await modem.status()).registration.registered
    emulator.network.registration = "roaming"
    emulator.network.signal = 99
    identity = await modem.status()
    assert (identity.registration.registered, identity.signal_percent) == (True, None)

    assert await sends("well again") == 7
    assert emulator.texts() == texts


async def test_reports_in_every_order(emulator: ModemEmulator, modem: GammuModem) -> None:
    """Before the answer, at once, twice, on another text, pending and failed: gammu hands out each as it came."""
    await modem.status()
    emulator.network.report_script.extend(
        [
            [Report(before_answer=True, status=0x30), Report()],
            [Report(status=0x46), Report(status=0x46)],
            [Report(reference_offset=-1)],
            [],
        ]
    )
    for _ in range(4):
        await modem.submit(ALICE, Segment(text="hello", encoding=Encoding.GSM7))
    reports: list[tuple[int, int]] = []
    async with asyncio.timeout(10):
        while len(reports) < 5:
            reports += [(report.message_reference, report.status) for report in (await modem.receive()).reports]
    assert reports == [(1, 0x30), (1, 0), (2, 0x46), (2, 0x46), (2, 0)]


async def test_a_full_store_is_emptied(emulator: ModemEmulator, modem: GammuModem) -> None:
    """The network holds back what there is no room for; each delete makes room."""
    emulator.storage.sizes.update(SM=1, ME=2)
    await modem.receive()
    for number in range(4):
        emulator.deliver_sms(BOB, f"text {number}", NOON)
    assert emulator.network.held == 2
    (first, second) = (await modem.receive()).messages
    assert [first.text, second.text] == ["text 0", "text 1"]
    await modem.delete(first.places)
    await modem.delete(second.places)
    assert emulator.network.held == 0
    assert [message.text for message in (await modem.receive()).messages] == ["text 2", "text 3"]


@pytest.mark.parametrize(
    ("state", "words"), [("SIM PUK", "asks for its PUK"), ("NOT INSERTED", "ERR_NOSIM"), ("BUSY", "ERR_NOSIM")]
)
async def test_no_open_sim(emulator: ModemEmulator, modem: GammuModem, state: str, words: str) -> None:
    """The modem is not used, and the reason is said."""
    emulator.pin_state = state
    error, _ = await failed(modem.status())
    assert words in str(error)


async def test_an_unknown_line_before_an_answer(emulator: ModemEmulator, modem: GammuModem) -> None:
    """ERR_UNKNOWNRESPONSE, at once."""
    await modem.status()
    emulator.script = [Interjection("SMS DONE", at="AT+CSQ")]
    error, seconds = await failed(modem.status())
    assert "ERR_UNKNOWNRESPONSE" in str(error)
    assert seconds < 2


async def test_a_cme_error(emulator: ModemEmulator, modem: GammuModem) -> None:
    """A command is refused with its reason, at once."""
    await modem.status()
    emulator.script = [CmeError(30, at="AT+CSQ")]
    error, seconds = await failed(modem.status())
    assert "ERR_" in str(error)
    assert seconds < 2


@pytest.mark.parametrize("fault", [Unplug(1, at="PDU"), Reboot(1, at="PDU", port_goes=True)], ids=["cable", "reboot"])
async def test_gone_after_the_pdu(emulator: ModemEmulator, modem: GammuModem, fault: Unplug | Reboot) -> None:
    """The text is unknown, whether gammu notices or our deadline ends it; the next goes out on the modem come back."""
    modem._settings = GammuSettings(name="gsm", device=str(emulator.device), submit_deadline=4)
    await modem.status()
    emulator.script = [fault]
    error, _ = await failed(modem.submit(ALICE, Segment(text="gone?", encoding=Encoding.GSM7)))
    assert isinstance(error, SubmitUnknown)
    await emulator.plugged_in()
    assert await resubmitted(modem, "back") == 2
    assert emulator.texts() == [(ALICE, "gone?"), (ALICE, "back")]


@pytest.mark.long
async def test_a_reboot_while_idle(emulator: ModemEmulator, modem: GammuModem) -> None:
    """The port stays, echo and settings go: the next submit fails before its PDU; opened anew, reports come again."""
    emulator.defaults.echo = False
    await modem.status()
    emulator.reboot(0.5)
    error, _ = await failed(modem.submit(ALICE, Segment(text="into the void", encoding=Encoding.GSM7)))
    assert isinstance(error, ModemUnavailable)
    assert emulator.settings.cnmi == (0, 0, 0, 0, 0)
    assert await resubmitted(modem, "after all") == 1
    assert emulator.settings.cnmi == (2, 1, 0, 1, 0)
    assert emulator.texts() == [(ALICE, "after all")]


@pytest.mark.long
async def test_a_storm_while_the_network_has_the_text(emulator: ModemEmulator, modem: GammuModem) -> None:
    """gammu counts 100 reads, not seconds: it gives up after 17 s, and the text was sent."""
    await modem.status()
    emulator.script = [LateAnswer(60)]
    async with asyncio.TaskGroup() as tasks:
        outcome = tasks.create_task(failed(modem.submit(ALICE, Segment(text="storm", encoding=Encoding.GSM7))))
        await emulator.submitted()
        emulator.storm()
    error, seconds = outcome.result()
    assert isinstance(error, SubmitUnknown)
    assert 10 < seconds < 40


@pytest.mark.long
@pytest.mark.timeout(300)
async def test_a_late_ok_is_booked_on_nobody(emulator: ModemEmulator, modem: GammuModem) -> None:
    """An OK after gammu gave up (99 s) is unknown; the next text, on another child, has its own reference."""
    await modem.status()
    emulator.script = [LateAnswer(101)]
    error, seconds = await failed(modem.submit(ALICE, Segment(text="first", encoding=Encoding.GSM7)))
    assert isinstance(error, SubmitUnknown)
    assert 90 < seconds < 125
    assert await resubmitted(modem, "second") == 2


@pytest.mark.long
@pytest.mark.parametrize("line", ["+CTZV: +04", '+QIND: "csq",20,99', "SMS DONE", "OVER-VOLTAGE WARNNING"])
async def test_an_unknown_line_while_idle(emulator: ModemEmulator, modem: GammuModem, line: str) -> None:
    """gammu reads on in it: the next submit finds no prompt for 30 s, and is not sent; the one on a new child is."""
    assert await modem.submit(ALICE, Segment(text="before", encoding=Encoding.GSM7)) == 1
    emulator.say(line)
    error, seconds = await failed(modem.submit(ALICE, Segment(text="behind it", encoding=Encoding.GSM7)))
    assert isinstance(error, ModemUnavailable)
    assert 25 < seconds < 40
    assert await resubmitted(modem, "behind it") == 2
    assert emulator.texts() == [(ALICE, "before"), (ALICE, "behind it")]


@pytest.mark.long
async def test_a_status_question_without_answer(emulator: ModemEmulator, modem: GammuModem) -> None:
    """gammu waits 20 s for it."""
    await modem.status()
    emulator.script = [Silence(at="AT+CSQ")]
    error, seconds = await failed(modem.status())
    assert "ERR_TIMEOUT" in str(error)
    assert 15 < seconds < 25


async def resubmitted(modem: GammuModem, text: str) -> int:
    """The reference, after the back-off of a modem that has to be opened anew."""
    while True:
        try:
            return await modem.submit(ALICE, Segment(text=text, encoding=Encoding.GSM7))
        except ModemUnavailable:
            until = max(modem._reopening.not_before, modem._answer_may_come_until)
            await asyncio.sleep(max(0.1, until - time.monotonic()))
