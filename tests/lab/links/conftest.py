"""A watch that is connected, straight or over a line that can break."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from tests.daemon.said import Said
from tests.lab.asterisk import Asterisk
from tests.lab.line import Line
from tests.lab.watch import Watch, watching
from textbackd.store.database import Database


@pytest_asyncio.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    async with Database.open(tmp_path / "textbackd.db", durable=False) as database:
        yield database


@pytest.fixture
def ring_seconds() -> int:
    """In a queue, each turn."""
    return 1


@pytest_asyncio.fixture
async def watch(asterisk: Asterisk, database: Database, said: Said) -> AsyncIterator[Watch]:
    """One that is connected to the Asterisk itself."""
    async with watching(asterisk, database, said) as watch:
        yield watch


@pytest_asyncio.fixture
async def line(asterisk: Asterisk) -> AsyncIterator[Line]:
    """A good one."""
    line = Line(asterisk)
    async with await asyncio.start_server(line.serve, line.host, 0) as server:
        line.port = server.sockets[0].getsockname()[1]
        yield line


@pytest_asyncio.fixture
async def watch_on_line(asterisk: Asterisk, line: Line, database: Database, said: Said) -> AsyncIterator[Watch]:
    """One that is connected over the line."""
    async with watching(asterisk, database, said, port=line.port) as watch:
        yield watch
