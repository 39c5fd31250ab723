"""A machine that stood still: what is heard behind it happened nobody knows when."""

import asyncio
import datetime as dt
import time
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from tests import fake_ami
from tests.builders import CALLER
from tests.daemon.said import Said
from tests.fake_ami import FakeAmi
from textbackd.core.channel_events import ChannelAppeared, ChannelEvent, ChannelGone, LinkLost, SnapshotTaken
from textbackd.pbx import linked_source
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings


@pytest_asyncio.fixture
async def source(ami: FakeAmi, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsteriskSource]:
    """One that is up, and takes a quarter of a second for a standstill."""
    monkeypatch.setattr(linked_source, "TICK", 0.01)
    monkeypatch.setattr(linked_source, "STOOD_STILL", dt.timedelta(seconds=0.25))
    settings = AsteriskSettings(name="asterisk", port=ami.port, user="textbackd", secret=fake_ami.SECRET)
    source = AsteriskSource(settings)
    async with asyncio.TaskGroup() as group:
        running = group.create_task(source.run())
        await until(source, SnapshotTaken)
        yield source
        running.cancel()


async def until(source: AsteriskSource, kind: type[ChannelEvent]) -> list[ChannelEvent]:
    """The events up to the first of that kind, and with it."""
    events: list[ChannelEvent] = []
    async with asyncio.timeout(10):
        while not events or not isinstance(events[-1], kind):
            events.append(await source.events.get())
    return events


async def test_what_was_heard_too_late_is_told_behind_a_loss(source: AsteriskSource, ami: FakeAmi, said: Said) -> None:
    """A call came and went meanwhile: it is not whole, and the state is read anew."""
    ami.send(*fake_ami.rings_out("1.1", CALLER))
    time.sleep(0.5)  # noqa: ASYNC251 - nothing else stops a whole process

    seen: list[type[ChannelEvent]] = []
    while not {ChannelGone, SnapshotTaken} <= set(seen):  # a hang-up waits for answers, and may come behind the state
        async with asyncio.timeout(10):
            seen.append(type(await source.events.get()))

    assert seen.index(LinkLost) < seen.index(ChannelAppeared)
    assert 1 == len(said.events("pbx_not_watched"))
    assert 1 == ami.connections


async def test_a_busy_moment_is_no_standstill(source: AsteriskSource, ami: FakeAmi, said: Said) -> None:
    """A disk that takes its time, a core that is shared."""
    ami.send(*fake_ami.rings_out("1.1", CALLER))
    time.sleep(0.1)  # noqa: ASYNC251

    assert LinkLost not in {type(event) for event in await until(source, ChannelGone)}
    assert [] == said.events("pbx_not_watched")


async def test_a_standstill_in_which_nothing_was_heard_is_noticed_too(source: AsteriskSource, said: Said) -> None:
    """The PBX stood still with us, or its words are still on their way."""
    time.sleep(0.5)  # noqa: ASYNC251

    assert [LinkLost] == [type(event) for event in await until(source, LinkLost)]
    await until(source, SnapshotTaken)
    assert 1 == len(said.events("pbx_not_watched"))
