"""The cable: a pseudo-terminal that can be pulled out, put back elsewhere, and jammed."""

import asyncio
import contextlib
import fcntl
import os
import termios
import tty
from collections.abc import Callable
from pathlib import Path

_UNREAD = 1 << 16
"""Octets kept for a reader who does not read; what comes after them is dropped, as a USB stick does."""


class Port:
    """One serial port of a stick. ``device`` is its stable link, as below ``/dev/serial/by-id``."""

    def __init__(self, device: Path, take: Callable[[bytes], None]) -> None:
        self.device = device
        self.plugged = False
        self._take = take
        self._master = self._slave = -1
        self._last_node = ""
        self._unread = bytearray()

    def plug(self, *, other_node: bool = False) -> None:
        """Let the port appear; with ``other_node`` the link leads to another tty than last time."""
        assert not self.plugged, f"{self.device} is plugged in already"
        self._master, self._slave = os.openpty()
        if other_node and os.ttyname(self._slave) == self._last_node:
            taken = self._master, self._slave
            self._master, self._slave = os.openpty()
            for descriptor in taken:
                os.close(descriptor)
        tty.setraw(self._slave)
        os.set_blocking(self._master, False)
        self._last_node = os.ttyname(self._slave)
        self.device.symlink_to(self._last_node)
        self.plugged = True
        asyncio.get_running_loop().add_reader(self._master, self._read)

    def unplug(self) -> None:
        """Let it vanish; harmless where it has."""
        if not self.plugged:
            return
        self.plugged = False
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        os.close(self._master)
        os.close(self._slave)
        self._unread.clear()
        self.device.unlink()

    def jam(self) -> None:
        """From now on nothing can be written to the port: a hung USB endpoint, or flow control without end."""
        termios.tcflow(self._slave, termios.TCOOFF)

    def unjam(self) -> None:
        """It takes what is written again."""
        termios.tcflow(self._slave, termios.TCOON)

    def write(self, octets: bytes) -> None:
        """Say this to whoever has the port open; never blocks."""
        if self.plugged and len(self._unread) + len(octets) <= _UNREAD:
            self._unread += octets
            self._flush()

    def _flush(self) -> None:
        loop = asyncio.get_running_loop()
        try:
            while self._unread:
                del self._unread[: os.write(self._master, self._unread)]
        except BlockingIOError:
            loop.add_writer(self._master, self._flush)
        else:
            loop.remove_writer(self._master)

    def _read(self) -> None:
        with contextlib.suppress(BlockingIOError):
            octets = os.read(self._master, 4096)
            # gammu takes the port for itself (TIOCEXCL). A real one is free again when its last user is gone; this
            # one's other end stays open here, and would keep everybody but root out for ever.
            fcntl.ioctl(self._slave, termios.TIOCNXCL)
            self._take(octets)


class DeadPort(Port):
    """A port of the stick that is no modem: it says nothing, or always the same whatever it is told."""

    def __init__(self, device: Path, says: bytes = b"") -> None:
        super().__init__(device, lambda _octets: self.write(says))
