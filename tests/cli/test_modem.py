"""``textbackd modem probe``: what it says to people and to programs."""

import dataclasses
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Desk
from tests.modem.at_far_end import AtFarEnd, ok
from textbackd.cli import modem_words
from textbackd.modem.modem import ModemStatus, Registration

REPLIES = {
    "AT+CGSN": ok("490154203237518"),
    "AT+CSQ": ok("+CSQ: 20,99"),
    "AT+CGMI": ok("huawei"),
    "AT+CGMM": ok("E3372"),
    "AT+CPIN?": ok("+CPIN: SIM PIN"),
    "AT+CREG?": ok("+CREG: 0,1"),
    "AT+CSCA?": ok('+CSCA: "",129'),
    "AT+CPMS?": ok('+CPMS: "SM",3,20,"SM",3,20,"SM",3,20'),
    "AT+CNUM": ok('+CNUM: "","+447700900123",145'),
    "AT+COPS?": ok('+COPS: 0,0,"Emulated Net",7'),
}
NO_MODEM = "it is no modem, or not the port of it that takes commands; else pull it out and in"


def test_people_are_told(desk: Desk, tmp_path: Path) -> None:
    """What answers, what it is, and the lines to write; then what is in the way of the others."""
    with (
        AtFarEnd(tmp_path / "modem", REPLIES) as modem,
        AtFarEnd(tmp_path / "silent", {"AT": None}, echo=False) as silent,
    ):
        device, other = modem.device.resolve(), silent.device.resolve()
        result = desk.run("modem", "probe", "--device", str(modem.device), "--device", str(silent.device))

    assert (0, "") == (result.code, result.err)
    assert result.out.splitlines() == [
        f"{device}: answers",
        "  modem: huawei E3372",
        "  IMEI: …518",
        "  SIM: asks for its PIN",
        "  network: registered with Emulated Net",
        "  signal: -73 dBm, 65 %",
        "  service centre (SMSC): none known: texts cannot leave (docs/modem-setup.md)",
        "  own number: +447700900123",
        "  texts in SM: 3 of 20",
        f"{other}: silent",
        f"  no answer to AT within 0.6 s: {NO_MODEM}",
        "",
        f"# {device}: the only port of this modem that answers",
        f"# {device} is another port after the next reset, and it has no name under /dev/serial that stays",
        "modems:",
        "  - name: sim-1",
        "    kind: gammu",
        f"    device: {device}",
        "    pin_file: sim-1.pin      # beside this file, mode 640: the PIN and nothing else",
    ]


def test_programs_are_told(desk: Desk, tmp_path: Path) -> None:
    """The same, as JSON."""
    with AtFarEnd(tmp_path / "modem", REPLIES) as modem:
        device = str(modem.device.resolve())
        told = desk.run("modem", "probe", "--device", str(modem.device), "--json").json

    assert ["ports", "without_port", "chosen", "configuration"] == list(told)
    (port,) = told["ports"]
    assert (device, "answers", "", []) == (port["port"]["device"], port["state"], port["explanation"], port["holders"])
    assert {
        "manufacturer": "huawei",
        "model": "E3372",
        "imei": "…518",
        "sim": "asks for its PIN",
        "operator": "Emulated Net",
        "registration": "registered",
        "signal_dbm": -73,
        "signal_percent": 65,
        "service_centre": None,
        "own_number": "+447700900123",
        "storage": {"SM": [3, 20]},
        "unanswered": [],
    } == port["modem"]
    assert device == told["chosen"][0]["name"]
    assert f"    device: {device}" in told["configuration"].splitlines()


def test_what_a_slow_modem_had_no_time_to_tell(desk: Desk, tmp_path: Path) -> None:
    """Is not said to be missing."""
    with AtFarEnd(tmp_path / "modem", REPLIES | {"AT+CPIN?": None}) as modem:
        result = desk.run("modem", "probe", "--device", str(modem.device))

    assert result.out.splitlines()[1:5] == [
        f"  {what}: not told in time: the modem is slow"
        for what in ("modem", "SIM", "network", "service centre (SMSC)")
    ]


def test_a_modem_that_the_daemon_has_is_no_problem(desk: Desk, tmp_path: Path) -> None:
    """It is told of, and there is nothing to write."""
    worker = [sys.executable, "-P", "-m", "textbackd.modem.gammu_worker"]
    with (
        AtFarEnd(tmp_path / "modem") as modem,
        subprocess.Popen(worker, stdin=subprocess.PIPE, pass_fds=[modem.slave]) as child,
    ):
        result = desk.run("modem", "probe", "--device", str(modem.device))

    assert (0, "") == (result.code, result.err)
    assert f"  textbackd (pid {child.pid}) has it open: the running textbackd uses it" in result.out
    assert result.out.endswith("no other modem than those that textbackd has already\n")


@pytest.mark.parametrize("words", [(), ("--json",)], ids=["people", "json"])
def test_no_modem_is_a_problem(desk: Desk, words: tuple[str, ...]) -> None:
    """For scripts: the exit code."""
    result = desk.run("modem", "probe", "--device", "/dev/ttyUSB99", *words)

    assert (1, "") == (result.code, result.err)
    assert "No such file or directory" in result.out


def test_how_a_modem_is_in_words() -> None:
    """What it lacks comes last; the count is of the store that incoming texts go to."""
    well = ModemStatus(
        manufacturer="Huawei", model="E173", network="O2", registration=Registration.HOME, signal_percent=71,
        store="SM", stored=3, capacity=20,
    )  # fmt: skip
    words = "Huawei E173, on O2, signal 71 %, 3 of 20 messages stored on the SIM"
    assert modem_words.of_status(well) == words
    ill = dataclasses.replace(well, has_service_centre=False)
    assert modem_words.of_status(ill) == f"{words}, no service centre (SMSC): no text can leave"
    assert modem_words.of_told(dataclasses.asdict(ill)) == modem_words.of_status(ill)
