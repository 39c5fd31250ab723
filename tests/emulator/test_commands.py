"""What the emulated modem answers, and that what it is told matters."""

import pytest

from tests.emulator import ModemEmulator
from tests.emulator.terminal import Terminal

OK = "\r\nOK\r\n"


def answered(text: str) -> str:
    return f"\r\n{text}\r\n{OK}"


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT", OK),
        ("at+csq", answered("+CSQ: 20,99")),
        ("AT+CGMI", answered("Emulated")),
        ("AT+CGSN", answered("490154203237518")),
        ("AT+CIMI", answered("001010123456789")),
        ("AT+CNUM", OK),
        ("AT+CSCA?", answered('+CSCA: "+447700900000",145')),
        ("AT+CREG?", answered("+CREG: 0,1")),
        ("AT+COPS?", answered('+COPS: 0,0,"Emulated Net"')),
        ("AT+CNMI?", answered("+CNMI: 0,0,0,0,0")),
        ("AT+CMGL=4", OK),
        ("AT+CMGR=1", "\r\n+CMS ERROR: 321\r\n"),
        ("AT+CPIN?", answered("+CPIN: READY")),
        ("AT+CMGS=x", "\r\nERROR\r\n"),
        ("AT+CNMI=x", "\r\nERROR\r\n"),
        ("AT^CURC=0", "\r\nERROR\r\n"),
        ("AT+MODE=2", "\r\nERROR\r\n"),
        ("hello", "\r\nERROR\r\n"),
    ],
)
async def test_answers(terminal: Terminal, command: str, answer: str) -> None:
    """Known commands as the standards say, unknown ones with ERROR."""
    assert await terminal.ask(command) == answer


async def test_echo(terminal: Terminal, modem: ModemEmulator) -> None:
    """On, off, and not to be had."""
    assert await terminal.ask("ATE1") == OK
    assert await terminal.ask("AT") == f"AT\r{OK}"
    modem.settings.echo = False
    assert await terminal.ask("AT") == OK
    modem.echoes = False
    await terminal.ask("ATE1")
    assert await terminal.ask("AT") == OK


async def test_an_answer_of_ones_own(terminal: Terminal, modem: ModemEmulator) -> None:
    """A test may teach the modem a command."""
    modem.answers['AT+QINDCFG="all",0'] = ""
    assert await terminal.ask('AT+QINDCFG="all",0') == OK


async def test_settings_are_lost_in_a_reboot(terminal: Terminal, modem: ModemEmulator) -> None:
    """It is deaf, then says that it is there, and knows nothing of what it was told."""
    for command in ("AT+CNMI=2,1,0,1,0", "AT+CMGF=1", "AT+CREG=2", "AT+CMEE=1"):
        assert await terminal.ask(command) == OK
    modem.reboot(0.2)
    terminal.type("AT\r")
    assert await terminal.hears("Call Ready\r\n") == "\r\nCall Ready\r\n"
    assert await terminal.ask("AT+CNMI?") == f"AT+CNMI?\r{answered('+CNMI: 0,0,0,0,0')}"
    assert modem.settings == modem.defaults


async def test_a_reset_is_a_reboot(terminal: Terminal, modem: ModemEmulator) -> None:
    """AT+CFUN=1,1 is answered, and then carried out."""
    modem.on_reset = type(modem.on_reset)(0.05)
    assert await terminal.ask("AT+CFUN=1,1") == OK
    await terminal.hears("Call Ready")


@pytest.mark.parametrize(
    ("registration", "creg", "cops"),
    [
        ("home", "1", '+COPS: 0,0,"Emulated Net"'),
        ("roaming", "5", '+COPS: 0,0,"Emulated Net"'),
        ("searching", "2", "+COPS: 0"),
        ("denied", "3", "+COPS: 0"),
        ("none", "0", "+COPS: 0"),
    ],
)
async def test_registration(terminal: Terminal, modem: ModemEmulator, registration: str, creg: str, cops: str) -> None:
    """Each state is said by +CREG and +COPS, asked and unasked."""
    modem.network.registration = "none" if registration != "none" else "home"
    await terminal.ask("AT+CREG=1")
    modem.network.registration = registration
    assert await terminal.hears(r"\+CREG.*\r\n") == f"\r\n+CREG: {creg}\r\n"
    assert await terminal.ask("AT+CREG?") == answered(f"+CREG: 1,{creg}")
    assert await terminal.ask("AT+COPS?") == answered(cops)


async def test_the_radio(terminal: Terminal, modem: ModemEmulator) -> None:
    """AT+CFUN=4 loses the network; AT+CFUN=1 finds it again after a while."""
    modem.network.registers_after = 0.1
    await terminal.ask("AT+CREG=1")
    assert await terminal.ask("AT+CFUN=4") == OK
    assert await terminal.hears(r"\+CREG.*\r\n") == "\r\n+CREG: 0\r\n"
    assert await terminal.ask("AT+CFUN=1") == OK
    assert modem.network.registration == "searching"
    await terminal.hears(r"\+CREG: 1\r\n")
    assert modem.network.registration == "home"


async def test_the_time_zone(terminal: Terminal, modem: ModemEmulator) -> None:
    """AT+CTZR=1: said whenever the network is found."""
    await terminal.ask("AT+CTZR=1")
    await terminal.ask("AT+COPS=2")
    assert await terminal.ask("AT+CREG?") == answered("+CREG: 0,2")
    await terminal.ask("AT+COPS=0")
    assert await terminal.hears("CTZV.*\r\n") == "\r\n+CTZV: +00\r\n"


