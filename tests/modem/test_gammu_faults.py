"""The real gammu AT driver on a modem that hangs, is pulled out, starts anew, lies: found in time, and what then."""

import asyncio
import contextlib
import dataclasses
import datetime as dt
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from benchmarks.loop_stalls import Ticker
from tests.emulator import (
    CmeError,
    Garbage,
    Interjection,
    Interruption,
    LateAnswer,
    Ok,
    Reboot,
    Report,
    Silence,
    Unplug,
)
from tests.emulator.pdu import SMSC
from tests.modem.pairs import (
    ALICE,
    BOB,
    Pair,
    a_segment,
    caught,
    child_of,
    ended,
    given_up,
    opened,
    opened_pairs,
    plugged_in,
)
from textbackd.modem import gammu_modem
from textbackd.modem.modem import ModemUnavailable, Registration, SubmitUnknown
from textbackd.modem.port_errors import PinMissing, PortGone, PortSilent

pytestmark = pytest.mark.asyncio(loop_scope="module")

SUBMIT_DEADLINE, LATE_ANSWER = 6.0, 16.0
"""Seconds; between them a modem is opened anew, for which gammu needs 4 s on a machine with nothing else to do."""


More = Callable[[], Awaitable[list[Pair]]]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def more(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[More]:
    """Opens a dozen."""
    async with contextlib.AsyncExitStack() as stack:
        times = {"submit_deadline": SUBMIT_DEADLINE, "late_answer": LATE_ANSWER}
        yield lambda: stack.enter_async_context(opened_pairs(tmp_path_factory.mktemp("modems"), 12, **times))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pairs(more: More) -> list[Pair]:
    """The first is for all tests that break nothing."""
    return await more()


@pytest_asyncio.fixture(loop_scope="module")
async def pair(pairs: list[Pair], more: More) -> Pair:
    """For one test to break."""
    if len(pairs) == 1:
        pairs += await more()
    return pairs.pop()


async def assert_works(pair: Pair) -> None:
    """The next text goes out, with its own reference, and its report comes."""
    pair.emulator.network.reports = (Report(),)
    reference = await pair.modem.submit(ALICE, a_segment("the next"))
    assert pair.emulator.submissions[-1].text == "the next"
    assert pair.emulator.submissions[-1].reference == reference
    await reported(pair, reference)


async def reported(pair: Pair, reference: int) -> None:
    """Return when that text is reported on, and no other."""
    async with asyncio.timeout(10):
        while True:
            pair.modem.incoming.clear()
            if reports := (await pair.modem.receive()).reports:
                assert [report.message_reference for report in reports] == [reference]
                return
            await pair.modem.incoming.wait()


# --- silence --------------------------------------------------------------------------------------------------------


async def test_a_silent_port_is_found_within_2_s(pair: Pair) -> None:
    """Not every port of a stick is a modem: gammu alone would take 12 s."""
    await pair.modem.reset()
    pair.emulator.fault = Silence()
    began = time.monotonic()
    with pytest.raises(PortSilent):
        await pair.modem.receive()
    assert time.monotonic() - began < 2
    pair.emulator.fault = None
    await opened(pair.modem)
    await assert_works(pair)


async def test_a_disturbed_answer_does_not_put_it_into_text_mode(pair: Pair) -> None:
    """gammu, which misses the OK to AT+CMGF=0, goes on in text mode: it is opened anew."""
    await pair.modem.reset()
    pair.emulator.script = [Interruption("SMS DONE", at="AT+CMGF=0")]
    with pytest.raises(ModemUnavailable, match="PDU mode"):
        await pair.modem.receive()
    await opened(pair.modem)
    await assert_works(pair)


async def test_a_jammed_port_is_given_up_before_anything_is_submitted(pair: Pair) -> None:
    """A write of gammu's would never return; the text is known not to be sent."""
    await assert_works(pair)
    pair.emulator.jam()
    with pytest.raises(ModemUnavailable, match="jammed"):
        await pair.modem.submit(ALICE, a_segment("stuck"))
    await given_up(pair.modem)
    pair.emulator.unjam()
    await opened(pair.modem)
    await assert_works(pair)
    assert "stuck" not in [sent.text for sent in pair.emulator.submissions]


async def test_a_port_that_jams_in_the_middle_is_given_up_at_the_deadline(pair: Pair) -> None:
    """Nobody knows whether it was sent; the child that hangs in it is killed."""
    async with asyncio.TaskGroup() as tasks:
        pair.emulator.commands.clear()
        submit = tasks.create_task(caught(pair.modem, "stuck"))
        await pair.emulator.commanded("AT+CMGS")
        pair.emulator.jam()
    assert isinstance(submit.result(), SubmitUnknown)
    await given_up(pair.modem)
    pair.emulator.unjam()
    await opened(pair.modem)
    await assert_works(pair)


async def test_silence_after_the_pdu_is_unknown_at_the_deadline(pair: Pair) -> None:
    """And the next text goes out when no answer to this one can come any more."""
    pair.emulator.fault = Silence(at="PDU")
    began = time.monotonic()
    with pytest.raises(SubmitUnknown, match="no answer to submit within 6 s"):
        await pair.modem.submit(ALICE, a_segment("did it go?"))
    pair.emulator.fault = None
    with pytest.raises(ModemUnavailable, match="may still come"):
        await pair.modem.submit(ALICE, a_segment("too early"))
    assert (await pair.modem.receive()).messages == []
    await opened(pair.modem)
    assert LATE_ANSWER < time.monotonic() - began < LATE_ANSWER + 3
    await assert_works(pair)
    assert [sent.text for sent in pair.emulator.submissions] == ["did it go?", "the next"]


@pytest.mark.parametrize("busy", [False, pytest.param(True, marks=pytest.mark.long)])
async def test_a_late_answer_is_not_taken_for_that_of_the_next_text(pair: Pair, busy: bool) -> None:
    """It comes when the next text would wait for its own, had that been sent as soon as the modem was open again.

    ``busy``: the modem takes nothing in until then; otherwise it goes on as if nothing was.
    """
    pair.emulator.script = [LateAnswer(SUBMIT_DEADLINE + 5, busy=busy), LateAnswer(3)]
    with pytest.raises(SubmitUnknown):
        await pair.modem.submit(ALICE, a_segment("late"))
    await opened(pair.modem)
    await assert_works(pair)
    assert [(sent.text, sent.reference) for sent in pair.emulator.submissions] == [("late", 1), ("the next", 2)]


@pytest.mark.parametrize("at", ["AT+CPMS", *(pytest.param(at, marks=pytest.mark.long) for at in ("AT+CMGD", "AT+CSQ"))])
async def test_a_silent_poll_is_given_up_in_5_s(pair: Pair, at: str) -> None:
    """gammu would wait 200 s for some of them."""
    pair.emulator.deliver_sms(BOB, "hello", dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.UTC))
    (text,) = (await pair.modem.receive()).messages
    commands: Mapping[str, Callable[[], Awaitable[object]]] = {
        "AT+CPMS": pair.modem.receive,
        "AT+CMGD": lambda: pair.modem.delete(text.places),
        "AT+CSQ": pair.modem.status,
    }
    pair.emulator.fault = Silence(at=at)
    began = time.monotonic()
    with pytest.raises(ModemUnavailable, match="no answer to AT"):
        await commands[at]()
    assert time.monotonic() - began < 11
    pair.emulator.fault = None
    await opened(pair.modem)
    await assert_works(pair)


