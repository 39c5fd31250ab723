"""The line is cut, at any place; then it is learned from what is up who called meanwhile."""

import pytest

from tests.lab import behaviour, office
from tests.lab.asterisk import Asterisk
from tests.lab.line import Line
from tests.lab.links import both_versions
from tests.lab.links.callers import (
    ANN,
    BOB,
    CAT,
    DAN,
    EVE,
    Phones,
    finds_it_busy,
    hears_the_voicemail,
    rings,
    talks,
    waits_in_the_queue,
)
from tests.lab.sip import Carrier
from tests.lab.watch import ANSWERED, BUSY, UNKNOWN, Watch


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(b"Event: DialBegin\r\nPrivi", id="in-a-message"),
        pytest.param(b"\r\n\r", id="in-an-end-of-message"),
        pytest.param("CallerIDName: Zoë".encode()[:-1], id="in-a-letter"),
    ],
)
async def test_the_line_is_cut_while_a_call_comes_in(
    watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones, behind: bytes
) -> None:
    """The half that was heard is forgotten; the caller is found again in the snapshot, and is not seen whole."""
    watch = watch_on_line
    line.cut_behind = behind
    call = await carrier.call(ANN, did=office.PATIENT, name="Zoë")
    await watch.up(2)
    assert b"" == line.cut_behind
    await watch.arrived(ANN)
    await call.hang_up()

    assert UNKNOWN == await watch.decided(ANN)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()
    assert [] == watch.said.events("pbx_event_not_understood")


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(b"Asterisk Call Man", id="in-the-greeting"),
        pytest.param(b"Message: Authentication acc", id="in-the-answer-to-the-login"),
        pytest.param(b"Event: CoreShowChannel\r\n", id="in-the-list"),
        pytest.param(b"Event: CoreShowChannelsComplete\r\n", id="in-the-end-of-the-list"),
        pytest.param(b"Event: Status\r\nPrivilege", id="in-the-list-of-numbers-dialled"),
    ],
)
async def test_the_line_is_cut_while_it_looks_around(
    watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones, behind: bytes
) -> None:
    """It looks around again, and is up only when it has seen everything."""
    watch = watch_on_line
    ringing = await rings(watch, carrier, phones, ANN)
    talking = await talks(watch, carrier, phones, BOB)
    line.cut_behind = behind
    line.cut()
    await watch.up(2)
    assert b"" == line.cut_behind
    await ringing.hang_up()
    await talking.hang_up()

    assert UNKNOWN == await watch.decided(ANN)
    assert ANSWERED == await watch.decided(BOB)
    assert BUSY == await finds_it_busy(watch, carrier, phones, EVE)
    assert [] == await watch.in_the_air()
    assert (1, 2) == (len(watch.said.events("pbx_lost")), len(watch.said.events("pbx_connected")))


async def test_a_line_that_trickles(watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones) -> None:
    """Every byte comes alone, also those of one letter; the call is the same."""
    watch = watch_on_line
    line.trickles = True
    phones["101"].behaviour = behaviour.BUSY
    await (await carrier.call(ANN, did=office.ONE_PHONE, name="Zoë 山田 🚰")).ended()

    assert BUSY == await watch.decided(ANN)
    assert [] == watch.said.events("pbx_lost")


# --- what a snapshot tells --------------------------------------------------------------------------------------------


@both_versions
async def test_a_pair_of_local_channels_is_one_wire_after_a_cut(
    watch_on_line: Watch, line: Line, asterisk: Asterisk, carrier: Carrier, phones: Phones
) -> None:
    """Ann was put through by way of a Local channel while nobody looked; she and the phone are in different bridges."""
    watch = watch_on_line
    number = "01632960190"
    await asterisk.cli(f"dialplan add extension {number},1,Dial(Local/101@from-did-direct/n) into from-trunk")
    phones["101"].behaviour = behaviour.ANSWERS
    line.go_dead()
    ann = await carrier.call(ANN, did=number)
    await ann.answered()
    await watch.up(2)
    await watch.arrived(ANN)
    await ann.hang_up()

    assert ANSWERED == await watch.decided(ANN)


@both_versions
async def test_where_a_caller_is_after_a_cut(
    watch_on_line: Watch, line: Line, carrier: Carrier, phones: Phones
) -> None:
    """Waiting callers whom nobody had reached are unknown when they give up; one whom the queue reaches is answered."""
    watch = watch_on_line
    cat = await waits_in_the_queue(watch, carrier, CAT)
    dan = await hears_the_voicemail(watch, carrier, DAN)
    eve = await carrier.call(EVE, did=office.MENU)
    await watch.arrived(EVE)
    line.cut()
    await watch.up(2)
    assert [CAT, DAN, EVE] == await watch.in_the_air()
    rang = await phones["102"].next_call()
    rang.answer()
    await watch.bridged(CAT)
    for call in (cat, dan, eve):
        await call.hang_up()

    assert ANSWERED == await watch.decided(CAT)
    assert UNKNOWN == await watch.decided(DAN)
    assert UNKNOWN == await watch.decided(EVE)
