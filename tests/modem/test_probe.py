"""Which ports have a modem, who holds the others, and what to write into the configuration."""

import asyncio
import contextlib
import dataclasses
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.config.files import changed, written
from tests.emulator import ModemEmulator, pdu
from tests.modem.at_far_end import AtFarEnd, ok, said
from textbackd import config
from textbackd.modem import probe as prober
from textbackd.modem import serial_ports
from textbackd.modem.at_answers import Registration, SimState
from textbackd.modem.gammu_settings import GammuSettings
from textbackd.modem.port_holders import Holder
from textbackd.modem.probe import Found, ProbedModem, State
from textbackd.modem.serial_ports import PortlessStick, SerialPort, serial_port

MODEM = ProbedModem(
    manufacturer="SIMCOM",
    model="SIM800",
    imei="…518",
    sim=SimState.READY,
    operator="Emulated Net",
    registration=Registration.HOME,
    signal_dbm=-73,
    signal_percent=65,
    service_centre="+447700900099",
    own_number=None,
    storage={},
)

SLOW_REPLIES = {
    "AT+CGMM": ok("E3372"),
    "AT+CPIN?": ok("+CPIN: READY"),
    "AT+CSCA?": ok('+CSCA: "+447700900099",145'),
    "AT+COPS?": ok('+COPS: 0,0,"Emulated Net",7'),
}


@pytest.fixture
def far_end(tmp_path: Path) -> Iterator[AtFarEnd]:
    """A modem that knows nothing of itself."""
    with AtFarEnd(tmp_path / "modem") as far_end:
        yield far_end


def _probed(far_end: AtFarEnd) -> Found:
    (found,) = prober.probe([serial_port(str(far_end.device))])
    return found


# --- one port -------------------------------------------------------------------------------------------------------


async def test_a_modem_tells_all_of_itself(tmp_path: Path) -> None:
    """The emulator that gammu takes for a modem."""
    async with ModemEmulator(tmp_path / "modem") as emulator:
        (found,) = await asyncio.to_thread(prober.probe, [serial_port(str(emulator.device))])

    assert State.ANSWERS == found.state
    assert (
        ProbedModem(
            manufacturer="Emulated",
            model="EMU-1",
            imei="…518",
            sim=SimState.READY,
            operator="Emulated Net",
            registration=Registration.HOME,
            signal_dbm=-73,
            signal_percent=65,
            service_centre=pdu.SMSC,
            own_number=None,
            storage={"SM": (0, 20)},
        )
        == found.modem
    )


def test_a_locked_sim_keeps_the_rest_secret(far_end: AtFarEnd) -> None:
    """What the modem itself knows is told all the same."""
    far_end.replies |= {
        "AT+CGMM": ok("SIM7600"),
        "AT+CPIN?": ok("+CPIN: SIM PIN"),
        "AT+CSQ": ok("+CSQ: 99,99"),
        "AT+CREG?": ok("+CREG: 0,2"),
        "AT+CSCA?": said("+CME ERROR: 11"),
    }

    modem = _probed(far_end).modem

    assert modem
    told = (modem.model, modem.sim, modem.registration, modem.signal_dbm, modem.signal_percent, modem.service_centre)
    assert ("SIM7600", SimState.PIN, Registration.SEARCHING, None, None, None) == told


def test_its_number_and_its_stores_where_it_tells(far_end: AtFarEnd) -> None:
    """Each store once, though it is told for three uses; an unset service centre is none."""
    far_end.replies |= {
        "AT+CNUM": ok('+CNUM: "","+447700900123",145'),
        "AT+CPMS?": ok('+CPMS: "SM",3,20,"ME",7,255,"SM",3,20'),
        "AT+CSCA?": ok('+CSCA: "",129'),
        "AT+COPS?": ok("+COPS: 0"),
    }

    modem = _probed(far_end).modem

    assert modem
    assert ("+447700900123", {"SM": (3, 20), "ME": (7, 255)}) == (modem.own_number, modem.storage)
    assert (None, None) == (modem.service_centre, modem.operator)


def test_nothing_is_changed(far_end: AtFarEnd) -> None:
    """Only questions are asked, but for how errors are told; the PIN least of all."""
    _probed(far_end)

    changes = [command for command in far_end.commands if "=" in command]
    assert ["AT+CMEE=1"] == changes


