"""Transactions: whole or not at all, one at a time, and proof against a cancellation in their last moment."""

import asyncio
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from textbackd.store.database import Database, StoreUnavailable, Transaction

INSERT = "INSERT INTO opt_outs VALUES (?1, 'out', 'then', 'sms')"


async def numbers(database: Database) -> list[str]:
    async with database.reading() as tx:
        return [row["number"] for row in await tx.all("SELECT number FROM opt_outs ORDER BY number")]


async def test_it_is_committed_at_the_end(database: Database, path: Path) -> None:
    """Another process sees all of it, and nothing before."""
    with closing(sqlite3.connect(path)) as other:
        async with database.transaction() as tx:
            await tx.run(INSERT, "1")
            assert [] == other.execute("SELECT * FROM opt_outs").fetchall()
        assert 1 == len(other.execute("SELECT * FROM opt_outs").fetchall())


@pytest.mark.parametrize("trouble", [ValueError, asyncio.CancelledError])
async def test_any_exception_takes_it_back(database: Database, trouble: type[BaseException]) -> None:
    """And the next transaction works."""
    with pytest.raises(trouble):
        await _write(database, "1", trouble)
    await _write(database, "2")

    assert ["2"] == await numbers(database)


async def test_two_tasks_do_not_share_one(database: Database) -> None:
    """B's row does not fall into A's transaction, which is taken back."""
    in_a, done_b = asyncio.Event(), asyncio.Event()

    async def a() -> None:
        async with database.transaction() as tx:
            await tx.run(INSERT, "a")
            in_a.set()
            await asyncio.sleep(0)  # B gets its chance
            assert not done_b.is_set()
            raise ValueError

    async def b() -> None:
        await in_a.wait()
        async with database.transaction() as tx:
            await tx.run(INSERT, "b")
        done_b.set()

    results = await asyncio.gather(a(), b(), return_exceptions=True)

    assert [ValueError, type(None)] == [type(result) for result in results]
    assert ["b"] == await numbers(database)


async def test_a_reader_does_not_wait_for_a_writer(database: Database) -> None:
    """It sees what was committed, all of one moment."""
    async with database.transaction() as tx:
        await tx.run(INSERT, "1")
        assert [] == await numbers(database)
    assert ["1"] == await numbers(database)