# --- the plug -------------------------------------------------------------------------------------------------------


async def test_unplugged_while_idle_and_back_under_another_name(pair: Pair) -> None:
    """Seen at once; told with what to do; open as soon as it is back, whatever the pause was."""
    child = child_of(pair.modem)
    pair.modem.incoming.clear()
    pair.emulator.unplug()
    async with asyncio.timeout(2):
        await ended(child)
        await pair.modem.incoming.wait()
    pair.modem._reopening._failures = 5
    for _ in range(2):
        with pytest.raises(PortGone, match="is the modem plugged in"):
            await pair.modem.receive()
    assert pair.modem._reopening.not_before - time.monotonic() > 50
    pair.modem.incoming.clear()
    pair.emulator.plug(other_node=True)
    async with asyncio.timeout(2):
        await pair.modem.incoming.wait()
    await pair.modem.receive()
    await assert_works(pair)


async def test_unplugged_in_the_middle_of_a_text(pair: Pair) -> None:
    """Unknown within 2 s, where gammu waits 100 s; it has no power, so no late answer is waited for."""
    pair.emulator.fault = Unplug(at="PDU", seconds=0.5)
    began = time.monotonic()
    with pytest.raises(SubmitUnknown, match="unplugged"):
        await pair.modem.submit(ALICE, a_segment("cut off"))
    assert time.monotonic() - began < 0.7 + 2  # gammu itself takes 0.7 s up to the end of the PDU
    pair.emulator.fault = None
    await pair.emulator.plugged_in()
    await opened(pair.modem)
    assert time.monotonic() - began < LATE_ANSWER
    await assert_works(pair)


