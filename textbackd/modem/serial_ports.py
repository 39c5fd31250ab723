"""The serial ports of this machine, the sticks that they belong to, and sticks that have none.

/dev/ttyUSB0 is another port after the next reset; names under /dev/serial/by-id stay with the stick, those under
by-path with the socket that it is plugged into.
"""

import dataclasses
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from serial.tools import list_ports, list_ports_linux

NAMES = Path("/dev/serial")
USB_DEVICES = Path("/sys/bus/usb/devices")

MODEM_VENDORS = {
    "12d1": "Huawei", "19d2": "ZTE", "1e0e": "SIMCom", "2c7c": "Quectel", "1199": "Sierra Wireless", "1bc7": "Telit",
    "1546": "u-blox",
}  # fmt: skip
"""USB vendor ids; the udev rules know the same."""

HUAWEI_COMMANDS = "02"
"""The protocol of Huawei's interface for commands ("PC UI"), as ModemManager's port-type rules have it; 01 is the one
for dialling ("modem").
"""
_STORAGE_CLASS = "08"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class SerialPort:
    """A serial port, whatever hangs on it."""

    device: str
    by_id: str | None = None
    """None too where it has a double."""
    by_path: str | None = None
    stick: str | None = None
    """The place of its USB device, such as ``1-1.2``; ports with the same one are of one modem."""
    usb_id: str | None = None
    """``vendor:product``, as lsusb has it."""
    product: str | None = None
    serial_number: str | None = None
    has_double: bool = False
    """Whether nothing tells its stick from another one: names under by-id are of whichever was plugged in last."""
    interface: int | None = None
    """The USB interface: 0 to the number of the stick's ports and beyond."""
    protocol: str | None = None
    """The USB interface's protocol, two hexadecimal digits: Huawei tells its ports apart by it."""

    @property
    def name(self) -> str:
        """The name for the configuration: the one that stays longest."""
        return self.by_id or self.by_path or self.device


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class PortlessStick:
    """A modem that shows no serial port."""

    usb_id: str
    product: str
    remedy: str
    """What it is instead, and what to do about it."""


def all_ports() -> Sequence[SerialPort]:
    """Every serial port that has hardware behind it, by name."""
    return told_apart([serial_port(info.device) for info in sorted(list_ports.comports())])


def told_apart(ports: Sequence[SerialPort]) -> Sequence[SerialPort]:
    """The same, with those marked that have a double: sticks of a kind without serial numbers, or all with the same."""
    alike: dict[tuple[str | None, ...], set[str]] = {}
    for port in ports:
        if port.stick:
            alike.setdefault(_kind(port), set()).add(port.stick)
    return [
        dataclasses.replace(port, by_id=None, has_double=True) if len(alike.get(_kind(port), ())) > 1 else port
        for port in ports
    ]


def serial_port(device: str, names: Path = NAMES) -> SerialPort:
    """The port at ``device``, which may be any of its names; ``names`` holds by-id and by-path."""
    real = os.path.realpath(device)
    info = list_ports_linux.SysFS(real)
    interface = Path(info.usb_interface_path) if info.usb_interface_path else None
    number = _read(interface / "bInterfaceNumber") if interface else ""
    return SerialPort(
        device=real,
        by_id=_links(names / "by-id").get(real),
        by_path=_links(names / "by-path").get(real),
        stick=Path(info.usb_device_path).name if info.usb_device_path else None,
        usb_id=f"{info.vid:04x}:{info.pid:04x}" if interface else None,
        product=info.product,
        serial_number=info.serial_number,
        interface=int(number, 16) if number else None,
        protocol=_read(interface / "bInterfaceProtocol") if interface else None,
    )


def portless_sticks(devices: Path = USB_DEVICES) -> Iterator[PortlessStick]:
    """Modems that are plugged in and have no serial port: network cards (HiLink), and CD-ROMs before their switch."""
    for device in sorted(devices.glob("*")):
        usb_id = f"{_read(device / 'idVendor')}:{_read(device / 'idProduct')}"
        if usb_id.partition(":")[0] not in MODEM_VENDORS:
            continue
        interfaces = list(device.glob(f"{device.name}:*"))
        if any([*interface.glob("tty*"), *interface.glob("tty/tty*")] for interface in interfaces):
            continue
        if any((interface / "net").exists() for interface in interfaces):
            remedy = "it is a network card (HiLink mode) and takes no AT commands: switch it to stick mode"
        elif any(_read(interface / "bInterfaceClass") == _STORAGE_CLASS for interface in interfaces):
            remedy = "it still is a CD-ROM: install usb-modeswitch and plug it in again"
        else:
            remedy = "it shows no serial port: is the kernel's driver (option) there?"
        yield PortlessStick(usb_id=usb_id, product=_read(device / "product"), remedy=remedy)


def _kind(port: SerialPort) -> tuple[str | None, ...]:
    return port.usb_id, port.product, port.serial_number


def _links(folder: Path) -> Mapping[str, str]:
    """The first name in ``folder`` of each real path."""
    names = sorted(folder.iterdir(), reverse=True) if folder.is_dir() else []
    return {os.path.realpath(name): str(name) for name in names}


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
