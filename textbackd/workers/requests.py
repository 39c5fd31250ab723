"""What other processes asked of the daemon, answered."""

import datetime as dt
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import structlog

from textbackd.errors import TextbackdError
from textbackd.store import requests
from textbackd.store.database import Database, StoreUnavailable
from textbackd.workers.bell import Bell

log = structlog.get_logger()

Answer = Callable[[dict[str, Any]], Awaitable[Any]]


class RequestWorker:
    """Answers requests by their kind."""

    def __init__(self, database: Database, answers: Mapping[str, Answer], utc_now: Callable[[], dt.datetime]) -> None:
        self._database = database
        self._answers = answers
        self._utc_now = utc_now

    async def run(self, bell: Bell, tick: Callable[[], None]) -> None:
        """Answer for ever; a bell tells of other processes' commits. ``tick`` says that this loop is not stuck."""
        while True:
            tick()
            try:
                while await self.step():
                    pass
            except StoreUnavailable:
                pass  # the watch over the database says it
            await bell.wait(5.0)

    async def step(self) -> bool:
        """Answer one request, if there is one."""
        async with self._database.transaction() as tx:
            taken = await requests.take(tx, self._utc_now())
        if taken is None:
            return False
        request_id, kind, arguments = taken
        try:
            if kind not in self._answers:
                raise TextbackdError(f"this textbackd knows no request {kind!r}")
            result, failed = await self._answers[kind](arguments), False
        except TextbackdError as error:
            result, failed = str(error), True
        except Exception:
            log.exception("request_not_handled", kind=kind)
            result, failed = "textbackd could not do that; its log says why", True
        async with self._database.transaction() as tx:
            await requests.finish(tx, request_id, result, failed=failed)
        return True
