"""The real gammu AT driver in its child process, when things go wrong: what was sent, what was not, and who knows."""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.emulator import CmsError, ModemEmulator, PlainError, Silence
from tests.emulator.pdu import encode_deliver, encode_status_report
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import Encoding
from textbackd.modem.gammu_modem import GammuModem, GammuSettings
from textbackd.modem.modem import DeliveryReport, ModemUnavailable, SubmitRefused, SubmitUnknown

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALICE = E164("+447700900123")
BOB = "+447700900456"
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


@dataclasses.dataclass(frozen=True, slots=True)
class Pair:
    """A modem, and what it is plugged into."""

    emulator: ModemEmulator
    modem: GammuModem


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pairs(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Pair]]:
    """Open modems, one for all tests that leave it well, and one for each that does not: gammu takes 4 s to open."""
    async with contextlib.AsyncExitStack() as stack:
        pairs = []
        for number in range(9):
            folder = tmp_path_factory.mktemp("modem")
            emulator = await stack.enter_async_context(ModemEmulator(folder / "modem"))
            modem = GammuModem(GammuSettings(name=f"gsm{number}", device=str(emulator.device), submit_deadline=5))
            stack.push_async_callback(modem.close)
            pairs.append(Pair(emulator, modem))
        await asyncio.gather(*(pair.modem.identify() for pair in pairs))
        yield pairs


@pytest.fixture
def breakable(pairs: list[Pair]) -> Pair:
    """For one test to break."""
    return pairs.pop()


@pytest.fixture
def emulator(pairs: list[Pair]) -> ModemEmulator:
    """For all tests that leave it well; its SIM is empty and nothing is wrong with it."""
    emulator = pairs[0].emulator
    emulator.fault = None
    for store in emulator.stores.values():
        store.clear()
    emulator.submissions.clear()
    return emulator


@pytest_asyncio.fixture(loop_scope="module")
async def modem(pairs: list[Pair], emulator: ModemEmulator) -> GammuModem:
    """On ``emulator``, open; nothing waits in it."""
    modem = pairs[0].modem
    await modem.receive()
    modem.incoming.clear()
    return modem


def child_of(modem: GammuModem) -> int:
    """The process id of its child."""
    assert modem._child is not None
    pid = modem._child._transport.get_pid()
    assert pid is not None
    return pid


async def ended(pid: int) -> None:
    """Return when that process has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(descriptor, over.set)
    try:
        async with asyncio.timeout(20):
            await over.wait()
    finally:
        loop.remove_reader(descriptor)
        os.close(descriptor)


@pytest.mark.parametrize(
    ("fault", "cms"),
    [
        (CmsError(number=38), 38),
        (CmsError(number=500), 500),
        (CmsError(number=322), 322),
        (CmsError(number=310, in_place_of_prompt=True), 310),
        (PlainError(), None),
    ],
    ids=str,
)
async def test_a_no_is_a_no(modem: GammuModem, emulator: ModemEmulator, fault: CmsError, cms: int | None) -> None:
    """A refused text is known not to be sent, with the modem's number; the next one goes out on the same child."""
    child = child_of(modem)
    emulator.fault = fault
    with pytest.raises(SubmitRefused) as refused:
        # The words of gammu's log in the text do not confuse us.
        await modem.submit(ALICE, "CMS Error 12 Sending SMS Waiting for modem prompt", Encoding.GSM7)
    assert refused.value.cms == cms
    emulator.fault = None
    assert await modem.submit(ALICE, "again", Encoding.GSM7) == emulator.last_reference
    assert child_of(modem) == child


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("x" * 161, Encoding.GSM7),
        ("€" * 81, Encoding.GSM7),
        ("ж" * 71, Encoding.UCS2),
        ("not GSM: ж", Encoding.GSM7),
        ("cut off\x00here", Encoding.UCS2),
        ("half an emoji \ud83d", Encoding.UCS2),
    ],
    ids=["161-septets", "81-escapes", "71-units", "not-gsm7", "nul", "half-an-emoji"],
)
async def test_what_gammu_would_change_is_not_sent(
    modem: GammuModem, emulator: ModemEmulator, text: str, encoding: Encoding
) -> None:
    """Too long for one part, or not of that alphabet: refused before the modem hears of it."""
    with pytest.raises(SubmitRefused):
        await modem.submit(ALICE, text, encoding)
    assert emulator.submissions == []


async def test_every_text_asks_for_a_report_and_lives_a_day(modem: GammuModem, emulator: ModemEmulator) -> None:
    """TP-SRR is set, TP-VP is 24 hours (gammu's own would be 5 minutes), the service centre is the SIM's."""
    await modem.submit(ALICE, "hello", Encoding.GSM7)
    (sent,) = await emulator.submitted(1)
    assert (sent.report_requested, sent.validity, sent.smsc, sent.udh) == (True, 167, "+447700900000", b"")


