"""What a modem is told before gammu opens it: half a second finds out what takes gammu 12 s or for ever.

1. Does anything answer AT, in lines that gammu can read? A silent or jammed port is found in under 2 s.
2. What a modem says unasked, and gammu does not know, costs gammu its next command: off with it.
3. The SIM: its PIN is entered if it asks for one, once (``sim_pin``), and never where that may be the last try.
4. What some makers' sticks want to be told, and gammu is kept from telling them (``gammu_machine``).
5. Where configured, the radio is switched off and on: some modems stay registered and hear nothing until then.
   Never AT+CFUN=1,1: after it some sticks come back as a CD-ROM, others not at all.
"""

import time
from collections.abc import Callable

from textbackd import clock
from textbackd.modem import at_answers, serial_ports
from textbackd.modem.at_answers import SimState
from textbackd.modem.at_port import Answer, AtPort
from textbackd.modem.modem import ModemUnavailable
from textbackd.modem.port_errors import NoSim, PinMissing, PinRefused, PortSilent, PukNeeded, SimBusy, SimUnusable
from textbackd.modem.serial_ports import SerialPort
from textbackd.modem.sim_pin import SimPin

LONGEST_SECONDS = 90
"""How long ``prepare`` takes at most, with a modem that is slow at everything; 0.1 s is usual."""
LONGEST_SECONDS_WITH_CYCLE = 150
"""The same where the radio is switched off and on."""

_QUIETENING = (
    "AT^CURC=0",  # Huawei: ^RSSI, ^MODE, ^BOOT and the like
    "AT+CLTS=0",  # SIMCom: *PSUTTZ, DST
    "AT+CTZR=0",  # the network's time zone, +CTZV
    "AT+CREG=0",  # registration, in the three kinds of network
    "AT+CGREG=0",
    "AT+CEREG=0",
)
_PIN_TRIES = ("AT+CPINR", "AT^CPIN?", 'AT+QPINC="SC"', "AT+SPIC", "AT+CPNNUM")
"""How many tries are left: 3GPP TS 27.007 §8.65, Huawei, Quectel, SIMCom, Longcheer."""
_PIN_SECONDS = 10
"""A SIM may take seconds to verify it; the answer must not be missed."""
_SIM_ANSWER_SECONDS = 5
"""The SIM itself is asked."""
_SIM_SECONDS = 6
"""How long a SIM may be busy after power-on."""
_RADIO_SECONDS = 15
"""A modem leaves its network before it answers AT+CFUN=4."""
_OFF_SECONDS = 1
_REGISTRATION_SECONDS = 30
_POLL_SECONDS = 0.5


def prepare(device: str, speed: int, *, pin: SimPin | None, cycle_radio: Callable[[], None] | None) -> None:
    """Make the modem fit for gammu; the port is closed again at the end, whatever happens.

    ``cycle_radio``: have the radio switched off and on, and call this just before.
    Raises a child of ModemUnavailable, see ``port_errors``: the type and its sentence say what is wrong.
    """
    with AtPort(device, speed) as port:
        port.wake()
        port.ask("ATE1")
        port.ask("AT+CMEE=1")
        _quieten(port)
        if cycle_radio:
            cycle_radio()  # before: one that hangs itself up by it is not told again
            port.ask("AT+CFUN=4", _RADIO_SECONDS)
            time.sleep(_OFF_SECONDS)
            port.ask("AT+CFUN=1", _RADIO_SECONDS)
        _unlock(port, pin)
        _tell_by_maker(port)
        if port.lacks_cr:
            raise ModemUnavailable(
                f"{device}: its lines end without CR, and gammu cannot read them: behind a serial server or socat, have"
                " that pass all octets as they are (raw); else take another modem"
            )
        if cycle_radio:
            _wait_for_network(port)


def _quieten(port: AtPort) -> None:
    for command in _QUIETENING:
        _ask_what_may_be_unknown(port, command)


def _tell_by_maker(port: AtPort) -> None:
    """By what AT+CGMI says. Never AT+ZCDRUN=8, which takes a stick's CD-ROM away for good."""
    told = (_ask_what_may_be_unknown(port, "AT+CGMI").text("+CGMI") or "").lower()
    if "huawei" in told:
        _ask_what_may_be_unknown(port, speak_up_here(serial_ports.serial_port(port.device)))
    elif "zte" in told:
        _ask_what_may_be_unknown(port, "AT+ZOPRT=5")  # stay online


