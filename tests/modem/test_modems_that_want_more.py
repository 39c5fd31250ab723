"""Modems that want to be told more than others, or that gammu would tell more than they know: texts and reports go."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from tests.emulator import ModemEmulator, PlainError, Report
from tests.modem.oddities import Oddity, failures, says
from tests.modem.pairs import ALICE, Pair, a_segment, child_of

ACKNOWLEDGED_WITHIN = 0.3
"""Less than a text takes."""


def calls_itself(maker: str, model: str) -> Oddity:
    """One of gammu's table, that knows none of the commands that gammu has for it."""

    def make(emulator: ModemEmulator) -> None:
        emulator.identity.maker, emulator.identity.model = maker, model

    return make


def announces_only(settings: str) -> Oddity:
    """Refuses all other AT+CNMI=."""

    def make(emulator: ModemEmulator) -> None:
        emulator._equipment.announceable = settings

    return make


def wants_acknowledgements(emulator: ModemEmulator) -> None:
    """Until it is told AT+CSMS=0."""
    emulator.settings.csms = emulator.defaults.csms = 1
    emulator._equipment.acknowledged_within = ACKNOWLEDGED_WITHIN


def insists_on_acknowledgements(emulator: ModemEmulator) -> None:
    """Whatever it is told."""
    wants_acknowledgements(emulator)
    emulator.fault = PlainError(at="AT+CSMS=")


def knows_the_bare_acknowledgement_only(emulator: ModemEmulator) -> None:
    """AT+CNMA, not AT+CNMA=0; and says OK to AT+CSMS=0."""
    wants_acknowledgements(emulator)
    emulator.answers["AT+CSMS=0"] = "+CSMS: 1,1,1"
    emulator.fault = PlainError(at="AT+CNMA=")


MODEMS: Mapping[str, Oddity] = {
    "huawei": calls_itself("huawei", "E3531"),
    "huawei-with-a-longer-list": calls_itself("huawei", "E169"),
    "zte": calls_itself("ZTE INCORPORATED", "MF190"),
    "mode-3": announces_only("3,1,0,1,0"),
    "bfr-1": announces_only("1,1,0,2,1"),
    "phase-2+": wants_acknowledgements,
    "phase-2+-for-ever": insists_on_acknowledgements,
    "phase-2+-bare": knows_the_bare_acknowledgement_only,
    "submit-report": says(rb"(\+CMGS: \d+)", rb"\1,07915155000000F1"),
    "submit-time": says(rb"(\+CMGS: \d+)", rb'\1,"26/11/21,19:20:00+00"'),
}


async def test_they_are_used(tmp_path: Path) -> None:
    """Texts go and their reports come, all with the same child."""
    assert "" == await failures(tmp_path, MODEMS, use)


async def use(pair: Pair) -> None:
    """AssertionError, or an error of the modem's, where something does not go."""
    emulator, modem = pair.emulator, pair.modem
    child = child_of(modem)
    emulator.network.reports = (Report(),)
    for number in (1, 2, 3):
        assert await modem.submit(ALICE, a_segment("hello")) == number
        reports: list[int] = []
        async with asyncio.timeout(10):
            while not reports:
                modem.incoming.clear()
                seen = await modem.receive()
                reports = [report.message_reference for report in seen.reports]
                reports += [report.message_reference for place, report in seen.stored_reports]
                if not reports:
                    await modem.incoming.wait()
        assert reports == [number]
        await modem.delete([place for place, _ in seen.stored_reports])
    assert child_of(modem) == child
    assert not [command for command in emulator.commands if command.startswith(("AT+ZCDRUN", "AT+CFUN=1,1"))]
