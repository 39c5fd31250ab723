"""Whether a serial port is plugged in, looked up once a second.

gammu notices that its port has gone after 20 to 100 s; a look at the name costs microseconds.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path

SECONDS = 1.0


class PortWatch:
    """Calls ``gone`` when the device goes, ``back`` when it comes, both when it has become another."""

    def __init__(self, device: str, gone: Callable[[], None], back: Callable[[], None]) -> None:
        self._device = device
        self._gone = gone
        self._back = back
        self._node = _node(device)
        self._timer: asyncio.TimerHandle | None = None

    def look(self) -> None:
        """Look now, and from now on until ``stop``."""
        self.stop()
        self._timer = asyncio.get_running_loop().call_later(SECONDS, self.look)
        before, self._node = self._node, _node(self._device)
        if before == self._node:
            return
        if before is not None:
            self._gone()
        if self._node is not None:
            self._back()

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


def _node(device: str) -> tuple[int, int, int] | None:
    """Which one it is: under the same name another may come back."""
    try:
        found = Path(device).stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_rdev
