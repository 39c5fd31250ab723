"""Stores that cannot be read, or hold reports: with the real gammu AT driver."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.emulator import CmsError, Fault, ModemEmulator, PlainError, Report
from tests.emulator.pdu import encode_deliver, encode_status_report
from tests.modem.pairs import ALICE, BOB, Pair, a_segment, child_of, opened_pairs, plugged_in
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.modem import DeliveryReport, Received

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
ALWAYS = 1000


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Pair]:
    """One for all."""
    async with opened_pairs(tmp_path_factory.mktemp("modem"), 1) as pairs:
        yield pairs[0]


@pytest_asyncio.fixture(loop_scope="module")
async def emulator(pair: Pair) -> ModemEmulator:
    """With nothing in its stores, and nothing wrong with it."""
    emulator = pair.emulator
    emulator.fault, emulator.script, emulator.send_seconds = None, [], 0
    emulator.network.reports = ()
    emulator.storage.sizes = {"SM": 20, "ME": 100, "SR": 20}
    for store in emulator.stores.values():
        store.clear()
    emulator.submissions.clear()
    emulator.commands.clear()
    await pair.modem.receive()
    return emulator


@pytest.fixture
def modem(pair: Pair, emulator: ModemEmulator) -> GammuModem:
    """On ``emulator``."""
    return pair.modem


# --- stores that cannot be read ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "faults",
    [
        [CmsError(500, at="AT+CMGL", times=ALWAYS), CmsError(500, at="AT+CPMS=")],
        [PlainError(at="AT+CMGL", times=ALWAYS), PlainError(at="AT+CPMS=")],
        [CmsError(320, at="AT+CMGL", times=ALWAYS), CmsError(500, at="AT+CMGR")],
    ],
    ids=["cannot-be-chosen", "without-a-number", "cannot-be-listed"],
)
async def test_a_store_that_cannot_be_read_stops_nothing_else(
    modem: GammuModem, emulator: ModemEmulator, faults: list[Fault]
) -> None:
    """The same child goes on sending, and says that texts cannot be read; they are there when it can."""
    child = child_of(modem)
    emulator.deliver_sms(BOB, "there", NOON)
    first, second = faults
    emulator.script, emulator.fault = [first], second
    for count in (1, 2):
        seen = await modem.receive()
        assert ([], [], True) == (seen.messages, seen.unread, "ERROR" in seen.unreadable)
        assert "ERROR" in (await modem.status()).unreadable
        await modem.submit(ALICE, a_segment("still sent"))
        assert count == len(emulator.submissions)
    emulator.script, emulator.fault = [], None
    seen = await modem.receive()
    assert (["there"], "") == ([message.text for message in seen.messages], seen.unreadable)
    assert "" == (await modem.status()).unreadable
    assert child == child_of(modem)


@pytest.mark.parametrize("broken", ["SM", "ME"])
async def test_one_store_hides_no_other(modem: GammuModem, emulator: ModemEmulator, broken: str) -> None:
    """What lies in the other one is read, and deleted; the broken one is told of."""
    other = "ME" if broken == "SM" else "SM"
    for store in ("SM", "ME"):
        emulator.store(encode_deliver(BOB, f"in {store}", NOON)[0], store=store)
    emulator.fault = CmsError(500, at=f'AT+CPMS="{broken}"')
    seen = await modem.receive()
    assert [f"in {other}"] == [message.text for message in seen.messages]
    assert f"{broken}: +CMS ERROR: 500" == seen.unreadable
    await modem.delete(seen.messages[0].places)
    assert (1, 0) == (len(emulator.stores[broken]), len(emulator.stores[other]))
    emulator.fault = None
    assert [f"in {broken}"] == [message.text for message in (await modem.receive()).messages]


async def test_an_empty_store_that_refuses_a_list_is_no_trouble(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Some modems have no AT+CMGL, and say anything of an empty place."""
    emulator.script, emulator.fault = [CmsError(500, at="AT+CMGL", times=ALWAYS)], CmsError(500, at="AT+CMGR")
    assert "" == (await modem.receive()).unreadable


# --- delivery reports that are stored ---------------------------------------------------------------------------------


async def test_a_stored_report_stays_until_it_is_deleted(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Whoever dies in between reads it again."""
    reference = await modem.submit(ALICE, a_segment("hello"))
    report = DeliveryReport(number=ALICE, message_reference=reference, status=0)
    for store in ("SM", "SR"):
        emulator.store(encode_status_report(ALICE, reference, 0, NOON), store=store)
    for _ in range(2):
        seen = await modem.receive()
        assert [("SR:1", report), ("SM:1", report)] == list(seen.stored_reports)
        assert [] == seen.reports
    await modem.delete([place for place, _ in seen.stored_reports])
    assert [0, 0] == [len(emulator.stores[store]) for store in ("SM", "SR")]
    assert [] == (await modem.receive()).stored_reports


async def test_an_empty_store_for_reports_is_not_listed(modem: GammuModem, emulator: ModemEmulator) -> None:
    """It costs a look one command; the store that is chosen at the end is one for texts."""
    emulator.commands.clear()
    await modem.receive()
    texts = ['AT+CPMS="SM"', "AT+CMGL=4", 'AT+CPMS="ME"', "AT+CMGL=4"]
    assert ['AT+CPMS="SR"', *texts] == emulator.commands


async def test_reports_that_cannot_be_read_hide_no_text(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Nor are they taken for texts that nobody reads."""
    emulator.store(encode_status_report(ALICE, 7, 0, NOON), store="SR")
    emulator.deliver_sms(BOB, "there", NOON)
    for fault in (CmsError(500, at='AT+CPMS="SR"'), CmsError(500, at="AT+CMGL", times=1)):
        emulator.fault = fault
        seen = await modem.receive()
        assert (["there"], "", []) == ([m.text for m in seen.messages], seen.unreadable, list(seen.stored_reports))


async def test_a_modem_that_only_stores_reports(tmp_path: Path) -> None:
    """It refuses to push them (+CDS) and is told to store them; it tells that one has come (+CDSI), and it is read."""
    async with plugged_in(tmp_path) as pair:
        pair.emulator.script = [PlainError(at="AT+CNMI=2,1,0,1"), PlainError(at="AT+CNMI=1,1,0,1")]
        pair.emulator.network.reports = (Report(),)
        await pair.modem.open()
        reference = await pair.modem.submit(ALICE, a_segment("hello"))
        seen = await told(pair.modem)
        report = DeliveryReport(number=ALICE, message_reference=reference, status=0)
        assert [("SR:1", report)] == list(seen.stored_reports)


async def test_a_modem_without_a_store_for_reports_is_not_asked_for_it(tmp_path: Path) -> None:
    """A look at it takes as long as before."""
    async with plugged_in(tmp_path) as pair:
        del pair.emulator.storage.sizes["SR"]
        await pair.modem.open()
        await pair.modem.receive()
        assert not [line for line in pair.emulator.commands if "SR" in line]


async def told(modem: GammuModem) -> Received:
    """What a look shows once there is a report; the bell rings for it."""
    async with asyncio.timeout(10):
        while True:
            modem.incoming.clear()
            if (seen := await modem.receive()).stored_reports:
                return seen
            await modem.incoming.wait()
