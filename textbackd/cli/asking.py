"""Asking the running daemon: a row in the database, answered in the row."""

import asyncio
import datetime as dt
from typing import Any

from textbackd import clock
from textbackd.errors import UserError
from textbackd.store import requests
from textbackd.store.database import Database

DAEMON_PATIENCE = dt.timedelta(seconds=3)
"""A running daemon takes a request at once; after this there is none."""
ANSWER_PATIENCE = dt.timedelta(seconds=45)
"""It may have to open its modems for the answer."""


async def asked(database: Database, kind: str, arguments: dict[str, Any]) -> dict[str, Any] | None:
    """The daemon's answer, or None where no daemon answers. Raises UserError with its words where it refuses."""
    start = clock.utc_now()
    async with database.transaction() as tx:
        request = await requests.ask(tx, kind, arguments, start)
    while True:
        async with database.transaction() as tx:
            state, result = await requests.answer(tx, request)
            waited = clock.utc_now() - start
            if state == "asked" and waited > DAEMON_PATIENCE:
                await requests.withdraw(tx, request)
                return None
        if state == "done":
            return dict(result)
        if state == "failed":
            raise UserError(str(result))
        if state == "expired" or waited > ANSWER_PATIENCE:
            return None
        await asyncio.sleep(0.1)
