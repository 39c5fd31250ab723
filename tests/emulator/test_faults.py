"""What goes wrong when it is told to, and only then."""

import time

import pytest

from tests.emulator import (
    CmeError,
    CmsError,
    Fault,
    Garbage,
    Interjection,
    Interruption,
    LateAnswer,
    ModemEmulator,
    Ok,
    PlainError,
    Reboot,
    Silence,
    Unplug,
    faults,
)
from tests.emulator.terminal import Terminal, a_submit

OK = "\r\nOK\r\n"
ALICE = "+447700900123"
HELLO = a_submit(ALICE, "hello")


async def test_a_script_is_played_in_order(terminal: Terminal, modem: ModemEmulator) -> None:
    """Each step once, or as often as it says; then what stands, then nothing."""
    modem.script = [Ok(), CmsError(38), CmsError(500, at="AT+CMGS", times=2), PlainError()]
    modem.fault = CmsError(27, times=1)
    answers = [(await terminal.submit(HELLO)).split("\r\n")[1] for _ in range(7)]
    assert answers == [
        "+CMGS: 1", "+CMS ERROR: 38", "+CMS ERROR: 500", "+CMS ERROR: 500", "ERROR", "+CMS ERROR: 27", "+CMGS: 2",
    ]  # fmt: skip
    assert modem.script == []
    assert modem.fault is None
    assert [sent.outcome for sent in modem.submissions] == [
        "+CMGS: 1", "+CMS ERROR: 38", "ERROR", "+CMS ERROR: 27", "+CMGS: 2",
    ]  # fmt: skip


async def test_only_commands_that_begin_so(terminal: Terminal, modem: ModemEmulator) -> None:
    """All others are answered."""
    modem.fault = Silence(at="AT+CSQ")
    terminal.type("AT+CSQ\r")
    await terminal.hears_nothing()
    assert await terminal.ask("AT") == OK


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        (CmeError(30), "\r\n+CME ERROR: 30\r\n"),
        (CmsError(320, at="AT"), "\r\n+CMS ERROR: 320\r\n"),
        (PlainError(at="AT"), "\r\nERROR\r\n"),
        (Garbage(b"~~~\r\n"), f"~~~\r\n{OK}"),
        (Interjection("SMS DONE"), f"\r\nSMS DONE\r\n{OK}"),
        (LateAnswer(0.1, at="AT"), OK),
        (LateAnswer(0.1, at="AT", cms=500), "\r\n+CMS ERROR: 500\r\n"),
    ],
    ids=repr,
)
async def test_instead_of_an_answer(terminal: Terminal, modem: ModemEmulator, fault: Fault, answer: str) -> None:
    """What a command is answered, once."""
    await terminal.ask("AT+CMEE=1")
    modem.script = [fault]
    assert await terminal.ask("AT") == answer
    assert await terminal.ask("AT") == OK


async def test_in_front_of_the_echo(terminal: Terminal, modem: ModemEmulator) -> None:
    """Of the command that it is for, once; others are echoed as ever."""
    await terminal.ask("ATE1")
    modem.script = [Interruption("SMS DONE", at="AT+CSQ")]
    assert await terminal.ask("AT") == f"AT\r{OK}"
    assert (await terminal.ask("AT+CSQ")).startswith("\r\nSMS DONE\r\nAT+CSQ\r\r\n+CSQ:")
    assert (await terminal.ask("AT+CSQ")).startswith("AT+CSQ\r\r\n+CSQ:")


async def test_a_dead_port(terminal: Terminal, modem: ModemEmulator) -> None:
    """No answer, no echo, no URC; and back."""
    await terminal.ask("ATE1")
    modem.fault = Silence()
    terminal.type("AT\r")
    modem.say("RING")
    await terminal.hears_nothing()
    modem.fault = None
    modem.say("RING")
    await terminal.hears("RING")


