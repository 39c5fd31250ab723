"""What systemd is told: ready, reloading, still alive, stopping (sd_notify(3)).

Outside of systemd all of it does nothing. A few lines in place of a dependency; nothing here ever raises, since a
daemon must not die of a courtesy.
"""

import os
import socket
from collections.abc import Mapping

from textbackd import clock


def ready(status: str = "", environment: Mapping[str, str] = os.environ) -> None:
    """The start is over, or a reload: ``systemctl start`` returns."""
    _notify(environment, "READY=1", _status(status))


def reloading(environment: Mapping[str, str] = os.environ) -> None:
    """A reload has begun; ``ready`` ends it. The time tells systemd to which of several reloads that belongs."""
    _notify(environment, "RELOADING=1", f"MONOTONIC_USEC={int(clock.monotonic() * 1_000_000)}")


def stopping(status: str = "", environment: Mapping[str, str] = os.environ) -> None:
    """The end has begun."""
    _notify(environment, "STOPPING=1", _status(status))


def status(text: str, environment: Mapping[str, str] = os.environ) -> None:
    """The line that ``systemctl status`` shows."""
    _notify(environment, _status(text))


def alive(environment: Mapping[str, str] = os.environ) -> None:
    """Pat the watchdog; to be said at least every ``watchdog_interval``."""
    _notify(environment, "WATCHDOG=1")


def watchdog_interval(environment: Mapping[str, str] = os.environ) -> float | None:
    """Seconds between two signs of life, half of what systemd allows (sd_watchdog_enabled(3)); None: no watchdog."""
    if environment.get("WATCHDOG_PID", str(os.getpid())) != str(os.getpid()):
        return None
    try:
        microseconds = int(environment.get("WATCHDOG_USEC", ""))
    except ValueError:
        return None
    return microseconds / 2_000_000 if microseconds > 0 else None


def _status(text: str) -> str:
    return "STATUS=" + " ".join(text.split()) if text else ""


def _notify(environment: Mapping[str, str], *assignments: str) -> None:
    address = environment.get("NOTIFY_SOCKET", "")
    if not address.startswith(("/", "@")):
        return
    if address.startswith("@"):
        address = "\0" + address[1:]
    message = "\n".join(filter(None, assignments)).encode(errors="replace")
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as to_systemd:
            to_systemd.setblocking(False)  # it would rather lose a word than stop the calls
            to_systemd.connect(address)
            to_systemd.send(message)
    except (OSError, ValueError):
        return
