"""Texts through the emulated modem: what is kept where, announced how, decoded and reported."""

import asyncio
import datetime as dt
import json
from pathlib import Path

import pytest

from tests.emulator import CmsError, ModemEmulator, PlainError, Report
from tests.emulator.terminal import Terminal, a_submit

OK = "\r\nOK\r\n"
ALICE, BOB = "+447700900123", "+447700900456"
NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)


async def test_a_text_is_announced_where_it_was_asked_for(terminal: Terminal, modem: ModemEmulator) -> None:
    """Stored without a word; stored with +CMTI; or pushed and not stored (AT+CNMI)."""
    modem.deliver_sms(BOB, "first", NOON)
    await terminal.hears_nothing()
    await terminal.ask("AT+CNMI=2,1,0,1,0")
    modem.deliver_sms(BOB, "second", NOON)
    assert await terminal.hears("CMTI.*\r\n") == '\r\n+CMTI: "SM",2\r\n'
    await terminal.ask('AT+CPMS="ME","ME","ME"')
    modem.deliver_sms(BOB, "third", NOON)
    assert await terminal.hears("CMTI.*\r\n") == '\r\n+CMTI: "ME",1\r\n'
    await terminal.ask("AT+CNMI=2,2,0,1,0")
    modem.deliver_sms(BOB, "fourth", NOON)
    assert "+CMT: ,2" in await terminal.hears("CMT:.*\r\n.*\r\n")
    assert [sorted(modem.stores[name]) for name in ("SM", "ME")] == [[1, 2], [1]]


async def test_a_full_store(terminal: Terminal, modem: ModemEmulator) -> None:
    """The network keeps what there is no room for, in order, and delivers it when there is."""
    modem.storage.sizes["SM"] = 2
    for text in ("1", "2", "3", "4"):
        modem.deliver_sms(BOB, text, NOON)
    assert await terminal.ask('AT+CPMS="SM"') == f"\r\n+CPMS: 2,2,2,2,2,2\r\n{OK}"
    assert modem.network.held == 2
    await terminal.ask("AT+CNMI=2,1")
    assert await terminal.ask("AT+CMGD=1") == OK
    await terminal.hears("CMTI.*\r\n")
    assert (sorted(modem.stores["SM"]), modem.network.held) == ([1, 2], 1)
    assert await terminal.ask("AT+CMGD=1,4") == OK
    assert (sorted(modem.stores["SM"]), modem.network.held) == ([1], 0)


async def test_what_comes_while_it_is_away(modem: ModemEmulator) -> None:
    """The network waits for a modem without power, without network, or with a locked SIM."""
    modem.pin_state = "SIM PIN"
    modem.deliver_sms(BOB, "hello", NOON)
    assert modem.network.held == 1
    modem.pin_state = "READY"
    assert modem.network.held == 0
    modem.unplug()
    modem.deliver_sms(BOB, "hello", NOON)
    assert modem.network.held == 1
    modem.plug()
    assert modem.network.held == 0


async def test_listing_marks_as_read(terminal: Terminal, modem: ModemEmulator) -> None:
    """AT+CMGL=4 gives all, AT+CMGL=0 what nobody has seen."""
    modem.deliver_sms(BOB, "h4", NOON)
    assert "\r\n+CMGL: 1,0,,2" in await terminal.ask("AT+CMGL=4")
    assert await terminal.ask("AT+CMGL=0") == OK
    assert "\r\n+CMGL: 1,1,,2" in await terminal.ask("AT+CMGL=4")
    assert "\r\n+CMGR: 1,,2" in await terminal.ask("AT+CMGR=1")


