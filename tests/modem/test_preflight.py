"""Before gammu opens a modem: is it there, is it quiet, and its SIM's PIN, which is tried once whatever happens."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.emulator import ModemEmulator, Silence
from tests.modem.at_far_end import AtFarEnd, ok, said
from textbackd.modem import preflight
from textbackd.modem.gammu_modem import GammuModem
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.modem import ModemError
from textbackd.modem.port_errors import (
    NoSim,
    PinMissing,
    PinRefused,
    PortGone,
    PortSilent,
    PukNeeded,
    SimBusy,
    SimUnusable,
)
from textbackd.modem.serial_ports import SerialPort
from textbackd.modem.sim_pin import SimPin

RIGHT, WRONG = "0123", "9876"
READY, WANTS_PIN = ok("+CPIN: READY"), ok("+CPIN: SIM PIN")


class Sim:
    """A SIM with a PIN in a modem that answers ERROR to all that is not asked of every modem."""

    def __init__(self, far_end: AtFarEnd) -> None:
        self.far_end = far_end
        self.unlocked = False
        self.tries: list[str] = []
        self.at_try: Callable[[], object] = lambda: None
        far_end.replies["AT+CPIN?"] = lambda: READY if self.unlocked else WANTS_PIN
        for digits in (RIGHT, WRONG):
            far_end.replies[f'AT+CPIN="{digits}"'] = lambda digits=digits: self._try(digits)  # type: ignore[misc]

    def _try(self, digits: str) -> str:
        self.tries.append(digits)
        self.at_try()
        self.unlocked = digits == RIGHT
        return ok() if self.unlocked else said("+CME ERROR: 16")


@pytest.fixture
def far_end(tmp_path: Path) -> Iterator[AtFarEnd]:
    """A modem with a SIM that is ready."""
    with AtFarEnd(tmp_path / "modem", {"AT+CPIN?": READY}) as far_end:
        yield far_end


@pytest.fixture
def sim(far_end: AtFarEnd) -> Sim:
    """A SIM that asks for its PIN, RIGHT, in ``far_end``."""
    return Sim(far_end)


@pytest.mark.parametrize(
    ("protocol", "command"), [("02", "AT^PORTSEL=0"), ("01", "AT^PORTSEL=1"), (None, "AT^PORTSEL=1")]
)
def test_huaweis_speak_up_on_our_port(protocol: str | None, command: str) -> None:
    """Their port for commands, or the one for dialling; reports that went to the other one would be lost."""
    assert command == preflight.speak_up_here(SerialPort(device="/dev/ttyUSB0", protocol=protocol))


@pytest.mark.parametrize(
    ("maker", "told"),
    [("huawei", ["AT^PORTSEL=1"]), ("+CGMI: ZTE CORPORATION", ["AT+ZOPRT=5"]), ("Quectel", [])],
)
def test_what_a_maker_wants_to_be_told(far_end: AtFarEnd, maker: str, told: list[str]) -> None:
    """Once, though it knows nothing of it; and nothing that changes a stick for good."""
    far_end.replies["AT+CGMI"] = ok(maker)
    _prepare(far_end)
    assert told == [command for command in far_end.commands if command.startswith(("AT^PORT", "AT+Z"))]


def _prepare(far_end: AtFarEnd, pin: SimPin | None = None) -> None:
    """As the child process does."""
    preflight.prepare(str(far_end.device), 115200, pin=pin, cycle_radio=None)


def _pin(folder: Path, digits: str) -> SimPin:
    return SimPin(digits=digits, modem="sim/1", folder=folder)


# --- the port -------------------------------------------------------------------------------------------------------


async def test_a_healthy_modem_is_ready_at_once_and_gammu_opens_it(tmp_path: Path) -> None:
    """In no time worth speaking of, and the port is free again."""
    async with ModemEmulator(tmp_path / "modem") as emulator:
        began = time.monotonic()
        await asyncio.to_thread(preflight.prepare, str(emulator.device), 115200, pin=None, cycle_radio=None)
        seconds = time.monotonic() - began
        said = emulator.commands.copy()
        modem = GammuModem(GammuSettings(name="gsm", device=str(emulator.device)))
        try:
            found = await modem.status()
        finally:
            await modem.close()

    assert seconds < 2
    assert {"ATE1", "AT+CMEE=1", "AT^CURC=0", "AT+CTZR=0", "AT+CREG=0", "AT+CGREG=0", "AT+CPIN?"} < set(said)
    assert not [command for command in said if "CFUN" in command]
    assert found.registration.registered


async def test_a_silent_port_is_found_in_under_2_s(tmp_path: Path) -> None:
    """It takes gammu 12 s."""
    async with ModemEmulator(tmp_path / "modem") as emulator:
        emulator.fault = Silence()
        began = time.monotonic()
        with pytest.raises(PortSilent):
            await asyncio.to_thread(preflight.prepare, str(emulator.device), 115200, pin=None, cycle_radio=None)

    assert time.monotonic() - began < 2


def test_a_modem_that_ignores_what_it_does_not_know(far_end: AtFarEnd) -> None:
    """Is woken and asked the next thing."""
    far_end.replies |= {"AT^CURC=0": None, "AT+CLTS=0": None}

    _prepare(far_end)

    assert ["AT+CPIN?", "AT+CGMI"] == far_end.commands[-2:]


# --- the SIM --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "error", "why"),
    [
        (WANTS_PIN, PinMissing, "give this modem a pin_file"),
        (said("+CME ERROR: 11"), PinMissing, "give this modem a pin_file"),
        (ok("+CPIN: SIM PUK"), PukNeeded, "enter the PUK that the operator gave you"),
        (said("+CME ERROR: 12"), PukNeeded, "enter the PUK that the operator gave you"),
        (said("+CME ERROR: 10"), NoSim, r"no SIM can be read \(\+CME ERROR: 10\)"),
        (said("+CME ERROR: 13"), NoSim, "no SIM can be read"),
        (ok("+CPIN: PH-NET PIN"), SimUnusable, "only the SIMs of the operator that sold it"),
    ],
)
def test_a_sim_that_cannot_be_used(far_end: AtFarEnd, state: str, error: type[ModemError], why: str) -> None:
    """Each in a type and a sentence of its own."""
    far_end.replies["AT+CPIN?"] = state

    with pytest.raises(error, match=f"{far_end.device}: .*{why}"):
        _prepare(far_end)


@pytest.mark.parametrize("state", [READY, ok("+CPIN: SIM PIN2"), ok("+CPIN: SIM PUK2"), said("ERROR"), ok()])
def test_a_sim_that_can(far_end: AtFarEnd, state: str) -> None:
    """PIN2 is for nothing that we do; a modem that does not know the question is left to gammu."""
    far_end.replies["AT+CPIN?"] = state

    _prepare(far_end)


def test_a_sim_that_starts_is_waited_for(far_end: AtFarEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """But not for ever."""
    states = iter([said("+CME ERROR: 14"), READY])
    far_end.replies["AT+CPIN?"] = lambda: next(states)
    _prepare(far_end)

    far_end.replies["AT+CPIN?"] = said("+CME ERROR: 14")
    monkeypatch.setattr(preflight, "_SIM_SECONDS", 0.1)
    with pytest.raises(SimBusy):
        _prepare(far_end)


# --- its PIN --------------------------------------------------------------------------------------------------------


def test_a_pin_is_entered(sim: Sim, tmp_path: Path) -> None:
    """Once; and again at the next power-on, since it was right."""
    _prepare(sim.far_end, _pin(tmp_path, RIGHT))
    _prepare(sim.far_end, _pin(tmp_path, RIGHT))
    sim.unlocked = False
    _prepare(sim.far_end, _pin(tmp_path, RIGHT))

    assert [RIGHT, RIGHT] == sim.tries
    assert ["modem"] == [entry.name for entry in tmp_path.iterdir()]


def test_a_wrong_pin_is_never_tried_twice(sim: Sim, tmp_path: Path) -> None:
    """However often the daemon starts; the sentence tells what to do, and not the PIN."""
    with pytest.raises(PinRefused, match=r"the SIM refused the PIN .* correct it in the configuration") as first:
        _prepare(sim.far_end, _pin(tmp_path, WRONG))
    for _ in range(3):
        with pytest.raises(PinRefused, match=r"is not tried again, .* delete .*/sim-pin-tried-sim%2F1$") as again:
            _prepare(sim.far_end, _pin(tmp_path, WRONG))

    assert [WRONG] == sim.tries
    assert WRONG not in f"{first.value}{again.value}{_pin(tmp_path, WRONG)!r}"


def test_another_pin_is_tried_once_as_well(sim: Sim, tmp_path: Path) -> None:
    """A person has changed the configuration; or deleted the mark."""
    for digits in (WRONG, WRONG, RIGHT):
        try:
            _prepare(sim.far_end, _pin(tmp_path, digits))
        except PinRefused:
            continue

    assert [WRONG, RIGHT] == sim.tries


def test_a_deleted_mark_allows_one_more_try(sim: Sim, tmp_path: Path) -> None:
    """By the name that the sentence gives."""
    for _ in range(2):
        with pytest.raises(PinRefused):
            _prepare(sim.far_end, _pin(tmp_path, WRONG))
    _pin(tmp_path, WRONG).mark.unlink()
    with pytest.raises(PinRefused):
        _prepare(sim.far_end, _pin(tmp_path, WRONG))

    assert [WRONG, WRONG] == sim.tries


def test_the_mark_is_there_before_the_pin_is_on_the_wire(sim: Sim, tmp_path: Path) -> None:
    """For its owner only, and without the PIN in it."""
    seen: list[tuple[int, bool]] = []
    mark = _pin(tmp_path, RIGHT).mark
    sim.at_try = lambda: seen.append((mark.stat().st_mode & 0o777, RIGHT in mark.read_text()))

    _prepare(sim.far_end, _pin(tmp_path, RIGHT))

    assert [(0o600, False)] == seen


def test_an_answer_that_nobody_saw_counts_as_a_try(sim: Sim, tmp_path: Path) -> None:
    """The modem is pulled out in that moment; in again, its PIN is a person's business."""
    sim.at_try = sim.far_end.unplug
    with pytest.raises(PortGone):
        _prepare(sim.far_end, _pin(tmp_path, RIGHT))

    with AtFarEnd(tmp_path / "modem") as again:
        replugged = Sim(again)
        with pytest.raises(PinRefused):
            _prepare(again, _pin(tmp_path, RIGHT))

    assert ([RIGHT], []) == (sim.tries, replugged.tries)


