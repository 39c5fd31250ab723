"""What is down becomes an alarm, what is up again ends it."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.builders import NOON, seconds
from tests.workers.far_ends import ManualClock, row, rows
from textbackd.core.alarms import AlarmKind
from textbackd.health import Component, Health
from textbackd.store import alarms
from textbackd.store.database import Database, StoreUnavailable
from textbackd.workers.health_alarms import HealthAlarms, Watched


@pytest.fixture
def gsm(clock: ManualClock) -> Component:
    return Health(now=clock).component("modem gsm")


@pytest.fixture
def worker(gsm: Component, database: Database, clock: ManualClock) -> HealthAlarms:
    return HealthAlarms([Watched(component=gsm, kind=AlarmKind.MODEM_DOWN, subject="gsm")], database, clock)


async def standing(database: Database, clock: ManualClock) -> list[str]:
    async with database.reading() as tx:
        return [alarm.detail for alarm in await alarms.standing(tx, clock())]


async def test_down_for_long_is_an_alarm(
    worker: HealthAlarms, gsm: Component, database: Database, clock: ManualClock
) -> None:
    """Since it went down, not since that was seen; nothing is written while nothing changes."""
    assert not await worker.step()
    gsm.down("it was unplugged")
    clock.move_on(30)
    assert await worker.step()
    assert not await worker.step()
    clock.move_on(89)
    assert [] == await standing(database, clock)
    clock.move_on(1)
    assert ["it was unplugged"] == await standing(database, clock)


async def test_up_again_is_its_end(
    worker: HealthAlarms, gsm: Component, database: Database, clock: ManualClock
) -> None:
    """At the moment at which it is seen."""
    gsm.down("it was unplugged")
    await worker.step()
    clock.move_on(600)
    gsm.up()
    assert await worker.step()

    assert [] == await standing(database, clock)
    cleared = await row(database, "SELECT cleared_at FROM alarms")
    assert (NOON + seconds(600)).isoformat(timespec="microseconds") == cleared["cleared_at"]


async def test_an_alarm_outlives_a_restart(
    worker: HealthAlarms, gsm: Component, database: Database, clock: ManualClock
) -> None:
    """Until it is known how it is; still down, it goes on since the first time."""
    gsm.down("it was unplugged")
    await worker.step()
    clock.move_on(600)
    again = Health(now=clock).component("modem gsm")
    second = HealthAlarms([Watched(component=again, kind=AlarmKind.MODEM_DOWN, subject="gsm")], database, clock)

    assert not await second.step()
    assert ["it was unplugged"] == await standing(database, clock)
    again.down("still gone")
    assert await second.step()
    assert ["still gone"] == await standing(database, clock)
    assert 1 == len(await rows(database, "SELECT * FROM alarms"))


async def test_what_cannot_be_written_is_written_later(
    worker: HealthAlarms, gsm: Component, database: Database, clock: ManualClock, tmp_path: Path
) -> None:
    """A locked database loses nothing."""
    gsm.down("it was unplugged")
    with closing(sqlite3.connect(tmp_path / "textbackd.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable):
            await worker.step()
        other.execute("ROLLBACK")
    assert await worker.step()

    clock.move_on(120)
    assert ["it was unplugged"] == await standing(database, clock)
