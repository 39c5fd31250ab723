"""The real gammu AT driver in its child process: what goes on the air, what a no means, and how a child ends."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.emulator import CmsError, ModemEmulator, PlainError, Silence
from tests.modem.oddities import says
from tests.modem.pairs import ALICE, Pair, a_segment, caught, child_of, ended, opened, opened_pairs, plugged_in
from textbackd.core import sms_text
from textbackd.core.sms_text import GSM7_EXTENSION, Encoding, Segment
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.modem import ModemUnavailable, SubmitRefused, SubmitUnknown
from textbackd.modem.port_errors import NoSim, PinMissing, PortGone
from textbackd.modem.sim_pin import SimPin

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pairs(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[Pair]]:
    """Open modems, one for all tests that leave it well, and one for each that does not: gammu takes 4 s to open."""
    async with opened_pairs(tmp_path_factory.mktemp("modems"), 6, submit_deadline=5) as pairs:
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
        await modem.submit(
            ALICE, Segment(text="CMS Error 12 Sending SMS Waiting for modem prompt", encoding=Encoding.GSM7)
        )
    assert refused.value.cms == cms
    emulator.fault = None
    assert await modem.submit(ALICE, Segment(text="again", encoding=Encoding.GSM7)) == emulator.last_reference
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
        await modem.submit(ALICE, Segment(text=text, encoding=encoding))
    assert emulator.submissions == []


async def test_every_text_asks_for_a_report_and_lives_a_day(modem: GammuModem, emulator: ModemEmulator) -> None:
    """TP-SRR is set, TP-VP is 24 hours (gammu's own would be 5 minutes), the service centre is the SIM's."""
    await modem.submit(ALICE, Segment(text="hello", encoding=Encoding.GSM7))
    (sent,) = emulator.submissions
    assert (sent.report_requested, sent.validity, sent.smsc, sent.udh) == (True, 167, "+447700900000", b"")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("a" * 153 * 3, id="full-parts"),
        pytest.param("a" * 152 + "€" + "b" * 152, id="escape-at-the-border"),
        pytest.param(GSM7_EXTENSION * 20, id="escapes"),
        pytest.param("ж" * 67 * 2, id="full-ucs2-parts"),
        pytest.param("ж" * 66 + "😀" + "~ж" * 33, id="emoji-at-the-border"),
        pytest.param("😀~" * 60, id="emoji-and-tildes"),
    ],
)
async def test_a_long_text_arrives_as_one(modem: GammuModem, emulator: ModemEmulator, text: str) -> None:
    """Each part carries the header of TS 23.040 §9.2.3.24.1 with the same 8-bit reference, and as much as it can."""
    parts = sms_text.segments(text, 0x1C8)
    references = [await modem.submit(ALICE, part) for part in parts]
    assert emulator.texts() == [(ALICE, text)]
    sent = emulator.submissions
    assert [one.udh for one in sent] == [bytes((0, 3, 0xC8, len(parts), number + 1)) for number in range(len(parts))]
    assert [(one.text, one.encoding, one.reference) for one in sent] == [
        (part.text, part.encoding, reference) for part, reference in zip(parts, references, strict=True)
    ]
    assert all(one.report_requested and one.validity == 167 for one in sent)


@pytest.mark.parametrize(("text", "encoding"), [("x" * 154, Encoding.GSM7), ("ж" * 68, Encoding.UCS2)])
async def test_a_part_of_several_has_less_room(modem: GammuModem, text: str, encoding: Encoding) -> None:
    """153 septets, 67 units."""
    with pytest.raises(SubmitRefused, match="too long"):
        await modem.submit(ALICE, Segment(text=text, encoding=encoding, number=1, of=2, reference=1))


@pytest.mark.long
async def test_silence_at_the_prompt_is_not_sent(tmp_path: Path) -> None:
    """gammu gives up after 31 s; its log proves that the PDU was never written."""
    async with ModemEmulator(tmp_path / "modem") as emulator:
        modem = GammuModem(GammuSettings(name="gsm", device=str(emulator.device)))
        await modem.status()
        emulator.fault = Silence(at="AT+CMGS")
        with pytest.raises(ModemUnavailable, match=r'by "> ".*ERR_TIMEOUT'):
            await modem.submit(ALICE, Segment(text="never asked for", encoding=Encoding.GSM7))
        assert emulator.submissions == []
        await modem.close()


@pytest.mark.long
async def test_a_reference_without_an_ok_is_accepted(tmp_path: Path) -> None:
    """gammu gives up after 99 s, and is given up; the network has the text, and the next one goes out as well."""
    async with plugged_in(tmp_path) as pair:
        says(rb"(\+CMGS: 1\r\n)\r\nOK\r\n", rb"\1")(pair.emulator)
        assert await pair.modem.submit(ALICE, a_segment("hello")) == 1
        assert pair.modem._child is not None
        assert await pair.modem._child.wait()
        await opened(pair.modem)
        assert await pair.modem.submit(ALICE, a_segment("again")) == 2


async def test_cms_332_is_unknown(modem: GammuModem, emulator: ModemEmulator) -> None:
    """ "Network timeout": the one refusal after which the text may yet arrive; its report comes to the same child."""
    child = child_of(modem)
    emulator.fault, emulator.report_after = CmsError(number=332, sent=True), 0.2
    with pytest.raises(SubmitUnknown, match="332"):
        await modem.submit(ALICE, Segment(text="perhaps", encoding=Encoding.GSM7))
    emulator.fault, emulator.report_after = None, None
    async with asyncio.timeout(5):
        while not (reports := (await modem.receive()).reports):
            modem.incoming.clear()
            await modem.incoming.wait()
    assert [report.message_reference for report in reports] == [emulator.last_reference]
    assert child_of(modem) == child


async def test_child_killed_while_idle_is_replaced(breakable: Pair) -> None:
    """Nobody notices."""
    emulator, modem = breakable.emulator, breakable.modem
    child = child_of(modem)
    os.kill(child, signal.SIGKILL)
    assert modem._child is not None
    assert await modem._child.wait()
    assert await modem.submit(ALICE, Segment(text="hello", encoding=Encoding.GSM7)) == emulator.last_reference
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
        submit = tasks.create_task(modem.submit(ALICE, Segment(text="given up", encoding=Encoding.GSM7)))
        await emulator.submitted(1)
        submit.cancel()
    await ended(child)


async def test_no_modem_at_all(tmp_path: Path) -> None:
    """No device, or no tty: said at once, with the reason, as often as one asks."""
    (tmp_path / "file").touch()
    for name in ("nothing", "file"):
        modem = GammuModem(GammuSettings(name="gsm", device=str(tmp_path / name)))
        for _ in range(3):
            with pytest.raises(PortGone, match="textbackd modem probe"):
                await modem.submit(ALICE, a_segment("hello"))
        await modem.close()


async def test_a_locked_sim_is_named(tmp_path: Path) -> None:
    """The sysadmin reads that the SIM wants its PIN; nothing is tried that could lock it for good, and not soon."""
    async with plugged_in(tmp_path) as pair:
        pair.emulator.pin_state = "SIM PIN"
        for _ in range(2):
            with pytest.raises(PinMissing, match="asks for its PIN"):
                await pair.modem.submit(ALICE, a_segment("hello"))
        assert pair.modem._reopening.not_before - time.monotonic() > 50
        assert [line for line in pair.emulator.commands if line.startswith("AT+CPIN=")] == []


async def test_the_pin_is_entered(tmp_path: Path) -> None:
    """And is no longer asked for at the next open."""
    pin = SimPin(digits="1234", modem="gsm", folder=tmp_path)
    async with plugged_in(tmp_path, pin=pin) as pair:
        pair.emulator.pin_state = "SIM PIN"
        await pair.modem.submit(ALICE, a_segment("hello"))
        assert [line for line in pair.emulator.commands if line.startswith("AT+CPIN=")] == ['AT+CPIN="1234"']


async def test_a_missing_sim_is_named(tmp_path: Path) -> None:
    """Before gammu says something else about it."""
    async with plugged_in(tmp_path) as pair:
        pair.emulator.pin_state = "NOT INSERTED"
        with pytest.raises(NoSim):
            await pair.modem.receive()


async def test_the_child_dies_with_its_parent(tmp_path: Path) -> None:
    """However the parent ends, nobody is left who holds the port."""
    parent = """
import asyncio, sys
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
async def main():
    modem = GammuModem(GammuSettings(name="gsm", device=sys.argv[1]))
    await modem.status()
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