@pytest.mark.parametrize("fault", [CmsError(320, at="AT+CMGD", times=2), PlainError(at="AT+CMGD", times=2)], ids=repr)
async def test_a_delete_that_fails(terminal: Terminal, modem: ModemEmulator, fault: CmsError | PlainError) -> None:
    """So often, and the text stays."""
    modem.deliver_sms(BOB, "hello", NOON)
    modem.fault = fault
    for _ in range(2):
        assert "ERROR" in await terminal.ask("AT+CMGD=1")
        assert list(modem.stores["SM"]) == [1]
    assert await terminal.ask("AT+CMGD=1") == OK
    assert modem.stores["SM"] == {}


async def test_a_submit_is_decoded_and_logged(terminal: Terminal, modem: ModemEmulator, tmp_path: Path) -> None:
    """Everything that a test may ask of it, here and as a line of JSON."""
    modem.last_reference = 255
    assert await terminal.submit(a_submit(ALICE, "ж😀")) == f"\r\n+CMGS: 0\r\n{OK}"
    modem.script = [CmsError(38)]
    await terminal.submit(a_submit(ALICE, "again"))
    sent, refused = modem.submissions
    assert (sent.number, sent.text, sent.validity, sent.report_requested, sent.reference, sent.outcome) == (
        *(ALICE, "ж😀", 167, True, 0, "+CMGS: 0"),
    )
    assert (refused.reference, refused.outcome, modem.texts()) == (None, "+CMS ERROR: 38", [(ALICE, "ж😀")])
    lines = [json.loads(line) for line in (tmp_path / "submitted.jsonl").read_text("utf-8").splitlines()]
    assert lines == [submitted.as_json() for submitted in modem.submissions]
    assert lines[0]["text"] == "ж😀"


async def test_parts_are_joined(terminal: Terminal, modem: ModemEmulator) -> None:
    """In any order, an emoji cut in two included; a part that was refused is missing, and then sent again."""
    modem.script = [CmsError(38)]
    one, two = (a_submit(ALICE, text, part=(9, 2, n)) for n, text in enumerate(("left \ud83d", "\ude00 right"), 1))
    await terminal.submit(two)
    await terminal.submit(one)
    assert modem.texts() == []
    await terminal.submit(two)
    part = modem.submissions[-1].part
    assert part is not None
    assert (part.reference, part.of, part.number) == (9, 2, 2)
    assert modem.texts() == [(ALICE, "left 😀 right")]


@pytest.mark.parametrize("junk", ["", "00", "0011FF", "zz", "00" + "FF" * 20])
async def test_junk_is_refused(terminal: Terminal, modem: ModemEmulator, junk: str) -> None:
    """What is no SMS-SUBMIT never counts as one."""
    await terminal.ask("AT+CMGS=19")
    terminal.type(f"{junk}\x1a")
    assert await terminal.hears("ERROR.*\r\n") == "\r\n+CMS ERROR: 304\r\n"
    assert modem.submissions == []


async def test_the_length_must_be_right(terminal: Terminal, modem: ModemEmulator) -> None:
    """As announced by AT+CMGS."""
    await terminal.ask("AT+CMGS=5")
    terminal.type(f"{a_submit(ALICE, 'hello').hex()}\x1a")
    assert "304" in await terminal.hears("ERROR.*\r\n")


@pytest.mark.parametrize("registration", ["searching", "denied", "none"])
async def test_no_network(terminal: Terminal, modem: ModemEmulator, registration: str) -> None:
    """The prompt comes, and then +CMS ERROR 331."""
    modem.network.registration = registration
    assert await terminal.submit(a_submit(ALICE, "hello")) == "\r\n+CMS ERROR: 331\r\n"


async def test_there_is_no_text_mode(terminal: Terminal, modem: ModemEmulator) -> None:
    """A sender that forgets AT+CMGF=0 on a modem that starts with 1 sends nothing."""
    modem.defaults.text_mode = True
    modem.reboot(0)
    await terminal.hears("Call Ready\r\n")
    assert "+CMS ERROR: 305" in await terminal.submit(a_submit(ALICE, "hello"))


