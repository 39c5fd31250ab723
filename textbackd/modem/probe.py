"""Which serial ports have a modem behind them, what each modem says of itself, and which port to take.

A port that another process has open is not touched. All others are opened at the same time, one thread for each, and
asked questions that change nothing.
"""

import dataclasses
import enum
import itertools
import threading
from collections.abc import Iterator, Mapping, Sequence

from textbackd import clock
from textbackd.core import phone_numbers
from textbackd.modem import at_answers, port_holders, serial_ports
from textbackd.modem.at_answers import Registration, SimState
from textbackd.modem.at_port import Answer, AtPort
from textbackd.modem.modem import ModemUnavailable
from textbackd.modem.port_errors import PortBusy, PortForbidden, PortSilent
from textbackd.modem.port_holders import Holder
from textbackd.modem.serial_ports import SerialPort

PORT_SECONDS = 12
"""How long one port is woken and asked questions: enough where each answer takes 0.6 s. 0.1 s is usual."""
QUESTION_SECONDS = 2
"""How long the answer to one of them may take."""
ALL_SECONDS = 15
"""After this a port whose driver hangs is left behind."""

COMMAND_INTERFACES = {"2c7c": 2, "1e0e:9001": 2, "1e0e:9011": 4, "19d2:0031": 3, "19d2:0117": 2, "19d2:0124": 4}
"""The USB interface that is meant for commands, by vendor or product, as ModemManager's port-type rules have it.

The udev rules have the same."""