@pytest.mark.parametrize("seconds", [0.1, 0.4])
async def test_unplugged_before_the_text_was_ended(pair: Pair, seconds: float) -> None:
    """Where gammu notices it first, at the PDU or at the Ctrl-Z behind it: surely not sent, and no answer to await.

    ``seconds`` after AT+CMGS: gammu, which has seen the prompt, writes the PDU from 0.1 on, and ends it at 0.7.
    """
    began = time.monotonic()
    async with asyncio.TaskGroup() as tasks:
        submit = tasks.create_task(caught(pair.modem, "never ended"))
        await pair.emulator.commanded("AT+CMGS")
        pair.modem._watch.stop()  # until it is opened anew: gammu is first
        await asyncio.sleep(seconds)
        pair.emulator.unplug(1.2)
    error = submit.result()
    assert isinstance(error, ModemUnavailable)
    assert "ERR_DEVICEWRITEERROR" in str(error)
    assert [] == pair.emulator.submissions
    await pair.emulator.plugged_in()
    await opened(pair.modem)
    assert time.monotonic() - began < LATE_ANSWER
    await assert_works(pair)


async def test_no_answer_is_awaited_of_a_modem_that_was_unplugged_after_the_text(pair: Pair) -> None:
    """It has no memory of it."""
    pair.modem._settings = dataclasses.replace(pair.modem._settings, late_answer=60)
    pair.emulator.fault = Silence(at="PDU")
    async with asyncio.TaskGroup() as tasks:
        submit = tasks.create_task(caught(pair.modem, "cut off"))
        await pair.emulator.submitted()
        os.kill(child_of(pair.modem), signal.SIGKILL)
    assert isinstance(submit.result(), SubmitUnknown)
    began = time.monotonic()
    pair.emulator.fault = None
    pair.emulator.unplug(0.3)
    await pair.emulator.plugged_in()
    await opened(pair.modem)
    assert time.monotonic() - began < 60
    await assert_works(pair)


async def test_the_watch_ends_with_the_modem(pair: Pair) -> None:
    """Nothing is left behind by ``close``: no timer, no task, no process."""
    child = child_of(pair.modem)
    await pair.modem.close()
    await ended(child)
    pair.modem.incoming.clear()
    pair.emulator.unplug()
    timers = asyncio.get_running_loop()._scheduled  # type: ignore[attr-defined]
    ours = [timer for timer in timers if not timer.cancelled() and getattr(timer._callback, "__self__", None)]
    assert pair.modem._watch not in [timer._callback.__self__ for timer in ours]
    assert pair.modem.incoming not in [timer._callback.__self__ for timer in ours]


# --- a modem that starts anew ---------------------------------------------------------------------------------------


async def test_a_reboot_that_is_told_is_noticed_at_once(pair: Pair) -> None:
    """ "Call Ready": the settings are looked at, and the modem is opened anew."""
    pair.modem.incoming.clear()
    with capture_logs() as logged:
        pair.emulator.reboot(0.2)
        await given_up(pair.modem)
        await opened(pair.modem)
    await assert_works(pair)
    reasons = [line["reason"] for line in logged if line["event"] == "modem_given_up"]
    assert reasons == ["the modem has started anew"]


async def test_a_reboot_that_lost_only_what_cannot_be_seen(pair: Pair) -> None:
    """A modem that saved (AT&W) how it announces texts is opened anew all the same, and told the rest again."""
    assert pair.emulator.settings.clip
    pair.emulator.defaults.cnmi = pair.emulator.settings.cnmi
    pair.emulator.boot_lines = ("RDY",)
    pair.emulator.reboot(0.2)
    await given_up(pair.modem)
    await opened(pair.modem)
    assert pair.emulator.settings.clip
    await assert_works(pair)


