"""What systemd hears, and the unit that it is given."""

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from textbackd import systemd
from textbackd.config.schema import DATABASE
from textbackd.modem.probe import COMMAND_INTERFACES
from textbackd.modem.serial_ports import MODEM_VENDORS

ROOT = Path(__file__).parents[1]
RULES = (ROOT / "systemd/60-textbackd-modem.rules").read_text(encoding="utf-8")
UDEV_KEYS = (
    "ACTION", "GOTO", "LABEL", "SUBSYSTEM", "KERNEL", "SYMLINK", r"ENV{\w+}", r"ATTRS{(?:idVendor|idProduct)}",
    r"ATTRS{bInterfaceProtocol}",
)  # fmt: skip
"""udev(7); a term with another one is ignored with a line in the journal that nobody reads."""
UNIT = (ROOT / "systemd/textbackd.service").read_text(encoding="utf-8")


def _listener(address: str) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    listener.bind(address)
    listener.settimeout(5)
    return listener


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_is_told(abstract: bool, tmp_path: Path) -> None:
    """Each fact in its words, on a socket in the file system or in the abstract namespace."""
    name = f"@textbackd-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    environment = {"NOTIFY_SOCKET": name}
    with _listener(name.replace("@", "\0")) as listener:
        systemd.ready("2 up", environment)
        systemd.status("modem lost:\n no answer", environment)
        systemd.alive(environment)
        systemd.stopping(environment=environment)
        heard = [listener.recv(4096).decode() for _ in range(4)]

    assert heard == ["READY=1\nSTATUS=2 up", "STATUS=modem lost: no answer", "WATCHDOG=1", "STOPPING=1"]


def test_a_reload_is_told_with_its_time(tmp_path: Path) -> None:
    """In microseconds of the clock by which systemd tells it from others."""
    environment = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
    with _listener(environment["NOTIFY_SOCKET"]) as listener:
        before = time.monotonic_ns() // 1000
        systemd.reloading(environment)
        after = time.monotonic_ns() // 1000
        word, told = listener.recv(4096).decode().splitlines()

    assert word == "RELOADING=1"
    assert before <= int(told.removeprefix("MONOTONIC_USEC=")) <= after


@pytest.mark.parametrize("address", ["", "/nowhere/at/all", "@nobody-listens-here", "vsock:2:1234", "/" + "x" * 200])
def test_it_never_raises(address: str) -> None:
    """Without systemd, without a listener, with an address that is none."""
    environment = {"NOTIFY_SOCKET": address} if address else {}

    systemd.ready("up", environment)
    systemd.status("lone surrogate \udc80", environment)
    systemd.reloading(environment)
    systemd.alive(environment)
    systemd.stopping("bye", environment)


def test_it_never_waits(tmp_path: Path) -> None:
    """A listener that does not read must not stop the calls."""
    name = str(tmp_path / "notify")
    with _listener(name):
        for _ in range(2000):
            systemd.alive({"NOTIFY_SOCKET": name})


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "60000000"}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_patted_twice_in_its_time(environment: dict[str, str], expected: float | None) -> None:
    """And not at all where there is none, or where it is another process's."""
    assert systemd.watchdog_interval(environment) == expected


# --- the unit -------------------------------------------------------------------------------------------------------


def _values(key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", UNIT, flags=re.MULTILINE)


def test_the_unit_says_what_the_daemon_does() -> None:
    """It waits for READY, watches for life, checks before it starts or reloads, and starts again after a crash."""
    assert _values("Type") == ["notify"]
    assert int(_values("WatchdogSec")[0]) > 0
    assert _values("Restart") == ["on-failure"]
    assert _values("KillMode") == ["mixed"]
    assert _values("StateDirectory") == ["textbackd"]
    assert _values("ExecStartPre") == ["/usr/bin/textbackd check --offline"]
    assert _values("ExecStart") == ["/usr/bin/textbackd run"]
    assert _values("ExecReload") == [
        "/usr/bin/textbackd check --offline --without-secrets",
        "/bin/kill -HUP $MAINPID",
    ]
    assert {"char-ttyUSB rw", "char-ttyACM rw"} == set(_values("DeviceAllow"))
    assert _values("SupplementaryGroups") == ["dialout"]


def test_each_key_is_in_its_section_once() -> None:
    """But those that add up; systemd takes a key in the wrong section for a comment."""
    sections = dict(re.findall(r"^\[(\w+)\]\n(.*?)(?=^\[|\Z)", UNIT, flags=re.MULTILINE | re.DOTALL))
    keys = re.findall(r"^(\w+)=", UNIT, flags=re.MULTILINE)

    assert list(sections) == ["Unit", "Service", "Install"]
    assert all(not key.startswith("StartLimit") for key in re.findall(r"^(\w+)=", sections["Service"], re.MULTILINE))
    assert {key for key in keys if keys.count(key) > 1} == {"DeviceAllow", "ExecReload", "SystemCallFilter"}


@pytest.mark.parametrize("key", ["ExecStartPre", "ExecStart", "ExecReload"])
def test_the_commands_of_the_unit_exist(key: str) -> None:
    """With the very options that it gives them."""
    line = _values(key)[0]
    finished = subprocess.run(
        [sys.executable, "-m", "textbackd", *line.split()[1:], "--help"], cwd=ROOT, capture_output=True, text=True
    )

    assert finished.returncode == 0, finished.stderr
    assert "Usage:" in finished.stdout


def test_the_database_lies_in_the_state_directory() -> None:
    """Where the unit lets the daemon write."""
    assert DATABASE.parent == Path("/var/lib") / _values("StateDirectory")[0]


def test_the_user_is_made_and_may_open_the_modem() -> None:
    """The unit's user, in the group of serial ports."""
    users = (ROOT / "systemd/textbackd.sysusers").read_text(encoding="utf-8")

    assert re.search(rf"^u {_values('User')[0]} ", users, flags=re.MULTILINE)
    assert re.search(rf"^m {_values('User')[0]} dialout$", users, flags=re.MULTILINE)


def test_the_udev_rules_jump_to_their_end() -> None:
    """Every GOTO has its label, and every line is an assignment, a match or a comment."""
    lines = [line for line in RULES.splitlines() if line and not line.startswith("#")]

    assert set(re.findall(r'GOTO="(\w+)"', RULES)) == set(re.findall(r'LABEL="(\w+)"', RULES))
    term = rf'({"|".join(UDEV_KEYS)})(==|!=|=|\+=)"[^"]*"'
    assert all(re.fullmatch(rf"{term}(, {term})*", line) for line in lines)


def test_the_udev_rules_and_the_probe_know_the_same() -> None:
    """Makers, and which port of theirs takes commands."""
    makers = re.findall(r'^ATTRS{idVendor}=="(\w+)", ENV{ID_MM_PORT_IGNORE}="1"$', RULES, flags=re.MULTILINE)
    ports = re.findall(
        r'^ENV{ID_VENDOR_ID}=="(\w+)", (?:ENV{ID_MODEL_ID}=="(\w+)", )?ENV{ID_USB_INTERFACE_NUM}=="(\w+)"',
        RULES,
        flags=re.MULTILINE,
    )

    assert list(MODEM_VENDORS) == makers
    assert COMMAND_INTERFACES == {":".join(filter(None, (maker, model))): int(port, 16) for maker, model, port in ports}