class State(enum.StrEnum):
    """What became of the try to talk to a port."""

    ANSWERS = "answers"
    SILENT = "silent"
    IN_USE = "in use"
    FORBIDDEN = "forbidden"
    GONE = "gone"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class ProbedModem:
    """What a modem said of itself; None where it did not."""

    manufacturer: str | None
    model: str | None
    imei: str | None
    """Masked to its last three digits."""
    sim: SimState
    operator: str | None
    registration: Registration
    signal_dbm: int | None
    signal_percent: int | None
    service_centre: str | None
    own_number: str | None
    storage: Mapping[str, tuple[int, int]]
    """Texts in each store, and its size."""
    unanswered: Sequence[str] = ()
    """The questions for which there was no time, and before them the one that took too much of it."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One port, after the try."""

    port: SerialPort
    state: State
    explanation: str = ""
    """What is in the way, and what to do about it; empty where it answers."""
    holders: Sequence[Holder] = ()
    modem: ProbedModem | None = None

    @property
    def is_ours(self) -> bool:
        """Whether the running textbackd has it open."""
        return any(holder.is_textbackd for holder in self.holders)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The port to take of one modem."""

    port: SerialPort
    modem: ProbedModem
    reason: str
    warning: str = ""
    """What is wrong with its name."""


def probe(ports: Sequence[SerialPort], *, speed: int = 115200) -> Sequence[Found]:
    """Try all of them at once, within ALL_SECONDS; the results are in the order of ``ports``."""
    found: dict[int, Found] = {}
    held_by = port_holders.holders(port.device for port in ports)

    def try_one(place: int) -> None:
        found[place] = _probe_one(ports[place], held_by[ports[place].device], speed)

    # Daemons: a port whose driver never returns must not keep the process from ending.
    threads = [threading.Thread(target=try_one, args=(place,), daemon=True) for place in range(len(ports))]
    for thread in threads:
        thread.start()
    end = clock.monotonic() + ALL_SECONDS
    for thread in threads:
        thread.join(max(0, end - clock.monotonic()))
    hangs = "its driver hangs: pull the device out and in"
    return [
        found.get(place) or Found(port=port, state=State.SILENT, explanation=f"{port.device}: {hangs}")
        for place, port in enumerate(ports)
    ]


def choices(found: Sequence[Found]) -> Iterator[Choice]:
    """For each modem that answers the port to take; ports without a USB device behind them are a modem each.

    A modem of which the running textbackd has a port is left out.
    """
    ours = {_modem_of(one) for one in found if one.is_ours}
    answering = sorted((one for one in found if one.modem and _modem_of(one) not in ours), key=_modem_of)
    for _, ports in itertools.groupby(answering, key=_modem_of):
        yield _choice(list(ports))


def config_lines(chosen: Sequence[Choice]) -> str:
    """The ``modems`` of the configuration, in YAML; a modem whose SIM asks for a PIN gets a line for it."""
    lines = ["modems:"]
    for number, choice in enumerate(chosen, start=1):
        lines += [f"  - name: sim-{number}", "    kind: gammu", f"    device: {choice.port.name}"]
        if choice.modem.sim is SimState.PIN:
            lines.append(f"    pin_file: sim-{number}.pin      # beside this file, mode 640: the PIN and nothing else")
    return "\n".join(lines)


def _probe_one(port: SerialPort, held_by: Sequence[Holder], speed: int) -> Found:
    if held_by:
        who = " and ".join(map(str, held_by))
        explanation = f"{port.device}: {who} has it open: {port_holders.remedy(held_by)}"
        return Found(port=port, state=State.IN_USE, holders=held_by, explanation=explanation)
    try:
        end = clock.monotonic() + PORT_SECONDS
        with AtPort(port.device, speed) as open_port:
            open_port.wake()
            return Found(port=port, state=State.ANSWERS, modem=_describe(_Questions(open_port, end)))
    except ModemUnavailable as error:
        states = {PortBusy: State.IN_USE, PortForbidden: State.FORBIDDEN, PortSilent: State.SILENT}
        return Found(port=port, state=states.get(type(error), State.GONE), explanation=str(error))


class _Questions:
    """Questions to one port until its time is over, or until it leaves one open: then it may be out of step."""

    def __init__(self, port: AtPort, end: float) -> None:
        self._port, self._end = port, end
        self.unanswered: list[str] = []

    def ask(self, command: str) -> Answer:
        """An empty answer where none came."""
        left = self._end - clock.monotonic()
        if left > 0:
            try:
                return self._port.ask(command, min(left, QUESTION_SECONDS))
            except PortSilent:
                self._end = 0
        self.unanswered.append(command)
        return Answer((), "")


def _describe(questions: _Questions) -> ProbedModem:
    ask = questions.ask
    ask("AT+CMEE=1")
    # First what must be well for texts to leave.
    sim = at_answers.sim_state(ask("AT+CPIN?"))
    service_centre = at_answers.service_centre(ask("AT+CSCA?"))
    registration = at_answers.registration(ask("AT+CREG?"), "+CREG")
    imei = ask("AT+CGSN").text("+CGSN")
    dbm = at_answers.signal_dbm(ask("AT+CSQ"))
    return ProbedModem(
        manufacturer=ask("AT+CGMI").text("+CGMI"),
        model=ask("AT+CGMM").text("+CGMM"),
        imei=phone_numbers.masked(imei) if imei else None,
        sim=sim,
        registration=registration,
        signal_dbm=dbm,
        signal_percent=at_answers.signal_percent(dbm),
        service_centre=service_centre,
        storage=at_answers.storage(ask("AT+CPMS?")),
        own_number=at_answers.own_number(ask("AT+CNUM")),
        # Last: while it searches, a modem may take long over it.
        operator=at_answers.operator(ask("AT+COPS?")),
        unanswered=tuple(questions.unanswered),
    )


def _modem_of(found: Found) -> str:
    return found.port.stick or found.port.device


def _choice(answering: Sequence[Found]) -> Choice:
    meant = [one for one in answering if _is_for_commands(one.port)]
    first = (meant or answering)[0]
    assert first.modem is not None
    if len(answering) == 1:
        reason = "the only port of this modem that answers"
    elif meant:
        reason = f"{len(answering)} ports of this modem answer; this one is meant for commands"
    else:
        others = ", ".join(one.port.name for one in answering[1:])
        reason = f"{len(answering)} ports of this modem answer; if delivery reports do not come, take {others}"
    port, warning = first.port, ""
    if port.by_id is None and port.by_path is None:
        warning = f"{port.device} is another port after the next reset, and it has no name under /dev/serial that stays"
    elif port.has_double:
        warning = (
            "another stick is of the same kind and has the same serial number or none, so its name under by-id may be"
            " that of either; this one stays with the USB socket: leave each modem in its own"
        )
    elif port.by_id is None:
        warning = "the name stays with the USB socket: leave the modem in it"
    return Choice(port=port, modem=first.modem, reason=reason, warning=warning)


def _is_for_commands(port: SerialPort) -> bool:
    vendor = (port.usb_id or "").partition(":")[0]
    if vendor == "12d1":
        return port.protocol == serial_ports.HUAWEI_COMMANDS
    meant = COMMAND_INTERFACES.get(port.usb_id or "", COMMAND_INTERFACES.get(vendor))
    return meant is not None and port.interface == meant
