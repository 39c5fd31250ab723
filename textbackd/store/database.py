"""The database file: opening it, bringing its schema up to date, transactions.

StoreError
├── StoreUnavailable   locked, full, read-only: wait and try again
└── StaleState         somebody else changed the row first
"""

import asyncio
import contextlib
import datetime as dt
import functools
import importlib.resources
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Any

import aiosqlite

from textbackd.errors import TextbackdError, UserError


class StoreError(TextbackdError):
    """The database did not do what it was asked."""


class StoreUnavailable(StoreError):
    """Not now: locked by somebody, disk full, read-only."""


class StaleState(StoreError):
    """The row was no longer in the state that the change started from."""


_PATIENCE = 1.0
"""Seconds that a lock of somebody else's is waited for."""

Row = sqlite3.Row
Value = str | int | float | None


class Transaction:
    """What the functions of this package are given: SQL with numbered parameters."""

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection = connection

    async def run(self, sql: str, *values: Value) -> int:
        """Rows changed."""
        async with self._connection.execute(sql, values) as cursor:
            return cursor.rowcount

    async def one(self, sql: str, *values: Value) -> Row | None:
        """The first row, or None."""
        return next(iter(await self.all(sql, *values)), None)

    async def all(self, sql: str, *values: Value) -> Sequence[Row]:
        """Every row."""
        return list(await self._connection.execute_fetchall(sql, values))  # one hop to its thread, not three

    async def value(self, sql: str, *values: Value) -> Any:
        """The first column of the first row, or None."""
        row = await self.one(sql, *values)
        return None if row is None else row[0]


class Database:
    """One writing connection behind a lock, and one that can only read.

    Tasks that shared a connection would share its transaction: B's INSERT would fall into A's BEGIN.
    """

    def __init__(self, writer: aiosqlite.Connection, reader: aiosqlite.Connection) -> None:
        self._writer = writer
        self._reader = reader
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._data_version: int | None = None
        self.report: Callable[[str | None], None] = lambda _error: None
        """Hears after each transaction whether the database can be written (None), or why not."""

    @classmethod
    @contextlib.asynccontextmanager
    async def open(cls, path: Path, *, durable: bool = True, migrate: bool = True) -> AsyncIterator["Database"]:
        """Open ``path`` (made if it is not there) and bring its schema up to date.

        ``durable=False`` is for throw-away databases: no waiting for the disk. ``migrate=False`` is for commands beside
        a running daemon, whose schema they must not change. A newer schema is a UserError, and so is an older one
        that may not be migrated.
        """
        writer = reader = None
        try:
            with _translated(path):
                writer = await _connect(path, durable=durable)
                await _migrate(writer, path, allowed=migrate)
                reader = await _connect(path, durable=durable)
                await reader.execute("PRAGMA query_only = ON")
            yield cls(writer, reader)
        finally:
            # aiosqlite's thread is no daemon thread: an open connection would keep the process alive.
            for connection in (reader, writer):
                if connection is not None:
                    await connection.close()

    @contextlib.asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """One transaction: committed at the end, rolled back by any exception. Raises StoreUnavailable."""
        async with self._writing:
            try:
                with _translated():
                    try:
                        # Cancelled here, the thread may begin it all the same.
                        await self._writer.execute("BEGIN IMMEDIATE")
                        yield Transaction(self._writer)
                    except BaseException:
                        await asyncio.shield(self._writer.rollback())
                        raise
                    await self._commit()
            except StoreUnavailable as error:
                self.report(str(error))
                raise
            self.report(None)

    async def _commit(self) -> None:
        """Also when cancelled meanwhile: what was decided is on disk before we go."""
        commit = asyncio.ensure_future(self._writer.commit())  # noqa: TID251 - awaited below on every path
        try:
            await asyncio.shield(commit)
        except asyncio.CancelledError:
            await asyncio.wait({commit})
            if commit.exception() is not None:
                await self._writer.rollback()
            raise
        except sqlite3.Error:
            await self._writer.rollback()
            raise

    @contextlib.asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """A consistent view, for reading only."""
        async with self._reading:
            with _translated():
                try:
                    await self._reader.execute("BEGIN")
                    yield Transaction(self._reader)
                finally:
                    await asyncio.shield(self._reader.rollback())

    async def changed_by_others(self) -> bool:
        """Whether another process has committed since this was asked last."""
        async with self._writing:
            with _translated():
                version = await Transaction(self._writer).value("PRAGMA data_version")
        changed = self._data_version is not None and version != self._data_version
        self._data_version = version
        return changed


