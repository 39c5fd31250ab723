"""Asterisk is killed, stopped or reloaded."""

import re

import pytest

from tests.lab.asterisk import Asterisk
from tests.lab.links import both_versions
from tests.lab.links.callers import (
    ANN,
    BOB,
    CAT,
    DAN,
    EVE,
    Phones,
    are_everywhere,
    finds_it_busy,
    rings,
    talks,
)
from tests.lab.sip import Carrier
from tests.lab.watch import ANSWERED, BUSY, GAVE_UP, UNKNOWN, Watch


@both_versions
async def test_asterisk_is_killed(watch: Watch, asterisk: Asterisk, carrier: Carrier, phones: Phones) -> None:
    """Nobody saw how the calls ended: unknown, wherever the caller was. The next Asterisk uses their names again."""
    await are_everywhere(watch, carrier, phones)
    await asterisk.kill()
    await watch.said.until("pbx_lost")
    await asterisk.start()
    await watch.up(2)

    for caller in (ANN, BOB, CAT, DAN):
        assert UNKNOWN == await watch.decided(caller)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()
    names = re.findall(rb"Event: Newchannel\r\n(?:.*\r\n)*?Channel: (PJSIP/trunk-\S+)", watch.received)
    assert names[0] == names[-1]
    assert 1 == len(watch.said.events("pbx_lost"))


@pytest.mark.parametrize("command", ["core stop now", "core restart now"])
@both_versions
async def test_asterisk_is_stopped(
    watch: Watch, asterisk: Asterisk, carrier: Carrier, phones: Phones, command: str
) -> None:
    """It hangs up everybody, which nobody outside could tell from calls that end; but it says that it goes."""
    await are_everywhere(watch, carrier, phones)
    await asterisk.cli(command)
    await watch.said.until("pbx_lost")
    # That it restarts by itself the lab cannot see: it would run on the libraries of the host.
    await asterisk.restart()
    await watch.up(2)

    assert ANSWERED == await watch.decided(ANN)
    for caller in (BOB, CAT, DAN):
        assert UNKNOWN == await watch.decided(caller)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()


@both_versions
async def test_asterisk_is_reloaded(watch: Watch, asterisk: Asterisk, carrier: Carrier, phones: Phones) -> None:
    """The link stays, and so do the calls: each comes out as if nothing had been (``k09``, ``k11``)."""
    ann = await talks(watch, carrier, phones, ANN)
    bob = await rings(watch, carrier, phones, BOB)
    for command in ("core reload", "manager reload", "module reload"):
        await asterisk.cli(command)
    await bob.hang_up()
    await ann.hang_up()

    assert ANSWERED == await watch.decided(ANN)
    assert GAVE_UP == await watch.decided(BOB)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert (1, 0) == (len(watch.said.events("pbx_connected")), len(watch.said.events("pbx_lost")))
