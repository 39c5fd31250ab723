"""A FreeSwitchSource that runs, seen from both sides."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any

from tests import fake_event_socket
from tests.fake_event_socket import FakeEventSocket
from tests.lab.changes import Changes
from textbackd.core.channel_events import ChannelEvent, SnapshotTaken
from textbackd.pbx.freeswitch import FreeSwitchSource
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.source import PbxError


def a_link(switch: FakeEventSocket, **values: Any) -> FreeSwitchSettings:
    """Settings for the fake, with a ping far off."""
    settings = FreeSwitchSettings(
        name="freeswitch",
        port=switch.port,
        user="textbackd@office.test",
        secret=fake_event_socket.SECRET,
        ping_interval=60,
    )
    return dataclasses.replace(settings, **values)


class Watched:
    """A running source, and what it reported."""

    def __init__(self, settings: FreeSwitchSettings) -> None:
        self.reports: list[PbxError | None] = []
        self.received = bytearray()
        self.keeps = 10**9
        """Bytes of what was received."""
        self._changes = Changes()
        self.source = FreeSwitchSource(settings, report=self._report, tap=self._tap)

    def _report(self, error: PbxError | None) -> None:
        self.reports.append(error)
        self._changes.announce()

    def _tap(self, data: bytes) -> None:
        self.received += data
        del self.received[: -self.keeps]
        self._changes.announce()

    async def reported(self, count: int) -> PbxError | None:
        """The ``count``-th report."""
        await self._changes.until(lambda: len(self.reports) >= count, lambda: f"only {self.reports}", 10)
        return self.reports[count - 1]

    async def read(self, data: bytes) -> None:
        """Until these bytes have come in."""
        await self._changes.until(lambda: data in self.received, lambda: f"{data!r} did not come", 10)

    async def next_event(self) -> ChannelEvent:
        async with asyncio.timeout(10):
            return await self.source.events.get()

    async def events_until(self, kind: type[ChannelEvent]) -> list[ChannelEvent]:
        """The events up to the first of that kind, and with it."""
        events = [await self.next_event()]
        while not isinstance(events[-1], kind):
            events.append(await self.next_event())
        return events


@contextlib.asynccontextmanager
async def watching(settings: FreeSwitchSettings) -> AsyncIterator[Watched]:
    watched = Watched(settings)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watched.source.run())
        yield watched
        task.cancel()


@contextlib.asynccontextmanager
async def connected(switch: FakeEventSocket, **values: Any) -> AsyncIterator[Watched]:
    """A source that is up, its first snapshot read."""
    async with watching(a_link(switch, **values)) as watched:
        assert None is await watched.reported(1)
        await watched.events_until(SnapshotTaken)
        yield watched