def report_of(reference: int, status: int) -> str:
    """A pattern for a report on a text to Alice."""
    return rf"\+CDS: \d+\r\n[0-9A-F]{{14,18}}06{reference:02X}0C91447700091032.*{status:02X}\r\n"


@pytest.mark.parametrize("status", [0x00, 0x30, 0x46])
async def test_a_report_after_the_answer(terminal: Terminal, modem: ModemEmulator, status: int) -> None:
    """At once, or after a while; of any status."""
    await terminal.ask("AT+CNMI=2,1,0,1,0")
    modem.network.reports = [Report(status=status), Report(after=0.05, status=status)]
    assert await terminal.submit(a_submit(ALICE, "hello")) == f"\r\n+CMGS: 1\r\n{OK}"
    for _ in range(2):
        await terminal.hears(report_of(1, status))


async def test_reports_in_odd_orders(terminal: Terminal, modem: ModemEmulator) -> None:
    """Before the answer; on another text; never."""
    await terminal.ask("AT+CNMI=2,1,0,1,0")
    modem.network.report_script.extend([[Report(before_answer=True)], [Report(reference_offset=-1)], []])
    assert "+CDS" in await terminal.submit(a_submit(ALICE, "hello"))
    await terminal.submit(a_submit(ALICE, "hello"))
    await terminal.hears(report_of(1, 0))
    await terminal.submit(a_submit(ALICE, "hello"))
    await terminal.hears_nothing()


async def test_where_reports_go(terminal: Terminal, modem: ModemEmulator) -> None:
    """Lost, pushed, or stored in SR (the fourth number of AT+CNMI)."""
    await terminal.submit(a_submit(ALICE, "hello"))
    (sent,) = modem.submissions
    modem.report(sent)
    await terminal.hears_nothing()
    await terminal.ask("AT+CNMI=2,1,0,1,0")
    modem.report(sent, 0x46, reference=9)
    await terminal.hears(report_of(9, 0x46))
    await terminal.ask("AT+CNMI=2,1,0,2,0")
    modem.report(sent)
    assert await terminal.hears("CDSI.*\r\n") == '\r\n+CDSI: "SR",1\r\n'
    assert list(modem.stores["SR"]) == [1]


async def test_what_is_not_acknowledged_is_the_last(terminal: Terminal, modem: ModemEmulator) -> None:
    """In phase 2+ (AT+CSMS=1) each report wants its AT+CNMA, and no more than one; without, CNMI is reset."""
    modem._equipment.acknowledged_within = 0.05
    await terminal.ask("AT+CSMS=1")
    await terminal.ask("AT+CNMI=2,1,0,1,0")
    await terminal.submit(a_submit(ALICE, "hello"))
    (sent,) = modem.submissions
    modem.report(sent)
    await terminal.hears(report_of(1, 0))
    assert "OK" in await terminal.ask("AT+CNMA")
    assert "ERROR" in await terminal.ask("AT+CNMA")
    await asyncio.sleep(0.1)
    assert modem.settings.cnmi == (2, 1, 0, 1, 0)
    modem.report(sent)
    await terminal.hears(report_of(1, 0))
    async with asyncio.timeout(5):
        while modem.settings.cnmi != (2, 0, 0, 0, 0):  # noqa: ASYNC110 - a timer of the modem's
            await asyncio.sleep(0.01)


async def test_a_report_waits_for_the_modem(modem: ModemEmulator) -> None:
    """One that is away gets it when it is back and listens."""
    modem.defaults.cnmi = (2, 1, 0, 1, 0)
    modem.reboot(0)
    async with Terminal(modem.device) as terminal:
        await terminal.hears("Call Ready\r\n")
        await terminal.ask("ATE0")
        modem.network.reports = [Report(after=0.05)]
        await terminal.submit(a_submit(ALICE, "hello"))
        await terminal.ask("AT+CFUN=4")
        await asyncio.sleep(0.1)
        await terminal.hears_nothing()
        await terminal.ask("AT+CFUN=1")
        await terminal.hears(report_of(1, 0))
