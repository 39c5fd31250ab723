"""The daemon is stopped or killed while callers are on the line of a real Asterisk, and started again."""

import contextlib
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.daemon import running
from tests.daemon.running import Daemon
from tests.lab import behaviour, office
from tests.lab.asterisk import Asterisk
from tests.lab.call import Call
from tests.lab.sip import Carrier, Phone

ANN, BOB, CAT, DAN, EVE, FAY = (f"+4477009002{i:02}" for i in range(6))

Phones = dict[str, Phone]

ways_to_go = pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])


@pytest_asyncio.fixture
async def daemon(tmp_path: Path, asterisk: Asterisk) -> AsyncIterator[Daemon]:
    """At work on the Asterisk, with a simulated modem."""
    daemon = Daemon(running.configuration(tmp_path, host=asterisk.pbx, port=asterisk.ami_port))
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(daemon.close)
        await daemon.start()
        await daemon.until("pbx_connected")
        yield daemon


async def rings(daemon: Daemon, carrier: Carrier, phones: Phones, caller: str) -> tuple[Call, Call]:
    """A caller for whom 101 rings, for a minute: his call, and the phone's."""
    phones["101"].behaviour = behaviour.RINGS
    call = await carrier.call(caller, did=office.PATIENT)
    rang = await phones["101"].next_call()
    await daemon.until("call_arrived", caller=caller)
    return call, rang


async def talks(daemon: Daemon, carrier: Carrier, phones: Phones, caller: str) -> Call:
    """A caller whom 101 has on the line."""
    call, rang = await rings(daemon, carrier, phones, caller)
    rang.answer()
    await call.answered()
    return call


async def finds_it_busy(daemon: Daemon, carrier: Carrier, phones: Phones, caller: str) -> None:
    """A whole call that is missed, until its text is sent: the proof that all is well again."""
    phones["101"].behaviour = behaviour.BUSY
    await (await carrier.call(caller, did=office.ONE_PHONE)).ended()
    await daemon.until("text_accepted", to=caller)


def in_the_air(daemon: Daemon) -> list[str]:
    """The callers who are on the line, as far as the database knows."""
    return [row["caller"] for row in daemon.rows("SELECT caller FROM live_calls ORDER BY caller")]


def outcomes(daemon: Daemon) -> dict[str, str]:
    """Of each call, by its caller; nobody calls twice."""
    calls = daemon.rows("SELECT number, outcome FROM calls ORDER BY id")
    by_caller = {row["number"]: row["outcome"] for row in calls}
    assert len(calls) == len(by_caller)
    return by_caller


def leads(daemon: Daemon) -> list[str]:
    """The numbers of all leads."""
    return [row["number"] for row in daemon.rows("SELECT number FROM leads ORDER BY number")]


def texted(daemon: Daemon) -> list[str]:
    """Every caller for whom a text was ever queued."""
    return [row["number"] for row in daemon.rows("SELECT number FROM outbox WHERE kind = 'caller' ORDER BY number")]


@ways_to_go
async def test_callers_on_the_line_while_the_daemon_restarts(
    daemon: Daemon, asterisk: Asterisk, carrier: Carrier, phones: Phones, how: signal.Signals
) -> None:
    """One row for each call: answered where somebody was seen with the caller and the end was seen, else unknown.

    Ann's call rings all the while, Bob gives up meanwhile, Cat is answered meanwhile, Dan talks all the while,
    and Eve's talk ends meanwhile.
    """
    ann, _ = await rings(daemon, carrier, phones, ANN)
    bob, _ = await rings(daemon, carrier, phones, BOB)
    cat, rang_for_cat = await rings(daemon, carrier, phones, CAT)
    dan = await talks(daemon, carrier, phones, DAN)
    eve = await talks(daemon, carrier, phones, EVE)
    await daemon.stop(how)
    assert [ANN, BOB, CAT, DAN, EVE] == in_the_air(daemon)
    await bob.hang_up()
    rang_for_cat.answer()
    await cat.answered()
    await eve.hang_up()

    await daemon.start()
    await daemon.until("call_ended", caller=BOB)
    await daemon.until("call_ended", caller=EVE)
    assert [ANN, CAT, DAN] == in_the_air(daemon)
    for call in (ann, cat, dan):
        await call.hang_up()
    for caller in (ANN, CAT, DAN):
        await daemon.until("call_ended", caller=caller)
    await finds_it_busy(daemon, carrier, phones, FAY)

    unseen = dict.fromkeys((ANN, BOB, EVE), "unknown")
    assert unseen | dict.fromkeys((CAT, DAN), "answered") | {FAY: "busy"} == outcomes(daemon)
    assert [ANN, BOB, EVE, FAY] == leads(daemon)
    assert [FAY] == texted(daemon)
    assert [] == in_the_air(daemon)
    dids = daemon.rows("SELECT DISTINCT did FROM calls WHERE number <> ?", FAY)
    assert [office.PATIENT] == [row["did"] for row in dids]


