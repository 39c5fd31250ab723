"""Acts that a stop must not cut in two."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


async def uninterrupted(work: Coroutine[Any, Any, T], *, patience: float | None = None) -> T:
    """Finish ``work`` even when this task is cancelled meanwhile, and let the cancellation go on after it.

    With ``patience`` (seconds) the work is cancelled too where it takes longer than that after the cancellation.
    """
    task = asyncio.ensure_future(work)  # noqa: TID251 - awaited below on every path
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=patience)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error from None
        raise