async def test_silence_after_the_pdu_is_unknown(breakable: Pair) -> None:
    """The network has the text and we do not know: never "not sent"; the next text gets its own reference."""
    emulator, modem = breakable.emulator, breakable.modem
    emulator.fault = Silence(at="PDU")
    with pytest.raises(SubmitUnknown, match="no answer"):
        await modem.submit(ALICE, "did it go?", Encoding.GSM7)
    emulator.fault = None
    assert await modem.submit(ALICE, "next", Encoding.GSM7) == emulator.last_reference
    assert [sent.text for sent in emulator.submissions] == ["did it go?", "next"]


@pytest.mark.long
async def test_silence_at_the_prompt_is_not_sent(tmp_path: Path) -> None:
    """gammu gives up after 31 s; its log proves that the PDU was never written."""
    async with ModemEmulator(tmp_path / "modem") as emulator:
        modem = GammuModem(GammuSettings(name="gsm", device=str(emulator.device)))
        await modem.identify()
        emulator.fault = Silence(at="AT+CMGS")
        with pytest.raises(ModemUnavailable, match="ERR_TIMEOUT"):
            await modem.submit(ALICE, "never asked for", Encoding.GSM7)
        assert emulator.submissions == []
        await modem.close()


async def test_cms_332_is_unknown(breakable: Pair) -> None:
    """ "Network timeout": the one refusal after which the text may yet arrive."""
    emulator, modem = breakable.emulator, breakable.modem
    emulator.fault = CmsError(number=332)
    with pytest.raises(SubmitUnknown, match="332"):
        await modem.submit(ALICE, "perhaps", Encoding.GSM7)


async def test_a_jammed_port_is_given_up_at_the_deadline(breakable: Pair) -> None:
    """A write that never returns: the child is killed, and the port is free for the next."""
    emulator, modem = breakable.emulator, breakable.modem
    await modem.submit(ALICE, "well", Encoding.GSM7)
    child = child_of(modem)
    emulator.jam()
    with pytest.raises(SubmitUnknown, match="within 5 s"):
        await modem.submit(ALICE, "stuck", Encoding.GSM7)
    await ended(child)


async def test_child_killed_while_idle_is_replaced(breakable: Pair) -> None:
    """Nobody notices."""
    emulator, modem = breakable.emulator, breakable.modem
    child = child_of(modem)
    os.kill(child, signal.SIGKILL)
    assert modem._child is not None
    assert await modem._child.wait()
    assert await modem.submit(ALICE, "hello", Encoding.GSM7) == emulator.last_reference
    assert child_of(modem) != child


async def test_child_killed_while_it_submits_is_unknown(breakable: Pair) -> None:
    """The PDU may have been written."""
    emulator, modem = breakable.emulator, breakable.modem
    emulator.fault = Silence(at="PDU")
    async with asyncio.TaskGroup() as tasks:
        submit = tasks.create_task(caught(modem, "hello"))
        await emulator.submitted(1)
        os.kill(child_of(modem), signal.SIGKILL)
    assert isinstance(submit.result(), SubmitUnknown)


async def test_close_ends_a_submit_as_unknown(breakable: Pair) -> None:
    """Close waits for no modem; whoever was waiting for it is told that nobody knows."""
    emulator, modem = breakable.emulator, breakable.modem
    child = child_of(modem)
    emulator.fault = Silence(at="PDU")
    async with asyncio.TaskGroup() as tasks:
        submit = tasks.create_task(caught(modem, "hello"))
        await emulator.submitted(1)
        begun = time.monotonic()
        await modem.close()
        assert time.monotonic() - begun < 2
    assert isinstance(submit.result(), SubmitUnknown)
    await ended(child)


async def test_a_command_given_up_takes_its_child_along(breakable: Pair) -> None:
    """The next command cannot get its answer."""
    emulator, modem = breakable.emulator, breakable.modem
    child = child_of(modem)
    emulator.fault = Silence(at="PDU")
    async with asyncio.TaskGroup() as tasks:
        submit = tasks.create_task(modem.submit(ALICE, "given up", Encoding.GSM7))
        await emulator.submitted(1)
        submit.cancel()
    await ended(child)


async def test_unplugged_and_plugged_in_again(breakable: Pair) -> None:
    """Seen at once while idle; said at once to whoever asks, with the reason; works when it is back."""
    emulator, modem = breakable.emulator, breakable.modem
    child = child_of(modem)
    emulator.unplug()
    await ended(child)
    for _ in range(2):
        with pytest.raises(ModemUnavailable, match=r"doesn't exist|gone"):
            await modem.receive()
    emulator.plug()
    await opened(modem)
    assert await modem.submit(ALICE, "back", Encoding.GSM7) == emulator.last_reference


async def test_no_modem_at_all(tmp_path: Path) -> None:
    """No device, or no tty: said at once, with the reason, as often as one asks."""
    (tmp_path / "file").touch()
    for name in ("nothing", "file"):
        modem = GammuModem(GammuSettings(name="gsm", device=str(tmp_path / name)))
        for _ in range(3):
            with pytest.raises(ModemUnavailable, match="Init: Error opening device"):
                await modem.submit(ALICE, "hello", Encoding.GSM7)
        await modem.close()


