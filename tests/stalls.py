"""When the machine stood still: what a test of other processes must not hold against them."""

import datetime as dt
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Self

from textbackd import clock

_BEAT = dt.timedelta(milliseconds=20)
_A_STALL = dt.timedelta(milliseconds=100)


class Stalls:
    """While it is entered, a thread waits and syncs a file, again and again: a beat that takes long is a stall, of the
    processors or of the disk (1.7 s were seen beside an installation).
    """

    def __init__(self, folder: Path) -> None:
        self._file = folder / "beat"
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat)
        self._found: list[tuple[dt.datetime, dt.datetime]] = []

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, _: type[BaseException] | None, __: BaseException | None, ___: TracebackType | None) -> None:
        self._over.set()
        self._thread.join()

    def between(self, begin: dt.datetime, end: dt.datetime) -> dt.timedelta:
        """How long it stood still in that time."""
        overlaps = (min(end, until) - max(begin, since) for since, until in self._found)
        return sum((each for each in overlaps if each > dt.timedelta(0)), dt.timedelta(0))

    def _beat(self) -> None:
        descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT)
        try:
            since = clock.utc_now()
            while not self._over.wait(_BEAT.total_seconds()):
                os.pwrite(descriptor, b".", 0)
                os.fsync(descriptor)
                now = clock.utc_now()
                if now - since > _A_STALL:
                    self._found.append((since, now))
                since = now
        finally:
            os.close(descriptor)
