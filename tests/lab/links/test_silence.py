"""Asterisk is frozen, or the line is dead: nobody says so."""

import asyncio

from tests.lab import office
from tests.lab.asterisk import Asterisk
from tests.lab.line import Line
from tests.lab.links import both_versions
from tests.lab.links.callers import ANN, BOB, CAT, DAN, EVE, Phones, finds_it_busy, rings
from tests.lab.sip import Carrier
from tests.lab.watch import ANSWERED, BUSY, PING_INTERVAL, PING_TIMEOUT, UNKNOWN, Kept, Watch

FOUND_WITHIN = PING_INTERVAL + PING_TIMEOUT + 1


@both_versions
async def test_asterisk_freezes(watch: Watch, asterisk: Asterisk, carrier: Carrier, phones: Phones) -> None:
    """It is found out in time. Who rang before, during and after is unknown; who was answered after is answered."""
    loop = asyncio.get_running_loop()
    ann = await rings(watch, carrier, phones, ANN)
    bob = await rings(watch, carrier, phones, BOB)
    of_ann, of_bob = [await phones["101"].next_call() for _ in range(2)]
    begin = loop.time()
    asterisk.freeze()
    await watch.said.until("pbx_lost")
    assert loop.time() - begin <= FOUND_WITHIN
    asterisk.thaw()
    await watch.up(2)

    of_bob.answer()
    await watch.bridged(BOB)
    await bob.hang_up()
    assert ANSWERED == await watch.decided(BOB)
    await ann.hang_up()
    assert UNKNOWN == await watch.decided(ANN)
    await of_ann.ended()
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()


async def test_a_line_goes_dead(
    watch_on_line: Watch, line: Line, asterisk: Asterisk, carrier: Carrier, phones: Phones
) -> None:
    """Each side thinks that the other is silent; what happened in the dark is learned from what is up afterwards."""
    watch, loop = watch_on_line, asyncio.get_running_loop()
    gone_meanwhile = await rings(watch, carrier, phones, ANN)
    answered_meanwhile = await rings(watch, carrier, phones, BOB)
    _, rang = [await phones["101"].next_call() for _ in range(2)]
    line.is_closed = True
    begin = loop.time()
    line.go_dead()
    await watch.said.until("pbx_lost")
    assert loop.time() - begin <= FOUND_WITHIN
    await gone_meanwhile.hang_up()
    rang.answer()
    await answered_meanwhile.answered()
    arrived_meanwhile = await carrier.call(CAT, did=office.PATIENT)
    begins_and_ends_meanwhile = await carrier.call(DAN, did=office.PATIENT)
    await begins_and_ends_meanwhile.hang_up()
    line.is_closed = False
    await watch.up(2)

    await watch.arrived(CAT)
    assert UNKNOWN == await watch.decided(ANN)
    assert [BOB, CAT] == await watch.in_the_air()
    await answered_meanwhile.hang_up()
    assert ANSWERED == await watch.decided(BOB)
    await arrived_meanwhile.hang_up()
    assert UNKNOWN == await watch.decided(CAT)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [Kept(), []] == [await watch.kept(DAN), await watch.in_the_air()]
