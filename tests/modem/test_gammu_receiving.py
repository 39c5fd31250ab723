"""The real gammu AT driver's port, read: texts, what is no text, reports, calls; and what is deleted is gone."""

import asyncio
import datetime as dt
import time
from collections.abc import Callable

import pytest

from tests.emulator import CmsError, ModemEmulator, PlainError, Report
from tests.emulator.pdu import encode_deliver, encode_status_report
from tests.modem.pairs import ALICE, BOB, a_segment, child_of
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.modem import DeliveryReport, IncomingCall, Received, Unread

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
MMS_NOTICE = bytes.fromhex("07914477000900F0440C914477000940650004621102210000000F0605040B8423F001062703BEAF848C")
JUNK = {
    "ff": "FF" * 40,
    "only-smsc": "0791",
    "cut-off": "07914477000900F0040C91447700900021",
    "cut-off-header": "0791447700090000440C9144770009002100FF",
}


async def received(modem: GammuModem, holds: Callable[[Received], bool]) -> Received:
    """The first look that shows what is awaited, woken by the bell."""
    async with asyncio.timeout(10):
        while True:
            modem.incoming.clear()
            seen = await modem.receive()
            if holds(seen):
                return seen
            await modem.incoming.wait()


def lying(emulator: ModemEmulator) -> int:
    """How many messages there are on the SIM and in the modem."""
    return len(emulator.stores["SM"]) + len(emulator.stores["ME"])


# --- texts ----------------------------------------------------------------------------------------------------------