async def test_a_silent_port_is_given_up_at_the_deadline(tmp_path: Path) -> None:
    """Not every port of a stick is a modem."""
    async with ModemEmulator(tmp_path / "modem") as emulator:
        emulator.fault = Silence()
        modem = GammuModem(GammuSettings(name="gsm", device=str(emulator.device), open_deadline=1))
        with pytest.raises(ModemUnavailable, match="no answer to open within 1 s"):
            await modem.receive()
        await modem.close()


async def test_a_locked_sim_is_named(tmp_path: Path) -> None:
    """The sysadmin reads that the SIM wants its PIN; nothing is tried that could lock it for good."""
    async with ModemEmulator(tmp_path / "modem") as emulator:
        emulator.pin_state = "SIM PIN"
        modem = GammuModem(GammuSettings(name="gsm", device=str(emulator.device)))
        with pytest.raises(ModemUnavailable, match="asks for its PIN"):
            await modem.submit(ALICE, "hello", Encoding.GSM7)
        await modem.close()
        assert [line for line in emulator.commands if line.startswith("AT+CPIN=")] == []


async def test_reports_of_every_kind(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Pushed (+CDS) or stored on the SIM, delivered or not: each is handed out once, and none is left on the SIM."""
    reference = await modem.submit(ALICE, "hello", Encoding.GSM7)
    (sent,) = await emulator.submitted(1)
    emulator.store(encode_status_report(ALICE, reference, 0x30, NOON))
    async with asyncio.timeout(30):
        await modem.incoming.wait()
    modem.incoming.clear()
    stored = (await modem.receive()).reports
    emulator.report(sent, 0x46)
    async with asyncio.timeout(30):
        await modem.incoming.wait()
    assert [*stored, *(await modem.receive()).reports] == [
        DeliveryReport(number=ALICE, message_reference=reference, status=status) for status in (0x30, 0x46)
    ]
    assert emulator.stores["ME"] == {}


async def test_a_missing_part_is_waited_for(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Half a text is no text; parts come in any order, and twice."""
    first, second = encode_deliver(BOB, "half " * 40, NOON, reference=7)
    emulator.store(second)
    emulator.store(second)
    assert (await modem.receive()).messages == []
    emulator.store(first)
    (message,) = (await modem.receive()).messages
    assert message.text == "half " * 40
    await modem.delete(message)
    assert emulator.stores["ME"] == {}


@pytest.mark.parametrize(
    "junk",
    ["FF" * 40, "0791", "07914477000900F0040C91447700900021", "0791447700090000440C9144770009002100FF"],
    ids=["ff", "only-smsc", "cut-off", "cut-off-header"],
)
async def test_junk_on_the_sim_hides_nothing(modem: GammuModem, emulator: ModemEmulator, junk: str) -> None:
    """What gammu cannot read is passed over, wherever it lies, and stays where it is."""
    emulator.store(bytes.fromhex(junk), store="SM")
    emulator.store(encode_deliver(BOB, "before", NOON)[0], store="SM")
    for _ in range(2):
        emulator.store(bytes.fromhex(junk))
    emulator.store(encode_deliver(BOB, "after", NOON)[0])
    emulator.store(bytes.fromhex(junk))
    assert [message.text for message in (await modem.receive()).messages] == ["before", "after"]
    assert len(emulator.stores["SM"]) + len(emulator.stores["ME"]) == 6


async def test_a_long_life_does_not_blunt_the_log(modem: GammuModem, emulator: ModemEmulator) -> None:
    """After megabytes of log a refusal still has its number, and a text its tildes."""
    emulator.store(encode_deliver(BOB, "à ~ bientôt 😀", NOON)[0])
    for _ in range(60):
        assert (await modem.receive()).messages[0].text == "à ~ bientôt 😀"
    emulator.fault = CmsError(number=38)
    with pytest.raises(SubmitRefused, match="38"):
        await modem.submit(ALICE, "hello", Encoding.GSM7)


async def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    """However the parent ends, nobody is left who holds the port."""
    parent = """
import asyncio, sys
from textbackd.modem.gammu_modem import GammuModem, GammuSettings
async def main():
    modem = GammuModem(GammuSettings(name="gsm", device=sys.argv[1]))
    await modem.identify()
    print(modem._child._transport.get_pid(), flush=True)
    await asyncio.Event().wait()
asyncio.run(main())
"""
    async with ModemEmulator(tmp_path / "modem") as emulator:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-c", parent, str(emulator.device), stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        async with asyncio.timeout(30):
            child = int(await process.stdout.readline())
        process.kill()
        await process.wait()
        await ended(child)


async def caught(modem: GammuModem, text: str) -> Exception | None:
    """What ``submit`` raised."""
    try:
        await modem.submit(ALICE, text, Encoding.GSM7)
    except (ModemUnavailable, SubmitUnknown) as error:
        return error
    return None


async def opened(modem: GammuModem) -> None:
    """Return when it is open again, after its back-off."""
    while True:
        try:
            await modem.identify()
            return
        except ModemUnavailable:
            await asyncio.sleep(max(0, modem._not_before - time.monotonic()))