PROGRAM = """
import pathlib, sys
from textbackd.modem import preflight
from textbackd.modem.sim_pin import SimPin
pin = SimPin(digits=sys.argv[2], modem="sim/1", folder=pathlib.Path(sys.argv[3]))
preflight.prepare(sys.argv[1], 115200, pin=pin, cycle_radio=None)
"""


def test_a_process_killed_at_the_try_has_tried(sim: Sim, tmp_path: Path) -> None:
    """Whatever starts after it does not try again."""
    command = [sys.executable, "-c", PROGRAM, str(sim.far_end.device), WRONG, str(tmp_path)]
    children: list[int] = []
    sim.at_try = lambda: os.kill(children[0], signal.SIGKILL)
    with subprocess.Popen(command) as child:
        children.append(child.pid)

    with pytest.raises(PinRefused):
        _prepare(sim.far_end, _pin(tmp_path, WRONG))

    assert (-signal.SIGKILL, [WRONG]) == (child.returncode, sim.tries)


@pytest.mark.parametrize("spoil", ["missing", "garbage", "folder"])
def test_without_a_memory_there_is_no_try(sim: Sim, tmp_path: Path, spoil: str) -> None:
    """Where the mark cannot be written, or not be understood."""
    folder = tmp_path / "state"
    mark = _pin(folder, RIGHT).mark
    if spoil != "missing":
        folder.mkdir()
        mark.write_text("[]") if spoil == "garbage" else mark.mkdir()

    with pytest.raises(PinRefused, match="the SIM PIN is not tried"):
        _prepare(sim.far_end, _pin(folder, RIGHT))

    assert [] == sim.tries


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("AT+CPINR", "+CPINR: SIM PIN,%d,3"),
        ("AT+CPINR", '+CPINR: "SIM PIN",%d,3'),
        ("AT^CPIN?", "^CPIN: SIM PIN,%d,10,3,10,3"),
        ('AT+QPINC="SC"', '+QPINC: "SC",%d,10'),
        ("AT+SPIC", "+SPIC: %d,10,3,10"),
        ("AT+CPNNUM", "PIN1=%d; PUK1=10; PIN2=3; PUK2=10"),
    ],
)
def test_the_last_try_is_not_ours(sim: Sim, tmp_path: Path, command: str, answer: str) -> None:
    """Where the modem tells how many are left, whatever else it tells; with two it is tried."""
    sim.far_end.replies[command] = ok("+CPINR: SIM PUK,10,10", answer % 1)
    for _ in range(2):
        with pytest.raises(
            PinRefused, match="allows one more try before it is locked, so it is not tried: put the SIM"
        ):
            _prepare(sim.far_end, _pin(tmp_path, RIGHT))
    assert ([], False) == (sim.tries, _pin(tmp_path, RIGHT).mark.exists())

    sim.far_end.replies[command] = ok(answer % 2)
    _prepare(sim.far_end, _pin(tmp_path, RIGHT))
    assert [RIGHT] == sim.tries