async def test_no_prompt(terminal: Terminal, modem: ModemEmulator) -> None:
    """Nothing was submitted."""
    modem.script = [Silence(at="AT+CMGS")]
    terminal.type("AT+CMGS=19\r")
    await terminal.hears_nothing()
    assert (modem.submissions, await terminal.ask("AT")) == ([], OK)


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("fault", [Silence, CmsError, PlainError, Unplug, Reboot])
async def test_whether_the_network_has_it(
    terminal: Terminal, modem: ModemEmulator, fault: type[Fault], sent: bool
) -> None:
    """Whatever the sender is told."""
    arguments = (332,) if fault is CmsError else ()
    modem.script = [fault(*arguments, at="PDU", sent=sent)]  # type: ignore[call-arg]
    await terminal.ask(f"AT+CMGS={len(HELLO) - 1}")
    terminal.type(f"{HELLO.hex()}\x1a")
    (submitted,) = await modem.submitted()
    assert (submitted.reference, modem.texts()) == ((1, [(ALICE, "hello")]) if sent else (None, []))


async def test_a_late_ok_looks_like_that_of_the_next(terminal: Terminal, modem: ModemEmulator) -> None:
    """A modem that goes on: whoever gave up and sends again reads the reference of the text before."""
    modem.script = [LateAnswer(0.2, busy=False)]
    await terminal.ask(f"AT+CMGS={len(HELLO) - 1}")
    terminal.type(f"{HELLO.hex()}\x1a")
    await modem.submitted()
    await terminal.ask(f"AT+CMGS={len(HELLO) - 1}")
    assert await terminal.hears(r"CMGS: \d") == "\r\n+CMGS: 1"
    await terminal.hears(OK)
    terminal.type(f"{HELLO.hex()}\x1a")
    assert await terminal.hears(r"CMGS: \d") == "\r\n+CMGS: 2"


async def test_a_busy_modem_answers_in_order(terminal: Terminal, modem: ModemEmulator) -> None:
    """What it is told meanwhile it does afterwards."""
    modem.script = [LateAnswer(0.1)]
    await terminal.ask(f"AT+CMGS={len(HELLO) - 1}")
    terminal.type(f"{HELLO.hex()}\x1aAT+CSQ\r")
    assert await terminal.hears(r"CSQ: \d+") == f"\r\n+CMGS: 1\r\n{OK}\r\n+CSQ: 20"


async def test_the_radio_takes_its_time(terminal: Terminal, modem: ModemEmulator) -> None:
    """Each text is answered after ``send_seconds``."""
    modem.send_seconds = 0.1
    begun = time.monotonic()
    assert "+CMGS: 1" in await terminal.submit(HELLO)
    assert time.monotonic() - begun >= 0.1


@pytest.mark.parametrize("at", ["AT+CMGS", "PDU"])
@pytest.mark.parametrize("fault", [Unplug, Reboot])
async def test_gone_in_mid_command(modem: ModemEmulator, fault: type[Unplug | Reboot], at: str) -> None:
    """The cable is pulled in place of the prompt, or of the answer; the modem is back in a moment."""
    async with Terminal(modem.device) as terminal:
        modem.script = [Unplug(0.05, at=at) if fault is Unplug else Reboot(0.05, at=at, port_goes=True)]
        terminal.type(f"AT+CMGS={len(HELLO) - 1}\r")
        await modem.commanded("AT+CMGS")
        if at == "PDU":
            await terminal.hears("> ")
            terminal.type(f"{HELLO.hex()}\x1a")
            await modem.submitted()
        assert not modem.plugged
    await modem.plugged_in()
    assert len(modem.submissions) == (at == "PDU")
    async with Terminal(modem.device) as terminal:
        assert await terminal.ask("AT") == f"AT\r{OK}"


@pytest.mark.parametrize(
    "fault",
    [Ok(times=3), CmsError(38, at="AT+CMGD"), Garbage(b"\x00\xff"), LateAnswer(40, cms=500, busy=False), Reboot(2)],
    ids=repr,
)
def test_a_fault_goes_over_a_socket(fault: Fault) -> None:
    """And comes out as it was."""
    assert faults.from_json(faults.as_json(fault)) == fault