async def test_a_text_with_a_missing_part_is_shown_with_a_gap(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Until the part comes; one that came twice is one, and all of its places are emptied."""
    first, second = encode_deliver(BOB, "half " * 40, NOON, reference=7)
    emulator.store(second)
    emulator.store(second, store="ME")
    (message,) = (await modem.receive()).messages
    assert (message.text[:5], message.missing, message.concatenation, len(message.places)) == ("[…]f ", (1,), "7/2", 2)
    emulator.store(first)
    (message,) = (await modem.receive()).messages
    assert (message.text, message.missing, len(message.places)) == ("half " * 40, (), 3)
    await modem.delete(message.places)
    assert lying(emulator) == 0


async def test_a_text_that_comes_between_two_looks_is_not_lost(modem: GammuModem, emulator: ModemEmulator) -> None:
    """What is deleted is what was seen."""
    emulator.deliver_sms(BOB, "first", NOON)
    (first,) = (await modem.receive()).messages
    emulator.deliver_sms(BOB, "second", NOON)
    await modem.delete(first.places)
    assert [message.text for message in (await modem.receive()).messages] == ["second"]


async def test_two_hundred_messages_are_read_in_time(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Full stores of full messages; the loop is not held up by them."""
    emulator.storage.sizes = {"SM": 100, "ME": 100}
    for number in range(200):
        text = encode_deliver(BOB, f"{number:0160}", NOON)[0]
        emulator.store(text, store="SM" if number < 100 else "ME")
    began = time.monotonic()
    messages = (await modem.receive()).messages
    assert time.monotonic() - began < 5
    assert sorted(message.text for message in messages) == [f"{number:0160}" for number in range(200)]
    found = await modem.status()
    assert (found.store, found.stored, found.capacity, found.full_percent) == ("SM", 100, 100, 100)
    for message in messages:
        await modem.delete(message.places)
    assert lying(emulator) == 0


@pytest.mark.parametrize(("comes_in", "stored", "capacity"), [("SM", 20, 20), ("ME", 1, 100)])
async def test_that_store_counts_where_texts_come_in(
    modem: GammuModem,
    emulator: ModemEmulator,
    monkeypatch: pytest.MonkeyPatch,
    comes_in: str,
    stored: int,
    capacity: int,
) -> None:
    """A full SIM takes nothing in, however empty the modem's own store is; where nothing goes, it may be full."""
    monkeypatch.setattr(emulator.settings, "cpms", ("SM", "SM", comes_in))
    text = encode_deliver(BOB, "hello", NOON)[0]
    for _ in range(20):
        emulator.store(text, store="SM")
    emulator.store(text, store="ME")
    found = await modem.status()
    assert (found.store, found.stored, found.capacity) == (comes_in, stored, capacity)


async def test_where_it_does_not_tell_which_the_fullest_counts(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Too early an alarm is better than none."""
    emulator.fault = PlainError(at="AT+CPMS?")
    for place, size in (("SM", 20), ("ME", 100)):
        for _ in range(15):
            emulator.store(encode_deliver(BOB, "hello", NOON)[0], store=place)
        assert emulator.storage.sizes[place] == size
    found = await modem.status()
    assert (found.store, found.stored, found.capacity) == ("SM", 15, 20)


async def test_a_sim_without_a_service_centre_is_known_before_a_text_fails(
    modem: GammuModem, emulator: ModemEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And one that cannot be asked just now lacks nothing."""
    assert (await modem.status()).has_service_centre
    emulator.fault = CmsError(310, at="AT+CSCA?")
    assert (await modem.status()).has_service_centre
    emulator.fault = None
    monkeypatch.setattr(emulator.sim, "service_centre", "")
    assert not (await modem.status()).has_service_centre


async def test_what_waits_for_room_comes_when_something_is_deleted(modem: GammuModem, emulator: ModemEmulator) -> None:
    """A full SIM keeps the network waiting, and nothing else tells of it."""
    emulator.storage.sizes["SM"] = 2
    for text in ("one", "two", "three"):
        emulator.deliver_sms(BOB, text, NOON)
    seen = await modem.receive()
    assert [message.text for message in seen.messages] == ["one", "two"]
    await modem.delete(seen.messages[0].places)
    assert [message.text for message in (await modem.receive()).messages] == ["three", "two"]


# --- what is no text ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("junk", JUNK.values(), ids=JUNK.keys())
async def test_junk_on_the_sim_hides_nothing_and_can_be_deleted(
    modem: GammuModem, emulator: ModemEmulator, junk: str
) -> None:
    """Where gammu reads no further, and cannot delete since it reads before it does."""
    emulator.store(bytes.fromhex(junk), store="SM")
    emulator.store(encode_deliver(BOB, "before", NOON)[0], store="SM")
    emulator.store(bytes.fromhex(junk), store="ME")
    emulator.store(encode_deliver(BOB, "after", NOON)[0], store="ME")
    seen = await modem.receive()
    assert [message.text for message in seen.messages] == ["before", "after"]
    assert [(message.kind, message.pdu.hex().upper()) for message in seen.unread] == [(Unread.UNDECODABLE, junk)] * 2
    await modem.delete([message.place for message in seen.unread])
    assert lying(emulator) == 2


async def test_a_picture_message_is_told_of(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Its notice is set apart, with the sender and the octets, and deleted."""
    emulator.store(MMS_NOTICE)
    (message,) = (await modem.receive()).unread
    assert (message.kind, message.sender, message.pdu) == (Unread.MMS, "+447700900456", MMS_NOTICE)
    await modem.delete([message.place])
    assert lying(emulator) == 0


async def test_a_list_that_is_refused_is_read_one_by_one(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Some modems give up at a message that they do not understand; that one is set apart without its octets."""
    emulator.storage.sizes["ME"] = 20
    for text in ("one", "two", "three"):
        emulator.deliver_sms(BOB, text, NOON)
    emulator.script = [CmsError(500, at="AT+CMGL"), CmsError(500, at="AT+CMGR=2")]
    seen = await modem.receive()
    assert [message.text for message in seen.messages] == ["one", "three"]
    assert [(message.kind, message.place, message.pdu) for message in seen.unread] == [
        (Unread.UNDECODABLE, "SM:2", b"")
    ]
    await modem.delete([message.place for message in seen.unread])
    assert [message.text for message in (await modem.receive()).messages] == ["one", "three"]


async def test_a_sim_that_lets_nobody_read_holds_no_messages(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Errors for all places are not taken for messages in all of them; it is said that there are some."""
    emulator.deliver_sms(BOB, "there", NOON)
    emulator.fault = CmsError(500, at="AT+CMG")
    seen = await modem.receive()
    assert (seen.messages, seen.unread, seen.unreadable) == ([], [], "SM: +CMS ERROR: 500")
    emulator.fault = None
    assert [message.text for message in (await modem.receive()).messages] == ["there"]


async def test_a_delete_that_fails_is_tried_at_the_next_look(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Nobody sees it again meanwhile; what came to lie in its place is not deleted."""
    for text in ("one", "two"):
        emulator.deliver_sms(BOB, text, NOON)
    one, two = (await modem.receive()).messages
    emulator.fault = CmsError(500, at="AT+CMGD", times=2)
    await modem.delete([*one.places, *two.places])
    assert lying(emulator) == 2
    del emulator.stores["SM"][1]
    emulator.deliver_sms(BOB, "three", NOON)
    assert [message.text for message in (await modem.receive()).messages] == ["three"]
    assert [message for _, message in emulator.stores["SM"].values()] == encode_deliver(BOB, "three", NOON)


# --- reports and calls ----------------------------------------------------------------------------------------------


async def test_reports_of_every_kind(modem: GammuModem, emulator: ModemEmulator) -> None:
    """Pushed (+CDS) or stored on the SIM, delivered or not: pushed ones are handed out once, stored ones until they are
    deleted.
    """
    reference = await modem.submit(ALICE, a_segment("hello"))
    emulator.store(encode_status_report(ALICE, reference, 0x30, NOON))
    ((place, stored),) = (await received(modem, lambda seen: bool(seen.stored_reports))).stored_reports
    await modem.delete([place])
    emulator.report(emulator.submissions[0], 0x46)
    pushed = (await received(modem, lambda seen: bool(seen.reports))).reports
    assert [stored, *pushed] == [
        DeliveryReport(number=ALICE, message_reference=reference, status=status) for status in (0x30, 0x46)
    ]
    assert (await modem.receive()).reports == []
    assert (await modem.receive()).stored_reports == []
    assert lying(emulator) == 0


async def test_a_report_before_the_answer_or_in_the_middle_of_a_list(
    modem: GammuModem, emulator: ModemEmulator
) -> None:
    """None is lost, whoever reads the port just then."""
    emulator.network.reports = (Report(before_answer=True), *(Report(after=0.01 * step) for step in range(60)))
    reference = await modem.submit(ALICE, a_segment("hello"))
    reports: list[DeliveryReport] = []
    async with asyncio.timeout(10):
        while len(reports) < 61:
            reports += (await modem.receive()).reports
    assert set(reports) == {DeliveryReport(number=ALICE, message_reference=reference, status=0)}


@pytest.mark.long
async def test_a_report_that_is_half_read_by_gammu_is_whole(
    modem: GammuModem, emulator: ModemEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first half comes with the answer to a text, which ends gammu's reading; the rest 60 ms later.

    gammu reads on for some 25 ms, and not always: of a dozen it has some in half. A modem says nothing else meanwhile.
    """
    report = b"\r\n+CDS: 25\r\n" + encode_status_report(ALICE, 200, 0, NOON).hex().upper().encode() + b"\r\n"
    write = emulator._write
    rest: list[bytes] = []

    def say_the_rest() -> None:
        said = b"".join(rest)
        rest.clear()
        write(said)

    def write_and_half_a_report(octets: bytes) -> None:
        if rest:
            rest.append(octets)
        elif b"+CMGS: " in octets:
            write(octets + report[:30])
            rest.append(report[30:])
            asyncio.get_running_loop().call_later(0.06, say_the_rest)
        else:
            write(octets)

    monkeypatch.setattr(emulator, "_write", write_and_half_a_report)
    for _ in range(12):
        await modem.submit(ALICE, a_segment("hello"))
        seen = await received(modem, lambda seen: bool(seen.reports))
        assert seen.reports == [DeliveryReport(number=ALICE, message_reference=200, status=0)]


@pytest.mark.parametrize("number", [BOB, ""], ids=["shown", "withheld"])
async def test_a_call_is_told_once(modem: GammuModem, emulator: ModemEmulator, number: str) -> None:
    """However often it rings."""
    modem._calls.__init__()  # type: ignore[misc]
    emulator.network.call(number, every=0.3)
    await asyncio.wait_for(modem.incoming.wait(), 5)
    calls: list[IncomingCall] = []
    ends = time.monotonic() + 2
    while time.monotonic() < ends:
        calls += (await modem.receive()).calls
    emulator.network.hang_up()
    assert calls == [IncomingCall(number=number)]


async def test_a_call_in_the_middle_of_a_text_is_told(modem: GammuModem, emulator: ModemEmulator) -> None:
    """gammu has the port then."""
    modem._calls.__init__()  # type: ignore[misc]
    child = child_of(modem)
    emulator.send_seconds = 1
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(modem.submit(ALICE, a_segment("hello")))
        await emulator.submitted(1)
        emulator.network.call(BOB, every=60)
    emulator.network.hang_up()
    seen = await received(modem, lambda seen: bool(seen.calls))
    assert seen.calls == [IncomingCall(number=BOB)]
    assert child_of(modem) == child
