"""Stores that cannot be read, are nearly full or hold reports, and texts in none: with the real gammu AT driver."""

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from tests.builders import a_policy
from tests.emulator import CmsError, Fault, ModemEmulator, PlainError, Report, Silence
from tests.emulator.pdu import encode_deliver, encode_status_report
from tests.modem.pairs import ALICE, BOB, Pair, a_segment, child_of, plugged_in
from textbackd import clock
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.modem import DeliveryReport, ModemUnavailable, Received, Stored
from textbackd.store.database import Database
from textbackd.workers.bell import Bell
from textbackd.workers.receiver import Receiver

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
ALWAYS = 1000


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


async def test_a_place_of_another_sim_keeps_its_text(modem: GammuModem, emulator: ModemEmulator) -> None:
    """The modem was out between the look and the deletion; what lies in that place now nobody has read."""
    emulator.deliver_sms(BOB, "read", NOON)
    seen = await modem.receive()
    await modem.reset()
    emulator.stores["SM"].clear()
    emulator.deliver_sms(ALICE, "not read yet", NOON)
    await modem.delete(seen.messages[0].places)
    assert ["not read yet"] == [message.text for message in (await modem.receive()).messages]


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


# --- stores that are nearly full --------------------------------------------------------------------------------------


async def test_what_lies_in_a_crowded_store_is_told_with_its_octets(modem: GammuModem, emulator: ModemEmulator) -> None:
    """From four fifths on; of that store alone."""
    emulator.storage.sizes["SM"] = 5
    parts = encode_deliver(BOB, "half " * 200, NOON, reference=7)
    emulator.store(parts[4], store="ME")
    for part in parts[:3]:
        emulator.store(part, store="SM")
    assert {} == (await modem.receive()).crowded
    emulator.store(parts[3], store="SM")
    crowded = (await modem.receive()).crowded
    assert {f"SM:{place}": part for place, part in enumerate(parts[:4], 1)} == crowded


async def test_a_text_longer_than_the_sim_is_read(modem: GammuModem, emulator: ModemEmulator, tmp_path: Path) -> None:
    """Its first parts make room for the others, in any order, and nothing of them is left anywhere."""
    emulator.storage.sizes["SM"] = 5
    words = "".join(f"{number:0153}" for number in range(9))
    parts = encode_deliver(BOB, words, NOON, reference=7)
    emulator.network.deliver([parts[number] for number in (4, 0, 8, 2, 6, 1, 7, 3, 5)])
    assert 4 == emulator.network.held
    async with Database.open(tmp_path / "textbackd.db", durable=False) as database:
        receiver = Receiver(modem, database, a_policy, lambda: None, clock.utc_now)
        while not await receiver.step():
            assert emulator.network.held < 4
        async with database.reading() as tx:
            assert words == await tx.value("SELECT text FROM inbox")
            assert 0 == await tx.value("SELECT count(*) FROM shelf")
    assert 0 == len(emulator.stores["SM"])


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


# --- texts that are in no store ---------------------------------------------------------------------------------------


async def test_a_flash_text_is_handed_out(modem: GammuModem, emulator: ModemEmulator) -> None:
    """The bell rings, and its octets are there; on the shelf it is a text like any other."""
    modem.incoming.clear()
    emulator.deliver_sms(BOB, "STOP", NOON, flash=True)
    await asyncio.wait_for(modem.incoming.wait(), 5)
    (octets,) = modem.pushed
    assert encode_deliver(BOB, "STOP", NOON, flash=True)[0] == octets
    assert 0 == len(emulator.stores["SM"])
    (message,) = (await modem.receive([Stored(place="shelf:1", pdu=octets)])).messages
    assert (BOB, "STOP", NOON, ("shelf:1",)) == (message.sender, message.text, message.sent_at, message.places)


async def test_a_flash_text_in_the_middle_of_another_is_not_lost(modem: GammuModem, emulator: ModemEmulator) -> None:
    """gammu has the port then, and is not put off."""
    child = child_of(modem)
    emulator.send_seconds = 1
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(modem.submit(ALICE, a_segment("hello")))
        await emulator.submitted(1)
        emulator.deliver_sms(BOB, "STOP", NOON, flash=True)
    await asyncio.wait_for(modem.incoming.wait(), 5)
    assert [encode_deliver(BOB, "STOP", NOON, flash=True)[0]] == list(modem.pushed)
    assert child == child_of(modem)


async def test_a_flash_text_outlives_the_modem(pair: Pair, emulator: ModemEmulator, tmp_path: Path) -> None:
    """Which falls silent at the same moment: the words are heeded when it is back, by another daemon if need be."""
    async with Database.open(tmp_path / "textbackd.db", durable=False) as database:
        receiver = Receiver(pair.modem, database, a_policy, lambda: None, clock.utc_now)
        pair.modem.incoming.clear()
        emulator.deliver_sms(BOB, "STOP", NOON, flash=True)
        await Bell(pair.modem.incoming).wait(5)
        emulator.fault = Silence()
        with pytest.raises(ModemUnavailable):
            await receiver.step()
        assert not pair.modem.pushed
        async with database.reading() as tx:
            assert 1 == await tx.value("SELECT count(*) FROM shelf")