async def test_a_cancellation_during_the_commit_does_not_undo_it(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The commit is finished, and the cancellation goes on after it."""
    real = database._writer.commit
    committing = asyncio.Event()

    async def slow() -> None:
        committing.set()
        await asyncio.sleep(0.01)
        await real()

    monkeypatch.setattr(database._writer, "commit", slow)

    async def write() -> None:
        async with database.transaction() as tx:
            await tx.run(INSERT, "1")

    task = asyncio.get_running_loop().create_task(write())
    await committing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

    assert ["1"] == await numbers(database)
    async with database.transaction() as tx:  # nobody holds the lock
        await tx.run(INSERT, "2")


async def test_a_cancellation_while_waiting_for_the_lock_holds_nothing(database: Database) -> None:
    """The one in front goes on, and so does the one behind."""
    async with database.transaction() as tx:
        waiting = asyncio.get_running_loop().create_task(_write(database, "2"))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await tx.run(INSERT, "1")
    await _write(database, "3")

    assert ["1", "3"] == await numbers(database)


async def test_a_cancellation_while_it_begins_holds_nothing(database: Database, path: Path) -> None:
    """SQLite's thread cannot be cancelled and begins it all the same; the next transaction must not fall into it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.get_running_loop().create_task(_write(database, "1"))
        await _turns(database._writing.locked)
        waiting.cancel()
        await asyncio.sleep(0)
        other.execute("ROLLBACK")
        with pytest.raises(asyncio.CancelledError):
            await waiting
    await _write(database, "2")

    assert ["2"] == await numbers(database)


async def _write(database: Database, number: str, trouble: type[BaseException] | None = None) -> None:
    async with database.transaction() as tx:
        await tx.run(INSERT, number)
        if trouble:
            raise trouble


@pytest.mark.parametrize("moment", range(12))
async def test_cancelled_at_any_moment_it_is_whole_or_not_at_all(database: Database, moment: int) -> None:
    """And the database is fit for the next transaction."""

    async def write() -> None:
        async with database.transaction() as tx:
            await tx.run(INSERT, "1")
            await tx.run(INSERT, "2")

    task = asyncio.get_running_loop().create_task(write())
    for _ in range(moment):
        await asyncio.sleep(0.0002)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await _write(database, "3")

    assert await numbers(database) in (["3"], ["1", "2", "3"])


async def test_a_commit_that_fails_is_taken_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cancelled or not, the next transaction finds nothing open."""
    real = database._writer.commit

    async def fail() -> None:
        await asyncio.sleep(0.001)
        raise sqlite3.OperationalError("disk I/O error")

    for cancelled in (False, True):
        monkeypatch.setattr(database._writer, "commit", fail)
        task = asyncio.get_running_loop().create_task(_write(database, "1"))
        if cancelled:
            await _turns(lambda: database._writer.in_transaction)
            task.cancel()
        with pytest.raises(asyncio.CancelledError if cancelled else StoreUnavailable):
            await task
        monkeypatch.setattr(database._writer, "commit", real)
    await _write(database, "2")

    assert ["2"] == await numbers(database)


async def _turns(holds: Callable[[], bool]) -> None:
    """Let the loop turn until ``holds``; SQLite's thread tells nobody."""
    for _ in range(100_000):
        if holds():
            return
        await asyncio.sleep(0)
    raise TimeoutError


async def test_a_lock_of_somebody_else_is_a_wait_not_a_bug(database: Database, path: Path) -> None:
    """StoreUnavailable: try again; then it works."""
    await database._writer.execute("PRAGMA busy_timeout = 0")
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreUnavailable, match="locked: another program has been at it for too long; try again"):
            await _write(database, "1")
        other.execute("ROLLBACK")
    await _write(database, "1")

    assert ["1"] == await numbers(database)


async def test_a_full_disk_is_a_wait_not_a_bug(database: Database) -> None:
    """The same, and what was written before is not harmed."""
    pages = await _value(database, "PRAGMA page_count")
    await database._writer.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StoreUnavailable, match="full"):
        await _write(database, "1" * 100_000)
    await database._writer.execute("PRAGMA max_page_count = 100000")
    await _write(database, "1")

    assert ["1"] == await numbers(database)


async def _value(database: Database, sql: str) -> Any:
    async with database.transaction() as tx:
        return await tx.value(sql)


async def test_it_notices_the_commits_of_others_only(database: Database, path: Path) -> None:
    """Its own it knows of."""
    assert not await database.changed_by_others()
    await _write(database, "1")
    assert not await database.changed_by_others()

    with closing(sqlite3.connect(path)) as other:
        other.execute(INSERT, ("2",))
        other.commit()
    assert await database.changed_by_others()
    assert not await database.changed_by_others()


async def test_two_daemons_may_share_a_file(database: Database, path: Path) -> None:
    """Their transactions wait for each other."""

    async def count_up(which: Database) -> None:
        for _ in range(20):
            async with which.transaction() as tx:
                await _increment(tx)

    async with Database.open(path) as other:
        await asyncio.gather(count_up(database), count_up(other))
    assert 40 == await _value(database, "SELECT CAST(since AS INTEGER) FROM opt_outs")


async def _increment(tx: Transaction) -> None:
    old = await tx.value("SELECT CAST(since AS INTEGER) FROM opt_outs") or 0
    await tx.run("DELETE FROM opt_outs")
    await tx.run("INSERT INTO opt_outs VALUES ('1', 'out', ?1, 'sms')", str(old + 1))