async def test_signal_and_service_centre(terminal: Terminal, modem: ModemEmulator) -> None:
    """Not known, and not set."""
    modem.network.signal = 99
    modem.sim.service_centre = ""
    assert await terminal.ask("AT+CSQ") == answered("+CSQ: 99,99")
    assert await terminal.ask("AT+CSCA?") == answered('+CSCA: "",129')
    assert await terminal.ask('AT+CSCA="+447700900999"') == OK
    assert modem.sim.service_centre == "+447700900999"


async def test_the_pin(terminal: Terminal, modem: ModemEmulator) -> None:
    """Three wrong ones and the PUK is wanted; a right one opens the SIM, and it asks again after a reboot."""
    await terminal.ask("AT+CMEE=1")
    modem.pin_state = "SIM PIN"
    assert modem.network.registration == "none"
    assert await terminal.ask("AT+CPIN?") == answered("+CPIN: SIM PIN")
    assert await terminal.ask('AT+CPIN="0000"') == "\r\n+CME ERROR: 16\r\n"
    assert await terminal.ask('AT+CPIN="1234"') == OK
    assert (modem.sim.tries, modem.network.registration) == (3, "home")
    assert await terminal.ask('AT+CPIN="1234"') == "\r\n+CME ERROR: 3\r\n"
    modem.reboot(0)
    await terminal.hears("Call Ready\r\n")
    await terminal.ask("ATE0")
    assert await terminal.ask("AT+CPIN?") == answered("+CPIN: SIM PIN")
    for _ in range(3):
        assert await terminal.ask('AT+CPIN="0000"') == "\r\nERROR\r\n"
    assert await terminal.ask("AT+CPIN?") == answered("+CPIN: SIM PUK")
    assert await terminal.ask('AT+CPIN="1234"') == "\r\nERROR\r\n"
    assert await terminal.ask('AT+CPIN="12345678","4321"') == OK
    assert (modem.sim.state, modem.sim.pin) == ("READY", "4321")


@pytest.mark.parametrize(
    ("state", "cpin", "cme", "cms"),
    [
        ("SIM PIN", answered("+CPIN: SIM PIN"), 11, 311),
        ("SIM PUK", answered("+CPIN: SIM PUK"), 12, 316),
        ("NOT INSERTED", "\r\n+CME ERROR: 10\r\n", 10, 310),
        ("BUSY", "\r\n+CME ERROR: 14\r\n", 14, 314),
    ],
)
async def test_without_a_sim(
    terminal: Terminal, modem: ModemEmulator, state: str, cpin: str, cme: int, cms: int
) -> None:
    """What needs the SIM is refused, with the number for it."""
    modem.pin_state = state
    await terminal.ask("AT+CMEE=1")
    assert await terminal.ask("AT+CPIN?") == cpin
    for command in ("AT+CIMI", "AT+CNUM"):
        assert await terminal.ask(command) == f"\r\n+CME ERROR: {cme}\r\n"
    for command in ("AT+CSCA?", "AT+CPMS?", 'AT+CPMS="SM"', "AT+CMGL=4", "AT+CMGD=1", "AT+CMGS=19"):
        assert await terminal.ask(command) == f"\r\n+CMS ERROR: {cms}\r\n"


async def test_how_errors_are_said(terminal: Terminal, modem: ModemEmulator) -> None:
    """AT+CMEE: not at all, by number, in words."""
    modem.pin_state = "NOT INSERTED"
    assert await terminal.ask("AT+CIMI") == "\r\nERROR\r\n"
    await terminal.ask("AT+CMEE=1")
    assert await terminal.ask("AT+CIMI") == "\r\n+CME ERROR: 10\r\n"
    await terminal.ask("AT+CMEE=2")
    assert await terminal.ask("AT+CIMI") == "\r\n+CME ERROR: SIM not inserted\r\n"


async def test_a_call_to_the_sim(terminal: Terminal, modem: ModemEmulator) -> None:
    """RING and, where it was asked for, +CLIP, again and again until one side hangs up."""
    await terminal.ask("AT+CLIP=1")
    modem.network.call("+447700900456", every=0.05)
    for _ in range(2):
        ring = await terminal.hears(r"CLIP.*\r\n")
        assert ring == '\r\nRING\r\n\r\n+CLIP: "+447700900456",145,,,,0\r\n'
    modem.network.hang_up()
    await terminal.hears("NO CARRIER\r\n")
    await terminal.hears_nothing()
    modem.network.call("+447700900456", every=0.05)
    await terminal.hears(r"CLIP.*\r\n")
    assert (await terminal.ask("ATH")).endswith(OK)
    await terminal.hears_nothing()


async def test_a_storm_is_stopped_on_a_huawei(terminal: Terminal, modem: ModemEmulator) -> None:
    """Its URCs come five times a second until AT^CURC=0."""
    modem.identity.maker = "huawei"
    modem.storm(every=0.01)
    for _ in range(3):
        await terminal.hears("HCSQ.*\r\n")
    await terminal.ask("AT^CURC=0")
    await terminal.hears_nothing()


async def test_a_storm_of_others_is_not(terminal: Terminal, modem: ModemEmulator) -> None:
    """It goes on while the modem is asked, until it calms down."""
    modem.storm("+CTZV: +04", every=0.01)
    await terminal.hears("CTZV")
    assert await terminal.ask("AT^CURC=0", within=2)
    await terminal.hears("CTZV")
    modem.calm()
    await terminal.ask("AT")
    await terminal.hears_nothing()
