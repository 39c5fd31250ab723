"""Modems that word and pace what they say in other ways: each text goes out once, and is booked as what it is."""

import asyncio
import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.emulator import ModemEmulator, Report
from tests.modem.oddities import Oddity, failures, says
from tests.modem.pairs import ALICE, Pair, a_segment, child_of, plugged_in
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.modem import ModemUnavailable, SubmitUnknown

UNASKED = (
    b"RING",
    b'+CLIP: "+447700900456",145,,,,0',
    b"^RSSI:18",
    b"^BOOT:27710117,0,0,0,75",
    b"+CREG: 1",
    b'+CEREG: 1,"00C3","0012D687",7',
    b"+CTZV: +4",
    b"$QCSIMSTAT: 1, SIM INIT COMPLETED",
)
"""Some of it gammu knows, some it does not."""


def says_in_two(pattern: bytes, seconds: float) -> Oddity:
    """What matches is said in two goes, group 2 so much later; what comes meanwhile is said meanwhile."""

    def make(emulator: ModemEmulator) -> None:
        write = emulator._write

        def write_in_two(octets: bytes) -> None:
            found = re.fullmatch(pattern, octets, re.DOTALL)
            write(found[1] if found else octets)
            if found:
                asyncio.get_running_loop().call_later(seconds, write, found[2])

        emulator._write = write_in_two

    return make


def both(inner: Oddity, outer: Oddity) -> Oddity:
    """What the outer one changed, the inner one changes on."""

    def make(emulator: ModemEmulator) -> None:
        inner(emulator)
        outer(emulator)

    return make


def speaks_up(line: bytes) -> Oddity:
    """Says it wherever a text is being sent: around the prompt, and around the reference."""
    said = b"\r\n" + line + b"\r\n"
    return both(
        says(rb"\A\r\n> \Z", said + b"\r\n> " + said),
        says(rb"\A(\r\n\+CMGS: \d+\r\n)", said + rb"\1" + said),
    )


OK_FIRST = says(rb"\A(\r\n\+CMGS: \d+\r\n)(\r\nOK\r\n)", rb"\2\1")
REPORT = rb"(\+CDS: \d+\r\n)07914477000900F0"

ODDITIES: Mapping[str, Oddity] = {
    "bare-prompt": says(rb"\A\r\n> \Z", b"> "),
    "prompt-on-a-line": says(rb"\A\r\n> \Z", b"\r\n> \r\n"),
    "prompt-behind-blank-lines": says(rb"\A\r\n> \Z", b"\r\n\r\n\r\n> "),
    "blank-lines-everywhere": says(rb"\r\n", b"\r\n\r\n"),
    "cr-cr-lf": says(rb"\r\n", b"\r\r\n"),
    "no-blank-line-before-ok": says(rb"\r\n\r\nOK", b"\r\nOK"),
    "ok-first": OK_FIRST,
    "ok-long-before": both(says_in_two(rb"(\r\nOK\r\n)(\r\n\+CMGS: \d+\r\n)", 1.0), OK_FIRST),
    "ok-long-behind": says_in_two(rb"(\r\n\+CMGS: \d+\r\n)(\r\nOK\r\n)", 2.0),
} | {f"speaks-up {line.decode()}": speaks_up(line) for line in UNASKED}
"""How texts are answered."""

REPORTS: Mapping[str, Oddity] = {
    "without-smsc": says(REPORT, rb"\1"),
    "with-a-wrong-smsc": says(REPORT, rb"\g<1>0C914477790000F0"),
    "in-two-goes": says_in_two(rb"(.*\+CDS: \d+\r\n)(.*)", 0.8),
    "in-two-goes-far-apart": says_in_two(rb"(.*\+CDS: \d+\r\n)(.*)", 2.0),
}
"""How reports come: when nothing else happens, or while the text is not answered yet and the port is gammu's."""


async def test_they_are_used(tmp_path: Path) -> None:
    """Texts go and their reports come, all with the same child."""
    plain = {name: reporting(make, Report()) for name, make in ODDITIES.items()}
    reports = {f"report-{name}": reporting(make, Report()) for name, make in REPORTS.items()}
    early = {f"early-report-{name}": reporting(make, Report(before_answer=True)) for name, make in REPORTS.items()}

    assert "" == await failures(tmp_path, plain | reports | early, use)


def reporting(make: Oddity, report: Report) -> Oddity:
    """One that also tells of each text what became of it."""

    def make_both(emulator: ModemEmulator) -> None:
        make(emulator)
        emulator.network.reports = (report,)

    return make_both


async def use(pair: Pair) -> None:
    """AssertionError, or an error of the modem's, where something does not go."""
    child = child_of(pair.modem)
    for number in (1, 2):
        assert number == await pair.modem.submit(ALICE, a_segment(f"hello {number}"))
        assert [number] == await reported(pair.modem)
    assert ["hello 1", "hello 2"] == [sent.text for sent in pair.emulator.submissions]
    assert child == child_of(pair.modem)


async def reported(modem: GammuModem) -> list[int]:
    """The references of the next reports."""
    async with asyncio.timeout(10):
        while True:
            modem.incoming.clear()
            if reports := (await modem.receive()).reports:
                return [report.message_reference for report in reports]
            await modem.incoming.wait()


async def test_an_ok_without_a_reference(tmp_path: Path) -> None:
    """Nobody knows; and it has answered, so the next one need not wait for that."""
    async with plugged_in(tmp_path) as pair:
        await pair.modem.open()
        child = child_of(pair.modem)
        says(rb"\r\n\+CMGS: 1\r\n", b"")(pair.emulator)
        with pytest.raises(SubmitUnknown, match="OK without a message reference"):
            await pair.modem.submit(ALICE, a_segment("hello 1"))
        assert await pair.modem.submit(ALICE, a_segment("hello 2")) == 2
        assert ["hello 1", "hello 2"] == [sent.text for sent in pair.emulator.submissions]
        assert child == child_of(pair.modem)


@pytest.mark.long
async def test_a_prompt_without_its_space(tmp_path: Path) -> None:
    """gammu waits for it, 31 s: the text was not sent, and the sysadmin reads why."""
    async with plugged_in(tmp_path) as pair:
        says(rb"\A\r\n> \Z", b"\r\n>")(pair.emulator)
        with pytest.raises(ModemUnavailable, match='does not ask for the text by "> "'):
            await pair.modem.submit(ALICE, a_segment("hello"))
        assert pair.emulator.submissions == []


async def test_lines_without_cr(tmp_path: Path) -> None:
    """gammu cannot read them: said before it tries."""
    async with plugged_in(tmp_path) as pair:
        says(rb"\r\n", b"\n")(pair.emulator)
        with pytest.raises(ModemUnavailable, match="lines end without CR"):
            await pair.modem.submit(ALICE, a_segment("hello"))
        assert pair.emulator.submissions == []
