"""Waking each other up. A bell is a hint that a row may be there; the row is the truth."""

import asyncio
import contextlib


class Bell:
    """Rung by whoever wrote a row; a worker waits for it or for its own next time, whichever is first."""

    def __init__(self, event: asyncio.Event | None = None) -> None:
        """``event``: somebody else's, such as a modem's."""
        self._event = event or asyncio.Event()

    def ring(self) -> None:
        """Wake the waiting worker, or let its next wait end at once."""
        self._event.set()

    async def wait(self, seconds: float) -> None:
        """Wait for the bell, at most so long."""
        # Not asyncio.wait_for: in Python 3.11 it swallows a cancellation that meets the bell, and the stop would hang.
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(seconds, 0.0)):
                await self._event.wait()
        self._event.clear()
