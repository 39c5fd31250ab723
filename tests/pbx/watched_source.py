"""A source that runs, of either PBX, seen from both sides."""

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator
from typing import Any, overload

from tests import fake_ami, fake_event_socket
from tests.fake_ami import FakeAmi
from tests.fake_event_socket import FakeEventSocket
from tests.lab.changes import Changes
from textbackd.core.channel_events import ChannelEvent, SnapshotTaken
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.pbx.freeswitch import FreeSwitchSource
from textbackd.pbx.freeswitch_settings import FreeSwitchSettings
from textbackd.pbx.source import PbxError

PING_INTERVAL = 60
"""Seconds: far off."""


@overload
def a_link(pbx: FakeAmi, **values: Any) -> AsteriskSettings: ...
@overload
def a_link(pbx: FakeEventSocket, **values: Any) -> FreeSwitchSettings: ...
def a_link(pbx: FakeAmi | FakeEventSocket, **values: Any) -> AsteriskSettings | FreeSwitchSettings:
    """Settings for the fake; ``values`` take the place of what would do."""
    if isinstance(pbx, FakeAmi):
        to_asterisk = AsteriskSettings(
            name="asterisk", port=pbx.port, user="textbackd", secret=fake_ami.SECRET, ping_interval=PING_INTERVAL
        )
        return dataclasses.replace(to_asterisk, **values)
    to_freeswitch = FreeSwitchSettings(
        name="freeswitch",
        port=pbx.port,
        user="textbackd@office.test",
        secret=fake_event_socket.SECRET,
        ping_interval=PING_INTERVAL,
    )
    return dataclasses.replace(to_freeswitch, **values)


class Watched:
    """A running source, and what it reported."""

    def __init__(self, settings: AsteriskSettings | FreeSwitchSettings) -> None:
        self.reports: list[PbxError | None] = []
        self.received = bytearray()
        self.keeps = 10**9
        """Bytes of what was received."""
        self._changes = Changes()
        self.source = (
            AsteriskSource(settings, report=self._report, tap=self._tap)
            if isinstance(settings, AsteriskSettings)
            else FreeSwitchSource(settings, report=self._report, tap=self._tap)
        )

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
        """The oldest that nobody has taken yet."""
        async with asyncio.timeout(10):
            return await self.source.events.get()

    async def events_until(self, kind: type[ChannelEvent]) -> list[ChannelEvent]:
        """The events up to the first of that kind, and with it."""
        events = [await self.next_event()]
        while not isinstance(events[-1], kind):
            events.append(await self.next_event())
        return events


@contextlib.asynccontextmanager
async def watching(settings: AsteriskSettings | FreeSwitchSettings) -> AsyncIterator[Watched]:
    """A source that runs until the end of the block."""
    watched = Watched(settings)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(watched.source.run())
        yield watched
        task.cancel()


@contextlib.asynccontextmanager
async def connected(pbx: FakeAmi | FakeEventSocket, **values: Any) -> AsyncIterator[Watched]:
    """One that is up, its first snapshot read; ``values`` as of ``a_link``."""
    async with watching(a_link(pbx, **values)) as watched:
        assert None is await watched.reported(1)
        await watched.events_until(SnapshotTaken)
        yield watched
