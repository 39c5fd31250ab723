"""Modems that answer otherwise than ours: whatever gammu itself does not need may be refused, odd or slow."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path

from tests.emulator import CmeError, CmsError, LateAnswer, ModemEmulator, PlainError
from tests.emulator.pdu import encode_status_report
from tests.modem.oddities import Oddity, failures, says
from tests.modem.pairs import ALICE, BOB, Pair, a_segment, child_of
from textbackd.modem.modem import Received, Registration

NOON = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC)
SLOW = 3.0
REPORT = encode_status_report(ALICE, 200, 0, NOON).hex().upper()


def refuses(command: str) -> Oddity:
    """ERROR, always."""

    def make(emulator: ModemEmulator) -> None:
        emulator.fault = PlainError(at=command)

    return make


def refuses_with_a_number(command: str) -> Oddity:
    """+CME ERROR 4 (operation not supported), always."""

    def make(emulator: ModemEmulator) -> None:
        emulator.fault = CmeError(4, at=command)

    return make


def is_slow_at(command: str, seconds: float = SLOW) -> Oddity:
    """So long, always."""

    def make(emulator: ModemEmulator) -> None:
        emulator.fault = LateAnswer(seconds, at=command)

    return make


def answers(**answers: str) -> Oddity:
    """These lines to the questions AT+NAME?."""

    def make(emulator: ModemEmulator) -> None:
        emulator.answers |= {f"AT+{name}?": answer for name, answer in answers.items()}

    return make


def has_only_mt(emulator: ModemEmulator) -> None:
    emulator.storage.sizes = {"MT": 30, "SR": 20}
    emulator.stores["MT"] = {}
    emulator.settings.cpms = emulator.defaults.cpms = ("MT", "MT", "MT")


def has_only_sm(emulator: ModemEmulator) -> None:
    del emulator.storage.sizes["ME"]


def names_no_store_of_ours(emulator: ModemEmulator) -> None:
    emulator.answers["AT+CPMS=?"] = '+CPMS: ("SR"),("SR"),("SR")'
    emulator.fault = CmsError(302, at='AT+CPMS="')


def has_its_echo_off(emulator: ModemEmulator) -> None:
    emulator.settings.echo = emulator.defaults.echo = False


ODDITIES: Mapping[str, Oddity] = {
    "only-sm": has_only_sm,
    "only-mt": has_only_mt,
    "no-store-of-ours": names_no_store_of_ours,
    "no-cpms": refuses("AT+CPMS"),
    "no-cpms-question": refuses("AT+CPMS=?"),
    "cpms-with-names": says(rb"\+CPMS: (\d+,\d+),", rb'+CPMS: "SM",\1,"SM",'),
    "slow-cpms": is_slow_at("AT+CPMS"),
    "slow-cmgl": is_slow_at("AT+CMGL"),
    "slow-at-everything": is_slow_at("AT", 0.6),
    "no-cmgl": refuses_with_a_number("AT+CMGL"),
    "no-cnmi": refuses("AT+CNMI"),
    "no-cnmi-question": refuses("AT+CNMI?"),
    "cnmi-mode-1-only": refuses("AT+CNMI=2"),
    "no-clip": refuses_with_a_number("AT+CLIP"),
    "no-cmee": refuses("AT+CMEE"),
    "no-cpin": refuses("AT+CPIN"),
    "slow-cpin": is_slow_at("AT+CPIN?"),
    "no-csq": refuses_with_a_number("AT+CSQ"),
    "no-cops": refuses("AT+COPS"),
    "no-creg": refuses("AT+CREG"),
    "creg-1-value": answers(CREG="+CREG: 1"),
    "creg-5-values": answers(CREG='+CREG: 2,5,"00C3","0012D687",7'),
    "csq-odd": says(rb"\+CSQ: 20,99", rb"+CSQ:131"),
    "csca-in-ucs2": answers(CSCA='+CSCA: "002B003400340037003700300030003900300030003000300030",145'),
    "alpha": says(rb"(\+CMGL: \d+,\d+),,", rb'\1,"Bob",'),
    "no-smsc-in-pdu": says(rb"(\+CMGL: [^\r]+\r\n)07914477000900F0", rb"\g<1>00"),
    "unasked-in-the-list": says(
        rb"(\+CMGL: [^\r]+\r\n)", rb'\1\r\n+CMTI: "SM",9\r\n\r\n+CDS: 25\r\n%s\r\n' % REPORT.encode()
    ),
    "cds-without-pdu": says(rb"(\+CMGL: [^\r]+\r\n)", rb"\r\n+CDS: 25\r\n\1"),
    "no-crlf-in-front": says(rb"\A\r\n(?=\+|OK|ERROR)", rb""),
    "echo-off": has_its_echo_off,
}


async def test_they_are_used(tmp_path: Path) -> None:
    """Texts go and come, are deleted, and each tells how it is, all with the same child."""
    assert "" == await failures(tmp_path, ODDITIES, use)


async def use(pair: Pair) -> None:
    """AssertionError, or an error of the modem's, where something does not go."""
    emulator, modem = pair.emulator, pair.modem
    child = child_of(modem)
    assert await modem.submit(ALICE, a_segment("hello")) == 1
    emulator.deliver_sms(BOB, "hello yourself", NOON)
    (message,) = (await arrived(pair)).messages
    assert (message.sender, message.text) == (BOB, "hello yourself")
    await modem.delete(message.places)
    assert (await modem.receive()).messages == []
    assert sum(map(len, emulator.stores.values())) == 0
    assert (await modem.status()).registration in (Registration.HOME, Registration.ROAMING)
    assert await modem.submit(ALICE, a_segment("again")) == 2
    assert child_of(modem) == child


async def arrived(pair: Pair) -> Received:
    """What a look shows when the text is there; nothing may tell of it."""
    async with asyncio.timeout(30):
        while not (seen := await pair.modem.receive()).messages:  # noqa: ASYNC110 - it may ring no bell
            await asyncio.sleep(0.1)
    return seen
