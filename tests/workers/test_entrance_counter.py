"""Calls are counted where they begin, and written down now and then."""

import dataclasses
from typing import Any

from tests.builders import NOON, seconds
from tests.workers.far_ends import rows
from textbackd.core.channel_events import ChannelAppeared, ChannelKind
from textbackd.store.database import Database
from textbackd.workers.entrance_counter import EVERY, MOST, EntranceCounter


def begins(**values: Any) -> ChannelAppeared:
    """A call from the trunk begins at ``NOON``."""
    return dataclasses.replace(
        ChannelAppeared(
            at=NOON,
            channel="1.1",
            name="PJSIP/trunk-1",
            kind=ChannelKind.INBOUND,
            group="1.1",
            line="trunk",
            context="from-trunk",
            begins_call=True,
        ),
        **values,
    )


async def written(counter: EntranceCounter, database: Database) -> list[tuple[str, str, int, int]]:
    """Write it down, and what then stands in the database: context, line, inbound, calls."""
    async with database.transaction() as tx:
        await counter.write(tx)
    counter.written()
    found = await rows(database, "SELECT context, line, inbound, calls FROM entrances ORDER BY context, line, inbound")
    return [(row["context"], row["line"], row["inbound"], row["calls"]) for row in found]


def test_there_is_nothing_to_write() -> None:
    """At first, and of legs that begin no call: what is dialled, what a snapshot finds."""
    counter = EntranceCounter("asterisk")
    assert not counter.is_due(NOON + EVERY)

    counter.count(begins(begins_call=False))
    assert not counter.is_due(NOON + EVERY)


def test_a_new_entrance_is_written_at_once_and_an_old_one_now_and_then() -> None:
    """``check`` finds it after its first call; a busy office writes once a minute."""
    counter = EntranceCounter("asterisk")
    counter.count(begins())
    assert counter.is_due(NOON)
    counter.written()
    assert not counter.is_due(NOON + EVERY)

    counter.count(begins(at=NOON + seconds(1)))
    counter.count(begins(at=NOON + seconds(50)))
    assert not counter.is_due(NOON + EVERY)
    assert counter.is_due(NOON + seconds(1) + EVERY)

    counter.count(begins(at=NOON + seconds(51), line="second"))
    assert counter.is_due(NOON + seconds(51))


async def test_what_is_counted_is_written_once(database: Database) -> None:
    """By context, by line, and by whether it was taken for a call from outside."""
    counter = EntranceCounter("asterisk")
    counter.count(begins())
    counter.count(begins())
    counter.count(begins(line="101", context="from-internal", kind=ChannelKind.DEVICE))
    counter.count(begins(kind=ChannelKind.DEVICE))
    expected = [("from-internal", "101", 0, 1), ("from-trunk", "trunk", 0, 1), ("from-trunk", "trunk", 1, 2)]

    assert expected == await written(counter, database)
    assert expected == await written(counter, database)

    counter.count(begins(at=NOON + seconds(5)))
    assert ("from-trunk", "trunk", 1, 3) in await written(counter, database)


async def test_what_could_not_be_written_is_kept(database: Database) -> None:
    """The database was locked: the next writing has it all."""
    counter = EntranceCounter("asterisk")
    counter.count(begins())
    counter.count(begins(at=NOON + seconds(5)))

    assert counter.is_due(NOON + seconds(5))
    assert [("from-trunk", "trunk", 1, 2)] == await written(counter, database)


async def test_the_last_call_tells_when(database: Database) -> None:
    """Of those that were counted."""
    counter = EntranceCounter("asterisk")
    for second in (0, 30):
        counter.count(begins(at=NOON + seconds(second)))
    await written(counter, database)

    (row,) = await rows(database, "SELECT last_at FROM entrances")
    assert (NOON + seconds(30)).isoformat(timespec="microseconds") == row["last_at"]


async def test_entrances_are_bounded(database: Database) -> None:
    """A context for every caller is no dialplan: those that are known go on being counted, the rest is not."""
    counter = EntranceCounter("asterisk")
    for i in range(MOST + 50):
        counter.count(begins(context=f"c{i}"))
    counter.count(begins(context="c0"))
    found = await written(counter, database)

    assert MOST == len(found)
    assert ("c0", "trunk", 1, 2) in found
    counter.count(begins(context="one more"))
    assert not counter.is_due(NOON + EVERY)
