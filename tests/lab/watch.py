"""The real source and the real watcher at work on one Asterisk, and what they keep of each caller."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

from tests.builders import AT_ANY_HOUR, a_policy, an_office, seconds
from tests.daemon.said import Said
from tests.lab.asterisk import LEAST_PRIVILEGE, SECRET, Asterisk
from tests.lab.changes import Changes
from tests.workers.far_ends import rows
from textbackd import clock
from textbackd.core.office import Office
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.store.database import Database
from textbackd.workers.call_watcher import CallWatcher

PING_INTERVAL, PING_TIMEOUT = 0.5, 0.5


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is on disk about one number."""

    outcomes: tuple[str, ...] = ()
    """Of its calls, oldest first."""
    leads: int = 0
    texts: int = 0


UNKNOWN = Kept(outcomes=("unknown",), leads=1)
ANSWERED = Kept(outcomes=("answered",))
GAVE_UP = Kept(outcomes=("abandoned_ringing",), leads=1, texts=1)
BUSY = Kept(outcomes=("busy",), leads=1, texts=1)
SILENT = dataclasses.replace(BUSY, texts=0)


class Watch:
    """The real source and the real watcher at work, and what they have kept."""

    def __init__(
        self, asterisk: Asterisk, database: Database, said: Said, *, office: Office | None = None, **values: Any
    ) -> None:
        """`values` are of its `AsteriskSettings`."""
        settings = AsteriskSettings(
            name="asterisk",
            host=asterisk.pbx,
            port=asterisk.ami_port,
            user=LEAST_PRIVILEGE,
            secret=SECRET,
            ping_interval=PING_INTERVAL,
            ping_timeout=PING_TIMEOUT,
        )
        self.said = said
        self.received = bytearray()
        self._changes = Changes()
        self._database = database
        self._office = office or an_office()
        self._source = AsteriskSource(dataclasses.replace(settings, **values), tap=self._tap)

    def _tap(self, data: bytes) -> None:
        self.received += data
        self._changes.announce()

    async def run(self) -> None:
        """Until it is cancelled."""
        policy = a_policy(office=self._office, minimum_talk=seconds(0), minimum_wait=seconds(0), **AT_ANY_HOUR)
        watcher = CallWatcher("asterisk", self._database, lambda: policy, lambda: None)
        async with asyncio.TaskGroup() as group:
            group.create_task(watcher.run(self._source.events, clock.utc_now, lambda: None))
            group.create_task(self._source.run())

    async def heard(self, data: bytes, count: int = 1) -> None:
        """Until these bytes have come in so many times."""
        await self._changes.until(lambda: self.received.count(data) >= count, lambda: f"{data!r} did not come", 10)

    async def up(self, count: int = 1) -> None:
        """Until it says for the ``count``-th time that it is connected."""
        await self.said.until("pbx_connected", count=count, within=20)

    async def arrived(self, caller: str) -> None:
        """Until the caller is known to be on the line."""
        await self.said.until("call_arrived", caller=caller)

    async def bridged(self, caller: str) -> None:
        """Until the caller's leg is seen in a bridge."""
        named = f"CallerIDNum: {caller}".encode()

        def seen() -> bool:
            blocks = self.received.split(b"\r\n\r\n")
            return any(block.startswith(b"Event: BridgeEnter") and named in block for block in blocks)

        await self._changes.until(seen, lambda: f"{caller} was not joined", 10)

    async def decided(self, caller: str, count: int = 1) -> Kept:
        """What is kept of a number once its ``count``-th call is decided."""
        await self.said.until("call_ended", caller=caller, count=count, within=20)
        return await self.kept(caller)

    async def kept(self, caller: str) -> Kept:
        """What is kept of a number now."""
        calls = await rows(self._database, "SELECT outcome FROM calls WHERE number = ?1 ORDER BY id", caller)
        leads = await rows(self._database, "SELECT id FROM leads WHERE number = ?1 AND status = 'new'", caller)
        texts = await rows(self._database, "SELECT id FROM outbox WHERE number = ?1", caller)
        return Kept(outcomes=tuple(call["outcome"] for call in calls), leads=len(leads), texts=len(texts))

    async def in_the_air(self) -> list[str]:
        """The callers who are on the line, as far as the database knows."""
        return [row["caller"] for row in await rows(self._database, "SELECT caller FROM live_calls ORDER BY caller")]


@contextlib.asynccontextmanager
async def watching(asterisk: Asterisk, database: Database, said: Said, **values: Any) -> AsyncIterator[Watch]:
    """One that is connected."""
    watch = Watch(asterisk, database, said, **values)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(watch.run())
        await watch.up()
        yield watch
        running.cancel()
