"""Whether a connection lives: who waits for an answer waits no longer than it is silent."""

import asyncio
import math
from typing import Any

from textbackd.pbx.source import PbxUnavailable

ANSWER_TIMEOUT = 60.0
"""Seconds for a whole answer, however many events come meanwhile: a PBX that is heard and does not hear is lost too."""


class Liveness:
    """One connection's: when it was heard, when it was lost."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._disturbed: asyncio.Future[None] | None = None
        self._heard_at = -math.inf
        """By the loop's clock."""

    def heard(self) -> None:
        """Something arrived."""
        self._heard_at = self._loop.time()

    def lost(self) -> None:
        """The connection is no more."""
        if not self._lost.done():
            self._lost.set_result(None)

    def disturb(self) -> None:
        """End ``idle`` at once."""
        if self._disturbed is not None and not self._disturbed.done():
            self._disturbed.set_result(None)

    async def idle(self, seconds: float) -> None:
        """Wait; less when ``disturb`` is called. Raises PbxUnavailable when the connection is lost."""
        self._disturbed = self._loop.create_future()
        await asyncio.wait({self._lost, self._disturbed}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._lost.done():
            raise PbxUnavailable("the PBX closed the connection")

    async def settled(self, future: "asyncio.Future[Any]", what: str, *, silence: float) -> Any:
        """The result of ``future``, which something that the PBX says will set.

        Raises PbxUnavailable when nothing at all came for ``silence`` seconds, when it is not set after
        ``ANSWER_TIMEOUT``, or when the connection is lost.
        """
        begin = self._loop.time()
        while True:
            # A list over a slow line may take long; while it trickles in, the connection is alive.
            patience = min(max(begin, self._heard_at) + silence, begin + ANSWER_TIMEOUT) - self._loop.time()
            if patience <= 0:
                raise PbxUnavailable(f"the PBX did not {what} within {self._loop.time() - begin:.1f} s")
            await asyncio.wait({future, self._lost}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if future.done():
                return future.result()
            if self._lost.done():
                raise PbxUnavailable("the PBX closed the connection")