def test_a_modem_that_stops_answering(far_end: AtFarEnd) -> None:
    """What it said before is kept, and it ends in time."""
    far_end.replies |= {"AT+CGSN": ok("490154203237518"), "AT+CSQ": None}

    began = time.monotonic()
    found = _probed(far_end)

    assert time.monotonic() - began < 3
    assert found.modem
    assert ("…518", None) == (found.modem.imei, found.modem.model)


def test_a_slow_modem_is_asked_all_the_same(tmp_path: Path) -> None:
    """One that takes 0.6 s over each answer tells what any other does."""
    with AtFarEnd(tmp_path / "modem", SLOW_REPLIES, seconds=0.6) as far_end:
        modem = _probed(far_end).modem

    assert modem
    assert ("E3372", SimState.READY, "+447700900099", "Emulated Net", ()) == (
        modem.model, modem.sim, modem.service_centre, modem.operator, modem.unanswered
    )  # fmt: skip


def test_what_there_was_no_time_for_is_told(tmp_path: Path) -> None:
    """In place of what would be false: it may well have a service centre."""
    with AtFarEnd(tmp_path / "modem", SLOW_REPLIES | {"AT+CREG?": None}) as far_end:
        modem = _probed(far_end).modem

    assert modem
    assert ("+447700900099", None) == (modem.service_centre, modem.model)
    rest = ("AT+CREG?", "AT+CGSN", "AT+CSQ", "AT+CGMI", "AT+CGMM", "AT+CPMS?", "AT+CNUM", "AT+COPS?")
    assert rest == modem.unanswered


def test_many_silent_ports_take_no_longer_than_one(tmp_path: Path) -> None:
    """All at once."""
    with contextlib.ExitStack() as stack:
        ends = [stack.enter_context(AtFarEnd(tmp_path / str(place), {"AT": None}, echo=False)) for place in range(8)]
        began = time.monotonic()
        found = prober.probe([serial_port(str(end.device)) for end in ends])
        seconds = time.monotonic() - began

    assert [State.SILENT] * 8 == [one.state for one in found]
    assert seconds < 3


def test_a_port_that_is_not_there() -> None:
    """It is said, and nothing else fails."""
    (found,) = prober.probe([serial_port("/dev/ttyUSB99")])

    assert (State.GONE, None) == (found.state, found.modem)
    assert found.explanation.startswith("/dev/ttyUSB99: No such file or directory")


# --- ports in use ---------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _held(far_end: AtFarEnd, program: Path) -> Iterator[int]:
    """A program that has the port open, as its standard input; its pid."""
    with subprocess.Popen([program, "60"], stdin=far_end.slave) as process:
        try:
            yield process.pid
        finally:
            process.kill()


def test_a_port_that_modemmanager_holds(far_end: AtFarEnd, tmp_path: Path) -> None:
    """Is not touched; it is named, and how to keep it off."""
    program = tmp_path / "ModemManager"
    program.symlink_to("/bin/sleep")

    with _held(far_end, program) as pid:
        found = _probed(far_end)

    assert (State.IN_USE, [Holder(pid=pid, name="ModemManager")], None) == (found.state, found.holders, found.modem)
    assert f"ModemManager (pid {pid}) has it open: keep ModemManager off it: install 60-textbackd-" in found.explanation
    assert [] == far_end.commands


def test_a_port_that_somebody_holds(far_end: AtFarEnd) -> None:
    """With its name and pid."""
    with _held(far_end, Path("/bin/sleep")) as pid:
        found = _probed(far_end)

    assert f"sleep (pid {pid}) has it open: stop it (ps {pid} tells what it is), or" in found.explanation
    assert not found.is_ours


def test_a_port_that_textbackd_holds(far_end: AtFarEnd) -> None:
    """By the process that it keeps for each modem."""
    command = [sys.executable, "-P", "-m", "textbackd.modem.gammu_worker"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[far_end.slave]) as worker:
        found = _probed(far_end)

    assert ([Holder(pid=worker.pid, name="textbackd")], True) == (found.holders, found.is_ours)
    assert "the running textbackd uses it" in found.explanation
    assert [] == far_end.commands


