"""A busy PBX, faster than life: link, translator, tracker, decision and a durable database, and no event is lost."""

import asyncio
import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import fake_ami
from tests.builders import AT_ANY_HOUR, a_policy, seconds
from tests.core.holding import held
from tests.pbx import load
from tests.pbx.load import Load, Met
from tests.pbx.replay import OFFICE
from tests.workers.far_ends import rows
from textbackd import clock
from textbackd.pbx.asterisk import AsteriskSource
from textbackd.pbx.asterisk_settings import AsteriskSettings
from textbackd.store.database import Database
from textbackd.workers.call_watcher import CallWatcher


@pytest.mark.parametrize(("recorded", "speed"), [(load.filtered, 10), (load.unfiltered, 2)])
async def test_no_event_of_a_load_is_lost(recorded: Callable[[], Load], speed: int, tmp_path: Path) -> None:
    """Every caller's outcome is on record; the state was read once, at the login: nothing had to be dropped.

    Of the questions that were asked about each caller none is left open.
    """
    whole = recorded()
    settings = AsteriskSettings(name="asterisk", port=0, user="textbackd", secret=fake_ami.SECRET)
    policy = a_policy(**AT_ANY_HOUR, office=OFFICE, minimum_talk=seconds(2 / speed if whole.timed else 0))
    ticked = asyncio.Event()
    async with (
        fake_ami.listening() as ami,
        Database.open(tmp_path / "textbackd.db") as database,
        asyncio.timeout(100),
        asyncio.TaskGroup() as group,
    ):
        source = AsteriskSource(dataclasses.replace(settings, port=ami.port))
        watcher = CallWatcher("asterisk", database, lambda: policy, lambda: None)
        running = [
            group.create_task(source.run()),
            group.create_task(watcher.run(source.events, clock.utc_now, ticked.set)),
        ]
        await ami.until_asked("Status")
        before = held(source)
        await whole.play(ami, speed)
        while len(calls := await _on_record(database)) < whole.calls:
            ticked.clear()
            await ticked.wait()
        kept = held(source) - before
        for task in running:
            task.cancel()

    assert whole.expected == whole.found(calls)
    assert 1 == len(ami.asked("CoreShowChannels"))
    assert len(ami.asked("Getvar")) > whole.calls
    assert kept < whole.calls / 10


async def _on_record(database: Database) -> list[Met]:
    found = await rows(database, "SELECT caller, did, outcome FROM calls")
    return [(row["caller"], row["did"], row["outcome"]) for row in found]