async def test_nothing_is_submitted_to_a_modem_that_has_started_anew(pair: Pair) -> None:
    """It says so in front of the answer to the last question."""
    pair.emulator.script = [Ok(at="AT+CSCA"), Interjection("RDY", at="AT+CMGF")]
    with pytest.raises(ModemUnavailable, match="started anew"):
        await pair.modem.submit(ALICE, a_segment("too early"))
    await opened(pair.modem)
    await assert_works(pair)
    assert [sent.text for sent in pair.emulator.submissions] == ["the next"]


async def test_another_sim_is_asked_for_its_service_centre(pair: Pair) -> None:
    """In a modem that tells of it (hot swap); that of the old SIM would take nothing from the new one."""
    await assert_works(pair)
    sim = pair.emulator.sim
    sim.imsi, sim.service_centre = "262011234567890", "+447700900999"
    pair.emulator.say("+CPIN: NOT INSERTED")
    pair.emulator.say("+CPIN: READY")
    await given_up(pair.modem)
    await opened(pair.modem)
    await assert_works(pair)
    assert [sent.smsc for sent in pair.emulator.submissions] == [SMSC, "+447700900999"]


async def test_a_reboot_that_lost_the_echo_is_noticed_by_the_next_command(pair: Pair) -> None:
    """Whoever asked is told, and the next one finds it open."""
    pair.emulator.boot_lines = ()
    pair.emulator.defaults.echo = False
    pair.emulator.reboot(0.2)
    with pytest.raises(ModemUnavailable, match="no answer to AT"):
        await pair.modem.receive()
    await opened(pair.modem)
    await assert_works(pair)


@pytest.mark.long
async def test_a_reboot_that_nobody_tells_is_noticed_within_60_s(pair: Pair) -> None:
    """CNMI is lost, and with it the reports and the bell; nobody asks the modem anything meanwhile."""
    pair.emulator.boot_lines = ()
    child = child_of(pair.modem)
    pair.emulator.commands.clear()
    began = time.monotonic()
    pair.emulator.reboot(0.2)
    async with asyncio.timeout(60):
        await opened_anew(pair, child)
    await assert_works(pair)
    assert time.monotonic() - began < 60


async def opened_anew(pair: Pair, child: int) -> None:
    """Return when it is open with another child."""
    while not (pair.modem._child and not pair.modem._child.reason and child_of(pair.modem) != child):
        pair.modem.incoming.clear()
        await pair.modem.incoming.wait()
        await opened(pair.modem)


@pytest.mark.long
async def test_a_reboot_in_the_middle_of_a_text(pair: Pair) -> None:
    """Unknown at the deadline; then it is opened anew."""
    pair.emulator.script = [Reboot(1, at="PDU", sent=False)]
    with pytest.raises(SubmitUnknown):
        await pair.modem.submit(ALICE, a_segment("cut off"))
    await opened(pair.modem)
    await assert_works(pair)


# --- noise ----------------------------------------------------------------------------------------------------------


async def test_a_storm_of_unknown_lines_does_no_harm(pair: Pair) -> None:
    """gammu would lose the next command for each of them."""
    await assert_works(pair)
    child = child_of(pair.modem)
    pair.emulator.storm("+QIND: csq,20,99", every=0.05)
    for _ in range(20):
        assert (await pair.modem.status()).registration is Registration.HOME
        assert (await pair.modem.receive()).messages == []
    await assert_works(pair)
    assert child_of(pair.modem) == child


@pytest.mark.parametrize(
    "noise",
    [
        Interjection(line="+CTZV: 8"),
        Interjection(line="*PSUTTZ: 2026, 11, 21"),
        Interjection(line="OVER-VOLTAGE WARNNING"),
        Interjection(line='+CMTI: "SM",1'),
        Garbage(),
        Garbage(octets=b"\xfe\xff\x00\x1b\r\n"),
    ],
    ids=str,
)
async def test_noise_in_front_of_answers_does_no_harm(pairs: list[Pair], noise: Interjection | Garbage) -> None:
    """Whatever was asked."""
    pair = pairs[0]
    child = child_of(pair.modem)
    pair.emulator.fault = noise
    found = await pair.modem.status()
    assert (found.manufacturer, found.model, found.network, found.signal_percent) == (
        pair.emulator.identity.maker, pair.emulator.identity.model, "Emulated Net", 65,
    )  # fmt: skip
    assert (await pair.modem.receive()).messages == []
    pair.emulator.fault = None
    await assert_works(pair)
    assert child_of(pair.modem) == child


