"""Acts that a stop must not cut in two."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import structlog

log = structlog.get_logger()

T = TypeVar("T")


async def uninterrupted(
    work: Coroutine[Any, Any, T], *, patience: float, stopping: Callable[[], None] = lambda: None
) -> T:
    """Finish ``work`` even when this task is cancelled meanwhile, and let the cancellation go on after it, whatever
    became of the work.

    It hears of that by ``stopping``, and is cancelled too where it takes longer than ``patience`` (seconds) after it.
    """
    task = asyncio.ensure_future(work)  # noqa: TID251 - awaited below on every path
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        stopping()
        await asyncio.wait({task}, timeout=patience)
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
        if not task.cancelled() and (error := task.exception()) is not None:
            log.exception("failed_at_the_stop", exc_info=error)
        raise
