"""What the guards count: found by an index, whatever else is in the tables, and refused where it cannot be found."""

import dataclasses
import datetime as dt
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import annotated_types
import pytest

from tests.builders import CALLER, NOON, a_policy, seconds
from tests.store.test_tables import a_draft
from textbackd.config.schema import GuardsEntry
from textbackd.core.guards import DAY, HOUR, Guard, Limits
from textbackd.core.phone_numbers import E164
from textbackd.store import history, inbox, outbox, traffic
from textbackd.store.database import Database, Transaction, Value

STRANGER = E164("+447700910000")
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
"""What a clock shows that nobody has set."""


class Explained(Transaction):
    """Notes how SQLite goes about each question."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self.plans: list[str] = []

    async def all(self, sql: str, *values: Value) -> Sequence[sqlite3.Row]:
        await self._explain(sql, *values)
        return await self._tx.all(sql, *values)

    async def one(self, sql: str, *values: Value) -> sqlite3.Row | None:
        await self._explain(sql, *values)
        return await self._tx.one(sql, *values)

    async def _explain(self, sql: str, *values: Value) -> None:
        self.plans += [row["detail"] for row in await self._tx.all(f"EXPLAIN QUERY PLAN {sql}", *values)]


async def test_every_question_is_answered_by_an_index(database: Database) -> None:
    """A table that is read through would make each decision slower for ever; what is counted is in its index."""
    async with database.reading() as tx:
        explained = Explained(tx)
        await history.of_caller(explained, CALLER, "Bob", "Hill Plumbing", a_policy(), NOON)
        await traffic.refused(explained, NOON)
        await traffic.kept_back(explained, NOON)
        await traffic.readings(explained, Limits(), NOON)
    read_through = {plan.split()[1] for plan in explained.plans if plan.startswith("SCAN")}

    tables = {name for name in read_through if not name.startswith("(subquery")}
    assert {"guard_clearances", "json_each", "CONSTANT"} == tables, "a few rows at most"
    assert {
        "SEARCH outbox USING INDEX outbox_of_callers (counted_at>?)",
        "SEARCH calls USING COVERING INDEX calls_to_be_texted (decided_at>? AND decided_at<?)",
        "SEARCH calls USING COVERING INDEX calls_kept_back (detail=? AND decided_at>?)",
        "SEARCH calls USING COVERING INDEX calls_kept_back (detail=? AND decided_at>? AND decided_at<?)",
        "SEARCH inbox USING COVERING INDEX inbox_of_number (number>? AND number<?)",
    } <= set(explained.plans)


def test_no_bound_lies_above_what_is_counted() -> None:
    """Counting ends somewhere: where every guard is shut."""
    most = {
        name: part.le
        for name, field in GuardsEntry.model_fields.items()
        for part in field.metadata
        if isinstance(part, annotated_types.Le)
    }

    assert {field.name for field in dataclasses.fields(Limits)} == set(most)
    assert most.pop("callers_per_minute") in range(traffic.MANY_CALLERS)
    assert all(bound in range(traffic.MANY_TEXTS) for bound in most.values())


async def sent(database: Database, *times: dt.datetime, to: E164 = CALLER) -> None:
    async with database.transaction() as tx:
        for at in times:
            await outbox.enqueue(tx, a_draft(to=to), at)


async def test_a_clearance_of_the_future_lifts_nothing(database: Database) -> None:
    """The clock was set back: the guard would stay open until it is there again."""
    await sent(database, NOON)
    async with database.transaction() as tx:
        await traffic.clear(tx, Guard.PER_HOUR, NOON + DAY)
        await traffic.clear(tx, Guard.PER_DAY, NOON + seconds(1))
        seen = await traffic.seen_from(tx, STRANGER, NOON + seconds(2))

    assert seen is not None
    assert (1, 0) == (seen.last_hour, seen.last_day)


async def test_a_clock_that_nobody_has_set_lifts_no_bound(database: Database) -> None:
    """All that ever went out lies in its future, and counts."""
    await sent(database, *(NOON - seconds(ago) for ago in (0, 10, 86400 * 300)))
    async with database.reading() as tx:
        seen = await traffic.seen_from(tx, CALLER, EPOCH)

    assert seen is not None
    assert (3, 3, 3) == (seen.to_prefix, seen.last_hour, seen.last_day)


async def test_a_reply_counts_for_those_of_the_same_length(database: Database) -> None:
    """+44 7700 90 …. is no prefix of a number that is a digit longer."""
    await sent(database, NOON)
    async with database.transaction() as tx:
        words = inbox.Words(sender=CALLER, sent_at=NOON, text="Hello")
        await inbox.add(tx, words, modem="gsm", number=E164("+4477009001239"), wish=None, now=NOON)
    async with database.reading() as tx:
        seen = await traffic.seen_from(tx, CALLER, NOON)

    assert seen is not None
    assert 1 == seen.unanswered


def damage(path: Path, name: str) -> None:
    """Overwrite the first page of an index or a table."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        size = connection.execute("PRAGMA page_size").fetchone()[0]
        page = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (name,)).fetchone()[0]
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)


@pytest.mark.parametrize("index", ["outbox_of_callers", "calls_to_be_texted"])
async def test_what_cannot_be_read_is_not_counted_as_nothing(path: Path, index: str) -> None:
    """A page of the file is damaged; the rest of the caller's past is found."""
    async with Database.open(path, durable=False) as database:
        await sent(database, NOON)
    damage(path, index)
    async with Database.open(path, durable=False) as database, database.reading() as tx:
        with pytest.raises(traffic.Uncountable, match="database disk image is malformed"):
            await traffic.seen_from(tx, CALLER, NOON)
        past = await history.of_caller(tx, CALLER, "", "Hill Plumbing", a_policy(), NOON, counting=False)

    assert (None, (NOON,)) == (past.traffic, past.texts)


async def test_what_nobody_here_wrote_is_not_counted_as_nothing(database: Database) -> None:
    """A time that is none."""
    await sent(database, NOON)
    async with database.transaction() as tx:
        await tx.run("UPDATE outbox SET counted_at = 'yesterday'")
        with pytest.raises(traffic.Uncountable, match="Invalid isoformat string: 'yesterday'"):
            await traffic.seen_from(tx, CALLER, NOON)


async def test_readings_and_refusals(database: Database) -> None:
    """What ``textbackd guards`` shows, from the rows."""
    await sent(database, NOON - HOUR, NOON)
    await sent(database, NOON, to=STRANGER)
    async with database.reading() as tx:
        found = await traffic.readings(tx, Limits(per_hour=2), NOON)
        nothing = await traffic.refused(tx, NOON), set((await traffic.kept_back(tx, NOON)).values())

    shown = {one.guard: (one.prefix, one.count, one.shut_until) for one in found}
    assert ("", 2, NOON + HOUR) == shown[Guard.PER_HOUR]
    assert ("", 3, None) == shown[Guard.PER_DAY]
    assert (CALLER[:-4], 2, None) == shown[Guard.UNANSWERED]
    assert ({}, {0}) == nothing