# --- the network ----------------------------------------------------------------------------------------------------


async def test_the_radio_is_switched_when_asked(pairs: list[Pair]) -> None:
    """Off and on, once, at the next open; never by AT+CFUN=1,1."""
    emulator, modem = pairs[0].emulator, pairs[0].modem
    emulator.commands.clear()
    await modem.reset(radio=True)
    await modem.open()
    assert [line for line in emulator.commands if "CFUN" in line][:2] == ["AT+CFUN=4", "AT+CFUN=1"]
    emulator.commands.clear()
    await modem.reset()
    await modem.open()
    assert {line for line in emulator.commands if "CFUN" in line} == {"AT+CFUN=1"}  # gammu's


async def test_the_radio_is_switched_where_that_is_allowed_and_nothing_else_helped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the third failure in a row, and when no network has let the modem in for long."""
    async with plugged_in(tmp_path, radio_cycle=True) as pair:
        emulator, modem = pair.emulator, pair.modem
        for _ in range(3):
            modem._reopening.lost(ModemUnavailable("played"))
        modem._reopening.not_before = 0
        await modem.open()
        assert "AT+CFUN=4" in emulator.commands
        emulator.commands.clear()
        emulator.network.registration = "searching"
        assert not (await modem.status()).registration.registered
        monkeypatch.setattr(gammu_modem, "UNREGISTERED_SECONDS", 0)
        await modem.status()
        emulator.network.registration = "home"
        assert (await modem.status()).registration.registered
        assert "AT+CFUN=4" in emulator.commands


async def test_the_radio_is_switched_when_the_modem_is_there_to_be_told(tmp_path: Path) -> None:
    """An open that fails before that does not use it up; one that fails after it does."""
    async with plugged_in(tmp_path) as pair:
        emulator, modem = pair.emulator, pair.modem
        emulator.unplug()
        await modem.reset(radio=True)
        with pytest.raises(PortGone):
            await modem.open()
        emulator.pin_state = "SIM PIN"
        emulator.plug()
        await modem.reset()
        with pytest.raises(PinMissing):
            await modem.open()
        assert emulator.commands.count("AT+CFUN=4") == 1
        emulator.pin_state = "READY"
        await modem.reset()
        await modem.open()
        assert emulator.commands.count("AT+CFUN=4") == 1


async def test_what_was_before_the_modem_was_opened_is_no_time_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Put back after an hour it is given its quarter of an hour again."""
    async with plugged_in(tmp_path, radio_cycle=True) as pair:
        emulator, modem = pair.emulator, pair.modem
        emulator.network.registration = "searching"
        await modem.status()
        await modem.reset()
        monkeypatch.setattr(gammu_modem, "UNREGISTERED_SECONDS", 0)
        for _ in range(2):
            emulator.commands.clear()
            assert not (await modem.status()).registration.registered
            assert "AT+CFUN=4" not in emulator.commands
        assert modem._cycle_radio


@pytest.mark.parametrize("question", ["AT+CSQ", "AT+COPS?", "AT+CREG?", "AT+CGMM"])
async def test_one_that_does_not_know_a_question_is_well(pairs: list[Pair], question: str) -> None:
    """What it does not tell stays empty; one that names its network is in it."""
    pairs[0].emulator.fault = CmeError(100, at=question)
    found = await pairs[0].modem.status()
    pairs[0].emulator.fault = None
    told = {
        "AT+CSQ": found.signal_percent is not None,
        "AT+COPS?": bool(found.network),
        "AT+CGMM": bool(found.model),
        "": found.registration is Registration.HOME,
    }
    assert [name for name, was_told in told.items() if not was_told] == [name for name in told if name == question]


# --- the loop -------------------------------------------------------------------------------------------------------


async def test_the_loop_is_never_held_up(pair: Pair) -> None:
    """By none of these: its own work between two wakes stays below 100 ms of processor time."""
    async with Ticker() as ticker:
        for fault in (Silence(at="AT+CPMS"), Silence(at="PDU"), Unplug(at="PDU", seconds=0.5), Silence()):
            pair.emulator.fault = fault
            await caught(pair.modem, "stuck")
            with contextlib.suppress(ModemUnavailable):
                await pair.modem.receive()
            pair.emulator.fault = None
            await pair.emulator.plugged_in()
        await pair.modem.reset()
    assert ticker.lateness()["busy"] < 100
