"""Anything at any time."""

import asyncio
import random

import pytest

from tests.lab import office
from tests.lab.call import Call
from tests.lab.line import Line
from tests.lab.links.callers import EVE, Phones, finds_it_busy
from tests.lab.sip import Carrier
from tests.lab.watch import BUSY, Watch


@pytest.mark.long
@pytest.mark.parametrize("asterisk_version", [22, 16])
@pytest.mark.parametrize("seed", range(3))
async def test_calls_over_a_bad_line(
    watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones, seed: int
) -> None:
    """Forty calls while the line is cut or goes dead every other moment: who is texted was missed, in full sight."""
    watch, chance = watch_on_line, random.Random(seed)
    truths: dict[str, str] = {}

    async def goes_on(caller: str, call: Call, rang: Call, fate: str) -> None:
        await asyncio.sleep(chance.random())
        match fate:
            case "answered":
                rang.answer()
                await call.answered()
                await asyncio.sleep(chance.random())
                await call.hang_up()
            case "busy":
                rang.refuse(486)
                await call.ended()
            case "abandoned_ringing":
                await call.hang_up()
        truths[caller] = fate

    async def calls_come() -> None:
        async with asyncio.TaskGroup() as calls:
            for i in range(40):
                caller = f"+4477009003{i:02}"
                call = await carrier.call(caller, did=office.PATIENT)
                rang = await phones["101"].next_call()
                calls.create_task(goes_on(caller, call, rang, chance.choice(["answered", "busy", "abandoned_ringing"])))
                await asyncio.sleep(chance.random() / 4)

    async def the_line_is_bad() -> None:
        while True:
            for _ in range(3):
                await asyncio.sleep(chance.random())
                chance.choice([line.cut, line.cut, line.go_dead])()
            # However slow the machine is, some calls are to be seen whole.
            await watch.up(len(watch.said.events("pbx_connected")) + 1)
            await asyncio.sleep(3)

    async with asyncio.TaskGroup() as group:
        bad = group.create_task(the_line_is_bad())
        await calls_come()
        bad.cancel()
    line.cut()
    await watch.up(len(watch.said.events("pbx_connected")) + 1)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)

    outcomes: list[str] = []
    for caller, truth in truths.items():
        kept = await watch.kept(caller)
        outcomes += kept.outcomes
        assert kept.outcomes in {(), ("unknown",), (truth,)}
        if kept.outcomes != (truth,) or truth == "answered":
            assert 0 == kept.texts
        assert (kept.outcomes not in {(), ("answered",)}) == (1 == kept.leads)
    assert {"unknown", "answered"} < set(outcomes)
    assert [] == await watch.in_the_air()