@ways_to_go
async def test_a_call_keeps_its_caller_and_its_did(
    daemon: Daemon, asterisk: Asterisk, carrier: Carrier, phones: Phones, how: signal.Signals
) -> None:
    """As they were first seen: the carrier asks for an account, a header names the DID, and the dialplan changes the
    caller ID, all before the restart.
    """
    phones["101"].behaviour = behaviour.RINGS
    called_party = f"P-Called-Party-ID: <sip:{office.PATIENT}@{asterisk.pbx}>"
    ann = await carrier._place(ANN, "s", f'"Ann" <sip:{ANN}@{carrier.address}>', called_party)
    await phones["101"].next_call()
    await daemon.until("did_told", did=office.PATIENT)
    with contextlib.closing(await asterisk.ami("full")) as ami:
        channel = await ami.channel(ann.call_id)
        await ami.perform("Setvar", Channel=channel, Variable="CALLERID(num)", Value=BOB)
        await daemon.stop(how)
        (listed,) = [row for row in await ami.rows("CoreShowChannels") if row["Channel"] == channel]
    assert BOB == listed["CallerIDNum"]
    await daemon.start()
    await daemon.until("pbx_connected", count=2)
    assert [ANN] == in_the_air(daemon)
    await ann.hang_up()
    await daemon.until("call_ended", caller=ANN, did=office.PATIENT)

    assert {ANN: "unknown"} == outcomes(daemon)
    assert [ANN] == leads(daemon)


async def test_the_pbx_restarts_too(daemon: Daemon, asterisk: Asterisk, carrier: Carrier, phones: Phones) -> None:
    """The power was out: the new channels have the names of the old ones, and nothing else of them."""
    await talks(daemon, carrier, phones, BOB)
    await rings(daemon, carrier, phones, ANN)
    await daemon.stop(signal.SIGKILL)
    await asterisk.restart()
    cat = await carrier.call(CAT, did=office.PATIENT)
    await phones["101"].next_call()

    await daemon.start()
    for caller in (ANN, BOB):
        await daemon.until("call_ended", caller=caller)
    await daemon.until("call_arrived", caller=CAT)
    assert [CAT] == in_the_air(daemon)
    await cat.hang_up()
    await daemon.until("call_ended", caller=CAT)
    await finds_it_busy(daemon, carrier, phones, FAY)

    assert dict.fromkeys((ANN, BOB, CAT), "unknown") | {FAY: "busy"} == outcomes(daemon)
    assert [ANN, BOB, CAT, FAY] == leads(daemon)
    assert [FAY] == texted(daemon)


async def test_the_daemon_comes_back_before_the_pbx(
    daemon: Daemon, asterisk: Asterisk, carrier: Carrier, phones: Phones
) -> None:
    """Nothing is decided about who was on the line until somebody can say who is."""
    await rings(daemon, carrier, phones, ANN)
    await daemon.stop()
    await asterisk.kill()
    await daemon.start()
    await daemon.until("pbx_lost")
    assert [ANN] == in_the_air(daemon)
    assert {} == outcomes(daemon)

    await asterisk.start()
    await daemon.until("call_ended", caller=ANN)
    assert {ANN: "unknown"} == outcomes(daemon)
    assert [] == in_the_air(daemon)
