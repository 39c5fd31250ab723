"""Writing what must not be lost: while the database cannot be written, wait and try again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

from textbackd.store.database import Database, StoreUnavailable, Transaction

T = TypeVar("T")


class Write(Protocol):
    """Runs work in a transaction, and comes back when it is committed."""

    async def __call__(self, work: Callable[[Transaction], Awaitable[T]]) -> T: ...


TRY_AGAIN = 1.0
"""Seconds between two tries."""


async def patiently(
    database: Database, work: Callable[[Transaction], Awaitable[T]], tick: Callable[[], None] = lambda: None
) -> T:
    """Do ``work`` in one transaction, again and again until it is committed. ``tick`` says that this is not stuck.

    ``work`` may run several times; only what it does to the database is undone in between.
    """
    while True:
        tick()
        try:
            async with database.transaction() as tx:
                done = await work(tx)
        except StoreUnavailable:
            await asyncio.sleep(TRY_AGAIN)  # the watch over the database says it
        else:
            return done