def test_a_modem_that_says_nothing_of_tries(sim: Sim, tmp_path: Path) -> None:
    """Some leave unanswered what they do not know: its PIN is tried once all the same."""
    sim.far_end.replies |= dict.fromkeys(preflight._PIN_TRIES)

    _prepare(sim.far_end, _pin(tmp_path, RIGHT))

    assert [RIGHT] == sim.tries


def test_a_pin_that_locks_the_sim(sim: Sim, tmp_path: Path) -> None:
    """Two tries had been wasted elsewhere."""
    sim.far_end.replies[f'AT+CPIN="{WRONG}"'] = said("+CME ERROR: 12")

    with pytest.raises(PukNeeded):
        _prepare(sim.far_end, _pin(tmp_path, WRONG))

    assert _pin(tmp_path, WRONG).mark.exists()


def test_a_sim_that_takes_the_pin_and_asks_again(sim: Sim, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is told once."""
    monkeypatch.setattr(preflight, "_SIM_SECONDS", 0.1)
    sim.far_end.replies |= {f'AT+CPIN="{RIGHT}"': ok(), "AT+CPIN?": WANTS_PIN}

    for _ in range(2):
        with pytest.raises(PinRefused):
            _prepare(sim.far_end, _pin(tmp_path, RIGHT))

    assert 1 == sim.far_end.commands.count(f'AT+CPIN="{RIGHT}"')


# --- the radio ------------------------------------------------------------------------------------------------------


def test_a_radio_cycle(far_end: AtFarEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """Off, on, the SIM, and then until the network is there; never a reset. Whoever wants it is told before."""
    monkeypatch.setattr(preflight, "_OFF_SECONDS", 0)
    stats = iter(["+CREG: 0,2", "+CREG: 0,2", "+CREG: 0,5"])
    far_end.replies |= {"AT+CFUN=4": ok(), "AT+CFUN=1": ok(), "AT+CREG?": lambda: ok(next(stats))}

    told_before: list[str] = []
    preflight.prepare(str(far_end.device), 115200, pin=None, cycle_radio=lambda: told_before.extend(far_end.commands))

    assert ("AT+CEREG=0", False) == (told_before[-1], "AT+CFUN=4" in told_before)
    told = far_end.commands[far_end.commands.index("AT+CFUN=4") :]
    assert ["AT+CFUN=4", "AT+CFUN=1", "AT+CPIN?", "AT+CGMI"] == told[:4]
    assert ["AT+CREG?", "AT+CEREG?", "AT+CREG?", "AT+CEREG?", "AT+CREG?"] == told[4:]


def test_a_network_that_does_not_come_is_no_error(far_end: AtFarEnd, monkeypatch: pytest.MonkeyPatch) -> None:
    """The modem works; that it is not registered is told by who asks."""
    monkeypatch.setattr(preflight, "_OFF_SECONDS", 0)
    monkeypatch.setattr(preflight, "_REGISTRATION_SECONDS", 0.1)
    far_end.replies |= {"AT+CFUN=4": ok(), "AT+CFUN=1": ok(), "AT+CREG?": ok("+CREG: 0,0")}

    preflight.prepare(str(far_end.device), 115200, pin=None, cycle_radio=lambda: None)

    assert "AT+CREG?" in far_end.commands
