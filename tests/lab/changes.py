"""Waiting for something to hold, with a complaint that says what was seen instead."""

import asyncio
from collections.abc import Callable


class Changes:
    """Wakes those who wait each time something has changed."""

    def __init__(self) -> None:
        self._changed = asyncio.Event()

    def announce(self) -> None:
        """Have every waiter look again."""
        self._changed.set()

    async def until(self, holds: Callable[[], bool], complaint: Callable[[], str], within: float) -> None:
        """Return when `holds`; TimeoutError with the complaint after `within` seconds."""
        try:
            async with asyncio.timeout(within):
                while not holds():
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError:
            raise TimeoutError(f"{complaint()} within {within} s") from None
