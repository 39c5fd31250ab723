"""Writing what must not be lost: while the database cannot be written, wait and try again."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

from textbackd.store.database import Database, StoreUnavailable, Transaction

log = structlog.get_logger()

T = TypeVar("T")

TRY_AGAIN = 1.0
"""Seconds between two tries."""


async def patiently(database: Database, work: Callable[[Transaction], Awaitable[T]]) -> T:
    """Do ``work`` in one transaction, again and again until it is committed. Says once that it waits, once that it is
    over.

    ``work`` may run several times; only what it does to the database is undone in between.
    """
    waited = False
    while True:
        try:
            async with database.transaction() as tx:
                done = await work(tx)
        except StoreUnavailable as error:
            if not waited:
                log.error("database_unavailable", error=str(error))  # noqa: TRY400 - trouble of the world, no bug
            waited = True
            await asyncio.sleep(TRY_AGAIN)
        else:
            if waited:
                log.info("database_back")
            return done
