"""Things that happen later, and do not where what they belong to has ended."""

import asyncio
from collections.abc import Callable


class Timers:
    """Those of one owner."""

    def __init__(self) -> None:
        self._handles: set[asyncio.TimerHandle] = set()

    def after(self, seconds: float, do: Callable[[], None]) -> asyncio.TimerHandle:
        """Do this then."""

        def due() -> None:
            self._handles.discard(handle)
            do()

        handle = asyncio.get_running_loop().call_later(seconds, due)
        self._handles.add(handle)
        return handle

    def every(self, seconds: float, do: Callable[[], None]) -> None:
        """Do this then, and again and again."""

        def due() -> None:
            self.every(seconds, do)
            do()

        self.after(seconds, due)

    def cancel(self) -> None:
        """None of them happens any more."""
        for handle in self._handles:
            handle.cancel()
        self._handles.clear()