# --- which port to take ---------------------------------------------------------------------------------------------


def _found(device: str, *, usb_id: str | None = None, interface: int = 0, by_id: bool = True, **port: Any) -> Found:
    name = f"/dev/serial/by-id/usb-{device}" if by_id else None
    place = SerialPort(device=f"/dev/{device}", by_id=name, usb_id=usb_id, interface=interface, **port)
    return Found(port=place, state=State.ANSWERS, modem=MODEM)


@pytest.mark.parametrize(
    ("ports", "device", "reason"),
    [
        ([("2c7c:0125", 2, "ff"), ("2c7c:0125", 3, "ff")], "tty2", "this one is meant for commands"),
        ([("1e0e:9011", 3, "ff"), ("1e0e:9011", 4, "ff")], "tty4", "this one is meant for commands"),
        ([("12d1:1506", 0, "01"), ("12d1:1506", 1, "02")], "tty1", "this one is meant for commands"),
        ([("12d1:1001", 0, "ff"), ("12d1:1001", 2, "ff")], "tty0", "if delivery reports do not come, take /dev/serial"),
        ([("05c6:6000", 1, "ff")], "tty1", "the only port of this modem that answers"),
    ],
)
def test_of_several_ports_of_a_modem_one_is_taken(ports: list[tuple[str, int, str]], device: str, reason: str) -> None:
    """The one that its maker means for commands; else the first."""
    found = [
        _found(f"tty{interface}", usb_id=usb_id, interface=interface, protocol=protocol, stick="1-1")
        for usb_id, interface, protocol in ports
    ]

    (choice,) = prober.choices(found)

    assert f"/dev/{device}" == choice.port.device
    assert reason in choice.reason
    assert "" == choice.warning


def test_two_modems_are_two() -> None:
    """However many ports they have."""
    sticks = [_found("ttyUSB0", stick="1-1"), _found("ttyUSB1", stick="1-1"), _found("ttyUSB4", stick="1-2")]

    chosen = list(prober.choices(sticks))

    assert ["ttyUSB0", "ttyUSB4"] == [Path(choice.port.device).name for choice in chosen]


def test_the_lines_are_good_for_the_configuration(tmp_path: Path) -> None:
    """Also those of a SIM that asks for its PIN."""
    sticks = [_found("ttyUSB0", stick="1-1"), _found("ttyUSB4", stick="1-2")]
    sticks[1] = dataclasses.replace(sticks[1], modem=dataclasses.replace(MODEM, sim=SimState.PIN))
    (tmp_path / "sim-2.pin").write_text("1234")
    (tmp_path / "sim-2.pin").chmod(0o640)
    lines = prober.config_lines(list(prober.choices(sticks)))

    modems = config.load(
        written(tmp_path, changed("modems:\n  - name: sim\n    kind: simulated\n    folder: box", lines))
    ).modems

    assert ["sim-1", "sim-2"] == [modem.name for modem in modems]
    assert all(isinstance(modem, GammuSettings) for modem in modems)
    pins = [modem.pin.digits if isinstance(modem, GammuSettings) and modem.pin else None for modem in modems]
    assert [None, "1234"] == pins


def test_a_name_that_does_not_stay_is_warned_of() -> None:
    """by-path stays with the socket; a bare number with nothing."""
    bare, by_path = _found("ttyUSB0", by_id=False), _found("ttyUSB1", by_id=False, by_path="/dev/serial/by-path/x")

    chosen = list(prober.choices([bare, by_path]))

    assert ["/dev/ttyUSB0", "/dev/serial/by-path/x"] == [choice.port.name for choice in chosen]
    assert "another port after the next reset" in chosen[0].warning
    assert "leave the modem in it" in chosen[1].warning