@contextlib.asynccontextmanager
async def reading_only(path: Path) -> AsyncIterator[Transaction]:
    """A consistent view of a database (by its absolute path) that need not be ours, and in which nothing is changed.

    Raises UserError where its schema is not that of this program, and StoreError where it may not be read.
    """
    with _translated(path):
        connection = await aiosqlite.connect(f"{path.as_uri()}?mode=ro", uri=True, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            await _migrate(connection, path, allowed=False)
            await connection.execute("BEGIN")
            yield Transaction(connection)
        finally:
            await connection.close()


def stamp(moment: dt.datetime) -> str:
    """A time as it is stored: UTC, and of one width, so that texts sort as times."""
    return moment.astimezone(dt.UTC).isoformat(timespec="microseconds")


def moment(stamped: str) -> dt.datetime:
    """A stored time."""
    return dt.datetime.fromisoformat(stamped)


async def _connect(path: Path, *, durable: bool) -> aiosqlite.Connection:
    await asyncio.to_thread(_make, path)
    connection = await aiosqlite.connect(path, isolation_level=None)  # BEGIN and COMMIT are ours
    try:
        connection.row_factory = sqlite3.Row
        for pragma in (
            f"busy_timeout = {_PATIENCE * 1000:.0f}",
            # Under WAL, NORMAL may lose the last commits at a power cut: a text could be sent twice.
            f"synchronous = {'FULL' if durable else 'OFF'}",
            "foreign_keys = ON",
        ):
            await connection.execute(f"PRAGMA {pragma}")
        await _log_ahead(connection)
    except BaseException:
        await connection.close()
        raise
    return connection


async def _log_ahead(connection: aiosqlite.Connection) -> None:
    """Have a write-ahead log. A new file's first two users, who both want it, SQLite refuses without any waiting."""
    clock = asyncio.get_running_loop().time
    until = clock() + _PATIENCE
    while True:
        try:
            await connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or clock() > until:
                raise
        await asyncio.sleep(0.01)


def _make(path: Path) -> None:
    """The file, readable by its owner only: it holds what callers wrote."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)


@functools.cache
def migrations() -> Sequence[tuple[int, str]]:
    """The numbered changes of the schema, in order."""
    folder = importlib.resources.files("textbackd.store") / "migrations"
    files = sorted((file for file in folder.iterdir() if file.name.endswith(".sql")), key=lambda file: file.name)
    return [(int(file.name.split("_")[0]), file.read_text(encoding="utf-8")) for file in files]


async def _migrate(connection: aiosqlite.Connection, path: Path, *, allowed: bool) -> None:
    """Apply what is missing; all of it or nothing. Waits for nobody who is writing where nothing is missing."""
    version, newest = await _version(connection), migrations()[-1][0]
    if version > newest:
        raise UserError(
            f"{path}: its schema is version {version}, and this textbackd knows versions up to {newest}: "
            "install the newer textbackd again, or put back a backup made by this one"
        )
    if version == newest:
        return
    if not allowed:
        raise UserError(f"{path}: its schema is older than this textbackd: restart the daemon, which renews it")
    await connection.execute("BEGIN IMMEDIATE")
    try:
        version = await _version(connection)  # somebody else may have renewed it meanwhile
        for number, script in migrations():
            if number > version:
                for statement in _statements(script):
                    await connection.execute(statement)
                await connection.execute(f"PRAGMA user_version = {number}")
        await connection.commit()
    except BaseException:
        await connection.rollback()
        raise


async def _version(connection: aiosqlite.Connection) -> int:
    return int(await Transaction(connection).value("PRAGMA user_version"))


def _statements(script: str) -> Sequence[str]:
    """One by one: ``executescript`` would commit in between."""
    statements, statement = [], ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            statements.append(statement)
            statement = ""
    return statements


@contextlib.contextmanager
def _translated(path: Path | None = None) -> Any:
    """The one door where SQLite's errors become ours."""
    try:
        yield
    except sqlite3.OperationalError as error:
        told = f"{error}: another program has been at it for too long; try again" if "locked" in str(error) else error
        raise StoreUnavailable(f"{path}: {told}" if path else str(told)) from error
    except sqlite3.DatabaseError as error:
        raise StoreError(f"{path}: {error}" if path else str(error)) from error
    except OSError as error:
        if path is None:
            raise
        raise StoreUnavailable(f"{path}: {error.strerror or error}") from error
