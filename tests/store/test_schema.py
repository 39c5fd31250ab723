"""The schema: made, kept, refused when it is newer, and of one mind with the core."""

import asyncio
import enum
import re
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

import pytest

from textbackd.core.alarms import AlarmKind, Channel, News
from textbackd.core.caller_history import Consent
from textbackd.core.leads import LeadStatus
from textbackd.core.message_parts import PartState
from textbackd.core.opening_hours import Hours
from textbackd.core.opt_out import Wish
from textbackd.core.outcomes import Outcome
from textbackd.core.outgoing import MessageKind, MessageState
from textbackd.core.sms_text import Encoding
from textbackd.errors import UserError
from textbackd.modem.modem import Unread
from textbackd.store import database as module
from textbackd.store.database import Database, StoreError, StoreUnavailable


def schema(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return sorted(sql for (sql,) in connection.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"))


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


async def test_a_fresh_file_gets_the_whole_schema(path: Path) -> None:
    """In the folder that is made for it, and readable by its owner only: it holds what callers wrote."""
    path = path.parent / "new" / "folder" / path.name
    async with Database.open(path):
        pass

    assert version(path) == module.migrations()[-1][0]
    assert 0o600 == path.stat().st_mode & 0o777
    tables = {re.split(r"\W", sql)[2] for sql in schema(path) if sql.startswith("CREATE TABLE")}
    assert {"calls", "live_calls", "outbox", "outbox_changes", "inbox", "leads", "opt_outs", "requests"} <= tables


async def test_opening_again_changes_nothing(path: Path) -> None:
    """Migrations that were applied are not applied again."""
    async with Database.open(path):
        pass
    before = schema(path)
    async with Database.open(path) as database, database.transaction() as tx:
        await tx.run("INSERT INTO opt_outs VALUES ('+447700900123', 'out', 'then', 'sms')")
    async with Database.open(path) as database, database.reading() as tx:
        assert 1 == await tx.value("SELECT count(*) FROM opt_outs")

    assert before == schema(path)


async def test_opening_again_waits_for_nobody_who_writes(path: Path) -> None:
    """A command beside a daemon that is in the middle of a transaction can read all the same."""
    async with Database.open(path):
        pass
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        async with Database.open(path) as database, database.reading() as tx:
            assert 0 == await tx.value("SELECT count(*) FROM opt_outs")
        other.execute("ROLLBACK")


async def test_several_may_make_the_database_at_once(path: Path) -> None:
    """The first start beside a command: whoever comes second finds it made, and makes nothing twice."""

    async def opened() -> None:
        async with Database.open(path):
            pass

    async with asyncio.TaskGroup() as group:
        for _ in range(8):
            group.create_task(opened())

    assert version(path) == module.migrations()[-1][0]


async def test_a_new_file_waits_for_who_writes_in_it(path: Path) -> None:
    """Only a file without its write-ahead log: there SQLite refuses at once, whatever its busy timeout."""
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")

        async def end() -> None:
            await asyncio.sleep(0.1)
            other.execute("ROLLBACK")

        async with asyncio.TaskGroup() as group:
            group.create_task(end())
            async with Database.open(path):
                pass

    assert version(path) == module.migrations()[-1][0]


async def test_a_newer_schema_is_refused(path: Path) -> None:
    """An older program does not know what the newer one wrote; nothing is changed."""
    async with Database.open(path):
        pass
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 999")

    with pytest.raises(UserError, match=r"schema is version 999.*install the newer textbackd"):
        async with Database.open(path):
            pass
    assert 999 == version(path)


async def test_a_migration_is_applied_whole_or_not_at_all(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second of two breaks: the file is as it was before the first."""
    good, bad = "CREATE TABLE one (a TEXT) STRICT;", "CREATE TABLE two (a TEXT) STRICT;\nCREATE TABLE one (a);"
    monkeypatch.setattr(module, "migrations", lambda: [(1, good), (2, bad)])

    with pytest.raises(StoreUnavailable, match="table one already exists"):
        async with Database.open(path):
            pass
    assert ([], 0) == (schema(path), version(path))


@pytest.fixture
def letter(path: Path) -> Path:
    path.write_bytes(b"this is a letter to my aunt, and no database at all" * 100)
    return path


async def test_what_is_no_database_is_said_to_be_none(letter: Path) -> None:
    """With its path in the message."""

    with pytest.raises(StoreError, match=f"{letter}: file is not a database"):
        async with Database.open(letter):
            pass


async def test_it_is_durable(path: Path) -> None:
    """WAL and synchronous=FULL: a commit is on the disk when it returns."""
    async with Database.open(path) as database:
        async with database.transaction() as tx:
            assert ("wal", 2) == (await tx.value("PRAGMA journal_mode"), await tx.value("PRAGMA synchronous"))
            assert 1 == await tx.value("PRAGMA foreign_keys")
        async with database.reading() as tx:
            with pytest.raises(sqlite3.OperationalError, match="readonly"):
                await tx.run("DELETE FROM calls")


@pytest.mark.parametrize(
    ("table", "column", "words"),
    [
        ("calls", "outcome", Outcome),
        ("calls", "hours", Hours),
        ("calls", "decision", ("text", "silent")),
        ("outbox", "state", MessageState),
        ("outbox_parts", "state", PartState),
        ("outbox", "kind", MessageKind),
        ("outbox", "encoding", Encoding),
        ("leads", "status", LeadStatus),
        ("opt_outs", "state", Consent),
        ("inbox", "wish", ("", *Wish)),
        ("alarms", "kind", AlarmKind),
        ("alarm_tellings", "channel", Channel),
        ("alarm_tellings", "told", ("", *News)),
        ("unread_messages", "kind", Unread),
        ("requests", "state", ("asked", "running", "done", "failed", "expired")),
    ],
)
async def test_the_lists_in_sql_are_those_of_the_core(
    database: Database, path: Path, table: str, column: str, words: Iterable[str] | type[enum.StrEnum]
) -> None:
    """A word that the core has and SQL lacks would break a commit in the field."""
    sql = next(sql for sql in schema(path) if sql.startswith(f"CREATE TABLE {table} "))
    listed = re.search(rf"{column} IN \(([^)]*)\)", sql)
    assert listed is not None

    assert {str(word) for word in words} == set(re.findall(r"'([^']*)'", listed[1]))


async def test_every_table_is_strict(database: Database, path: Path) -> None:
    """A number in a text column is a bug, found at once."""
    assert [] == [sql for sql in schema(path) if sql.startswith("CREATE TABLE") and not sql.endswith("STRICT")]