@pytest.mark.parametrize(
    ("serial_numbers", "names"),
    [
        ((None, None), ["/dev/serial/by-path/1-1", "/dev/serial/by-path/1-2"]),
        (("0123456789ABCDEF", "0123456789ABCDEF"), ["/dev/serial/by-path/1-1", "/dev/serial/by-path/1-2"]),
        (("1", "2"), ["/dev/serial/by-id/usb-1-1", "/dev/serial/by-id/usb-1-2"]),
    ],
)
def test_two_sticks_that_nothing_tells_apart(serial_numbers: tuple[str | None, str | None], names: list[str]) -> None:
    """Are named by their sockets, with a warning; two ports of one stick are no two sticks."""
    ports = serial_ports.told_apart(
        [
            SerialPort(
                device=f"/dev/tty-{stick}-{interface}",
                by_id=f"/dev/serial/by-id/usb-{stick}",
                by_path=f"/dev/serial/by-path/{stick}",
                stick=stick,
                usb_id="12d1:1001",
                product="HUAWEI Mobile",
                serial_number=serial_number,
                interface=interface,
            )
            for stick, serial_number in zip(("1-1", "1-2"), serial_numbers, strict=True)
            for interface in (0, 1)
        ]
    )
    found = [Found(port=port, state=State.ANSWERS, modem=MODEM) for port in ports]

    chosen = list(prober.choices(found))

    assert names == [choice.port.name for choice in chosen]
    told = [bool(choice.warning) for choice in chosen]
    assert ["by-path" in name for name in names] == told
    if any(told):
        assert "another stick is of the same kind" in chosen[0].warning


def test_a_modem_that_we_have_already_is_left_out() -> None:
    """Though another of its ports answers."""
    ours = Found(
        port=SerialPort(device="/dev/ttyUSB0", stick="1-1"),
        state=State.IN_USE,
        holders=[Holder(pid=1, name="textbackd")],
    )

    assert [] == list(prober.choices([ours, _found("ttyUSB1", stick="1-1")]))


# --- the machine ----------------------------------------------------------------------------------------------------


def test_a_port_is_known_by_the_name_that_stays(far_end: AtFarEnd, tmp_path: Path) -> None:
    """Whatever name it is asked for by."""
    device = os.path.realpath(far_end.device)
    for folder, name in (("by-id", "usb-HUAWEI-if00-port0"), ("by-path", "pci-usb-0:1:1.0-port0")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).symlink_to(device)

    port = serial_port(str(far_end.device), names=tmp_path)

    assert (device, str(tmp_path / "by-id/usb-HUAWEI-if00-port0")) == (port.device, port.name)
    assert str(tmp_path / "by-path/pci-usb-0:1:1.0-port0") == port.by_path
    assert (None, None, None) == (port.stick, port.usb_id, port.interface)


def _usb(devices: Path, place: str, usb_id: str, *interfaces: tuple[str, str]) -> None:
    """A USB device as /sys shows it: each interface with its class and the entry that its driver made."""
    (devices / place).mkdir(parents=True)
    (devices / place / "idVendor").write_text(usb_id[:4] + "\n")
    (devices / place / "idProduct").write_text(usb_id[5:] + "\n")
    (devices / place / "product").write_text("stick\n")
    for number, (kind, entry) in enumerate(interfaces):
        interface = devices / place / f"{place}:1.{number}"
        (interface / entry).mkdir(parents=True)
        (interface / "bInterfaceClass").write_text(kind + "\n")


def test_sticks_without_a_port_are_told_of(tmp_path: Path) -> None:
    """A network card and a CD-ROM; not a stick that has ports, and nothing that is no modem."""
    _usb(tmp_path, "1-1", "12d1:14dc", ("02", "net"), ("08", "host0"))
    _usb(tmp_path, "1-2", "12d1:1446", ("08", "host1"))
    _usb(tmp_path, "1-3", "12d1:1506", ("ff", "ttyUSB0"), ("02", "net"))
    _usb(tmp_path, "1-4", "1546:01a7", ("02", "tty/ttyACM0"))
    _usb(tmp_path, "1-5", "0bda:8153", ("ff", "net"))
    _usb(tmp_path, "1-6", "2c7c:0125", ("ff", "power"))

    told = list(serial_ports.portless_sticks(tmp_path))

    expected = [
        ("12d1:14dc", "it is a network card (HiLink mode) and takes no AT commands: switch it to stick mode"),
        ("12d1:1446", "it still is a CD-ROM: install usb-modeswitch and plug it in again"),
        ("2c7c:0125", "it shows no serial port: is the kernel's driver (option) there?"),
    ]
    assert [PortlessStick(usb_id=usb_id, product="stick", remedy=remedy) for usb_id, remedy in expected] == told
