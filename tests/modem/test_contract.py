"""What every modem keeps: the simulated one, and gammu's real AT driver on an emulated modem."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio

from tests.emulator import ModemEmulator
from tests.modem.far_ends import EmulatedFarEnd, FarEnd, SimulatedFarEnd
from textbackd.core.phone_numbers import E164
from textbackd.core.sms_text import GSM7_ALPHABET, GSM7_EXTENSION, Encoding, Segment
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.modem import IncomingSms, Modem, ModemUnavailable, Received, Registration
from textbackd.modem.simulated_modem import SimulatedModem, SimulatedSettings

pytestmark = pytest.mark.asyncio(loop_scope="module")

ALICE = E164("+447700900123")
BOB = "+447700900456"
NOON_IN_PARIS = dt.datetime(2026, 11, 20, 12, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=1)))

TEXTS = [
    pytest.param("Sorry we missed you. Reply with a good time.", Encoding.GSM7, id="plain"),
    pytest.param(GSM7_ALPHABET + GSM7_EXTENSION, Encoding.GSM7, id="every-gsm7-character"),
    pytest.param("x" * 160, Encoding.GSM7, id="160-septets"),
    pytest.param("[€]" * 26 + "abcd", Encoding.GSM7, id="160-septets-with-escapes"),
    pytest.param("Ça va? Désolé… 👍🏽", Encoding.UCS2, id="emoji"),
    pytest.param("ж" * 66 + "😀😀", Encoding.UCS2, id="70-units"),
    pytest.param("plain, but asked for in UCS-2", Encoding.UCS2, id="ucs2-on-demand"),
    pytest.param("~ à bientôt ~~ 😀~", Encoding.UCS2, id="ucs2-tildes"),
    pytest.param("~" * 70, Encoding.UCS2, id="ucs2-70-tildes"),
]


@pytest_asyncio.fixture(params=["simulated", "gammu"], scope="module", loop_scope="module")
async def far_end(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FarEnd]:
    folder = tmp_path_factory.mktemp("modem")
    if request.param == "simulated":
        yield SimulatedFarEnd(SimulatedModem(SimulatedSettings(name="sim", folder=folder)), folder)
        return
    async with ModemEmulator(folder / "modem") as emulator:
        emulator.report_after = 0
        modem = GammuModem(GammuSettings(name="gsm", device=str(emulator.device)))
        yield EmulatedFarEnd(modem, emulator)
        await modem.close()


@pytest_asyncio.fixture(loop_scope="module")
async def modem(far_end: FarEnd) -> Modem:
    """With nothing left on it by the test before."""
    for message in (await far_end.modem.receive()).messages:
        await far_end.modem.delete(message.places)
    return far_end.modem


async def received(modem: Modem, holds: Callable[[Received], bool]) -> Received:
    """The first look at the modem that shows what is awaited, woken by its bell."""
    async with asyncio.timeout(30):
        while True:
            modem.incoming.clear()
            seen = await modem.receive()
            if holds(seen):
                return seen
            await modem.incoming.wait()


async def only_text(far_end: FarEnd, sender: str, text: str) -> IncomingSms:
    """The one text there is, after it was delivered."""
    far_end.deliver(sender, text, NOON_IN_PARIS)
    (message,) = (await received(far_end.modem, lambda seen: bool(seen.messages))).messages
    return message


@pytest.mark.parametrize(("text", "encoding"), TEXTS)
async def test_text_goes_out_unchanged(far_end: FarEnd, text: str, encoding: Encoding) -> None:
    """The network gets this number, these words, in this encoding; we get a message reference."""
    reference = await far_end.modem.submit(ALICE, Segment(text=text, encoding=encoding))
    assert far_end.texts()[-1] == (ALICE, text, encoding)
    assert reference in range(256)


async def test_two_at_once_go_one_after_the_other(modem: Modem) -> None:
    """Two callers of one modem: two texts, two references."""
    first, second = await asyncio.gather(
        modem.submit(ALICE, Segment(text="first", encoding=Encoding.GSM7)),
        modem.submit(ALICE, Segment(text="second", encoding=Encoding.GSM7)),
    )
    assert second == (first + 1) % 256


async def test_report_comes_once(modem: Modem) -> None:
    """The bell rings for the delivery report; it is handed out once, with the reference of its text."""
    reference = await modem.submit(ALICE, Segment(text="did this arrive?", encoding=Encoding.GSM7))
    seen = await received(modem, lambda seen: reference in [report.message_reference for report in seen.reports])
    report = seen.reports[-1]
    assert (report.number, report.message_reference, report.status) == (ALICE, reference, 0)
    assert (await modem.receive()).reports == []


INCOMING = [
    pytest.param(BOB, "STOP", id="plain"),
    pytest.param("07700900456", "STOP", id="national-number"),
    pytest.param("60777", "STOP", id="short-code"),
    pytest.param("Vodafone", "STOP", id="letters"),
    pytest.param(BOB, "{a} [b] €5 ~ ^ | \\", id="extension"),
    pytest.param(BOB, "Ring me après 5 – 😀", id="emoji"),
    pytest.param(BOB, "~~ok~ 😀 à ~\x01tout de suite", id="ucs2-tildes"),
    pytest.param(BOB, "[long] €" * 40, id="several-parts"),
    pytest.param(BOB, "длинный 😀" * 20, id="several-parts-ucs2"),
    pytest.param(BOB, "à ~ bientôt 😀" * 20, id="several-parts-ucs2-tildes"),
]


@pytest.mark.parametrize(("sender", "text"), INCOMING)
async def test_incoming_text_stays_until_deleted(far_end: FarEnd, modem: Modem, sender: str, text: str) -> None:
    """It is read whole, with the time in UTC, as often as one looks, until it is deleted; twice is no harm."""
    message = await only_text(far_end, sender, text)
    assert (message.sender, message.text, message.sent_at) == (sender, text, NOON_IN_PARIS)
    assert message.sent_at is not None
    assert message.sent_at.utcoffset() == dt.timedelta(0)
    assert (await modem.receive()).messages == [message]
    await modem.delete(message.places)
    await modem.delete(message.places)
    assert (await modem.receive()).messages == []


async def test_deleting_one_text_leaves_the_others(far_end: FarEnd, modem: Modem) -> None:
    """Only the places of that text are emptied."""
    first = await only_text(far_end, BOB, "first")
    far_end.deliver(BOB, "second", NOON_IN_PARIS + dt.timedelta(minutes=1))
    await received(modem, lambda seen: len(seen.messages) == 2)
    await modem.delete(first.places)
    assert [message.text for message in (await modem.receive()).messages] == ["second"]


async def test_it_says_who_it_is(modem: Modem) -> None:
    """A modem that is registered names its network."""
    found = await modem.status()
    assert found.registration is Registration.HOME
    assert all((found.manufacturer, found.model, found.network))


@pytest.mark.parametrize("kind", ["simulated", "gammu"])
async def test_closed_stays_closed(kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Closing twice is no harm; whoever comes later is told."""
    folder = tmp_path_factory.mktemp("closed")
    modem: Modem = (
        SimulatedModem(SimulatedSettings(name="sim", folder=folder))
        if kind == "simulated"
        else GammuModem(GammuSettings(name="gsm", device=str(folder / "modem")))
    )
    await modem.close()
    await modem.close()
    for command in (
        modem.submit(ALICE, Segment(text="too late", encoding=Encoding.GSM7)),
        modem.receive(),
        modem.status(),
    ):
        with pytest.raises(ModemUnavailable, match="closed"):
            await command