def speak_up_here(port: SerialPort) -> str:
    """What tells one of Huawei's to say on this port what it says unasked: 0 is its port for commands, 1 the one for
    dialling, which is what libgammu says to all. Not every stick knows it.
    """
    return f"AT^PORTSEL={0 if port.protocol == serial_ports.HUAWEI_COMMANDS else 1}"


def _ask_what_may_be_unknown(port: AtPort, command: str) -> Answer:
    """ERROR where it is of another make."""
    try:
        return port.ask(command)
    except PortSilent:
        port.wake()  # some answer nothing to what they do not know
        return Answer((), "ERROR")


def _unlock(port: AtPort, pin: SimPin | None) -> None:
    """Return when the SIM is ready, or when the modem does not tell: gammu asks again."""
    if not _asks_for_pin(port):
        return
    if pin is None:
        raise PinMissing(
            f"{port.device}: the SIM asks for its PIN: give this modem a pin_file in the configuration, or take the"
            " PIN off the SIM in a telephone"
        )
    pin.forbid_second_try()
    if _pin_tries(port) == 1:
        raise PinRefused(
            f"{port.device}: the SIM asks for its PIN and allows one more try before it is locked, so it is not tried:"
            " put the SIM into a telephone and enter its PIN there, which allows three again"
        )
    pin.remember_try()
    answer = port.ask(f'AT+CPIN="{pin.digits}"', _PIN_SECONDS)
    if not answer.ok:
        if at_answers.sim_state(answer) is SimState.PUK:
            raise _puk_needed(port)
        raise PinRefused(
            f"{port.device}: the SIM refused the PIN ({answer.final}); it is not tried again: correct it in the"
            " configuration; the third wrong one locks the SIM"
        )
    pin.forget_try()
    end = clock.monotonic() + _SIM_SECONDS
    while _asks_for_pin(port):
        if clock.monotonic() > end:
            pin.remember_try()
            raise PinRefused(f"{port.device}: the SIM took the PIN and still asks for it; it is not tried again")
        time.sleep(_POLL_SECONDS)


def _pin_tries(port: AtPort) -> int | None:
    """How many are left; None where the modem cannot tell."""
    told = (at_answers.pin_tries(_ask_what_may_be_unknown(port, command)) for command in _PIN_TRIES)
    return next((tries for tries in told if tries is not None), None)


def _asks_for_pin(port: AtPort) -> bool:
    """Whether the SIM wants its PIN, as soon as it says anything. Raises SimBusy, or a SimUnusable but for the PIN."""
    end = clock.monotonic() + _SIM_SECONDS
    while (state := at_answers.sim_state(answer := port.ask("AT+CPIN?", _SIM_ANSWER_SECONDS))) is SimState.BUSY:
        if clock.monotonic() > end:
            raise SimBusy(f"{port.device}: the SIM has been busy for {_SIM_SECONDS} s; it is asked again soon")
        time.sleep(_POLL_SECONDS)
    match state:
        case SimState.PUK:
            raise _puk_needed(port)
        case SimState.NONE:
            raise NoSim(f"{port.device}: no SIM can be read ({answer.final}): put one in the right way round, clean it")
        case SimState.FOREIGN:
            raise SimUnusable(
                f"{port.device}: the modem takes only the SIMs of the operator that sold it: use one of those, or have"
                " it unlocked"
            )
        case _:
            return state is SimState.PIN


def _puk_needed(port: AtPort) -> PukNeeded:
    return PukNeeded(
        f"{port.device}: the SIM is locked after three wrong PINs and asks for its PUK: put it into a telephone and"
        " enter the PUK that the operator gave you; after ten wrong ones the SIM is of no use any more"
    )


def _wait_for_network(port: AtPort) -> None:
    """Return when it is registered, or after half a minute: what comes after tells that it is not."""
    end = clock.monotonic() + _REGISTRATION_SECONDS
    while clock.monotonic() < end:
        if any(at_answers.registration(port.ask(f"AT{name}?"), name).is_registered for name in ("+CREG", "+CEREG")):
            return
        time.sleep(_POLL_SECONDS)
